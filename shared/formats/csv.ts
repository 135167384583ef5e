import type { Statement, Transaction } from '../domain/model.ts';
import { formatMoney } from '../domain/money.ts';
import { encode } from './encoding/encode.ts';
import type { Encoding } from './encoding/encodings.ts';
import type { Loss, Written } from './stream.ts';

/** How a table is written. */
export interface CsvOptions {
  /** `,` unless set; spreadsheets of Czech offices expect `;`. */
  readonly separator?: ',' | ';' | '\t';
  /** UTF-8 unless set; what another encoding does not have is transliterated and listed. */
  readonly encoding?: Encoding;
  /** Byte order mark, by which spreadsheets recognise UTF-8; none unless set. */
  readonly bom?: boolean;
}

/** A cell, and whether it is text that a person or a bank wrote. */
interface Column {
  readonly name: string;
  readonly text: boolean;
  readonly value: (transaction: Transaction, statement: Statement) => string | null;
}

const figure = (name: string, value: Column['value']): Column => ({ name, text: false, value });
const text = (name: string, value: Column['value']): Column => ({ name, text: true, value });

/** The columns, which stay as they are: new ones come behind. */
const COLUMNS: readonly Column[] = [
  text('accountIban', (_, { account }) => account.iban),
  text('accountNumber', (_, { account }) => account.number),
  text('accountBankCode', (_, { account }) => account.bankCode),
  text('statementNumber', (_, { number }) => number),
  figure('bookingDate', ({ bookingDate }) => bookingDate),
  figure('valueDate', ({ valueDate }) => valueDate),
  figure('amount', ({ amount }) => formatMoney(amount)),
  text('currency', ({ amount }) => amount.currency),
  text('counterpartyName', ({ counterparty }) => counterparty.name),
  text('counterpartyIban', ({ counterparty }) => counterparty.iban),
  text('counterpartyNumber', ({ counterparty }) => counterparty.number),
  text('counterpartyBankCode', ({ counterparty }) => counterparty.bankCode),
  text('counterpartyBic', ({ counterparty }) => counterparty.bic),
  text('variableSymbol', ({ variableSymbol }) => variableSymbol),
  text('constantSymbol', ({ constantSymbol }) => constantSymbol),
  text('specificSymbol', ({ specificSymbol }) => specificSymbol),
  text('message', ({ message }) => message),
  text('reference', ({ bankReference }) => bankReference),
  text('endToEndId', ({ endToEndId }) => endToEndId),
  text('transactionCode', ({ transactionCode }) => transactionCode),
  figure('reversal', ({ reversal }) => String(reversal)),
  figure('originalAmount', ({ original }) => original && formatMoney(original.amount)),
  text('originalCurrency', ({ original }) => original && original.amount.currency),
  text('rate', ({ original }) => original && original.rate),
  text('card', ({ card }) => card),
  text('batchReference', ({ batch }) => batch && batch.reference),
  figure('batchIndex', ({ batch }) => batch && String(batch.index)),
];

/** What a spreadsheet would take for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * Writes one row per transaction (RFC 4180). A text that a spreadsheet would run as a formula gets an apostrophe
 * in front, which is listed; amounts stay numbers. A table has no place for balances and unread items: listed too.
 */
export function writeCsv(statements: readonly Statement[], options: CsvOptions = {}): Written {
  const { separator = ',', bom = false, encoding = 'utf-8' } = options;
  const losses: Loss[] = [];
  const rows = [COLUMNS.map(({ name }) => name).join(separator)];
  statements.forEach((statement, at) => {
    const where = `statement ${at + 1}`;
    loseFigures(statement, where, losses);
    statement.transactions.forEach((transaction, index) => {
      const position = `${where}, item ${index + 1}`;
      const cells = COLUMNS.map((column) =>
        quoted(cellOf(column, transaction, statement, position, losses), separator),
      );
      rows.push(cells.join(separator));
    });
  });
  const table = rows.map((row) => `${row}\r\n`).join('');
  const mark = bom ? '\uFEFF' : '';
  // Unicode goes out as it came in; only a smaller alphabet needs its letters replaced.
  if (encoding === 'utf-8') return { bytes: new TextEncoder().encode(mark + table), losses };
  const { bytes, replaced } = encode(table, encoding);
  const letters = [...new Set(replaced.map(({ from }) => from))].map((letter) => JSON.stringify(letter));
  if (letters.length > 0) {
    const message = `Letters that ${encoding} does not have were replaced: ${letters.join(' ')}`;
    losses.push({ rule: 'letter-replaced', message, position: 'table' });
  }
  return { bytes, losses };
}

function cellOf(
  { name, text, value }: Column,
  transaction: Transaction,
  statement: Statement,
  position: string,
  losses: Loss[],
): string {
  const cell = value(transaction, statement) ?? '';
  if (!text || !FORMULA.test(cell)) return cell;
  const message = `The ${name} begins like a formula and got an apostrophe in front.`;
  losses.push({ rule: 'formula-neutralised', message, position: `${position}, ${name}` });
  return `'${cell}`;
}

function quoted(cell: string, separator: string): string {
  const mustQuote = /["\r\n]/.test(cell) || cell.includes(separator) || /^\s|\s$/.test(cell);
  return mustQuote ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function loseFigures(statement: Statement, position: string, losses: Loss[]): void {
  if (statement.opening ?? statement.closing) {
    losses.push({ rule: 'balances-left-out', message: 'A table of movements has no balances.', position });
  }
  for (const item of statement.quarantined) {
    const message = `An item that could not be read is not written: ${item.position ?? item.rule}.`;
    losses.push({ rule: 'quarantined-left-out', message, position });
  }
}
