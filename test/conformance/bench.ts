import type { AccountRef, Cursor, StatementRef } from '../../shared/banks/contract.ts';
import type { ConsentAccess, Connector, Manifest, TokenGrant } from '../../shared/banks/contract.ts';
import { loadBank } from '../../shared/banks/connectors.ts';
import { addDays, dateIn } from '../../shared/domain/dates.ts';
import { Failure } from '../../shared/domain/failure.ts';
import type { BankAccount, QuarantinedItem, Transaction, Window } from '../../shared/domain/model.ts';
import { Secret } from '../../shared/domain/secret.ts';
import { readClientCertificate } from '../../shared/formats/pkcs12/certificate.ts';
import { createBankClient, type BankClientOptions } from '../../shared/http/client.ts';
import { createExchange } from '../../shared/http/exchange.ts';
import { createQuota, type CredentialQuota } from '../../shared/http/quota.ts';
import { createLog } from '../../shared/http/redaction.ts';
import type { ClientIdentity, QuotaPolicy } from '../../shared/http/types.ts';
import { startSandbox, type Sandbox } from '../../infra/sandbox/index.ts';
import { seededRandom, virtualClock } from '../http/support.ts';
import { SUBJECTS, type ConsentSubject, type Subject } from './subjects.ts';

/** How a connection differs from an ordinary one. */
export interface Twist {
  readonly identity?: ClientIdentity | null;
  readonly config?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Tokens of another consent, or of one that has ended. */
  readonly token?: ConsentAccess['token'];
  readonly limits?: BankClientOptions['limits'];
  readonly quota?: QuotaPolicy;
}

/** A simulated bank over real TLS, and connections to it as the gateway makes them. */
export interface Bench {
  readonly manifest: Manifest;
  readonly subject: Subject;
  readonly sandbox: Sandbox;
  readonly clock: ReturnType<typeof virtualClock>;
  /** Every line logged so far, as it would be printed. */
  readonly lines: readonly string[];
  connect(twist?: Twist): Required<Connector>;
  /** What the consent brought last, where one opens the bank. */
  grant(): TokenGrant;
  /** Gives the consent anew. */
  authorise(): Promise<void>;
  quotaOf(policy: QuotaPolicy): CredentialQuota;
  /** The longest window the transaction list reaches. */
  readonly history: Window;
  stop(): Promise<void>;
}

const HOUR = 3_600_000;

export async function openBench(id: string): Promise<Bench> {
  const clock = virtualClock();
  const sandbox = await startSandbox({ seed: 'conformance', clock });
  const subject = SUBJECTS[id]?.(sandbox);
  if (!subject) throw new Error(`bank ${id} has no subject in test/conformance/subjects.ts`);
  const { manifest, connect } = await loadBank(id);
  const exchange = createExchange();
  const lines: string[] = [];
  const log = createLog({ write: (line) => void lines.push(line), level: 'info', now: () => clock.now() });
  const ours = await identityOf(subject, clock.now());
  const random = seededRandom();
  const quotaOf = (policy: QuotaPolicy) => createQuota({ policy, clock, usage: {}, notBefore: null });
  const today = dateIn(manifest.timeZone, clock.now());
  const { base, identity: provider } = manifest.hosts.simulated;

  const open = (twist: Twist): Required<Connector> => {
    const { identity = ours, config = subject.config, limits, quota = manifest.quota } = twist;
    const call = createBankClient({
      exchange,
      clock,
      random,
      log,
      quota: quotaOf(quota),
      manifestQuota: quota,
      origin: subject.origin,
      base,
      identity,
      ...(provider ? { identityProvider: { origin: subject.origin, base: provider.base } } : {}),
      ca: sandbox.ca,
      limits: { headers: 3_000, bodyIdle: 3_000, total: 10_000, ...limits },
      deadline: clock.now() + HOUR,
    });
    const secrets = Object.fromEntries(
      Object.entries(twist.secrets ?? subject.secrets).map(([name, value]) => [name, new Secret(value)]),
    );
    return connect({
      environment: 'simulated',
      origin: subject.origin,
      config,
      secrets,
      call,
      ...(provider
        ? { consent: { identity: subject.origin + provider.base, token: twist.token ?? token } }
        : {}),
    }) as Required<Connector>;
  };

  const unopened: ConsentAccess['token'] = () => Promise.reject(new Error('no token is needed for this'));
  let held = { grant: null as TokenGrant | null, until: 0 };
  const hold = (grant: TokenGrant): void => {
    const refreshToken = grant.refreshToken ?? held.grant?.refreshToken ?? null;
    held = { grant: { ...grant, refreshToken }, until: clock.now() + (grant.expiresIn - 60) * 1_000 };
  };
  async function token(refused?: Secret): Promise<Secret> {
    const { grant } = held;
    if (grant && held.until > clock.now() && grant.accessToken.reveal() !== refused?.reveal())
      return grant.accessToken;
    hold(await open({ token: unopened }).refreshTokens(grant!.refreshToken!));
    return held.grant!.accessToken;
  }
  const authorise = async (): Promise<void> => {
    if (subject.consent) hold(await consented(open({ token: unopened }), subject.consent, manifest));
  };
  await authorise();

  return {
    manifest,
    subject,
    sandbox,
    clock,
    lines,
    quotaOf,
    history: { from: addDays(today, -manifest.history.transactionDays), to: today },
    grant: () => held.grant!,
    authorise,
    connect: (twist = {}) => open(twist),
    stop: async () => {
      await exchange.close();
      await sandbox.stop();
    },
  };
}

