import type { TokenGrant } from '../../banks/contract.ts';
import { manifestOf } from '../../banks/catalog.ts';
import { scopesOf } from '../../banks/offers.ts';
import type { Authorisation } from '../../domain/authorisation.ts';
import { isoInstant } from '../../domain/dates.ts';
import { Failure, printable } from '../../domain/failure.ts';
import { newId } from '../../domain/id.ts';
import type { BankAccount } from '../../domain/model.ts';
import type { ConsentCredential, Connection } from '../../domain/records.ts';
import { Secret } from '../../domain/secret.ts';
import { hashOf } from '../../store/authorisations.ts';
import { atGate, type Passage } from '../gateway.ts';
import { hasExpired, isBoundTo, openSealed } from './open.ts';
import type { ConsentPorts } from './ports.ts';

/** How a callback ended; the page says it in words of its own. */
export interface CallbackResult {
  readonly kind: 'granted' | 'refused' | 'failed' | 'expired' | 'used' | 'foreign' | 'malformed';
  /** Where the last page leads, where the starter gave one. */
  readonly returnUrl: string | null;
}

/** Longest query and value that are looked at; a code may be long. */
const LONGEST_QUERY = 8_192;
const LONGEST_STATE = 200;
const DAY_MS = 86_400_000;

/**
 * Takes what a bank sent back through the browser (design, chapter 5, Consent). `state` is used up before anything is
 * asked of the bank, and only for the browser that opened our link; the code goes to the token endpoint of the bank
 * whose path it came on. What comes of it waits for a person of the company to confirm the accounts.
 * @param bank of the callback's path
 * @param query as it came, without the question mark
 * @param cookie the browser's, `null` for none
 * @param deadline epoch milliseconds
 */
export async function takeCallback(
  ports: ConsentPorts,
  { bank, query, cookie }: { bank: string; query: string; cookie: string | null },
  deadline: number,
): Promise<CallbackResult> {
  const parameters = parametersOf(query);
  const state = parameters?.get('state');
  if (!parameters || !state || state.length > LONGEST_STATE) return nowhere('malformed');
  const found = await ports.authorisations.find(hashOf(state));
  if (!found || found.stateHash !== hashOf(state) || found.bank !== bank) return nowhere('foreign');
  if (!isBoundTo(found, cookie)) {
    ports.log.warn('consent.foreign-browser', { connection: found.connection });
    return nowhere('foreign');
  }
  if (found.state !== 'opened') return nowhere('used');
  if (hasExpired(found, ports.clock.now())) return nowhere('expired');
  const taken = await ports.authorisations.change(found, { state: 'answered', sealed: null });
  if (!taken) return nowhere('used');
  const verifier = new Secret((await openSealed(ports, found)).verifier);
  return answer(ports, taken, parameters, verifier, deadline);
}

const nowhere = (kind: CallbackResult['kind']): CallbackResult => ({ kind, returnUrl: null });

/** The parameters, each at most once (RFC 6749, 3.1); `null` for a query that no bank sends. */
function parametersOf(query: string): URLSearchParams | null {
  if (query.length > LONGEST_QUERY) return null;
  const parameters = new URLSearchParams(query);
  const names = [...parameters.keys()];
  return new Set(names).size === names.length ? parameters : null;
}

async function answer(
  ports: ConsentPorts,
  taken: Authorisation,
  parameters: URLSearchParams,
  verifier: Secret,
  deadline: number,
): Promise<CallbackResult> {
  const { returnUrl } = taken;
  const error = parameters.get('error');
  if (error !== null) {
    // The bank's code is a word of the standard, or nothing that may be repeated.
    const code = /^[a-z_]{1,40}$/.test(error) ? error : 'an unknown error';
    await fail(ports, taken, `The bank answered ${code}: nobody gave the consent. Start it again.`);
    return { kind: 'refused', returnUrl };
  }
  const code = parameters.get('code');
  const connection = await ports.connections.get(taken.company, taken.connection);
  const credential = await ports.connections.credential(taken.company, taken.credential);
  if (!code || credential?.kind !== 'consent' || connection?.candidate !== credential.id) {
    await fail(ports, taken, 'The answer does not fit what was asked. Start the authorisation again.');
    return { kind: 'failed', returnUrl };
  }
  if (!(await isIssuer(connection, parameters.get('iss'), ports))) {
    await fail(ports, taken, 'The answer is of another issuer than the bank. Start the authorisation again.');
    return { kind: 'failed', returnUrl };
  }
  try {
    const passage = await exchange(
      ports,
      taken,
      connection,
      credential,
      new Secret(code),
      verifier,
      deadline,
    );
    if (passage.state !== 'done')
      throw new Failure('transient', 'The bank is being talked to in this moment');
    await granted(ports, taken, connection, credential, passage.value);
    return { kind: 'granted', returnUrl };
  } catch (error) {
    const message =
      error instanceof Failure ? error.message : 'Something of ours failed; the log has the reason';
    ports.log.error('alarm.consent-failed', { connection: connection.id, ...reasonOf(error) });
    await fail(ports, taken, `${message}. Start the authorisation again.`);
    return { kind: 'failed', returnUrl };
  }
}

