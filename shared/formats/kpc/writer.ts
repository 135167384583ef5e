import { sixteenDigits, type AccountNumber } from '../../domain/account-number.ts';
import type { PlainDate } from '../../domain/dates.ts';
import type { Counterparty } from '../../domain/model.ts';
import type { OrderGroup, OrderPayment } from '../../domain/order-file.ts';
import { encode } from '../encoding/encode.ts';
import { FormatError } from '../errors.ts';
import { fitText, lossesOf } from '../letters.ts';
import { domesticAccountOf } from '../order-party.ts';
import { groupByPayer } from '../order-stream.ts';
import type { Loss, Written } from '../stream.ts';
import { checkWritable } from './check.ts';
import type { KpcDialect } from './dialects.ts';
import { writeDate } from './fields.ts';
import { fitMessage, fitName, writeItemText } from './message.ts';

/**
 * Writer of Czech ABO payment orders (KPC) in the bulk form: one group per payer and day, in one accounting file per
 * type of order. Windows-1250, lines end with CR LF.
 */

export interface KpcOptions {
  /** The header's day of creation, in the bank's zone. */
  readonly createdOn: PlainDate;
  /** The header's name; otherwise the first payer's. */
  readonly clientName?: string;
  /**
   * Our number of the order, up to ten digits, which makes the bytes of each order unique: it is written to the
   * dialect's `serialSlot` of the header, which no bank pays by.
   */
  readonly serial?: string;
  /**
   * `SSS` of the first accounting file, 1 to 999, where the bank counts them (`fileNumber: 'within-interval'`); each
   * number is taken once per day of creation (KB), so it guards against a second import as well.
   */
  readonly fileNumber?: number;
}

const CRLF = '\r\n';
/** Columns of the client's name in the header. */
const NAME = 20;

/**
 * Writes groups as one file. What a KPC cannot say is listed: ids, names (but at ČSOB), replaced letters, the end of
 * a text that is too long. Positions are JSON pointers from the list of groups.
 * @throws FormatError with the rule and pointer of the first error of {@link checkWritable}; `no-order`,
 * `too-many-payments`, `too-large` (divide the order), `serial-unreadable`, `file-number`
 */
export function writeKpc(groups: readonly OrderGroup[], dialect: KpcDialect, options: KpcOptions): Written {
  const parts = groups.flatMap((group, at) =>
    groupByPayer(group).map((part) => ({ group: part, pointer: `/${at}` })),
  );
  for (const part of parts) refuseUnwritable(part, dialect);
  refuseTooMany(parts, dialect);
  const losses: Loss[] = [];
  const records = [header(parts, dialect, options, losses)];
  let files = 0;
  for (const [type, bundles] of bundled(parts, dialect)) {
    records.push(`1 ${type} ${fileNumber(dialect, options, files)} ${dialect.bankCode}`);
    files += 1;
    for (const bundle of bundles) records.push(...groupRecords(bundle, dialect, losses));
    records.push('5 +');
  }
  const { bytes } = encode(records.join(CRLF) + CRLF, 'windows-1250');
  if (dialect.maxBytes !== null && bytes.length > dialect.maxBytes) {
    const message = `The file has ${bytes.length} bytes, the bank takes ${dialect.maxBytes}: divide the order`;
    throw new FormatError('too-large', message);
  }
  return { bytes, losses };
}

/** A group with one payer, and where it came from. */
interface Part {
  readonly group: OrderGroup;
  readonly pointer: string;
}

function refuseUnwritable({ group, pointer }: Part, dialect: KpcDialect): void {
  const error = checkWritable(group, dialect).find(({ severity }) => severity === 'error');
  if (error) throw new FormatError(error.rule, error.message, pointer + error.pointer);
}

function refuseTooMany(parts: readonly Part[], { items }: KpcDialect): void {
  if (parts.length === 0) throw new FormatError('no-order', 'There is no group of payments to write');
  const count = parts.reduce((total, { group }) => total + group.payments.length, 0);
  if (items === null || count <= items.most) return;
  const message = `The bank takes ${items.most} payments in a file, here are ${count}: divide the order`;
  throw new FormatError('too-many-payments', message);
}

/** What becomes one group of the file. */
interface Bundle {
  readonly payer: AccountNumber;
  readonly date: PlainDate;
  readonly payments: { readonly payment: OrderPayment; readonly pointer: string }[];
}

/** Groups of the same payer and day put together, by type of accounting file, in the order they come. */
function bundled(parts: readonly Part[], dialect: KpcDialect): Map<string, Bundle[]> {
  const files = new Map<string, Map<string, Bundle>>();
  for (const { group, pointer } of parts) {
    const type = group.kind === 'collection' ? '1502' : (dialect.types[group.priority] ?? '');
    const bundles = files.get(type) ?? new Map<string, Bundle>();
    files.set(type, bundles);
    const payer = accountOf(group.payer);
    const date = group.date ?? '';
    const key = `${sixteenDigits(payer)} ${date}`;
    const bundle = bundles.get(key) ?? { payer, date, payments: [] };
    bundles.set(key, bundle);
    group.payments.forEach((payment, at) =>
      bundle.payments.push({ payment, pointer: `${pointer}/payments/${at}` }),
    );
  }
  return new Map([...files].map(([type, bundles]) => [type, [...bundles.values()]]));
}

