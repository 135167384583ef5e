import {
  raiffeisenBank,
  type RaiffeisenBank,
  type RaiffeisenOptions,
} from '../../infra/sandbox/raiffeisen/bank.ts';
import { seededSource, type SeededSource } from '../../infra/sandbox/raiffeisen/data.ts';
import type { BankSource } from '../../infra/sandbox/raiffeisen/source.ts';
import type {
  PeerCertificate,
  SandboxBank,
  SandboxRequest,
  SandboxResponse,
} from '../../infra/sandbox/types.ts';

/** A Saturday noon in Prague: five working days lie behind it. */
export const NOON = Date.parse('2026-11-21T11:00:00Z');

export const CURRENT = '5017482301';
export const EXPORT = '7342069157';
export const WAGES = '2903571487';
export const IDLE = '864201352';

/** A clock that stands until it is moved. */
export function testClock(start = NOON) {
  let time = start;
  return {
    now: () => time,
    advance: (ms: number) => {
      time += ms;
    },
    set: (iso: string) => {
      time = Date.parse(iso);
    },
  };
}

export function seededBank(
  options: { seed?: string; clock?: ReturnType<typeof testClock>; historyDays?: number } & Partial<
    Pick<RaiffeisenOptions<BankSource>, 'pageSize' | 'limits'>
  > = {},
) {
  const { seed = 'tests', clock = testClock(), historyDays, ...rest } = options;
  const source = seededSource({ seed, clock, ...(historyDays === undefined ? {} : { historyDays }) });
  const bank: RaiffeisenBank<SeededSource> = raiffeisenBank({ source, clock, clientIds: ['app'], ...rest });
  return { bank, source, clock };
}

export const HEADERS = { 'x-ibm-client-id': 'app', 'x-request-id': 'req-1' };
export const CERTIFICATE: PeerCertificate = { serial: '0A01', fingerprint: 'ab'.repeat(32) };

export interface Ask {
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly certificate?: PeerCertificate | null;
  readonly prefix?: 'api' | 'mock';
}

/** A request below the bank's prefix; a body makes it a POST. */
export function request(path: string, ask: Ask = {}): SandboxRequest {
  const { query = {}, headers = {}, body, certificate = CERTIFICATE, prefix = 'api' } = ask;
  return {
    method: body === undefined ? 'GET' : 'POST',
    path: `/rbcz/premium/${prefix}${path}`,
    query: new URLSearchParams(query),
    headers: {
      ...HEADERS,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body:
      body === undefined
        ? new Uint8Array()
        : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    clientCertificate: certificate,
  };
}

/** A row of the transaction list, as far as tests look at it. */
export interface Row {
  readonly entryReference: string;
  readonly amount: { readonly value: number };
  readonly creditDebitIndication: string;
  readonly bookingDate: string;
}

/** Whatever the bank answers in JSON; which fields are there depends on the operation. */
export interface BankJson {
  readonly error: string;
  readonly httpCode: string;
  readonly accounts: readonly { readonly accountId: number; readonly accountNumber: string }[];
  readonly currencyFolders: readonly { readonly currency: string; readonly balances?: readonly object[] }[];
  readonly lastPage: boolean;
  readonly transactions: readonly Row[];
  readonly statements: readonly {
    readonly statementId: string;
    readonly statementNumber: string;
    readonly dateTo: string;
    readonly currency: string;
  }[];
  readonly batchFileId: number;
  readonly batchFileStatus: string;
  readonly batchItems: readonly Record<string, unknown>[];
  readonly exchangeRateLists: readonly {
    readonly lastRates: boolean;
    readonly exchangeRates: readonly Record<string, unknown>[];
  }[];
}

export interface Answer extends SandboxResponse {
  readonly json: BankJson;
}

export async function ask(bank: SandboxBank, path: string, options: Ask = {}): Promise<Answer> {
  const response = await bank.handle(request(path, options));
  const isJson =
    response.delivery?.kind !== 'endless' &&
    (response.headers['content-type'] ?? '').startsWith('application/json');
  const json: unknown = isJson ? JSON.parse(Buffer.from(response.body).toString('utf8')) : null;
  return { ...response, json: json as BankJson };
}

export const transactionsPath = (number: string, currency: string): string =>
  `/accounts/${number}/${currency}/transactions`;

/** Every row of a span, page by page. */
export async function allTransactions(
  bank: SandboxBank,
  number: string,
  currency: string,
  from: string,
  to: string,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let page = 1; ; page += 1) {
    const query = { from, to, page: String(page) };
    const answer = await ask(bank, transactionsPath(number, currency), { query });
    if (answer.status === 204) return rows;
    rows.push(...answer.json.transactions);
    if (answer.json.lastPage) return rows;
  }
}

export async function download(bank: SandboxBank, number: string, statementId: string, format: string) {
  return ask(bank, '/accounts/statements/download', {
    headers: { 'accept-language': 'cs' },
    body: { accountNumber: number, statementId, statementFormat: format },
  });
}
