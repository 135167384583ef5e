import { createHash } from 'node:crypto';
import type { Caller } from '../../api/caller.ts';
import { conflict, connectionNotActive, Problem, unprocessable } from '../../api/problem.ts';
import { loadBank } from '../../banks/connectors.ts';
import type { Connector, Manifest } from '../../banks/contract.ts';
import { isByFile, rulesForNew } from '../../banks/offers.ts';
import { isoInstant } from '../../domain/dates.ts';
import { Failure } from '../../domain/failure.ts';
import { newId } from '../../domain/id.ts';
import type { Random } from '../../domain/ports.ts';
import { addMoney, formatMoney, parseMoney, type Money } from '../../domain/money.ts';
import { groupsToJson, ORDER_MEDIA_TYPE } from '../../domain/order-json.ts';
import type { OrderGroup } from '../../domain/order-file.ts';
import type { PaymentDocument, PaymentRecord, PaymentSource } from '../../domain/payment.ts';
import { DEFAULT_POLICY, type Account, type Connection, type PaymentPolicy } from '../../domain/records.ts';
import type { Companies } from '../../store/companies.ts';
import type { Write } from '../../store/dynamo.ts';
import { hurry } from './hurry.ts';
import { lapseOf } from './lapse.ts';
import type { PaymentPorts } from './ports.ts';
import type { Draft, OrderFinding } from './order.ts';
import { validate } from './validate.ts';
import { accountText } from './verify.ts';

/** Hours within which an order that says the same is a possible duplicate. */
const DUPLICATE_HOURS = 24;
/** Warnings kept with an order. */
const WARNINGS = 50;
/** Milliseconds an order competes with others of its connection for the next serial before it gives up. */
const PATIENCE = 15_000;
/** Longest wait behind another order. */
const LONGEST_DELAY = 250;
const HOUR_MS = 3_600_000;

export type AcceptPorts = Pick<
  PaymentPorts,
  'clock' | 'random' | 'log' | 'payments' | 'connections' | 'archive' | 'queue'
> & { readonly companies: Companies };

/** A request that makes a payment. */
export interface Submission {
  readonly caller: Pick<Caller, 'company' | 'key' | 'user'>;
  readonly source: PaymentSource;
  /** Hook that brought it, `null` for the API. */
  readonly hook: string | null;
  readonly idempotencyKey: string;
  /** The body as it came; with its media type it is archived and hashed. */
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly draft: Draft;
  /** True sends the order to a second person whatever its sum is. */
  readonly alwaysApprove: boolean;
  /**
   * Counts the order somewhere, by writes that are part of its acceptance; asked anew while others are first.
   * @throws Problem when the order must not be taken
   */
  readonly charge?: (payment: PaymentRecord) => Promise<readonly Write[]>;
}

export interface Accepted {
  readonly payment: PaymentRecord;
  /** True when the key had made this payment before. */
  readonly replayed: boolean;
}

/** The payment an idempotency key made already. @throws Problem 422 when it was used with another body */
export async function replayOf(
  { payments }: Pick<AcceptPorts, 'payments'>,
  company: string,
  key: string,
  hash: string,
): Promise<PaymentRecord | null> {
  const earlier = await payments.request(company, key);
  if (!earlier) return null;
  if (earlier.request !== hash) throw keyReused();
  return payments.get(company, earlier.payment);
}

/** Says no more than that the key is taken: the order it made may be one the caller must not see. */
export const keyReused = (): Problem =>
  unprocessable(
    'idempotency-key-reused',
    'This Idempotency-Key was used with another order. A new order needs a new key.',
  );

/** Hash of a request: the same key with the same hash is the same request. */
export const requestHash = ({ bytes, mediaType }: Pick<Submission, 'bytes' | 'mediaType'>): string =>
  createHash('sha256').update(`${mediaType}|`).update(bytes).digest('hex');

/**
 * Takes an order (design, chapter 5): judged, archived, and written down with its idempotency key, its serial and its
 * event in one transaction; then queued. Whatever fails before that leaves nothing behind that could be sent.
 * @throws Problem 422 with every finding; 409 when the connection cannot pay or the company refuses duplicates
 */
