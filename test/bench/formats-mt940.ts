import { createRequire } from 'node:module';
import { parseMt940, readMt940 } from '../../shared/formats/mt940/reader.ts';
import {
  hellersOf,
  sink,
  tallyOf,
  tallyOfStatements,
  type Contender,
  type Seen,
} from './formats-contenders.ts';

/** `mt940js` has no types; what is used of it. */
interface Mt940js {
  readonly Parser: new () => { parse(text: string): { transactions: { amount: number }[] }[] };
}
const { Parser } = createRequire(import.meta.url)('mt940js') as Mt940js;

export const CONTENDERS: readonly Contender[] = [
  { name: 'ours', read: (bytes) => tallyOf(readMt940([bytes])) },
  { name: 'ours, collected', read: (bytes) => tallyOfStatements(parseMt940(bytes)) },
  { name: 'mt940js', read: readByPeer },
  { name: 'line loop', read: readLines },
  { name: 'line loop with fields', read: readItems },
];

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function readByPeer(bytes: Uint8Array): Seen {
  let count = 0;
  let sum = 0n;
  for (const { transactions } of new Parser().parse(textOf(bytes))) {
    count += transactions.length;
    for (const { amount } of transactions) sum += hellersOf(amount);
  }
  return { count, sum };
}

/** Nothing but the lines. */
function readLines(bytes: Uint8Array): Seen {
  let count = 0;
  for (const line of textOf(bytes).split('\r\n')) if (line.startsWith(':61:')) count += 1;
  return { count, sum: null };
}

/** What somebody writes in an hour who knows this one file: its fields, nothing checked, nothing cleaned. */
interface PlainItem {
  readonly valueDate: string;
  readonly entryDate: string;
  readonly minor: bigint;
  readonly type: string;
  readonly customerReference: string;
  readonly bankReference: string;
  readonly code: string;
  readonly account: string;
  readonly bankCode: string;
  readonly constantSymbol: string;
  readonly variableSymbol: string;
  readonly specificSymbol: string;
  readonly message: string;
  readonly name: string;
}

const LINE = /^(\d{6})(\d{4})([CD])(\d+),(\d\d)(.{4})(.*)\/\/(.*)$/;

/** The lines with the fields of :61: and :86: taken apart, an object for each item and none of them kept. */
function readItems(bytes: Uint8Array): Seen {
  let count = 0;
  let sum = 0n;
  let line = '';
  let details = '';
  const finish = (): void => {
    if (line === '') return;
    count += 1;
    const item = plainItem(line, details);
    sink[count & 63] = item;
    sum += item.minor;
  };
  for (const text of textOf(bytes).split('\r\n')) {
    if (text.startsWith(':61:')) {
      finish();
      line = text.slice(4);
      details = '';
    } else if (text.startsWith(':86:')) details = text.slice(4);
    else if (details !== '' && !text.startsWith(':')) details += text;
  }
  finish();
  return { count, sum };
}

function plainItem(line: string, details: string): PlainItem {
  const [, valueDate = '', entryDate = '', mark, crowns = '', hellers = '', type = '', ...references] =
    LINE.exec(line) ?? [];
  const minor = BigInt(crowns + hellers);
  const fields: string[] = [];
  let message = '';
  const [code = '', ...subfields] = details.split('?');
  for (const subfield of subfields) {
    const number = Number(subfield.slice(0, 2));
    if (number >= 24 && number < 30) message += subfield.slice(2);
    else fields[number] = subfield.slice(2);
  }
  return {
    valueDate: `20${valueDate.slice(0, 2)}-${valueDate.slice(2, 4)}-${valueDate.slice(4)}`,
    entryDate: `20${valueDate.slice(0, 2)}-${entryDate.slice(0, 2)}-${entryDate.slice(2)}`,
    minor: mark === 'D' ? -minor : minor,
    type,
    customerReference: references[0] ?? '',
    bankReference: references[1] ?? '',
    code,
    account: fields[31] ?? '',
    bankCode: fields[30] ?? '',
    constantSymbol: fields[21]?.slice(3) ?? '',
    variableSymbol: fields[22]?.slice(3) ?? '',
    specificSymbol: fields[23]?.slice(3) ?? '',
    message,
    name: fields[32] ?? '',
  };
}
