import { isPlainDate } from '../../domain/dates.ts';
import { passesModulo97 } from '../../domain/iban.ts';
import type { Counterparty } from '../../domain/model.ts';
import { exponentOf, type Money } from '../../domain/money.ts';
import type { OrderGroup, OrderPayment } from '../../domain/order-file.ts';
import { checkForeign, type NoteFault } from '../foreign.ts';
import { partyIban } from '../order-party.ts';
import { MAX_DECIMALS, MAX_WHOLE, MIN_PURPOSE } from './fields.ts';
import { textsOf } from './texts.ts';

/** What forbids to write a group of foreign payments. */
export interface ZpsFault {
  /** JSON pointer from the group. */
  readonly pointer: string;
  /** Constant name of the rule. */
  readonly rule: string;
  readonly message: string;
}

/** Everything that ČSOB would refuse or misread in a group, all at once. */
export function checkZps(group: OrderGroup): ZpsFault[] {
  const faults: ZpsFault[] = [];
  const note: NoteFault = (pointer, rule, message) => void faults.push({ pointer, rule, message });
  if (group.kind !== 'credit-transfer') note('/kind', 'collection-unsupported', 'A foreign order only pays');
  if (group.priority !== 'normal') {
    note('/priority', 'priority-unsupported', 'Foreign orders have no priority in this format: leave it out');
  }
  if (group.date === null || !isPlainDate(group.date)) {
    note('/date', 'date-missing', 'There is no day of execution: give one as YYYY-MM-DD');
  }
  if (group.payments.length === 0) note('/payments', 'group-empty', 'The group has no payment');
  if (payerIban(group.payer) === null) {
    note('/payer', 'payer-unwritable', 'The account that pays is no IBAN and no Czech number with bank code');
  }
  group.payments.forEach((payment, at) => {
    const pointer = `/payments/${at}`;
    checkForeign(payment, pointer, note);
    checkAmount(payment.amount, `${pointer}/amount`, note);
    checkTexts(payment, pointer, note);
    if (payment.payer !== undefined && payerIban(payment.payer) === null) {
      note(`${pointer}/payer`, 'payer-unwritable', 'The account that pays has no IBAN');
    }
  });
  return faults;
}

/**
 * The payer as a line has it. Only the check digits of the IBAN count: old accounts of the bank fail modulo 11.
 * @returns `null` when there is none
 */
export function payerIban(payer: Counterparty): string | null {
  const iban = partyIban(payer);
  return iban !== null && iban !== 'conflict' && passesModulo97(iban) ? iban : null;
}

function checkAmount({ minor, currency }: Money, pointer: string, note: NoteFault): void {
  const exponent = exponentOf(currency);
  const unit = 10n ** BigInt(exponent);
  const finest = 10n ** BigInt(Math.max(0, exponent - MAX_DECIMALS));
  if (minor <= 0n) note(pointer, 'amount-not-positive', 'The amount must be above zero');
  else if (minor % finest !== 0n) {
    note(pointer, 'amount-too-fine', `The bank takes amounts with ${MAX_DECIMALS} decimals`);
  } else if ((minor / unit).toString().length > MAX_WHOLE) {
    note(pointer, 'amount-too-long', `An amount has up to ${MAX_WHOLE} digits before its decimals`);
  }
}

function checkTexts(payment: OrderPayment, pointer: string, note: NoteFault): void {
  const { payee, purpose } = textsOf(payment, pointer, []);
  // A name of other letters only is none; that there is none at all was told.
  if (payment.creditor.name?.trim() && payee[0] === '') {
    note(
      `${pointer}/creditor/name`,
      'name-missing',
      'Nothing of the name can be written: give it in Latin letters',
    );
  }
  if (purpose.join('').length < MIN_PURPOSE) {
    const message = `ČSOB wants a purpose of at least ${MIN_PURPOSE} letters`;
    note(`${pointer}/message`, 'purpose-missing', message);
  }
  if (payment.amount.currency === 'USD' && payee.filter((line) => line !== '').length < 2) {
    const message = "Payments in USD need the payee's address besides the name";
    note(`${pointer}/creditorAddress`, 'address-missing', message);
  }
}
