import type { Counterparty, Symbols } from '../../domain/model.ts';
import { NO_SYMBOLS } from '../../domain/symbols.ts';
import { czechNumber, fromIban, NO_ACCOUNT, numberIn, type NamedAccount } from './account.ts';
import type { Layouts, Role } from './dialects.ts';
import { isSlashed, readTaggedText } from './tagged-text.ts';

/** What field :86: says of an item. */
export interface Details {
  /** The three digits in front of a structured text, `''` when there are none. */
  readonly code: string;
  readonly counterparty: Counterparty;
  readonly rawSymbols: Symbols;
  readonly message: string | null;
  /** The bank's reference and the payer's, where a dialect has them here. */
  readonly reference: string | null;
  readonly endToEndId: string | null;
  /** `CCYamount` as written, e.g. `EUR 12,50`. */
  readonly original: string | null;
  readonly rate: string | null;
}

const NOBODY: Counterparty = { name: null, ...NO_ACCOUNT, bic: null };

export const NO_DETAILS: Details = {
  code: '',
  counterparty: NOBODY,
  rawSymbols: NO_SYMBOLS,
  message: null,
  reference: null,
  endToEndId: null,
  original: null,
  rate: null,
};

/** Characters of a full line of :86:, its tag not counted. */
const FULL_LINE = 65;

const [SPACE, SLASH, COLON, K, S, V] = [32, 47, 58, 75, 83, 86];
const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/**
 * Reads the lines of a :86:. Structured text was cut at 65 characters wherever that fell, so its lines are joined with
 * nothing between them; free text goes on after a full line and has a space after a shorter one.
 * @param lines without the tag and line ends
 */
export function readDetails(lines: readonly string[], layouts: Layouts): Details {
  const joined = lines.length === 1 ? (lines[0] ?? '') : lines.join('');
  const start = structureAt(joined);
  return start < 0 ? readFree(isSlashed(joined) ? [joined] : lines) : readStructured(joined, start, layouts);
}

const QUESTION_MARK = 63;
/** Separators of subfields besides `?`. They are text as well, so only a text that begins like one is split by them. */
const SEPARATORS = '?~/<>+|';
const BEGINNINGS = ['00', '10', '20'];

/** Where the first separator stands, -1 when the text is not structured: `020?00…`, `?20…`, `000>10…`. */
function structureAt(text: string): number {
  let at = 0;
  while (text.charCodeAt(at) === SPACE) at += 1;
  if (isDigit(text.charCodeAt(at)) && isDigit(text.charCodeAt(at + 1)) && isDigit(text.charCodeAt(at + 2)))
    at += 3;
  if (!isDigit(text.charCodeAt(at + 1)) || !isDigit(text.charCodeAt(at + 2))) return -1;
  if (text.charCodeAt(at) === QUESTION_MARK) return at;
  return SEPARATORS.includes(text.charAt(at)) && BEGINNINGS.includes(text.slice(at + 1, at + 3)) ? at : -1;
}

/** The symbols as written, and which of them were seen. */
type SymbolSlots = { -readonly [K in keyof Symbols]: Symbols[K] } & { seen: number };

/** What is gathered from the subfields, in their order. */
interface Gathered extends SymbolSlots {
  /** Which symbols had a subfield, empty or not: a later one is the counterparty's. */
  seen: number;
  account: NamedAccount | null;
  /** The counter-account's subfield said that there is none. */
  noAccount: boolean;
  plainAccount: string;
  bank: string;
  name: string[];
  party: string[];
  message: string[];
  note: string[];
  operation: string[];
  reference: string | null;
  endToEndId: string | null;
  original: string | null;
  rate: string | null;
}

function readStructured(text: string, start: number, layouts: Layouts): Details {
  const code = text.slice(0, start).trimStart();
  const table = layouts.tableFor(code);
  const separator = text.charAt(start);
  const gathered: Gathered = {
    variableSymbol: null,
    constantSymbol: null,
    specificSymbol: null,
    seen: 0,
    account: null,
    noAccount: false,
    plainAccount: '',
    bank: '',
    name: NO_TEXT,
    party: NO_TEXT,
    message: NO_TEXT,
    note: NO_TEXT,
    operation: NO_TEXT,
    reference: null,
    endToEndId: null,
    original: null,
    rate: null,
  };
  let at = start;
  let lastNumber = -1;
  while (at < text.length) {
    const next = nextSubfield(text, separator, at + 3);
    const number = (text.charCodeAt(at + 1) - 48) * 10 + text.charCodeAt(at + 2) - 48;
    gather(gathered, number, number === lastNumber, text, at + 3, next, table[number] ?? 'ignored');
    lastNumber = number;
    at = next;
  }
  return detailsOf(code, gathered, layouts.width);
}

/** The next separator that two digits follow; one without them is text. */
function nextSubfield(text: string, separator: string, from: number): number {
  let at = text.indexOf(separator, from);
  while (at >= 0 && !(isDigit(text.charCodeAt(at + 1)) && isDigit(text.charCodeAt(at + 2))))
    at = text.indexOf(separator, at + 1);
  return at < 0 ? text.length : at;
}

