/** Operations of the bank's Swagger this simulation offers, by their `operationId`. */
export const OPERATIONS = [
  'getAccounts',
  'getBalance',
  'getTransactionList',
  'getStatements',
  'downloadStatement',
  'importPayments',
  'getBatchDetail',
  'getFxRatesList',
  'getFxRates',
] as const;
export type Operation = (typeof OPERATIONS)[number];

export type Route =
  | { readonly operation: Operation; readonly parameters: Readonly<Record<string, string>> }
  | { readonly operation: null; readonly status: 404 | 405 };

/** Production and sandbox answer alike. */
const PREFIX = /^\/rbcz\/premium\/(?:api|mock)(\/.*)$/;

/** Most literal first: `statements` would pass for an account number. */
const ROUTES: readonly { operation: Operation; method: string; pattern: RegExp }[] = [
  { operation: 'getAccounts', method: 'GET', pattern: /^\/accounts$/ },
  { operation: 'getStatements', method: 'POST', pattern: /^\/accounts\/statements$/ },
  { operation: 'downloadStatement', method: 'POST', pattern: /^\/accounts\/statements\/download$/ },
  { operation: 'getBalance', method: 'GET', pattern: /^\/accounts\/(?<accountNumber>[^/]+)\/balance$/ },
  {
    operation: 'getTransactionList',
    method: 'GET',
    pattern: /^\/accounts\/(?<accountNumber>[^/]+)\/(?<currencyCode>[^/]+)\/transactions$/,
  },
  { operation: 'importPayments', method: 'POST', pattern: /^\/payments\/batches$/ },
  { operation: 'getBatchDetail', method: 'GET', pattern: /^\/payments\/batches\/(?<batchFileId>[^/]+)$/ },
  { operation: 'getFxRatesList', method: 'GET', pattern: /^\/fxrates$/ },
  { operation: 'getFxRates', method: 'GET', pattern: /^\/fxrates\/(?<currencyCode>[^/]+)$/ },
];

/** The operation a request asks for, with its path parameters decoded. */
export function route(method: string, path: string): Route {
  const rest = PREFIX.exec(path)?.[1];
  if (rest === undefined) return { operation: null, status: 404 };
  const matches = ROUTES.flatMap((candidate) => {
    const match = candidate.pattern.exec(rest);
    return match ? [{ ...candidate, match }] : [];
  });
  const found = matches.find((candidate) => candidate.method === method);
  if (!found) return { operation: null, status: matches.length === 0 ? 404 : 405 };
  const parameters = Object.entries(found.match.groups ?? {}).map(([name, value]) => [name, decoded(value)]);
  return { operation: found.operation, parameters: Object.fromEntries(parameters) as Record<string, string> };
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
