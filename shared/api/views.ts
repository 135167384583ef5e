import type { Activity, ActivityMessage, ShownFields } from '../domain/activity.ts';
import type { Authorisation } from '../domain/authorisation.ts';
import type { Hints } from '../domain/hints.ts';
import { formatMoney } from '../domain/money.ts';
import type { OrderPayment } from '../domain/order-file.ts';
import type { PaymentRecord } from '../domain/payment.ts';
import { kindOf } from '../domain/payment-kind.ts';
import type { Balance } from '../domain/model.ts';
import type {
  Account,
  ApiKey,
  Connection,
  Credential,
  LedgerRow,
  PullRecord,
  StatementRecord,
} from '../domain/records.ts';
import { statementId } from '../domain/statement-id.ts';
import type * as z from 'zod/mini';
import type { standingConnection } from './routes/connections.ts';

/** Records as the API shows them: every field is named here, so nothing stored leaks by being stored. */

export const keyView = ({ id, name, prefix, scopes, user, createdAt, revokedAt }: ApiKey) => ({
  id,
  name,
  prefix,
  scopes,
  user,
  createdAt,
  revokedAt,
});

export const credentialView = (c: Credential) => ({
  id: c.id,
  kind: c.kind,
  fingerprint: c.fingerprint,
  notBefore: c.notBefore,
  notAfter: c.notAfter,
  warnings: c.warnings,
  provenAt: c.provenAt,
  ...(c.kind === 'client-certificate'
    ? {
        subject: c.subject,
        issuer: c.issuer,
        serial: c.serial,
        keyType: c.keyType,
        reactivateBy: c.reactivateBy,
        scopes: null,
      }
    : { subject: null, issuer: null, serial: null, keyType: null, reactivateBy: null, scopes: c.scopes }),
});

export const authorisationView = (a: Authorisation) => ({
  state: a.state,
  reason: a.reason,
  validityDays: a.validityDays,
  expiresAt: a.expiresAt,
  accounts:
    a.accounts?.map(({ handle, iban, number, bankCode, currency, name, owner }) => ({
      handle,
      iban,
      number,
      bankCode,
      currency,
      name,
      owner: owner ?? null,
    })) ?? null,
});

export const connectionView = (c: Connection, credentials: ReadonlyMap<string, Credential>) => {
  const shown = (id: string | null) => {
    const credential = id === null ? undefined : credentials.get(id);
    return credential ? credentialView(credential) : null;
  };
  return {
    id: c.id,
    code: c.code,
    description: c.description,
    bank: c.bank,
    environment: c.environment,
    user: c.user,
    config: c.config,
    status: c.status,
    pause: c.pause,
    credential: shown(c.credential),
    candidate: shown(c.candidate),
    createdAt: c.createdAt,
  };
};

/** A connection and how it stands. */
export const standingView = (
  c: Connection,
  credentials: ReadonlyMap<string, Credential>,
  { authorised, validUntil, daysLeft, freshness, bankClock, activityUntil }: StandingFacts,
) => ({
  ...connectionView(c, credentials),
  authorised,
  validUntil,
  daysLeft,
  freshness: { state: freshness.state, at: freshness.at, detail: freshness.detail },
  bankClock,
  requestedAt: c.request?.createdAt ?? null,
  activityUntil,
});

type StandingFacts = Pick<
  z.output<typeof standingConnection>,
  'authorised' | 'validUntil' | 'daysLeft' | 'freshness' | 'bankClock' | 'activityUntil'
>;

/** The table keeps a map in no order. */
const inOrder = (fields: ShownFields): ShownFields =>
  Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));

const messageView = ({ headers, bytes, structure }: ActivityMessage) => ({
  headers: inOrder(headers),
  bytes,
  structure,
});

export const activityView = (a: Activity) => ({
  id: a.id,
  at: a.at,
  operation: a.operation,
  method: a.method,
  url: a.url,
  query: inOrder(a.query),
  attempt: a.attempt,
  requestId: a.requestId,
  milliseconds: a.milliseconds,
  request: messageView(a.request),
  answer: a.answer && { status: a.answer.status, ...messageView(a.answer) },
  failure: a.failure && { kind: a.failure.kind, stage: a.failure.stage, code: a.failure.code },
});

