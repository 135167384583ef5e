import type { Accounts } from '../../store/accounts.ts';
import type { Archive } from '../../store/archive.ts';
import type { Connections } from '../../store/connections.ts';
import type { Ledger } from '../../store/ledger.ts';
import type { Payments } from '../../store/payments.ts';
import type { Queue } from '../../store/queues.ts';
import type { BankPorts } from '../gateway.ts';
import type { PaymentMessage } from './message.ts';

/** What bringing an order to the bank, and following it there, needs. */
export interface PaymentPorts extends BankPorts {
  readonly payments: Payments;
  readonly accounts: Accounts;
  readonly connections: Connections;
  readonly archive: Archive;
  readonly queue: Queue<PaymentMessage>;
  ledgerOf(company: string, account: string): Ledger;
}