/** The account of a party that {@link checkWritable} let pass. */
function accountOf(party: Counterparty): AccountNumber {
  const account = domesticAccountOf(party);
  if (account === null || account === 'conflict') {
    throw new FormatError('account-missing', 'There is no Czech account: give number and bank code');
  }
  return account;
}

function written(account: AccountNumber): string {
  const digits = sixteenDigits(account);
  return `${digits.slice(0, 6)}-${digits.slice(6)}`;
}

/** UHL1. */
function header(parts: readonly Part[], dialect: KpcDialect, options: KpcOptions, losses: Loss[]): string {
  const { serial = '' } = options;
  if (!/^\d{0,10}$/.test(serial)) {
    throw new FormatError('serial-unreadable', 'The serial of the order is not up to ten digits');
  }
  const inName = dialect.serialSlot === 'client-name' ? serial : '';
  const inNumber = dialect.serialSlot === 'client-number' ? serial : '';
  const given = options.clientName ?? parts[0]?.group.payer.name ?? '';
  const spoken = dialect.header.capitals ? given.toUpperCase() : given;
  const room = inName === '' ? NAME : NAME - 1 - inName.length;
  const fitted = fitText(spoken, room, dialect.letters, dialect.header.forbidden);
  losses.push(...lossesOf(fitted, 'clientName'));
  const name = inName === '' ? fitted.text.padEnd(NAME) : `${fitted.text.padEnd(room)} ${inName}`;
  const number = inNumber === '' ? dialect.header.clientNumber : inNumber.padStart(10, '0');
  return `UHL1${writeDate(options.createdOn)}${name}${number}001999${dialect.header.codes}`;
}

/** `SSSPPP` of an accounting file. */
function fileNumber(dialect: KpcDialect, { fileNumber: first = 1 }: KpcOptions, at: number): string {
  if (dialect.fileNumber !== 'within-interval') return dialect.fileNumber;
  const number = first + at;
  if (!Number.isInteger(number) || number < 1 || number > 999) {
    throw new FormatError('file-number', 'File numbers go from 1 to 999 in a day: send the order tomorrow');
  }
  return `${String(number).padStart(3, '0')}000`;
}

/** Records 2 and 3 and the items between. */
function* groupRecords({ payer, date, payments }: Bundle, dialect: KpcDialect, losses: Loss[]) {
  const sum = payments.reduce((total, { payment }) => total + payment.amount.minor, 0n);
  if (sum.toString().length > dialect.sumDigits) {
    const message = `The group comes to ${sum} hellers and holds ${dialect.sumDigits} digits: divide the order`;
    throw new FormatError('sum-too-long', message, payments[0]?.pointer ?? null);
  }
  yield `2 ${written(payer)} ${sum.toString().padStart(dialect.sumDigits, '0')} ${writeDate(date)}`;
  for (const { payment, pointer } of payments) yield itemRecord(payment, pointer, dialect, losses);
  yield '3 +';
}

function itemRecord(payment: OrderPayment, pointer: string, dialect: KpcDialect, losses: Loss[]): string {
  const creditor = accountOf(payment.creditor);
  const amount = payment.amount.minor.toString().padStart(dialect.amountDigits, '0');
  const bank = `${creditor.bankCode}${(payment.constantSymbol ?? '').padStart(4, '0')}`;
  const message = fitMessage(payment.message ?? '', dialect);
  losses.push(...lossesOf(message, `${pointer}/message`));
  const name = nameToWrite(payment, pointer, dialect, losses);
  listMissing(payment, pointer, losses);
  const symbols = `${payment.variableSymbol ?? '0'} ${bank} ${payment.specificSymbol ?? '0'}`;
  return `${written(creditor)} ${amount} ${symbols}${writeItemText(message.text, name, dialect)}`;
}

function nameToWrite(payment: OrderPayment, pointer: string, dialect: KpcDialect, losses: Loss[]): string {
  const { name } = payment.creditor;
  if (name === null) return '';
  const position = `${pointer}/creditor/name`;
  if (!dialect.payeeName) {
    losses.push({ rule: 'name-left-out', message: 'A KPC has no place for the name of the payee', position });
    return '';
  }
  const fitted = fitName(name, dialect);
  losses.push(...lossesOf(fitted, position));
  return fitted.text;
}

function listMissing(payment: OrderPayment, pointer: string, losses: Loss[]): void {
  const leave = (field: string, rule: string): void =>
    void losses.push({ rule, message: `A KPC has no place for ${field}`, position: `${pointer}/${field}` });
  if (payment.endToEndId !== null) leave('endToEndId', 'end-to-end-id-left-out');
  if (payment.instructionId !== null) leave('instructionId', 'instruction-id-left-out');
  if (payment.creditorAddress) leave('creditorAddress', 'address-left-out');
  if (payment.creditorBank) leave('creditorBank', 'bank-name-left-out');
}