const reasonOf = (error: unknown) =>
  error instanceof Failure ? { kind: error.kind, reason: error.message } : printable(error);

/** Mix-up defence (RFC 9207): an issuer that names itself must be this bank's. */
async function isIssuer(
  { bank, environment }: Connection,
  issuer: string | null,
  { simulated }: Pick<ConsentPorts, 'simulated'>,
): Promise<boolean> {
  if (issuer === null) return true;
  const { hosts } = await manifestOf(bank);
  const { identity } = hosts[environment];
  const origin = environment === 'simulated' ? simulated?.origins[bank] : identity?.origin;
  return URL.canParse(issuer) && new URL(issuer).origin === origin;
}

interface Granted {
  readonly grant: TokenGrant;
  readonly accounts: readonly BankAccount[] | null;
}

/** Code for tokens, tokens into the table, and a look at the accounts they open. */
async function exchange(
  ports: ConsentPorts,
  { redirectUri }: Authorisation,
  connection: Connection,
  credential: ConsentCredential,
  code: Secret,
  verifier: Secret,
  deadline: number,
): Promise<Passage<Granted>> {
  const manifest = await manifestOf(connection.bank);
  const holder = newId('aut', ports.clock.now(), ports.random);
  return atGate(ports, credential, { manifest, holder, deadline }, async ({ connect }) => {
    const { connector, keeper } = await connect(connection);
    const grant = await connector.exchangeCode!({
      code,
      redirectUri,
      verifier: manifest.consent!.pkce ? verifier : null,
    });
    await keeper!.begin(grant);
    // The consent stands whatever becomes of the list: it is asked for again before it is confirmed.
    const accounts = await connector.accounts!().catch((error: unknown) => {
      ports.log.warn('consent.accounts-not-listed', { connection: connection.id, ...reasonOf(error) });
      return null;
    });
    return { grant, accounts };
  });
}

async function granted(
  ports: ConsentPorts,
  taken: Authorisation,
  { id, bank, config }: Connection,
  credential: ConsentCredential,
  { grant, accounts }: Granted,
): Promise<void> {
  const manifest = await manifestOf(bank);
  const wanted = scopesOf(manifest, config);
  const scopes = grant.scopes ?? wanted;
  const missing = wanted.filter((scope) => !scopes.includes(scope));
  const now = ports.clock.now();
  await ports.connections.changeCredential(credential, {
    grantedAt: isoInstant(now),
    notBefore: isoInstant(now),
    notAfter: isoInstant(now + taken.validityDays * DAY_MS),
    scopes,
    warnings: missing.length === 0 ? [] : [`The bank did not grant ${missing.join(', ')}`],
  });
  const event = {
    type: 'authorisation.granted',
    subject: id,
    data: { bank, days: taken.validityDays },
  } as const;
  await ports.authorisations.change(taken, { state: 'granted', accounts }, [event]);
  ports.log.info('consent.granted', { connection: id, accounts: accounts?.length ?? null });
}

async function fail(ports: ConsentPorts, taken: Authorisation, reason: string): Promise<void> {
  const event = {
    type: 'authorisation.failed',
    subject: taken.connection,
    data: { bank: taken.bank },
  } as const;
  await ports.authorisations.change(taken, { state: 'failed', reason }, [event]);
}
