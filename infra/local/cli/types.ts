import type * as z from 'zod/mini';
import type * as s from '../../../shared/api/schemas.ts';

/** What the API answers, by the schemas it is checked and documented with. */

export type { Manifest } from '../../../shared/banks/contract.ts';
export type ApiKey = z.output<typeof s.apiKey>;
export type Connection = z.output<typeof s.connection>;
export type Credential = z.output<typeof s.credential>;
export type Account = z.output<typeof s.account>;
export type Pull = z.output<typeof s.pull>;
export type Transaction = z.output<typeof s.transaction>;
export type Balance = z.output<typeof s.balance>;
export type Statement = z.output<typeof s.statement>;
export type FeedEvent = z.output<typeof s.event>;

export interface List<T> {
  readonly items: readonly T[];
}
export interface Proven {
  readonly credential: Credential;
  readonly accounts: readonly Account[];
}
export interface Uploaded extends Proven {
  readonly proven: boolean;
  /** Why it is not proven yet and what to do. */
  readonly reason: string | null;
}
