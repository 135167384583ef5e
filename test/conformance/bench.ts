import type { AccountRef, Cursor, StatementRef } from '../../shared/banks/contract.ts';
import type { Connector, Manifest } from '../../shared/banks/contract.ts';
import { loadBank } from '../../shared/banks/catalog.ts';
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
import { SUBJECTS, type Subject } from './subjects.ts';

/** How a connection differs from an ordinary one. */
export interface Twist {
  readonly identity?: ClientIdentity | null;
  readonly config?: Readonly<Record<string, string>>;
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
  const { pfx, passphrase } = subject.certificate;
  const certificate = await readClientCertificate({ pfx, passphrase: new Secret(passphrase) }, clock.now());
  const ours: ClientIdentity = { certificate: certificate.certificatePem, key: certificate.keyPem };
  const random = seededRandom();
  const quotaOf = (policy: QuotaPolicy) => createQuota({ policy, clock, usage: {}, notBefore: null });
  const today = dateIn(manifest.timeZone, clock.now());
  return {
    manifest,
    subject,
    sandbox,
    clock,
    lines,
    quotaOf,
    history: { from: addDays(today, -manifest.history.transactionDays), to: today },
    connect: ({ identity = ours, config = subject.config, limits, quota = manifest.quota } = {}) => {
      const call = createBankClient({
        exchange,
        clock,
        random,
        log,
        quota: quotaOf(quota),
        manifestQuota: quota,
        origin: subject.origin,
        base: manifest.hosts.simulated.base,
        identity,
        ca: sandbox.ca,
        limits: { headers: 3_000, bodyIdle: 3_000, total: 10_000, ...limits },
        deadline: clock.now() + HOUR,
      });
      const secrets = Object.fromEntries(
        Object.entries(subject.secrets).map(([name, value]) => [name, new Secret(value)]),
      );
      return connect({
        environment: 'simulated',
        origin: subject.origin,
        config,
        secrets,
        call,
      }) as Required<Connector>;
    },
    stop: async () => {
      await exchange.close();
      await sandbox.stop();
    },
  };
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