const NO_NUMBER = /^[0-]*$/;
/** From here on a symbol that was seen before is the counterparty's; in front of it, a word of the message. */
const COUNTERPARTY_SYMBOLS = 28;
/** Bits of {@link Gathered.seen}. */
const [VS, KS, SS] = [1, 2, 4];
const ALL = VS | KS | SS;

/** The value of a subfield stands from `start` to `end` and is cut out only when it is kept. */
function gather(
  into: Gathered,
  number: number,
  again: boolean,
  text: string,
  start: number,
  end: number,
  role: Role,
): void {
  if (start === end) return;
  // `VS…`, `KS…`, `SS…`
  if (text.charCodeAt(start + 1) === S && end - start <= 20 && takeSymbol(into, number, text, start, end))
    return;
  if (text.charCodeAt(end - 5) === SLASH && takeAccount(into, text, start, end)) return;
  if (role === 'ignored') return;
  const value = text.slice(start, end);
  // Banks write a point for nothing, and zeros for no account.
  if (value === '.' || (value.endsWith('0/') && /^0[0-]*\/$/.test(value))) return;
  switch (role) {
    case 'bank':
      into.bank ||= value.trim();
      return;
    case 'account':
      takePlainAccount(into, value.trim());
      return;
    case 'bank-account':
      takeBankAccount(into, value.trim());
      return;
    case 'original':
      into.original ??= value.trim();
      return;
    case 'rate':
      into.rate ??= /([\d.,]*\d)\s*$/.exec(value)?.[1] ?? null;
      return;
    case 'reference':
      into.reference ??= value.trim() || null;
      return;
    case 'end-to-end':
      into.endToEndId ??= value.trim() || null;
      return;
    case 'name':
      into.name = withColumn(into.name, value, again);
      return;
    case 'party':
      into.party = withColumn(into.party, value, again);
      return;
    case 'message':
      into.message = withColumn(into.message, value, again);
      return;
    case 'note':
      into.note = withColumn(into.note, value, again);
      return;
    case 'operation':
      into.operation = withColumn(into.operation, value, again);
  }
}

/** Shared by all items that have no such text; {@link withColumn} never adds to it. */
const NO_TEXT: string[] = [];

/** @param again whether the column has the number of the one before, which then went on */
function withColumn(columns: string[], value: string, again: boolean): string[] {
  if (columns === NO_TEXT) return [value];
  if (again) columns[columns.length - 1] += value;
  else columns.push(value);
  return columns;
}

function takeSymbol(into: Gathered, number: number, text: string, start: number, end: number): boolean {
  const first = text.charCodeAt(start);
  const bit = first === V ? VS : first === K ? KS : first === S ? SS : 0;
  const digits = bit === 0 ? null : symbolDigits(text, start + 2, end);
  if (digits === null) return false;
  if ((into.seen & bit) !== 0) return number >= COUNTERPARTY_SYMBOLS;
  setSymbol(into, bit, digits);
  return true;
}

/** The first occurrence counts, even an empty one. */
function setSymbol(into: SymbolSlots, bit: number, digits: string): void {
  into.seen |= bit;
  if (bit === VS) into.variableSymbol = digits || null;
  else if (bit === KS) into.constantSymbol = digits || null;
  else into.specificSymbol = digits || null;
}

/**
 * The digits of `VS:0260000777`, `VS 1`, `VS1`, `VS:`, from behind the letters; `null` when it is something else. By
 * hand: it is every third value.
 */
function symbolDigits(text: string, from: number, end: number): string | null {
  let at = from;
  if (at < end && text.charCodeAt(at) === COLON) at += 1;
  while (at < end && text.charCodeAt(at) === SPACE) at += 1;
  const first = at;
  while (at < end && isDigit(text.charCodeAt(at))) at += 1;
  const behind = at;
  while (at < end && text.charCodeAt(at) === SPACE) at += 1;
  return at === end && behind - first <= 10 ? text.slice(first, behind) : null;
}

/** The first value of the shape `prefix-number/bank`; zeros say that there is no counter-account. */
function takeAccount(into: Gathered, text: string, start: number, end: number): boolean {
  if (into.account || into.noAccount) return false;
  for (let at = end - 4; at < end; at++) if (!isDigit(text.charCodeAt(at))) return false;
  const number = numberIn(text, start, end - 5);
  if (number === undefined) return false;
  if (number === null) into.noAccount = true;
  else into.account = { iban: null, number, bankCode: text.slice(end - 4, end) };
  return true;
}

function takePlainAccount(into: Gathered, value: string): void {
  // A Czech number is known already as a rule; letters begin an IBAN.
  const isNumber = isDigit(value.charCodeAt(0));
  if (isNumber && into.account?.number) return;
  const iban = isNumber ? null : fromIban(value);
  if (iban) into.account = { ...(into.account ?? iban), ...withoutNulls(iban) };
  else if (!NO_NUMBER.test(value)) into.plainAccount ||= value;
}