/** The client certificate, where one opens the bank. */
async function identityOf({ certificate }: Subject, now: number): Promise<ClientIdentity | null> {
  if (!certificate) return null;
  const { pfx, passphrase } = certificate;
  const read = await readClientCertificate({ pfx, passphrase: new Secret(passphrase) }, now);
  return { certificate: read.certificatePem, key: read.keyPem };
}

/** RFC 7636, appendix B. */
export const PKCE = {
  verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
};

/** A consent given at the bank's own pages, and the tokens for its code. */
export async function consented(
  connector: Required<Connector>,
  { redirectUri, allow }: ConsentSubject,
  { consent }: Manifest,
): Promise<TokenGrant> {
  const { pkce, scopes } = consent!;
  const challenge = pkce ? PKCE.challenge : null;
  const callback = await allow(connector.consentUrl({ redirectUri, state: 'state', challenge, scopes }));
  const code = new Secret(callback.get('code') ?? '');
  const verifier = pkce ? new Secret(PKCE.verifier) : null;
  return connector.exchangeCode({ code, redirectUri, verifier });
}

export function refOf({ handle, number, iban, currency }: BankAccount, manifest: Manifest): AccountRef {
  const settings = Object.fromEntries(
    manifest.accountSettings.map((setting) => [setting.name, setting.default]),
  );
  return { handle, number, iban, currency, settings };
}

/** All movements of a window, page by page. */
export async function allTransactions(
  connector: Required<Connector>,
  account: AccountRef,
  window: Window,
): Promise<{ transactions: Transaction[]; quarantined: QuarantinedItem[]; pages: number }> {
  const transactions: Transaction[] = [];
  const quarantined: QuarantinedItem[] = [];
  let cursor: Cursor | null = null;
  let pages = 0;
  do {
    const page = (await connector.transactions(account, window, cursor)).parse();
    transactions.push(...page.transactions);
    quarantined.push(...page.quarantined);
    cursor = page.next;
    pages += 1;
  } while (cursor !== null);
  return { transactions, quarantined, pages };
}

export async function allStatements(
  connector: Required<Connector>,
  account: AccountRef,
  window: Window,
): Promise<StatementRef[]> {
  const statements: StatementRef[] = [];
  let cursor: Cursor | null = null;
  do {
    const page = await connector.statements(account, window, cursor);
    statements.push(...page.statements);
    cursor = page.next;
  } while (cursor !== null);
  return statements;
}

/** The failure that some work ends with. */
export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const thrown = await work.then(
    () => new Error('the work succeeded'),
    (error: unknown) => error,
  );
  if (thrown instanceof Failure) return thrown;
  throw new Error('expected a Failure', { cause: thrown });
}
