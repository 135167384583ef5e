import { exponentOf, formatMoney, type Money } from '../../domain/money.ts';
import type { OrderGroup, OrderPayment } from '../../domain/order-file.ts';
import { FormatError } from '../errors.ts';
import { payeeAccountText, payeeBic } from '../foreign.ts';
import { isWrittenIn } from '../letters.ts';
import type { Loss, Written } from '../stream.ts';
import { checkZps, payerIban } from './check.ts';
import { CHARGE_WORDS, FIELD, FIELDS, LINE, MAX_DECIMALS, SEPARATOR } from './fields.ts';
import { textsOf } from './texts.ts';

/** Writer of foreign orders in ČSOB's "TXT ZPS": ASCII, which Windows-1250 holds, a line for each payment, CR LF. */

export interface ZpsOptions {
  /**
   * Unique per file, up to 35 letters: stands in a field of every line that the bank does not process, so that two
   * orders that say the same have other bytes.
   */
  readonly id: string;
}

/**
 * Writes the payments of groups one behind the other. Replaced letters and shortened texts are listed; whatever cannot
 * be said is refused. Positions are JSON pointers from the list of groups.
 * @throws FormatError naming the rule and the pointer of the first thing that cannot be written ({@link checkZps})
 */
export function writeZps(groups: readonly OrderGroup[], { id }: ZpsOptions): Written {
  if (groups.length === 0) throw new FormatError('no-order', 'There is no group of payments to write');
  if (id.length > LINE || !isWrittenIn(id, 'swift')) {
    throw new FormatError('id-unwritable', `The id of the file is not up to ${LINE} plain letters`, 'id');
  }
  const losses: Loss[] = [];
  const lines = groups.flatMap((group, at) => {
    const [fault] = checkZps(group);
    if (fault) throw new FormatError(fault.rule, fault.message, `/${at}${fault.pointer}`);
    return group.payments.map((payment, index) =>
      lineOf(group, payment, `/${at}/payments/${index}`, id, losses),
    );
  });
  return { bytes: new TextEncoder().encode(lines.map((line) => `${line}\r\n`).join('')), losses };
}

function lineOf(
  group: OrderGroup,
  payment: OrderPayment,
  pointer: string,
  id: string,
  losses: Loss[],
): string {
  const { reference, bank, payee, purpose } = textsOf(payment, pointer, losses);
  if (payment.instructionId !== null) {
    const message = 'A foreign order has no place for the instruction id';
    losses.push({ rule: 'instruction-id-left-out', message, position: `${pointer}/instructionId` });
  }
  const fields = Array.from({ length: FIELDS }, () => '');
  const put = (field: keyof typeof FIELD, ...texts: readonly string[]): void =>
    void fields.splice(FIELD[field] - 1, texts.length, ...texts);
  put('payer', payerIban(payment.payer ?? group.payer) ?? '');
  // In the payment's currency; an ordinary payment. The bank processes neither.
  put('amountType', '0');
  put('paymentType', '0');
  put('reference', reference);
  put('date', (group.date ?? '').replaceAll('-', ''));
  put('amount', decimalOf(payment.amount));
  put('currency', payment.amount.currency);
  put('account', payeeAccountText(payment.creditor));
  put('bic', payeeBic(payment.creditor) ?? '');
  put('bank', ...bank);
  put('bankCountry', payment.creditorBank?.address?.country ?? '');
  put('payee', ...payee);
  put('payeeCountry', payment.creditorAddress?.country ?? '');
  put('charges', CHARGE_WORDS[payment.charges ?? 'shared']);
  put('purpose', ...purpose);
  put('contact', id);
  return fields.join(SEPARATOR);
}

/** With two decimals at most; what is finer is zeros, or was refused. */
function decimalOf(amount: Money): string {
  const finer = Math.max(0, exponentOf(amount.currency) - MAX_DECIMALS);
  const text = formatMoney(amount);
  return finer === 0 ? text : text.slice(0, -finer);
}
