import { isValidAccountNumber, localNumber, type AccountNumber } from '../../domain/account-number.ts';
import { bankOfCode } from '../../domain/bank-codes.ts';
import { addDays, isPlainDate, type PlainDate } from '../../domain/dates.ts';
import type { Counterparty } from '../../domain/model.ts';
import type { OrderGroup, OrderPayment } from '../../domain/order-file.ts';
import { domesticAccountOf } from '../order-party.ts';
import { isBankingDay } from '../../domain/banking-days.ts';
import { WITHOUT_MODULO_11, type KpcDialect } from './dialects.ts';
import { fitMessage, MAX_MESSAGE } from './message.ts';

/** Something wrong with an order, before any bank has seen it. */
export interface Finding {
  /** JSON pointer from the group: `/payments/3/creditor/number`. */
  readonly pointer: string;
  /** Constant name of the rule. */
  readonly rule: string;
  readonly message: string;
  /** An error would be refused or misread by the bank; a warning says what will be changed. */
  readonly severity: 'error' | 'warning';
}

/** Days that a year of two digits can say. */
const FIRST_DAY = '1950-01-01';
const LAST_DAY = '2049-12-31';

type Note = (pointer: string, rule: string, message: string, severity?: Finding['severity']) => void;

/**
 * Everything a bank would refuse in a group, and what would be changed on the way to it, all at once. A group whose
 * payments name their own payers is divided first (`groupByPayer`).
 * @param today the day in the bank's zone
 */
export function checkOrder(group: OrderGroup, dialect: KpcDialect, today: PlainDate): Finding[] {
  return collect((note) => {
    checkDueDate(group, dialect, today, note);
    checkContent(group, dialect, note);
  });
}

/** As {@link checkOrder}, without the rules that depend on the day: what can be written at all. */
export function checkWritable(group: OrderGroup, dialect: KpcDialect): Finding[] {
  return collect((note) => {
    const { date } = group;
    if (date === null || !isPlainDate(date)) noteMissingDate(note);
    else if (date < FIRST_DAY || date > LAST_DAY) {
      note('/date', 'date-unwritable', `${date} cannot be told from another century in two digits of a year`);
    }
    checkContent(group, dialect, note);
  });
}

function collect(check: (note: Note) => void): Finding[] {
  const findings: Finding[] = [];
  check(
    (pointer, rule, message, severity = 'error') => void findings.push({ pointer, rule, message, severity }),
  );
  return findings;
}

function checkContent(group: OrderGroup, dialect: KpcDialect, note: Note): void {
  const payer = checkAccount(group.payer, '/payer', note);
  if (payer && payer.bankCode !== dialect.bankCode) {
    const message = `The payer's account is kept by ${payer.bankCode}, the order is for ${dialect.bankCode}`;
    note('/payer', 'payer-elsewhere', message);
  }
  if (group.payerCurrency !== undefined && group.payerCurrency !== 'CZK') {
    const message = `The account that pays is kept in ${group.payerCurrency}; a KPC pays from accounts in crowns`;
    note('/payer', 'payer-currency', message);
  }
  if (group.kind === 'credit-transfer' && dialect.types[group.priority] === undefined) {
    const known = Object.keys(dialect.types).join(', ');
    note('/priority', 'priority-unsupported', `A KPC for ${dialect.bankCode} knows ${known} payments only`);
  }
  checkCount(group.payments.length, dialect, note);
  let sum = 0n;
  group.payments.forEach((payment, at) => {
    sum += payment.amount.minor;
    checkPayment(payment, { dialect, payer, pointer: `/payments/${at}` }, note);
  });
  if (sum.toString().length > dialect.sumDigits) {
    const message = `The payments come to ${sum} hellers; a group holds ${dialect.sumDigits} digits: divide it`;
    note('/sum', 'sum-too-long', message);
  }
}

function checkCount(count: number, { items }: KpcDialect, note: Note): void {
  if (count === 0) note('/payments', 'group-empty', 'The group has no payment');
  if (items === null || count <= items.advised) return;
  const most = `The bank takes ${items.most} payments in a file`;
  if (count > items.most)
    note('/payments', 'too-many-payments', `${most}, here are ${count}: divide the group`);
  else {
    const message = `${most} at most and advises ${items.advised}; here are ${count}`;
    note('/payments', 'many-payments', message, 'warning');
  }
}

interface PaymentContext {
  readonly dialect: KpcDialect;
  readonly payer: AccountNumber | null;
  readonly pointer: string;
}

function checkPayment(payment: OrderPayment, { dialect, payer, pointer }: PaymentContext, note: Note): void {
  const creditor = checkAccount(payment.creditor, `${pointer}/creditor`, note);
  if (dialect.refusesOwnAccount && creditor && payer && sameAccount(creditor, payer)) {
    note(`${pointer}/creditor`, 'own-account', 'Payer and payee are the same account');
  }
  checkAmount(payment, dialect, `${pointer}/amount`, note);
  checkSymbols(payment, dialect, pointer, note);
  if (payment.message !== null) checkMessage(payment.message, dialect, `${pointer}/message`, note);
}

