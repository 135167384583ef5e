import { isValidAccountNumber, isValidIban } from '../../domain/account-number.ts';
import { bankOfCode } from '../../domain/bank-codes.ts';
import { isBic } from '../../domain/bic.ts';
import { isCurrency } from '../../domain/currencies.ts';
import type { Counterparty, Symbols } from '../../domain/model.ts';
import type { OrderGroup, OrderPayment } from '../../domain/order-file.ts';
import { kindOf } from '../../domain/payment-kind.ts';
import { normaliseSymbols } from '../../domain/symbols.ts';
import type { OrderFileFormat } from '../../banks/contract.ts';
import { checkForeign, type NoteFault } from '../../formats/foreign.ts';
import { WITHOUT_MODULO_11 } from '../../formats/kpc/dialects.ts';
import { domesticAccountOf } from '../../formats/order-party.ts';
import { checkPain001Foreign } from '../../formats/pain001/foreign.ts';
import { readSymbols } from '../../formats/pain001/symbols.ts';
import { checkZps } from '../../formats/zps/check.ts';

/** Takes down a finding by its JSON pointer from the group. */
type Find = (pointer: string, detail: string) => void;

/** Judges the payments of a group, each by what it is; the day, the payer and the bank's own limits are looked at elsewhere. */
export function checkPayments(group: OrderGroup, format: OrderFileFormat | null, find: Find): void {
  group.payments.forEach((payment, at) => {
    const here = `/payments/${at}`;
    if (kindOf(payment) !== 'foreign') checkAtHome(payment, here, find);
    if (kindOf(payment) !== 'domestic') checkMessage(payment, here, find);
    checkSymbols(payment.rawSymbols, (field, detail) => find(`${here}/${field}`, detail));
    if (payment.endToEndId !== null && !/^[\x20-\x7e]{1,35}$/.test(payment.endToEndId)) {
      find(`${here}/endToEndId`, 'An end-to-end id has 1 to 35 plain letters');
    }
  });
  checkAbroad(group, format, find);
}

/** Foreign payments by what their format needs. */
function checkAbroad(group: OrderGroup, format: OrderFileFormat | null, find: Find): void {
  if (format === 'zps') {
    for (const { pointer, message } of checkZps(group)) find(pointer, message);
    return;
  }
  const check = format === 'pain.001' ? checkPain001Foreign : checkForeign;
  const note: NoteFault = (pointer, _rule, message) => find(pointer, message);
  group.payments.forEach((payment, at) => {
    if (kindOf(payment) === 'foreign') check(payment, `/payments/${at}`, note);
  });
}

/** Domestic and SEPA payments. */
function checkAtHome({ amount, creditor, charges }: OrderPayment, here: string, find: Find): void {
  checkCreditor(creditor, (detail, field = '') => find(`${here}/creditor${field}`, detail));
  if (creditor.bic !== null && !isBic(creditor.bic))
    find(`${here}/creditor/bic`, 'This is no BIC (ISO 9362)');
  if (!isCurrency(amount.currency))
    find(`${here}/currency`, `There is no currency ${amount.currency} (ISO 4217)`);
  if (charges !== undefined && charges !== 'shared') {
    find(`${here}/charges`, 'Only foreign payments let one side bear all charges: leave it out');
  }
}

/** Outside the domestic clearing symbols stand in the text, so a text that says others would change them. */
function checkMessage(payment: OrderPayment, here: string, find: Find): void {
  const said = normaliseSymbols(readSymbols([], '', payment.message ?? ''));
  const others = Object.entries(said).some(
    ([name, value]) => value !== null && value !== payment[name as keyof Symbols],
  );
  if (others) find(`${here}/message`, 'The message holds symbols (/VS/1): give them as symbols instead');
}

function checkCreditor(creditor: Counterparty, find: (detail: string, field?: string) => void): void {
  const { iban, number, bankCode } = creditor;
  if (iban === null && number === null) return find('Name the account: iban, or number and bankCode');
  if (iban !== null && !isValidIban(iban)) return find('This is no valid IBAN', '/iban');
  if (number === null) return;
  const account = domesticAccountOf(creditor);
  if (account === 'conflict') return find('IBAN and number name different accounts');
  const code = account?.bankCode ?? bankCode;
  if (account === null || (!isValidAccountNumber(account) && !WITHOUT_MODULO_11.has(code ?? ''))) {
    return find('This is no Czech account number (modulo 11)', '/number');
  }
  if (code === null || bankOfCode(code) === null) find('There is no bank of this code', '/bankCode');
}

const LONGEST = { variableSymbol: 10, constantSymbol: 4, specificSymbol: 10 } as const;

function checkSymbols(raw: Symbols, find: (field: string, detail: string) => void): void {
  for (const [field, most] of Object.entries(LONGEST)) {
    const value = raw[field as keyof Symbols];
    if (value !== null && !new RegExp(`^0*\\d{1,${most}}$`).test(value)) {
      find(field, `A symbol has up to ${most} digits`);
    }
  }
}
