import type * as z from 'zod/mini';
import type { activity } from '../../../shared/api/routes/activity.ts';
import type { account, pull } from '../../../shared/api/routes/accounts.ts';
import type { authorisation } from '../../../shared/api/routes/authorisation.ts';
import type { connection, credential, standingConnection } from '../../../shared/api/routes/connections.ts';
import type { pendingList } from '../../../shared/api/routes/documents.ts';
import type { rates } from '../../../shared/api/routes/credential.ts';
import type { event } from '../../../shared/api/routes/events.ts';
import type { hook, rehearsal } from '../../../shared/api/routes/hooks.ts';
import type { apiKey } from '../../../shared/api/routes/keys.ts';
import type { notices } from '../../../shared/api/routes/notices.ts';
import type { accepted, payment, paymentDetail, paymentItem } from '../../../shared/api/routes/payments.ts';
import type { balance, statement, transaction } from '../../../shared/api/routes/ledger.ts';

/** What the API answers, by the schemas it is checked and documented with. */

export type { Manifest } from '../../../shared/banks/contract.ts';
export type ApiKey = z.output<typeof apiKey>;
export type Connection = z.output<typeof standingConnection>;
export type Credential = z.output<typeof credential>;
export type Authorisation = z.output<typeof authorisation>;
export type Activity = z.output<typeof activity>;
export type Account = z.output<typeof account>;
export type Pull = z.output<typeof pull>;
export type Notices = z.output<typeof notices>;
export type Transaction = z.output<typeof transaction>;
export type Rates = z.output<typeof rates>;
export type Pending = z.output<typeof pendingList>;
export type Balance = z.output<typeof balance>;
export type Statement = z.output<typeof statement>;
export type AcceptedPayment = z.output<typeof accepted>;
export type Payment = z.output<typeof payment>;
export type PaymentDetail = z.output<typeof paymentDetail>;
export type PaymentItem = z.output<typeof paymentItem>;
export type Hook = z.output<typeof hook>;
export type HookRehearsal = z.output<typeof rehearsal>;
export type FeedEvent = z.output<typeof event>;

export interface List<T> {
  readonly items: readonly T[];
}
export interface Proven {
  readonly credential: Credential;
  readonly accounts: readonly Account[];
}
export interface Authorised extends Proven {
  readonly connection: z.output<typeof connection>;
}
export interface Uploaded extends Proven {
  readonly proven: boolean;
  /** Why it is not proven yet and what to do. */
  readonly reason: string | null;
}