const sameAccount = (a: AccountNumber, b: AccountNumber): boolean =>
  a.bankCode === b.bankCode && localNumber(a) === localNumber(b);

/** The account, when there is one to go on with. */
function checkAccount(party: Counterparty, pointer: string, note: Note): AccountNumber | null {
  const account = domesticAccountOf(party);
  if (account === 'conflict') {
    note(pointer, 'account-conflict', 'The number and the IBAN name different accounts: give one of them');
    return null;
  }
  if (account === null) {
    const message = 'There is no Czech account: give number and bank code, or a Czech IBAN';
    note(pointer, 'account-missing', message);
    return null;
  }
  if (account.bankCode === null) {
    note(`${pointer}/bankCode`, 'bank-code-missing', 'There is no bank code: give its four digits');
    return null;
  }
  if (bankOfCode(account.bankCode) === null) {
    const message = `${account.bankCode.slice(0, 10)} is no bank code of the Czech National Bank's list`;
    note(`${pointer}/bankCode`, 'bank-code-unknown', message);
  }
  if (!isValidAccountNumber(account)) {
    const exempt = WITHOUT_MODULO_11.has(account.bankCode);
    const message = `${localNumber(account)} does not pass modulo 11: check the number`;
    note(`${pointer}/number`, 'account-checksum', message, exempt ? 'warning' : 'error');
  }
  return account;
}

function checkAmount({ amount }: OrderPayment, dialect: KpcDialect, pointer: string, note: Note): void {
  if (amount.currency !== dialect.currency) {
    const message = `The amount is in ${amount.currency}; the order file is in ${dialect.currency}`;
    note(`${pointer}/currency`, 'currency-differs', message);
  }
  if (amount.minor <= 0n) note(pointer, 'amount-not-positive', 'The amount is not above zero');
  if (amount.minor.toString().length > dialect.amountDigits) {
    note(pointer, 'amount-too-long', `The amount has more than ${dialect.amountDigits} digits in hellers`);
  }
}

const SYMBOLS = [
  { name: 'variableSymbol', digits: 10 },
  { name: 'constantSymbol', digits: 4 },
  { name: 'specificSymbol', digits: 10 },
] as const;

function checkSymbols(payment: OrderPayment, dialect: KpcDialect, pointer: string, note: Note): void {
  for (const { name, digits } of SYMBOLS) {
    const symbol = payment[name];
    if (symbol === null) continue;
    const at = `${pointer}/${name}`;
    if (!/^\d+$/.test(symbol)) note(at, 'symbol-not-digits', `The ${name} is not digits only`);
    else if (symbol.length > digits)
      note(at, 'symbol-too-long', `The ${name} has more than ${digits} digits`);
  }
  const constant = payment.constantSymbol?.padStart(4, '0') ?? '';
  if (dialect.refusedConstantSymbol?.test(constant)) {
    note(`${pointer}/constantSymbol`, 'constant-symbol-refused', `The bank refuses ${constant} in orders`);
  }
}

function checkMessage(message: string, dialect: KpcDialect, pointer: string, note: Note): void {
  const { replaced, cut } = fitMessage(message, dialect);
  if (replaced.length > 0) {
    const text = `The bank does not take ${replaced.map((letter) => JSON.stringify(letter)).join(' ')}; replaced`;
    note(pointer, 'letters-replaced', text, 'warning');
  }
  if (cut > 0) {
    const text = `The message is ${cut} characters longer than the ${MAX_MESSAGE} a bank takes; its end is cut`;
    note(pointer, 'message-shortened', text, 'warning');
  }
}

function noteMissingDate(note: Note): void {
  note('/date', 'date-missing', 'There is no day of execution: give one as YYYY-MM-DD');
}

function checkDueDate(
  { date, kind }: OrderGroup,
  { dueDate }: KpcDialect,
  today: PlainDate,
  note: Note,
): void {
  if (date === null || !isPlainDate(date)) return noteMissingDate(note);
  if (date < today) {
    const moved = dueDate.past === 'moved';
    const message = moved ? 'the bank moves it to the next possible day' : 'give today or a later day';
    note('/date', 'date-past', `${date} has gone by: ${message}`, moved ? 'warning' : 'error');
  }
  const ahead = dueDate.ahead[kind];
  if (ahead !== null && date > addDays(today, ahead)) {
    note('/date', 'date-too-far', `${date} is more than ${ahead} days ahead`);
  }
  if (dueDate.bankingDaysOnly && !isBankingDay(date)) {
    note('/date', 'date-no-banking-day', `Banks do not work on ${date}: give a banking day`);
  }
}
