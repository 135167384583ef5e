import { Failure } from '../../domain/failure.ts';
import { at, parseJson, textAt } from '../../domain/json.ts';
import type { BankResponse } from '../../http/types.ts';
import { codesOf, failureOf } from './errors.ts';

/** Why a payment was refused, by the codes of the Czech Open Banking Standard (COBS 2.0 and 8.0). */
const REFUSALS: Readonly<Record<string, string>> = {
  FIELD_MISSING: 'a field is missing',
  FIELD_INVALID: 'a field is not as the bank wants it',
  FF01: 'the order is not as the bank wants it',
  AC01: 'an account number is wrong',
  AC02: 'the account that pays is wrong or closed',
  AC03: 'the payee’s account is wrong',
  AC10: 'the currency of the account that pays is wrong',
  AC12: 'payments cannot be made from an account of this type',
  AG01: 'the consent does not cover payments from this account: authorise the connection again and choose it',
  AG09: 'the payee’s bank refused it',
  AM02: 'the amount is above the limit of instant payments: order it with normal priority',
  AM03: 'the bank does not pay in this currency from this account',
  AM11: 'the currency is wrong',
  AM12: 'the amount is wrong, or has too many decimals',
  BE19: 'who bears the charges is wrong',
  DT01: 'the day of execution has gone by or is no banking day',
  RC07: 'the BIC is wrong',
  RC10: 'there is no bank of the payee’s bank code',
  RR03: 'the payee’s name or address is missing',
  RR10: 'a text has letters that the bank does not take',
  REC_SEND: 'payer and payee are the same account',
  NO_PART: 'the payee’s bank takes no instant payments: order it with normal priority',
  AB08: 'the payee’s account takes no instant payments: order it with normal priority',
  FORB: 'the payee’s account takes no instant payments: order it with normal priority',
};

/** Statuses that say the request never came as far as the payment: no right, no such operation, no such type. */
const NOT_LOOKED_AT: ReadonlySet<number> = new Set([401, 403, 404, 405, 415]);
const NO_ACCESS =
  'the bank does not let this application create payments. Subscribe it to Premium – Payments API and authorise the ' +
  'connection again, or set its "payments" to "file"';

/**
 * What an answer to the creation of a payment means that is no success. Whatever speaks of token or key was said before
 * anybody looked at the payment; the standard's codes refuse it for good; of anything else nobody knows what it means.
 * @returns Failure `consent-needed`, `credential-refused`, `rejected`, or `outcome-unknown`
 */
export function refusalOf(response: BankResponse, operation: string): Failure {
  const general = failureOf(response, operation);
  if (general.kind === 'consent-needed' || general.kind === 'credential-refused') return general;
  const { status, requestId } = response;
  const detail = { ...general.detail, operation, status, requestId };
  const code = codesOf(response).find((one) => status >= 400 && Object.hasOwn(REFUSALS, one));
  if (code !== undefined) {
    const told = `${operation} answered ${status} ${code}${scopeOf(response, code)}: ${REFUSALS[code]!}`;
    const message = `${told}. Nothing was paid; correct the order and submit it anew.`;
    return new Failure('rejected', message, { ...detail, code });
  }
  if (NOT_LOOKED_AT.has(status))
    return new Failure('rejected', `${operation} answered ${status}: ${NO_ACCESS}.`, detail);
  const message =
    `${operation} answered ${status}, which the standard does not explain, so the payment may be at the bank or not. ` +
    'Look for it in the bank’s banking.';
  return new Failure('outcome-unknown', message, detail);
}

/** The field that the bank names beside the code, in brackets. */
function scopeOf({ body }: BankResponse, code: string): string {
  const errors = at(parseJson(body), 'errors') as readonly unknown[];
  const scope = textAt(
    errors.find((one) => textAt(one, 'error') === code),
    'scope',
  );
  const shown = scope?.replace(/[^\w.]/g, '').slice(0, 80) ?? '';
  return shown === '' ? '' : ` (${shown})`;
}
