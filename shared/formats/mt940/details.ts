import type { Counterparty, Symbols } from '../../domain/model.ts';
import { NO_SYMBOLS } from '../../domain/symbols.ts';
import { czechNumber, fromIban, NO_ACCOUNT, type NamedAccount } from './account.ts';
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

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/**
 * Reads the lines of a :86:. Structured text was cut at 65 characters wherever that fell, so its lines are joined with
 * nothing between them; free text goes on after a full line and has a space after a shorter one.
 * @param lines without the tag and line ends
 */
export function readDetails(lines: readonly string[], layouts: Layouts): Details {
  const [first = ''] = lines;
  let joined = first;
  for (let at = 1; at < lines.length; at++) joined += lines[at];
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
  while (text.charCodeAt(at) === 32) at += 1;
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
    gather(gathered, number, number === lastNumber, text.slice(at + 3, next), table[number] ?? 'ignored');
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

const ACCOUNT = /^(?:\d{1,6}-)?\d{2,10}\/\d{4}$/;
const NO_NUMBER = /^[0-]*$/;
/** From here on a symbol that was seen before is the counterparty's; in front of it, a word of the message. */
const COUNTERPARTY_SYMBOLS = 28;
/** Bits of {@link Gathered.seen}. */
const [VS, KS, SS] = [1, 2, 4];
const ALL = VS | KS | SS;

function gather(into: Gathered, number: number, again: boolean, value: string, role: Role): void {
  // Banks write a point for nothing.
  if (value === '' || value === '.') return;
  // `VS…`, `KS…`, `SS…`
  if (value.charCodeAt(1) === 83 && value.length <= 20 && takeSymbol(into, number, value)) return;
  if (value.charAt(value.length - 5) === '/' && takeAccount(into, value)) return;
  if (value.endsWith('0/') && /^0[0-]*\/$/.test(value)) return;
  switch (role) {
    case 'ignored':
      return;
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
    default:
      takeText(into, role, value, again);
  }
}

type TextRole = 'name' | 'party' | 'message' | 'note' | 'operation';

/** Shared by all items that have no such text; {@link takeText} never adds to it. */
const NO_TEXT: string[] = [];

function takeText(into: Gathered, role: TextRole, value: string, again: boolean): void {
  const texts = into[role];
  if (texts === NO_TEXT) into[role] = [value];
  else if (again) texts[texts.length - 1] += value;
  else texts.push(value);
}

function takeSymbol(into: Gathered, number: number, value: string): boolean {
  const first = value.charCodeAt(0);
  const bit = first === 86 ? VS : first === 75 ? KS : first === 83 ? SS : 0;
  const digits = bit === 0 ? null : symbolDigits(value);
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

/** The digits of `VS:0260000777`, `VS 1`, `VS1`, `VS:`; `null` when it is something else. By hand: it is every third value. */
function symbolDigits(value: string): string | null {
  let at = value.charCodeAt(2) === 58 ? 3 : 2;
  while (value.charCodeAt(at) === 32) at += 1;
  const start = at;
  while (isDigit(value.charCodeAt(at))) at += 1;
  const end = at;
  while (value.charCodeAt(at) === 32) at += 1;
  return at === value.length && end - start <= 10 ? value.slice(start, end) : null;
}

/** The first value of the shape `prefix-number/bank`; zeros say that there is no counter-account. */
function takeAccount(into: Gathered, value: string): boolean {
  if (into.account || into.noAccount || !ACCOUNT.test(value)) return false;
  const number = czechNumber(value.slice(0, -5));
  if (number === null) into.noAccount = true;
  else into.account = { iban: null, number, bankCode: value.slice(-4) };
  return true;
}

function takePlainAccount(into: Gathered, value: string): void {
  // A Czech number is known already as a rule; letters begin an IBAN.
  const iban = isDigit(value.charCodeAt(0)) ? null : fromIban(value);
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
  const bankCode =
    isDigit(bank.charCodeAt(0)) && ANY_BANK_CODE.test(bank) && !NO_NUMBER.test(bank) ? bank : null;
  const {
    iban,
    number,
    bankCode: accountBank,
  } = accountOf(gathered.account, gathered.plainAccount, bankCode);
  return {
    code,
    counterparty: {
      name: name === null ? (tagged?.name ?? null) : withoutCharges(name),
      iban,
      number,
      bankCode: accountBank,
      bic: bankCode === null && bank !== '' && BIC.test(bank) ? bank : null,
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
function accountOf(whole: NamedAccount | null, number: string, bankCode: string | null): NamedAccount {
  if (whole?.number) return whole.bankCode === null ? { ...whole, bankCode } : whole;
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
