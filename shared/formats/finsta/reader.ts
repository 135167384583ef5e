import { isPlainDate, type PlainDate } from '../../domain/dates.ts';
import type { Statement, Warning } from '../../domain/model.ts';
import type { Money } from '../../domain/money.ts';
import { FormatError } from '../errors.ts';
import { takeNotes, type Notes, type Warn } from '../notes.ts';
import { collect, type StatementEvent } from '../stream.ts';
import { detach, readXml, type XmlElement, type XmlOptions, type XmlPath } from '../xml.ts';
import { ownAccount, statementWriter, type Header } from './closing.ts';
import { FINSTA_OLDER_NAMES } from './dialects.ts';
import { currencyNamed, decimalOf, signedAmount, type Posting } from './posting.ts';

/**
 * Reader of FINSTA, the XML statement of ČSOB ("Struktura výpisů z účtů ve formátu XML", BusinessBanking 24): one
 * FINSTA03 for each statement, its header fields directly in it, a FINSTA05 for each movement. Credit card, deposit
 * and fee details (FINSTA04, 06 to 11) repeat or split what the movements say and are not read.
 */
const STATEMENT = 'FINSTA03';
const MOVEMENT = 'FINSTA05';

const isStatement = (path: XmlPath): boolean =>
  path.length === 2 && path[0] === 'FINSTA' && path[1] === STATEMENT;
const isPart = (path: XmlPath): boolean => path.length === 3 && path[1] === STATEMENT;

/** Header fields kept of one statement; the format has about thirty. */
const MAX_FIELDS = 200;

/**
 * Reads a document as a stream, one movement in memory at a time. Only the end of the iteration tells that it is
 * complete.
 * @throws FormatError what `readXml` throws, `not-finsta`, `no-statement`
 */
export function* streamFinsta(
  chunks: Iterable<Uint8Array>,
  options: Pick<XmlOptions, 'maxBytes'> = {},
): Generator<StatementEvent, void, undefined> {
  let events: StatementEvent[] = [];
  const emit = (event: StatementEvent): void => void events.push(event);
  const early: Warning[] = [];
  let root: string | null = null;
  let reader: ReturnType<typeof statementReader> | null = null;
  let statements = 0;
  for (const event of readXml(chunks, { ...options, isPart })) {
    if (event.type === 'part') reader?.add(event.element, event.raw);
    else if (event.type === 'warning') {
      early.push(event.warning);
      if (reader) emit(event);
    } else if (event.type === 'open') {
      root ??= event.path[0] ?? null;
      if (root !== 'FINSTA') throw notFinsta();
      if (isStatement(event.path)) {
        reader = statementReader(emit);
        for (const warning of early) emit({ type: 'warning', warning });
      }
    } else if (reader && isStatement(event.path)) {
      statements += 1;
      reader.finish();
      reader = null;
    }
    const ready = events;
    events = [];
    yield* ready;
  }
  if (root === null) throw notFinsta();
  if (statements === 0)
    throw new FormatError('no-statement', 'The FINSTA document holds no statement: ask the bank');
}

/** The whole-file form of {@link streamFinsta}. @throws FormatError */
export function readFinsta(document: Uint8Array | Iterable<Uint8Array>): Statement[] {
  return collect(streamFinsta(document instanceof Uint8Array ? [document] : document));
}

function notFinsta(): FormatError {
  return new FormatError('not-finsta', 'The document is no FINSTA statement: check what the bank sent');
}

type Fields = (name: string) => string | null;

function statementReader(emit: (event: StatementEvent) => void) {
  const notes = takeNotes(emit);
  const postings = statementWriter(notes, emit);
  const header = new Map<string, string>();
  const field: Fields = (name) => header.get(name) ?? null;
  return {
    add(element: XmlElement, raw: string): void {
      if (element.name === MOVEMENT) {
        postings.add(() => postingOf(fieldsOf(element), field), currencyOf(field), raw);
        return;
      }
      const value = valueOf(element.text);
      if (value !== null && header.size < MAX_FIELDS)
        header.set(FINSTA_OLDER_NAMES[element.name] ?? element.name, value);
    },
    finish(): void {
      noteDuplicate(field, notes);
      postings.finish(headerOf(field, notes.warn), 'SUMA_KREDIT, SUMA_DEBIT');
    },
  };
}

/** The text of a field; a dash is what the bank writes for none. */
function valueOf(text: string): string | null {
  return text === '' || text === '-' ? null : detach(text);
}

function fieldsOf(element: XmlElement): Fields {
  const all = new Map(element.children.map(({ name, text }) => [name, text]));
  return (name) => valueOf(all.get(name) ?? '');
}

