import { conflict, Problem } from '../api/problem.ts';
import type { Manifest } from '../banks/contract.ts';
import type { Failure } from '../domain/failure.ts';
import type { Passage } from './gateway.ts';

/**
 * A bank's failure as the caller of the API hears it.
 * @param now epoch milliseconds
 */
export function problemOf(manifest: Manifest, failure: Failure, now: number): Problem {
  const { code, requestId, notBefore } = failure.detail;
  const facts = {
    bank: manifest.id,
    ...(code === undefined ? {} : { bankCode: code }),
    ...(requestId === undefined ? {} : { bankRequestId: requestId }),
  };
  switch (failure.kind) {
    case 'credential-refused':
    case 'consent-needed':
    case 'rejected':
    case 'unsupported':
      return new Problem({
        status: 422,
        code: failure.kind,
        title: `${manifest.name} refused`,
        detail: failure.message,
        ...facts,
      });
    default:
      return new Problem({
        status: 503,
        code: 'bank-unavailable',
        title: `${manifest.name} cannot be used now`,
        detail: failure.message,
        ...facts,
        ...(notBefore === undefined ? {} : { retryAfter: secondsUntil(notBefore, now) }),
      });
  }
}

const secondsUntil = (instant: number, now: number): number => Math.max(1, Math.ceil((instant - now) / 1000));

/** Why the bank was not asked at all, as the caller of the API hears it. */
export function noPassage(
  manifest: Manifest,
  passage: Exclude<Passage<unknown>, { state: 'done' }>,
  now: number,
): Problem {
  if (passage.state === 'held') {
    return conflict(
      'credential-busy',
      'A pull is talking to the bank with this certificate; try again in a minute.',
    );
  }
  const retryAfter = secondsUntil(passage.notBefore, now);
  return new Problem({
    status: 503,
    code: 'bank-unavailable',
    title: `${manifest.name} cannot be used now`,
    detail: `The bank asked for silence; try again in ${retryAfter} seconds.`,
    bank: manifest.id,
    retryAfter,
  });
}
