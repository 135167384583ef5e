import { requestLog } from '../request-log.ts';
import { instead, scenarios, spoiled } from '../scenarios.ts';
import type { SandboxBank, SandboxClock, SandboxRequest, SandboxResponse } from '../types.ts';
import { getAccounts, getBalance } from './accounts.ts';
import { json, Refusal } from './answers.ts';
import { batchBook, type BatchLevers } from './batch-book.ts';
import { getBatchDetail, importPayments, unheardOf } from './batches.ts';
import type { Call } from './call.ts';
import { certificates, checkHeaders, DIALECT, unrouted, type Certificates } from './gateway.ts';
import { bent, neverLast } from './paging.ts';
import { contractLimits, quotas, type Limits } from './quota.ts';
import { getFxRates, getFxRatesList } from './rates.ts';
import { route, type Operation } from './routes.ts';
import type { BankSource } from './source.ts';
import { downloadStatement, getStatements } from './statements.ts';
import { getTransactionList } from './transactions.ts';

export interface RaiffeisenOptions<S extends BankSource> {
  readonly source: S;
  readonly clock: SandboxClock;
  /** Applications registered with the bank (`X-IBM-Client-Id`). */
  readonly clientIds: readonly string[];
  /** Rows of one page of transactions; the bank does not tell its own size. */
  readonly pageSize?: number;
  /** Other limits than the contract's, for tests of an exhausted day. */
  readonly limits?: (operation: Operation) => Limits;
}

/** The bank, with the levers its customer has in internet banking: certificates, and batches of payments. */
export interface RaiffeisenBank<S extends BankSource = BankSource>
  extends SandboxBank, Omit<Certificates, 'admit'>, BatchLevers {
  readonly id: 'raiffeisen';
  readonly source: S;
}

const HANDLERS: Readonly<Record<Operation, (call: Call) => SandboxResponse | Promise<SandboxResponse>>> = {
  getAccounts,
  getBalance,
  getTransactionList,
  getStatements,
  downloadStatement,
  importPayments,
  getBatchDetail,
  getFxRatesList,
  getFxRates,
};

/** The simulated Raiffeisenbank Premium API, written from the bank's Swagger 1.1.20240910. */
export function raiffeisenBank<S extends BankSource>(options: RaiffeisenOptions<S>): RaiffeisenBank<S> {
  const { source, clock, clientIds, pageSize = 50 } = options;
  const quota = quotas(clock, options.limits ?? contractLimits);
  const known = certificates();
  const waiting = scenarios();
  const book = batchBook(source, clock);
  const log = requestLog();

  const serve = async (
    request: SandboxRequest,
    operation: Operation,
    parameters: Call['parameters'],
  ): Promise<SandboxResponse> => {
    try {
      checkHeaders(request.headers, clientIds);
      const rights = known.admit(request, operation);
      const now = clock.now();
      return await HANDLERS[operation]({ request, parameters, source, rights, book, now, pageSize });
    } catch (error) {
      if (error instanceof Refusal) return error.response;
      throw error;
    }
  };

  const answer = async (
    request: SandboxRequest,
    target: ReturnType<typeof route>,
  ): Promise<SandboxResponse> => {
    if (target.operation === null) return unrouted(target.status);
    const { operation, parameters } = target;
    const caller = request.clientCertificate?.serial ?? request.headers['x-ibm-client-id'] ?? 'anonymous';
    const verdict = quota.take(caller, operation);
    if (!verdict.granted) return withHeaders(DIALECT.tooManyRequests(), verdict.headers);
    const misbehaviour = waiting.next(operation);
    if (!misbehaviour) return withHeaders(await serve(request, operation, parameters), verdict.headers);
    const replaced = instead(misbehaviour, clock, DIALECT);
    const served =
      (misbehaviour.afterwards ?? replaced === null)
        ? await serve(bent(misbehaviour, request, parameters, source), operation, parameters)
        : json(200, {});
    if (replaced) return replaced;
    const told = unheardOf(misbehaviour, neverLast(misbehaviour, withHeaders(served, verdict.headers)));
    return spoiled(misbehaviour, told);
  };

  return {
    id: 'raiffeisen',
    source,
    orders: book.orders,
    orderOf: book.orderOf,
    sign: book.sign,
    reject: book.reject,
    refuseItem: book.refuseItem,
    remove: book.remove,
    signAfter: book.signAfter,
    block: known.block,
    unblock: known.unblock,
    restrict: known.restrict,
    misbehave: waiting.add,
    behave: waiting.clear,
    handle: async (request) => {
      const at = clock.now();
      book.advance();
      const target = route(request.method, request.path);
      const response = await answer(request, target);
      log.add(request, response, {
        at,
        operation: target.operation,
        requestId: request.headers['x-request-id'] ?? null,
        certificate: request.clientCertificate?.serial ?? null,
      });
      return response;
    },
    requests: log.select,
  };
}

function withHeaders(response: SandboxResponse, headers: Readonly<Record<string, string>>): SandboxResponse {
  return { ...response, headers: { ...response.headers, ...headers } };
}