export async function acceptOrder(ports: AcceptPorts, submission: Submission): Promise<Accepted> {
  const { company } = submission.caller;
  const hash = requestHash(submission);
  let judged: Judged | null = null;
  let documents: PaymentDocument[] | null = null;
  for (const end = ports.clock.now() + PATIENCE; ;) {
    const replayed = await replayOf(ports, company, submission.idempotencyKey, hash);
    if (replayed) return { payment: replayed, replayed: true };
    judged ??= await judge(ports, submission);
    // What other orders decide is asked anew each time.
    const { content, policy, bare } = judged;
    const [duplicateOf, lastSerial] = await Promise.all([
      duplicate(ports, company, content, policy),
      ports.payments.lastSerial(company, bare.connection),
    ]);
    const numbered = { ...bare, duplicateOf, serial: lastSerial === null ? bare.serial : lastSerial + 1 };
    const charges = (await submission.charge?.(numbered)) ?? [];
    // Of an order that is refused nothing is kept, so this comes behind the last judgement.
    documents ??= await archived(ports, submission, judged.groups, bare.createdAt);
    const payment: PaymentRecord = { ...numbered, documents };
    const event = {
      type: 'payment.accepted',
      subject: payment.id,
      data: { connection: payment.connection, state: payment.state, count: payment.tally.count },
    } as const;
    const request = { key: submission.idempotencyKey, hash, content, lastSerial };
    if (await ports.payments.accept(payment, request, [event], charges)) {
      await hurry(ports, payment);
      return { payment, replayed: false };
    }
    if (ports.clock.now() >= end) {
      throw conflict('busy', 'Other orders of this connection are being taken just now; send it again.');
    }
    await ports.clock.sleep(ports.random.next() * LONGEST_DELAY);
  }
}

/** An order that may be taken as far as it and its company go. */
interface Judged {
  /** The payment it makes, with the serial of a connection's first order, its documents left out. */
  readonly bare: PaymentRecord;
  readonly groups: readonly OrderGroup[];
  readonly content: string;
  readonly policy: PaymentPolicy;
}

/** @throws Problem */
async function judge(ports: AcceptPorts, submission: Submission): Promise<Judged> {
  const { caller, draft } = submission;
  const { connection, accounts } = await payersOf(ports, submission);
  const { manifest, connector } = await rendererOf(connection);
  const now = ports.clock.now();
  const id = newId('pay', now, ports.random);
  const serial = firstSerial(ports.random);
  const rules = rulesForNew(
    manifest,
    connection.config,
    draft.groups.map(({ group }) => group),
  )!;
  if (rules === manifest.experimental?.rules)
    await requireScopes(ports, connection, manifest.experimental.scopes);
  const order = validate(draft, { manifest, rules, connector, now, id, serial });
  if (!('groups' in order)) throw invalidOrder(order);

  const policy = (await ports.companies.get(caller.company))?.policy ?? DEFAULT_POLICY;
  const sum = sumOf(order.groups);
  const approval = submission.alwaysApprove || needsApproval(policy, sum);
  const at = isoInstant(now);
  const state = approval ? 'awaiting-approval' : 'accepted';
  const payment: PaymentRecord = {
    id,
    company: caller.company,
    connection: connection.id,
    bank: connection.bank,
    user: connection.user,
    state,
    revision: 1,
    serial,
    format: order.format,
    signing: rules.signing,
    currency: sum.currency,
    sum: formatMoney(sum),
    tally: { count: countOf(order.groups), executed: 0, rejected: 0 },
    accounts: accounts.map((account) => account.id),
    executionDate: order.execution.day,
    attempts: [],
    documents: [],
    history: [{ at, state, source: submission.source, bankCode: null, reason: null }],
    settled: '',
    results: [],
    bankId: null,
    bankStatus: null,
    cancelRequestedAt: null,
    warnings: order.warnings.slice(0, WARNINGS),
    duplicateOf: null,
    submittedBy: { key: caller.key, user: caller.user, hook: submission.hook },
    approvedBy: null,
    // Nobody but a person moves on what waits for an approval, or for its file to be fetched.
    dueAt: approval || isByFile(rules) ? lapseOf(order.execution.day, rules) : at,
    createdAt: at,
    changedAt: at,
  };
  return { bare: payment, groups: order.groups, content: contentOf(order.groups, accounts), policy };
}

/**
 * Where the serials of a connection begin: somewhere, so that two connections to one account, whose orders the bank
 * compares, never make the same bytes of the same order.
 */
const firstSerial = ({ next }: Random): number => 1 + Math.floor(next() * 90_000_000);

/** The one connection all accounts of an order belong to. @throws Problem */
async function payersOf(
  ports: AcceptPorts,
  { caller, draft }: Submission,
): Promise<{ connection: Connection; accounts: Account[] }> {
  const missing = draft.groups.flatMap(({ account }, at) =>
    account
      ? []
      : [{ pointer: `${draft.pointerOf(at)}/account`, detail: 'This company has no such account' }],
  );
  if (draft.groups.length === 0 || missing.length > 0) throw invalidOrder([...draft.findings, ...missing]);
  const accounts = [...new Map(draft.groups.map(({ account }) => [account!.id, account!])).values()];
  const [first] = accounts;
  if (accounts.some(({ connection }) => connection !== first!.connection)) {
    throw invalidOrder([
      { pointer: '', detail: 'The accounts belong to several connections: send an order for each' },
    ]);
  }
  const connection = await ports.connections.get(caller.company, first!.connection);
  if (connection?.status !== 'active') {
    throw connectionNotActive(connection, 'Upload its certificate and prove it.');
  }
  return { connection, accounts };
}

