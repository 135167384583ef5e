import type { AccountRef, Connector, Manifest } from '../../banks/contract.ts';
import type { PlainDate } from '../../domain/dates.ts';
import type { Window } from '../../domain/model.ts';
import type { Account } from '../../domain/records.ts';
import type { Accounts } from '../../store/accounts.ts';
import type { Archive } from '../../store/archive.ts';
import type { Connections } from '../../store/connections.ts';
import type { Feed } from '../../store/feed.ts';
import type { Ledger } from '../../store/ledger.ts';
import type { Queue } from '../../store/queues.ts';
import type { BankPorts } from '../gateway.ts';
import type { PullMessage } from './message.ts';

/** What planning a pull needs. */
export interface PlanPorts {
  readonly accounts: Accounts;
  readonly connections: Connections;
  readonly queue: Queue<PullMessage>;
}

/** What running one needs. */
export interface PullPorts extends BankPorts, PlanPorts {
  readonly archive: Archive;
  readonly feed: Feed;
  ledgerOf(company: string, account: string): Ledger;
}

/** One account being pulled: what every step works on. `account` moves on with every write. */
export interface AccountRun {
  readonly ports: PullPorts;
  readonly manifest: Manifest;
  readonly connector: Connector;
  readonly ledger: Ledger;
  readonly ref: AccountRef;
  readonly fence: number;
  /** Epoch milliseconds behind which no new page is begun. */
  readonly deadline: number;
  /** The window asked for by hand, `null` in a scheduled pull. */
  readonly asked: Window | null;
  account: Account;
  newTransactions: number;
  newStatements: number;
}

/** The day up to which a pull made each channel complete; absent where it did not. */
export interface Through {
  transactions?: PlainDate;
  statements?: PlainDate;
}

/** The time of this invocation ran short: what is left goes back to the queue. Not a failure. */
export class TimeShort extends Error {
  override readonly name = 'TimeShort';
}

/** A newer lease, or another writer, owns the account now: this run is a zombie and writes nothing more. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** @throws TimeShort */
export function checkTime(run: AccountRun): void {
  if (run.ports.clock.now() >= run.deadline) throw new TimeShort();
}