export const accountView = (a: Account) => ({
  id: a.id,
  connection: a.connection,
  bank: a.bank,
  environment: a.environment,
  iban: a.iban,
  number: a.number,
  bankCode: a.bankCode,
  bic: a.bic,
  currency: a.currency,
  name: a.name,
  active: a.active,
  settings: a.settings,
  freshAt: a.freshAt,
  complete: { transactions: a.sync.transactions, statements: a.sync.statements },
  lastPull: a.lastPull,
  failures: a.failures,
});

export const pullView = ({ id, account, kind, window, status, requestedAt, result }: PullRecord) => ({
  id,
  account,
  kind,
  window,
  status,
  requestedAt,
  result,
});

export const transactionView = ({
  id,
  document,
  transaction: t,
}: Pick<LedgerRow, 'id' | 'document' | 'transaction'>) => ({
  id: `${t.bookingDate}.${id}`,
  bankReference: t.bankReference,
  bookingDate: t.bookingDate,
  valueDate: t.valueDate,
  amount: formatMoney(t.amount),
  currency: t.amount.currency,
  counterparty: t.counterparty,
  variableSymbol: t.variableSymbol,
  constantSymbol: t.constantSymbol,
  specificSymbol: t.specificSymbol,
  message: t.message,
  endToEndId: t.endToEndId,
  transactionCode: t.transactionCode,
  reversal: t.reversal,
  original: t.original && {
    amount: formatMoney(t.original.amount),
    currency: t.original.amount.currency,
    rate: t.original.rate,
  },
  card: t.card,
  document,
});

export const balanceView = ({ kind, code, amount }: Balance) => ({
  kind,
  code,
  amount: formatMoney(amount),
  currency: amount.currency,
});

export const statementView = (account: string, s: StatementRecord, hints: Hints) => ({
  id: statementId(account, s),
  account,
  number: s.number,
  from: s.from,
  to: s.to,
  currency: s.currency,
  opening: s.opening,
  closing: s.closing,
  credits: s.credits,
  debits: s.debits,
  count: s.count,
  reconciles: s.reconciles,
  continuity: s.continuity,
  version: s.version,
  read: s.read,
  composed: s.composed,
  formats: Object.keys(s.documents).sort(),
  ...hints,
  warnings: s.warnings,
  receivedAt: s.receivedAt,
});

export const acceptedView = (p: PaymentRecord) => ({
  id: p.id,
  // As it was taken: the same key gives the same answer, whatever happened since.
  state: p.history[0]!.state,
  sum: p.sum,
  currency: p.currency,
  count: p.tally.count,
  executionDate: p.executionDate,
  signing: p.signing,
  warnings: p.warnings.map(({ pointer, detail }) => ({ pointer, detail })),
  duplicateOf: p.duplicateOf,
  createdAt: p.createdAt,
});

export const paymentView = (p: PaymentRecord) => ({
  id: p.id,
  state: p.state,
  connection: p.connection,
  accounts: p.accounts,
  sum: p.sum,
  currency: p.currency,
  ...p.tally,
  executionDate: p.executionDate,
  signing: p.signing,
  duplicateOf: p.duplicateOf,
  cancelRequestedAt: p.cancelRequestedAt,
  bankId: p.bankId,
  createdAt: p.createdAt,
  changedAt: p.changedAt,
});

export const paymentDetailView = (p: PaymentRecord) => ({
  ...paymentView(p),
  submittedBy: p.submittedBy,
  approvedBy: p.approvedBy,
  attempts: p.attempts.map(({ id, startedAt, endedAt, outcome, progress, hash, fileName }) => ({
    id,
    startedAt,
    endedAt,
    outcome,
    step: progress.step,
    hash,
    fileName,
  })),
  documents: p.documents,
  history: p.history,
});

/** One payment of an order; `null` results where the bank said nothing of it by itself. */
export function paymentItemView(p: PaymentRecord, index: number, payment: OrderPayment, settled: boolean) {
  const rejected = p.results.find((result) => result.index === index);
  const { amount, creditor, variableSymbol, constantSymbol, specificSymbol, message, endToEndId } = payment;
  return {
    index,
    kind: kindOf(payment),
    state: rejected ? 'rejected' : settled || p.state === 'executed' ? 'executed' : 'pending',
    amount: formatMoney(amount),
    currency: amount.currency,
    creditor,
    variableSymbol,
    constantSymbol,
    specificSymbol,
    message,
    endToEndId,
    creditorAddress: payment.creditorAddress ?? null,
    creditorBank: payment.creditorBank ?? null,
    charges: payment.charges ?? null,
    bankCode: rejected?.bankCode ?? null,
    reason: rejected?.reason ?? null,
  };
}
