import type { BankAccount } from './model.ts';

/**
 * One try of a person to give a connection access to the bank (design, chapter 5, Consent):
 *
 * `waiting` our link was made and nobody opened it; `opened` a browser has it, bound by a cookie; `answered` the bank's
 * callback was taken and is being worked on; `granted` the tokens are kept, and somebody of the company must confirm
 * the accounts; `confirmed` the connection is in use; `failed` it came to nothing.
 */
export const AUTHORISATION_STATES = [
  'waiting',
  'opened',
  'answered',
  'granted',
  'confirmed',
  'failed',
] as const;
export type AuthorisationState = (typeof AUTHORISATION_STATES)[number];

export interface Authorisation {
  readonly id: string;
  readonly company: string;
  readonly connection: string;
  readonly bank: string;
  /** The credential that gets the tokens; current only once confirmed. */
  readonly credential: string;
  /** Who started it: API key, and its user. */
  readonly startedBy: { readonly key: string; readonly user: string | null };
  readonly state: AuthorisationState;
  /** SHA-256 of what our link, the browser's cookie and the bank's `state` hold; the last two `null` until opened. */
  readonly linkHash: string;
  readonly cookieHash: string | null;
  readonly stateHash: string | null;
  /** `state` and PKCE verifier, sealed; `null` until opened and after the callback. */
  readonly sealed: string | null;
  readonly redirectUri: string;
  /** Where the last page leads, from the company's list. */
  readonly returnUrl: string | null;
  /** Days the consent is to be good for. */
  readonly validityDays: number;
  /** What the bank showed after it was granted; `null` while it was not asked, or did not answer. */
  readonly accounts: readonly BankAccount[] | null;
  /** Why it failed and what to do. */
  readonly reason: string | null;
  /** UTC instant behind which neither link nor callback is taken. */
  readonly expiresAt: string;
  readonly createdAt: string;
  readonly revision: number;
}