/** @throws Problem 409 when the consent was not asked for what the order needs */
async function requireScopes(
  { connections }: AcceptPorts,
  { company, credential: id }: Connection,
  scopes: readonly string[],
): Promise<void> {
  const credential = id === null ? null : await connections.credential(company, id);
  const granted = credential?.kind === 'consent' ? credential.scopes : [];
  const missing = scopes.filter((scope) => !granted.includes(scope));
  if (missing.length === 0) return;
  throw conflict(
    'consent-lacks-payments',
    `The consent of this connection does not cover ${missing.join(', ')}. Authorise the connection again, or set its ` +
      '"payments" to "file".',
  );
}

/** The bank's rules, and a connector that can render but reach nobody. @throws Problem 422 */
export async function rendererOf(
  connection: Connection,
): Promise<{ manifest: Manifest; connector: Connector }> {
  const { manifest, connect } = await loadBank(connection.bank);
  if (!manifest.payments) {
    throw unprocessable('bank-takes-no-orders', `Brana takes no payments for ${manifest.name}.`);
  }
  const connector = connect({
    environment: connection.environment,
    config: connection.config,
    secrets: {},
    origin: '',
    call: () => Promise.reject(new Failure('unsupported', 'Nothing is sent while an order is taken')),
  });
  return { manifest, connector };
}

/** Archives the request as it came and the order as it was understood. */
async function archived(
  { archive }: AcceptPorts,
  { caller, bytes, mediaType }: Submission,
  groups: readonly OrderGroup[],
  at: string,
): Promise<PaymentDocument[]> {
  const keep = async (
    kind: PaymentDocument['kind'],
    content: Uint8Array,
    type: string,
  ): Promise<PaymentDocument> => ({
    kind,
    sha256: await archive.keep(caller.company, 'order', content, type),
    mediaType: type,
    at,
  });
  return Promise.all([
    keep('request', bytes, mediaType),
    keep('order', groupsToJson(groups), ORDER_MEDIA_TYPE),
  ]);
}

export const invalidOrder = (findings: readonly OrderFinding[]): Problem =>
  unprocessable(
    'invalid-order',
    'Nothing was sent. Correct what "errors" lists and send it again.',
    findings,
  );

/** What an order says, whoever says it and whenever: payers, creditors, amounts, symbols and day. */
function contentOf(groups: readonly OrderGroup[], accounts: readonly Account[]): string {
  const facts = groups.flatMap((group) =>
    group.payments.map(({ amount, creditor, variableSymbol, specificSymbol }) =>
      [group.date, amount.minor, amount.currency, accountText(creditor), variableSymbol, specificSymbol].join(
        '|',
      ),
    ),
  );
  const text = [...accounts.map(({ id }) => id).sort(), ...facts.sort()].join('\n');
  return createHash('sha256').update(text).digest('hex');
}

/** @throws Problem 409 when the company refuses duplicates */
async function duplicate(
  { payments, clock }: AcceptPorts,
  company: string,
  content: string,
  policy: PaymentPolicy,
): Promise<string | null> {
  const same = await payments.same(company, content);
  if (!same || clock.now() - Date.parse(same.at) > DUPLICATE_HOURS * HOUR_MS) return null;
  if (policy.duplicates === 'flag') return same.payment;
  throw conflict(
    'duplicate-order',
    `The order ${same.payment} of the last 24 hours says the same, and this company refuses duplicates.`,
  );
}

function sumOf(groups: readonly OrderGroup[]): Money {
  const currency = groups[0]!.currency;
  return groups.reduce((sum, group) => addMoney(sum, group.sum), { minor: 0n, currency });
}

const countOf = (groups: readonly OrderGroup[]): number =>
  groups.reduce((sum, { payments }) => sum + payments.length, 0);

/** Whether a second person must approve a sum. */
export function needsApproval({ approvalFrom }: PaymentPolicy, sum: Money): boolean {
  if (approvalFrom === null) return false;
  const from = Object.hasOwn(approvalFrom, sum.currency) ? approvalFrom[sum.currency]! : '0';
  return sum.minor >= parseMoney(from, sum.currency).minor;
}