function withoutNulls({ iban, number, bankCode }: NamedAccount): Partial<NamedAccount> {
  return { iban, ...(number !== null && { number }), ...(bankCode !== null && { bankCode }) };
}

function takeBankAccount(into: Gathered, value: string): void {
  const match = /^(\d{4})\/([\d-]+)$/.exec(value);
  const number = match && czechNumber(match[2] ?? '');
  if (number) into.account ??= { iban: null, number, bankCode: match[1] ?? null };
}

const BIC = /^[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?$/;
const ANY_BANK_CODE = /^\d{3,9}$/;

function detailsOf(code: string, gathered: Gathered, width: number | null): Details {
  const name = joinColumns(gathered.name, width) ?? joinColumns(gathered.party, width);
  const text = joinColumns(gathered.message, width) ?? joinColumns(gathered.note, width);
  const tagged = text === null ? null : readTaggedText(text);
  const message = tagged ? tagged.message : text;
  const { bank } = gathered;
  const { iban, number, bankCode } = accountOf(gathered.account, gathered.plainAccount, bank);
  return {
    code,
    counterparty: {
      name: name === null ? (tagged?.name ?? null) : withoutCharges(name),
      iban,
      number,
      bankCode,
      bic: bank !== '' && !isDigit(bank.charCodeAt(0)) && BIC.test(bank) ? bank : null,
    },
    rawSymbols: symbolsOf(gathered, text ?? ''),
    message: message ?? joinColumns(gathered.operation, width),
    reference: gathered.reference,
    endToEndId: gathered.endToEndId ?? tagged?.endToEndId ?? null,
    original: gathered.original,
    rate: gathered.rate,
  };
}

/**
 * The counter-account from one subfield (`number/bank`, IBAN), completed from the two that hold account and bank:
 * beside four digits of a bank that is a Czech number, else it stays as written.
 */
function accountOf(whole: NamedAccount | null, number: string, bank: string): NamedAccount {
  if (whole?.number && whole.bankCode !== null) return whole;
  const bankCode = ANY_BANK_CODE.test(bank) && !NO_NUMBER.test(bank) ? bank : null;
  if (whole?.number) return { ...whole, bankCode };
  const czech = number !== '' && bankCode?.length === 4 ? czechNumber(number) : null;
  return { iban: whole?.iban ?? null, number: czech ?? (number || null), bankCode };
}

/** Charges of a foreign payment are appended to its last subfield. */
function withoutCharges(text: string): string {
  const at = text.indexOf('//CHGS/');
  return at < 0 ? text : text.slice(0, at).trim();
}

/**
 * Columns of one text, which the bank cut at a fixed width and trimmed on the right: one that is full goes on in the
 * next, after a shorter one there was a space. The width is the dialect's, else 27 or, where one is longer, 35.
 */
function joinColumns(columns: readonly string[], width: number | null): string | null {
  const [first = ''] = columns;
  if (columns.length <= 1) return first.trim() || null;
  const full = width ?? (columns.some((column) => column.length > 27) ? 35 : 27);
  let text = '';
  let previous = full;
  for (const column of columns) {
    const spaced = previous >= full || text.endsWith(' ') || column.startsWith(' ');
    text += spaced ? column : ` ${column}`;
    previous = column.length;
  }
  return text.trim() || null;
}

const IN_TEXT = /(?<![\p{L}\d])(VS|KS|SS)(?:\/|:? *)(\d{1,10})(?!\d)/gu;

/** The symbols, with those a person typed into the text (`VS:123`, `/VS/123`) where no subfield is made for them. */
function symbolsOf(slots: SymbolSlots, text: string): Symbols {
  if (slots.seen !== ALL && (text.includes('VS') || text.includes('KS') || text.includes('SS'))) {
    for (const [, which, digits = ''] of text.matchAll(IN_TEXT)) {
      const bit = which === 'VS' ? VS : which === 'KS' ? KS : SS;
      if ((slots.seen & bit) === 0) setSymbol(slots, bit, digits);
    }
  }
  const { variableSymbol, constantSymbol, specificSymbol } = slots;
  return { variableSymbol, constantSymbol, specificSymbol };
}

function readFree(lines: readonly string[]): Details {
  let text = '';
  let full = true;
  for (const line of lines) {
    text += full ? line : ` ${line}`;
    full = line.length >= FULL_LINE;
  }
  text = text.replace(/\s+/g, ' ').trim();
  if (text === '') return NO_DETAILS;
  const tagged = readTaggedText(text);
  return {
    ...NO_DETAILS,
    counterparty: tagged?.iban
      ? { ...NOBODY, ...fromIban(tagged.iban), name: tagged.name, bic: tagged.bic }
      : { ...NOBODY, name: tagged?.name ?? null },
    rawSymbols: symbolsOf({ ...NO_SYMBOLS, seen: 0 }, text),
    message: tagged ? (tagged.message ?? text) : text,
    endToEndId: tagged?.endToEndId ?? null,
  };
}
