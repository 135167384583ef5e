import { randomBytes } from 'node:crypto';
import type { Clock, Log, Random } from '../shared/domain/ports.ts';
import { createLog } from '../shared/http/redaction.ts';
import { createAuthenticate, type Authenticate } from '../shared/api/caller.ts';
import { createAccounts, type Accounts } from '../shared/store/accounts.ts';
import { createCompanies, type Companies } from '../shared/store/companies.ts';
import { createConnections, type Connections } from '../shared/store/connections.ts';
import { createDynamo, dynamoClient, type Dynamo } from '../shared/store/dynamo.ts';
import { createFeed, type Feed } from '../shared/store/feed.ts';
import { createPayments, type Payments } from '../shared/store/payments.ts';
import type { Places } from '../shared/store/keys.ts';
import { createLedger, type Ledger } from '../shared/store/ledger.ts';

/**
 * Where the ports meet the world: the only place that reads the environment, the clock and chance. Every function
 * takes from here what it needs; clients are made once per process.
 */

export const onLambda = process.env['AWS_LAMBDA_FUNCTION_NAME'] !== undefined;

/** A setting of the stack. @throws Error naming the variable when the function was deployed without it */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`The environment variable ${name} is not set`);
  return value;
}

/** The local runner's time may be another one, and jump: it tells by how much with each invocation. Never on Lambda. */
const offset = (): number => (onLambda ? 0 : Number(process.env['BRANA_CLOCK_OFFSET_MS'] ?? 0));

export const clock: Clock = {
  now: () => Date.now() + offset(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      });
    }),
};

export const random: Random = {
  bytes: (length) => randomBytes(length),
  next: () => randomBytes(4).readUInt32BE() / 2 ** 32,
};

export const log: Log = createLog({
  write: (line) => process.stdout.write(`${line}\n`),
  level: process.env['BRANA_LOG_LEVEL'] === 'warn' ? 'warn' : 'info',
  now: () => clock.now(),
});

/** The tables, behind one connection pool. */
export interface Store {
  readonly dynamo: Dynamo;
  readonly feed: Feed;
  readonly companies: Companies;
  readonly connections: Connections;
  readonly accounts: Accounts;
  readonly payments: Payments;
  readonly authenticate: Authenticate;
  ledgerOf(company: string, account: string): Ledger;
}

/** A table this function was not given has no name; touching it fails at once. */
const table = (name: string): string => process.env[name] ?? '';

export function openStore(): Store & { places: Places } {
  const places: Places = {
    connections: table('TABLE_CONNECTIONS'),
    ledger: table('TABLE_LEDGER'),
    events: table('TABLE_EVENTS'),
    payments: table('TABLE_PAYMENTS'),
  };
  const dynamo = createDynamo(dynamoClient(), clock, random);
  const feed = createFeed(dynamo, places, clock, random);
  const companies = createCompanies(dynamo, feed, places);
  return {
    places,
    dynamo,
    feed,
    companies,
    connections: createConnections(dynamo, feed, places),
    accounts: createAccounts(dynamo, feed, places),
    payments: createPayments(dynamo, feed, places),
    authenticate: createAuthenticate((hash) => companies.findKey(hash), clock),
    ledgerOf: (company, account) => createLedger(dynamo, places, company, account),
  };
}
