import type { Key } from './dynamo.ts';

/**
 * Every key of every table. A partition begins with the company; the exceptions stand at the end of this file and
 * nowhere else, and what is read through one is re-read under the company's key.
 */

/** Names of the tables and other places of one stack; from the environment, in `functions/`. */
export interface Places {
  readonly connections: string;
  readonly ledger: string;
  readonly events: string;
  readonly payments: string;
}

// connections
export const companyKey = (company: string): Key => ({ pk: company, sk: 'company' });
export const apiKeyKey = (company: string, id: string): Key => ({ pk: company, sk: `key#${id}` });
export const connectionKey = (company: string, id: string): Key => ({ pk: company, sk: `connection#${id}` });
/** Holds a connection's code, so that two never have the same. */
export const codeKey = (company: string, code: string): Key => ({
  pk: company,
  sk: `code#${code.toLowerCase()}`,
});
export const credentialKey = (company: string, id: string): Key => ({ pk: company, sk: `credential#${id}` });
/** Finds the credential of a certificate that this company uploaded before. */
export const fingerprintKey = (company: string, fingerprint: string): Key => ({
  pk: company,
  sk: `fingerprint#${fingerprint}`,
});
export const accountKey = (company: string, id: string): Key => ({ pk: company, sk: `account#${id}` });
export const hookKey = (company: string, id: string): Key => ({ pk: company, sk: `hook#${id}` });
/** The subscription to a bank's notices of an account. */
export const noticesKey = (company: string, account: string): Key => ({
  pk: company,
  sk: `notices#${account}`,
});
/** A notice that came, by the hash of what tells it from every other. */
export const nonceKey = (company: string, account: string, sha256: string): Key => ({
  pk: company,
  sk: `nonce#${account}#${sha256}`,
});

/** Sealed tokens of a consent. */
export const tokensKey = (company: string, credential: string): Key => ({
  pk: company,
  sk: `tokens#${credential}`,
});
/** The authorisation of a connection that was started last. */
export const authorisationKey = (company: string, connection: string): Key => ({
  pk: company,
  sk: `authorisation#${connection}`,
});

/** What was said to a connection's bank: a partition of its own, so that no list of the company reads past it. */
export const activityPartition = (company: string, connection: string): string => `${company}#${connection}`;
/** @param at UTC instant @param order text that puts entries of one instant in order */
export const activitySk = (at: string, order: string): string => `activity#${at}#${order}`;

// ledger: one partition per account
export const ledgerPartition = (company: string, account: string): string => `${company}#${account}`;
export const transactionSk = (bookingDate: string, id: string): string => `transaction#${bookingDate}#${id}`;
export const statementSk = (to: string, id: string): string => `statement#${to}#${id}`;
export const adviceSk = (day: string, id: string): string => `advice#${day}#${id}`;
export const documentSk = (sha256: string): string => `document#${sha256}`;
export const quarantineSk = (id: string): string => `quarantine#${id}`;
export const pullSk = (id: string): string => `pull#${id}`;
export const BALANCES_SK = 'balances';

// payments
export const paymentKey = (company: string, id: string): Key => ({ pk: company, sk: `payment#${id}` });
/** An idempotency key that was used, by its hash → payment and hash of the request. */
export const idempotencyKey = (company: string, hash: string): Key => ({
  pk: company,
  sk: `idempotency#${hash}`,
});
/** The last order that said the same, by the hash of what it says. */
export const contentKey = (company: string, hash: string): Key => ({ pk: company, sk: `content#${hash}` });
/** Last serial number of a connection's orders. */
export const serialKey = (company: string, connection: string): Key => ({
  pk: company,
  sk: `serial#${connection}`,
});
/** A booked row that is the execution of a payment: no row executes two. */
export const claimKey = (company: string, account: string, row: string): Key => ({
  pk: company,
  sk: `claim#${account}#${row}`,
});

// events
export const counterKey = (company: string): Key => ({ pk: company, sk: 'counter' });
export const eventKey = (company: string, sequence: number): Key => ({ pk: company, sk: eventSk(sequence) });
/** Sixteen digits, so that text order is number order. */
export const eventSk = (sequence: number): string => `event#${String(sequence).padStart(16, '0')}`;

// The exceptions: keys without a company. They hold a company and a target id, or counters, and nothing else.
/** API key by the hash of its secret → company, key id. */
export const apiKeyPointerKey = (sha256: string): Key => ({ pk: `key#${sha256}`, sk: 'pointer' });
/** Hook by its id, which is all that a message to it names → company. */
export const hookPointerKey = (id: string): Key => ({ pk: `hook#${id}`, sk: 'pointer' });
/** Subscription to notices by the id in its address → company, account. */
export const noticePointerKey = (id: string): Key => ({ pk: `notice#${id}`, sk: 'pointer' });
/** What a browser shows of an authorisation (our link, the bank's state), by its hash → company, connection. */
export const statePointerKey = (sha256: string): Key => ({ pk: `state#${sha256}`, sk: 'pointer' });
/** Lease, quota and silence of a certificate that two companies may share. */
export const gateKey = (fingerprint: string): Key => ({ pk: `quota#${fingerprint}`, sk: 'gate' });
/** The list of companies is this partition. Its first item is the first company's and refuses a second bootstrap. */
export const BOOTSTRAP_KEY: Key = { pk: 'bootstrap', sk: 'done' };
/** Sparse index of accounts to pull and of payments to look at: (shard, dueAt). */
export const DUE_INDEX = { name: 'due', pk: 'dueShard', sk: 'dueAt' } as const;
export const DUE_SHARDS = ['0', '1', '2', '3'] as const;
