import { createHash, timingSafeEqual } from 'node:crypto';
import { loadBank } from '../../banks/connectors.ts';
import type { ConsentRequest, Manifest } from '../../banks/contract.ts';
import { scopesOf } from '../../banks/offers.ts';
import type { Authorisation } from '../../domain/authorisation.ts';
import { Failure } from '../../domain/failure.ts';
import type { Connection } from '../../domain/records.ts';
import { Secret } from '../../domain/secret.ts';
import { hashOf } from '../../store/authorisations.ts';
import { addressesOf, secretsOf } from '../gateway.ts';
import type { ConsentPorts } from './ports.ts';
import { knownFields } from './secrets.ts';
import { secretText } from './start.ts';

/** What the page behind our link shows. */
export type Opening =
  | {
      readonly kind: 'page';
      readonly company: string;
      readonly manifest: Manifest;
      readonly connection: Connection;
      readonly validityDays: number;
      readonly scopes: readonly string[];
      /** The bank's consent page. */
      readonly url: string;
      /** Cookie that binds the callback to this browser; `null` when it has it already. */
      readonly cookie: string | null;
    }
  | { readonly kind: 'unknown' | 'expired' | 'opened-elsewhere' };

export type OpenPorts = Pick<
  ConsentPorts,
  'clock' | 'random' | 'connections' | 'companies' | 'authorisations' | 'seal' | 'vault' | 'simulated'
>;

/**
 * Opens our one-time link: binds it to the first browser that comes, by a cookie, and makes the bank's address with
 * `state` and PKCE (RFC 9700, 4.7). The same browser may come again.
 * @param cookie what the browser sent
 */
export async function openAuthorisation(
  ports: OpenPorts,
  link: string,
  cookie: string | null,
): Promise<Opening> {
  const found = await ports.authorisations.find(hashOf(link));
  const connection = found && (await ports.connections.get(found.company, found.connection));
  if (!found || !connection || found.linkHash !== hashOf(link)) return { kind: 'unknown' };
  if (hasExpired(found, ports.clock.now())) return { kind: 'expired' };
  if (found.state === 'opened' && isBoundTo(found, cookie)) return page(ports, found, connection, null);
  if (found.state !== 'waiting') return { kind: 'opened-elsewhere' };

  const [state, verifier, binding] = [0, 1, 2].map(() => secretText(ports.random)) as [
    string,
    string,
    string,
  ];
  const opened = await ports.authorisations.change(found, {
    state: 'opened',
    cookieHash: hashOf(binding),
    stateHash: hashOf(state),
    sealed: await ports.seal.close(new Secret(JSON.stringify({ state, verifier })), contextOf(found)),
  });
  if (!opened) return { kind: 'opened-elsewhere' };
  return page(ports, opened, connection, binding);
}

async function page(
  ports: OpenPorts,
  authorisation: Authorisation,
  connection: Connection,
  cookie: string | null,
): Promise<Opening> {
  const { manifest, connect } = await loadBank(connection.bank);
  const { state, verifier } = await openSealed(ports, authorisation);
  const rules = manifest.consent!;
  const scopes = scopesOf(manifest, connection.config);
  const { origin, identity } = addressesOf(manifest, connection, ports.simulated);
  const connector = connect({
    environment: connection.environment,
    origin,
    config: connection.config,
    secrets: secretsOf(await knownFields(ports, connection)),
    call: () => Promise.reject(new Failure('unsupported', 'No bank is called while a link is opened')),
    consent: {
      identity: identity!.origin + identity!.base,
      token: () => Promise.reject(new Failure('unsupported', 'There is no consent yet')),
    },
  });
  const request: ConsentRequest = {
    redirectUri: authorisation.redirectUri,
    state,
    challenge: rules.pkce ? createHash('sha256').update(verifier).digest('base64url') : null,
    scopes,
  };
  return {
    kind: 'page',
    company: (await ports.companies.get(connection.company))?.name ?? '',
    manifest,
    connection,
    validityDays: authorisation.validityDays,
    scopes,
    url: connector.consentUrl!(request),
    cookie,
  };
}

/** What was sealed when the link was opened. */
export async function openSealed(
  { seal }: Pick<ConsentPorts, 'seal'>,
  authorisation: Authorisation,
): Promise<{ state: string; verifier: string }> {
  const sealed = await seal.open(authorisation.sealed!, contextOf(authorisation));
  return JSON.parse(sealed.reveal()) as { state: string; verifier: string };
}

const contextOf = ({ company, id }: Authorisation): string[] => ['authorisation', company, id];

export const hasExpired = ({ expiresAt }: Authorisation, now: number): boolean =>
  Date.parse(expiresAt) <= now;

/** Whether a browser is the one that opened the link. */
export function isBoundTo({ cookieHash }: Authorisation, cookie: string | null): boolean {
  if (cookieHash === null || cookie === null) return false;
  return timingSafeEqual(Buffer.from(cookieHash), Buffer.from(hashOf(cookie)));
}