/** `dd.mm.yyyy`; `null` for anything else. */
function dateOf(text: string | null): PlainDate | null {
  const [, day = '', month = '', year = ''] = /^(\d{2})\.(\d{2})\.(\d{4})$/.exec(text ?? '') ?? [];
  const date = `${year}-${month}-${day}`;
  return isPlainDate(date) ? date : null;
}

const currencyOf = (header: Fields): string => currencyNamed(header('S60_MENA'));

function headerOf(header: Fields, warn: Warn): Header {
  const currency = currencyOf(header);
  const [credits, debits] = [turnoverOf(header, 'SUMA_KREDIT', warn), turnoverOf(header, 'SUMA_DEBIT', warn)];
  const count = credits.count === null || debits.count === null ? null : credits.count + debits.count;
  return {
    account: ownAccount(header('S25_CISLO_UCTU'), header('S60_MENA')),
    currency,
    number: header('S28_CISLO_VYPISU'),
    from: dateOf(header('S60_DATUM')),
    to: dateOf(header('S62_DATUM')),
    opening: balanceOf(header, 'S60', warn),
    closing: balanceOf(header, 'S62', warn),
    declared: { credits: credits.sum, debits: debits.sum, count },
  };
}

/** A balance: its size, and `C` or `D` for its sign. */
function balanceOf(header: Fields, prefix: string, warn: Warn): Money | null {
  const indicator = header(`${prefix}_CD_INDIK`);
  try {
    if (indicator !== 'C' && indicator !== 'D')
      throw new FormatError('indicator-unknown', `its indicator is "${indicator ?? ''}", not C or D`);
    return signedAmount(header(`${prefix}_CASTKA`), currencyOf(header), indicator === 'C' ? 1n : -1n);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    warn('balance-unreadable', `The balance ${prefix} was left out: ${error.message}.`, `${prefix}_CASTKA`);
    return null;
  }
}

/** `12=220232,41`: how many and how much; older files have the sum alone. Reversals are taken off their side. */
function turnoverOf(header: Fields, name: string, warn: Warn): { count: number | null; sum: Money | null } {
  const written = header(name);
  if (written === null) return { count: null, sum: null };
  const [, count, sum = ''] = /^(?:(\d{1,9})=)?(.+)$/.exec(written) ?? [];
  try {
    const { minor, currency } = decimalOf(sum, currencyOf(header));
    return {
      count: count === undefined ? null : Number(count),
      sum: { minor: name === 'SUMA_DEBIT' && minor < 0n ? -minor : minor, currency },
    };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    warn('total-unreadable', `A total of the document was left out: ${error.message}.`, name);
    return { count: null, sum: null };
  }
}

function noteDuplicate(header: Fields, notes: Notes): void {
  if (header('STAT_AST') !== '7') return;
  notes.warn(
    'duplicate-statement',
    'The bank marks this statement as a duplicate it sent again.',
    'STAT_AST',
  );
}

/**
 * A movement's fields. Its reference is year, statement and posting number together, because REF_TRANS_SYS was seen to
 * be the posting number alone, which begins anew.
 */
function postingOf(field: Fields, header: Fields): Posting {
  const posting = field('S28_POR_CISLO');
  const year = (dateOf(header('S62_DATUM')) ?? dateOf(field('DPROCD')))?.slice(0, 4);
  const statement = header('S28_CISLO_VYPISU');
  const area = field('DOM_ZAHR');
  const isForeign = area === 'FOO' || area === 'FOI';
  // Abroad, PART_ID holds addresses.
  const lines = isForeign ? [] : ['PART_ID1_1', 'PART_ID1_2', 'PART_ID2_1', 'PART_ID2_2'];
  return {
    mark: field('S61_CD_INDIK'),
    amount: field('S61_CASTKA'),
    currency: field('S61_MENA'),
    booked: dateOf(field('DPROCD')),
    value: dateOf(field('S61_DATUM')),
    area,
    code: field('GRP_TR') ?? field('TYP_CC'),
    bankReference: posting !== null && statement !== null && year ? `${year}/${statement}/${posting}` : null,
    clientReference: field('S61_REFERENCE'),
    name: field('PART_ACC_ID'),
    account: field('PART_ACCNO'),
    bank: field('PART_BANK_ID'),
    rawSymbols: {
      variableSymbol: field('S86_VARSYMOUR'),
      constantSymbol: field('S86_KONSTSYM'),
      specificSymbol: field('S86_SPECSYMOUR'),
    },
    message: [...lines, 'PART_MSG_1', 'PART_MSG_2'].map(field),
    messageWidth: 70,
    operation: field('S61_POST_NAR') ?? field('REMARK'),
    original: { amount: field('ORIG_AMOUNT'), currency: field('ORIG_CURR'), rate: field('RATE') },
  };
}
