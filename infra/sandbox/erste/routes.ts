import type { SandboxResponse } from '../types.ts';
import { answered } from './answers.ts';
import type { Call } from './call.ts';
import { downloadStatement, getAccounts, getBalance, getStatements, getTransactions } from './lists.ts';
import {
  createPayment,
  deletePayment,
  federateSigning,
  paymentStatus,
  signingPoll,
  signingState,
} from './payments.ts';
import { createNotification, deleteNotification, getNotifications } from './subscriptions.ts';

export const API_BASE = '/webapi/api/v3/accounts';
export const PAYMENTS_BASE = '/webapi/api/v1/payments';

export interface Operation {
  readonly name: string;
  readonly method: string;
  readonly pattern: RegExp;
  /** Needs the WEB-API-key only. */
  readonly open?: true;
  answer(call: Call): SandboxResponse;
}

/** The operations of Accounts API v3 this simulation offers, all but those of cards. */
export const OPERATIONS: readonly Operation[] = [
  { name: 'getAccounts', method: 'GET', pattern: /^\/my\/accounts$/, answer: getAccounts },
  {
    name: 'getBalance',
    method: 'GET',
    pattern: /^\/my\/accounts\/(?<id>[^/]+)\/balance$/,
    answer: getBalance,
  },
  {
    name: 'getTransactions',
    method: 'GET',
    pattern: /^\/my\/accounts\/(?<id>[^/]+)\/transactions$/,
    answer: getTransactions,
  },
  {
    name: 'getStatements',
    method: 'GET',
    pattern: /^\/my\/accounts\/(?<id>[^/]+)\/statements$/,
    answer: getStatements,
  },
  {
    name: 'downloadStatement',
    method: 'GET',
    pattern: /^\/my\/accounts\/(?<id>[^/]+)\/statements\/(?<statement>[^/]+)\/download$/,
    answer: downloadStatement,
  },
  {
    name: 'createNotification',
    method: 'POST',
    pattern: /^\/my\/accounts\/(?<id>[^/]+)\/notification$/,
    answer: createNotification,
  },
  {
    name: 'getNotifications',
    method: 'GET',
    pattern: /^\/my\/accounts\/(?<id>[^/]+)\/notification\/$/,
    answer: getNotifications,
  },
  {
    name: 'deleteNotification',
    method: 'DELETE',
    pattern: /^\/my\/accounts\/(?<id>[^/]+)\/notification\/(?<notification>[^/]+)$/,
    answer: deleteNotification,
  },
  {
    name: 'getCertificate',
    method: 'GET',
    pattern: /^\/\.well-known\/jwks$/,
    open: true,
    answer: ({ subscriptions }) => answered(200, { keys: subscriptions.keys() }),
  },
];

/** Those of Premium Payments API v1, for single payments. What is known of them stands in `payments.ts`. */
export const PAYMENT_OPERATIONS: readonly Operation[] = [
  { name: 'createPayment', method: 'POST', pattern: /^\/my\/payments$/, answer: createPayment },
  {
    name: 'federateSigning',
    method: 'GET',
    pattern: /^\/my\/payments\/federate\/sign\/(?<sign>[^/]+)\/hash\/(?<hash>[^/]+)$/,
    answer: federateSigning,
  },
  {
    name: 'signingPoll',
    method: 'GET',
    pattern: /^\/my\/payments\/sign\/poll\/(?<poll>[^/]+)$/,
    answer: signingPoll,
  },
  {
    name: 'signingState',
    method: 'GET',
    pattern: /^\/my\/payments\/sign\/(?<sign>[^/]+)$/,
    answer: signingState,
  },
  {
    name: 'paymentStatus',
    method: 'GET',
    pattern: /^\/my\/payments\/(?<payment>[^/]+)\/status$/,
    answer: paymentStatus,
  },
  {
    name: 'deletePayment',
    method: 'DELETE',
    pattern: /^\/my\/payments\/(?<payment>[^/]+)$/,
    answer: deletePayment,
  },
];

/** An API of the bank: its operations and the scope a token needs for them. */
export interface Api {
  readonly base: string;
  readonly scope: 'siblings.accounts' | 'siblings.payments';
  readonly operations: readonly Operation[];
}

const APIS: readonly Api[] = [
  { base: API_BASE, scope: 'siblings.accounts', operations: OPERATIONS },
  { base: PAYMENTS_BASE, scope: 'siblings.payments', operations: PAYMENT_OPERATIONS },
];

/** An operation that was asked for. */
export interface Target {
  readonly operation: Operation;
  readonly scope: Api['scope'];
  readonly parameters: Record<string, string>;
}

/** The operation of a path and its parameters; the status to refuse with where there is none. */
export function route(method: string, path: string): Target | 404 | 405 {
  const api = APIS.find(({ base }) => path.startsWith(`${base}/`));
  if (!api) return 404;
  const fitting = api.operations.flatMap((operation) => {
    const match = operation.pattern.exec(path.slice(api.base.length));
    return match ? [{ operation, scope: api.scope, parameters: { ...match.groups } }] : [];
  });
  const found = fitting.find(({ operation }) => operation.method === method);
  return found ?? (fitting.length === 0 ? 404 : 405);
}
