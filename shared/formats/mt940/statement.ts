import type { Statement, Transaction, Warning } from '../../domain/model.ts';
import { exponentOf, formatMoney, type Money } from '../../domain/money.ts';
import { FormatError } from '../errors.ts';
import type { StatementEvent } from '../stream.ts';
import { readOwnAccount } from './account.ts';
import { currencyOfFloor, readBalance, readSum, type Balance, type Sum } from './balance.ts';
import { layoutsFor, type Layouts } from './dialects.ts';
import { rawText, readItem, type RawItem } from './item.ts';

/** What the caller knows beside the file. */
export interface Known {
  /** Code of the bank the file comes from: decides the dialect where the file does not name it. */
  readonly bankCode: string | null;
  /** The account's currency, for an MT942 that does not name it. */
  readonly currency: string | null;
}

/** What stands in front of the first balance or item of a message. */
export interface Header {
  /** Field :25: as written. */
  account: string;
  /** Field :28: or :28C: as written, with the page behind a slash. */
  number: string;
  /** Currency of the floor limit (:34F:) as written, with the limit. */
  currency: string | null;
  /** True when a field of MT942 stood there. */
  information: boolean;
  readonly senderBankCode: string | null;
  /** Line the message begins at. */
  readonly line: number;
}

type Side = 'credits' | 'debits';

/** One statement in the making: takes its fields in the order of the file and emits its events. */
export interface StatementBuilder {
  opening(value: string, intermediate: boolean, line: number): void;
  /** Whether a page with this header goes on with this statement. */
  goesOn(header: Header): boolean;
  /** Takes the opening balance of a further page. */
  nextPage(value: string, line: number): void;
  item(value: string, line: number): void;
  hasItem(): boolean;
  supplement(text: string): void;
  details(text: string): void;
  /** Drops header lines of the next message that were taken for text of the last item. */
  dropFrame(senderLine: RegExp): void;
  finishItem(): void;
  note(text: string, line: number): void;
  misplaced(tag: string, line: number): void;
  closing(value: string, intermediate: boolean, line: number): void;
  total(side: Side, value: string, line: number): void;
  finish(): void;
}

/** ISO 4217 for "no currency": a statement that names none. */
const NO_CURRENCY = 'XXX';
/** Warnings given of one statement; a file that is wrong throughout is wrong a hundred times in the same way. */
const MAX_WARNINGS = 100;
/** Lines of one item; the longest text seen is of some thirty. */
const MAX_LINES = 1000;
/** Supplementary lines kept; SWIFT has one. */
const MAX_SUPPLEMENT = 10;
const NO_LINES: readonly string[] = [];

export function statementBuilder(
  header: Header,
  known: Known,
  emit: (event: StatementEvent) => void,
): StatementBuilder {
  let currency = (header.currency && currencyOfFloor(header.currency)) ?? known.currency;
  let exponent = exponentOf(currency ?? '');
  let warnings = 0;
  const warn = (rule: string, message: string, position: string | null): void => {
    warnings += 1;
    if (warnings <= MAX_WARNINGS) emit({ type: 'warning', warning: { rule, message, position } });
  };
  const account = readOwnAccount(header.account, known.bankCode ?? header.senderBankCode);
  const layouts: Layouts = layoutsFor(account.bankCode ?? known.bankCode ?? header.senderBankCode);
  const number = numberOf(header.number);

  let item: RawItem | null = null;
  let opening: Balance | null = null;
  let closing: Balance | null = null;
  let pageEnd: Balance | null = null;
  let information = header.information;
  let sawOpening = false;
  const totals: Record<Side, Sum | null> = { credits: null, debits: null };
  let [credits, debits] = [0n, 0n];
  let count = 0;
  let expected = 0;
  const notes: string[] = [];
  let noteLine = header.line;

  const useCurrency = (code: string): void => {
    currency = code;
    exponent = exponentOf(code);
  };
  const balance = (value: string, what: string, line: number): Balance | null => {
    const read = attempt(() => readBalance(value));
    if (read instanceof FormatError) {
      warn('balance-unreadable', `The ${what} balance was left out: ${read.message}.`, `line ${line}`);
      return null;
    }
    if (currency !== null && read.amount.currency !== currency) {
      const message = `The ${what} balance is in ${read.amount.currency}, the statement in ${currency}.`;
      warn('balance-currency-differs', message, `line ${line}`);
      return null;
    }
    useCurrency(read.amount.currency);
    return read;
  };
  const finishItem = (): void => {
    if (!item) return;
    const raw = item;
    item = null;
    try {
      if (currency === null)
        throw new FormatError('currency-missing', 'Nothing in front of it names the currency');
      const read = readItem(raw, currency, exponent, layouts, information);
      for (const [rule, message] of read.remarks) warn(rule, message, `line ${raw.line}`);
      if (read.expected) expected += 1;
      else book(read.transaction);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      quarantine(raw, error, `line ${raw.line}`);
    }
  };
  const book = (transaction: Transaction): void => {
    const { minor } = transaction.amount;
    count += 1;
    if (minor > 0n) credits += minor;
    else debits -= minor;
    emit({ type: 'transaction', transaction });
  };
  const quarantine = (raw: RawItem, { rule, message }: FormatError, position: string): void => {
    const explained = `The item at ${position} was not read. ${message}. It is kept aside: compare the original.`;
    emit({
      type: 'quarantined',
      item: { rule, message: explained, position, raw: rawText(raw) },
    });
  };
  const add = (to: string[], text: string): void => {
    if (to.length === MAX_LINES) {
      throw new FormatError(
        'too-long',
        `An item has more than ${MAX_LINES} lines of text`,
        `line ${item?.line}`,
      );
    }
    to.push(text);
  };

  return {
    opening(value, intermediate, line) {
      sawOpening = true;
      opening = balance(value, 'opening', line);
      if (intermediate) {
        const message = 'The statement begins with a later page: the pages before it are not in the file.';
        warn('page-missing', message, `line ${line}`);
      }
    },
    goesOn: (next) => pageEnd !== null && next.account === header.account && numberOf(next.number) === number,
    nextPage(value, line) {
      finishItem();
      const begins = balance(value, 'opening', line);
      if (begins && pageEnd && begins.amount.minor !== pageEnd.amount.minor) {
        const message =
          `A page begins with ${formatMoney(begins.amount)}, the one before ended with ` +
          `${formatMoney(pageEnd.amount)}: a page may be missing.`;
        warn('page-missing', message, `line ${line}`);
      }
      pageEnd = null;
    },
    item(value, line) {
      finishItem();
      item = { value, line, supplement: NO_LINES, details: [] };
    },
    hasItem: () => item !== null,
    supplement(text) {
      if (item) item.supplement = [...item.supplement.slice(0, MAX_SUPPLEMENT), text];
    },
    details(text) {
      if (item) add(item.details, text);
    },
    dropFrame(senderLine) {
      const lines = item?.details ?? [];
      const at = lines.findLastIndex((line) => senderLine.test(line));
      if (at >= 0 && at >= lines.length - 4) lines.length = at;
    },
    finishItem,
    note(text, line) {
      finishItem();
      if (text.trim() === '') return;
      if (notes.length === 0) noteLine = line;
      add(notes, text.trim());
    },
    misplaced(tag, line) {
      warn('field-misplaced', `Field :${tag}: stands among the items and was left out.`, `line ${line}`);
    },
    closing(value, intermediate, line) {
      finishItem();
      const read = balance(value, 'closing', line);
      pageEnd = intermediate ? read : null;
      closing = read;
    },
    total(side, value, line) {
      finishItem();
      information ||= !sawOpening;
      const read = attempt(() => readSum(value));
      if (!(read instanceof FormatError)) {
        totals[side] = read;
        if (currency === null) useCurrency(read.amount.currency);
      } else warn('total-unreadable', `A total was left out: ${read.message}.`, `line ${line}`);
    },
    finish() {
      finishItem();
      if (notes.length > 0)
        warn('statement-text', `The bank adds to the statement: ${notes.join(' ')}`, `line ${noteLine}`);
      const unit = currency ?? NO_CURRENCY;
      const money = (minor: bigint): Money => ({ minor, currency: unit });
      const statement = {
        account: { ...account, currency },
        number,
        from: opening?.date ?? null,
        to: closing?.date ?? null,
        opening: opening?.amount ?? null,
        closing: closing?.amount ?? null,
        credits: money(credits),
        debits: money(debits),
        declared: {
          credits: totals.credits?.amount ?? null,
          debits: totals.debits?.amount ?? null,
          count: totals.credits && totals.debits ? totals.credits.count + totals.debits.count : null,
        },
        count,
        reconciles: reconcile(opening, closing, credits - debits),
      };
      for (const { rule, message, position } of [
        ...remarks(statement, information, expected),
        ...(pageEnd ? [LAST_PAGE_MISSING] : []),
      ])
        warn(rule, message, position ?? `line ${header.line}`);
      if (warnings > MAX_WARNINGS) {
        const message = `${warnings - MAX_WARNINGS} more warnings were left out.`;
        emit({ type: 'warning', warning: { rule: 'more-warnings', message, position: null } });
      }
      emit({ type: 'statement', statement });
    },
  };
}

/** The value, or the error that kept it from being read. */
function attempt<T>(read: () => T): T | FormatError {
  try {
    return read();
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
}

/** `171/1` is page 1 of statement 171; `0` and `000` are no number. */
function numberOf(text: string): string | null {
  const number = (text.split('/')[0] ?? '').trim();
  return /^0*$/.test(number) ? null : number;
}

function reconcile(opening: Balance | null, closing: Balance | null, turnover: bigint): boolean | null {
  return opening && closing ? opening.amount.minor + turnover === closing.amount.minor : null;
}

const LAST_PAGE_MISSING: Warning = {
  rule: 'page-missing',
  message: 'The statement goes on with a page that is not in the file; its sums are those of the pages read.',
  position: null,
};

/** What is to be said of a statement as a whole. */
function remarks(
  statement: Pick<
    Statement,
    'opening' | 'closing' | 'credits' | 'debits' | 'declared' | 'count' | 'reconciles'
  >,
  information: boolean,
  expected: number,
): Warning[] {
  const found: Warning[] = [];
  const say = (rule: string, message: string): void => void found.push({ rule, message, position: null });
  const { opening, closing, credits, debits, declared, count, reconciles } = statement;
  if (information) {
    say('information-only', 'This is an advice (MT942): its items come again in the statement of the day.');
  } else {
    if (!opening) say('opening-missing', 'There is no opening balance that could be read.');
    if (!closing) {
      say(
        'closing-missing',
        'There is no closing balance that could be read: the file may have been cut off.',
      );
    }
  }
  if (expected > 0) say('entries-not-booked', `Items that are only expected were left out: ${expected}.`);
  if (opening && closing && reconciles === false) {
    const computed = formatMoney({ ...opening, minor: opening.minor + credits.minor - debits.minor });
    say(
      'balance-differs',
      `Opening balance and items give ${computed}, the file closes with ${formatMoney(closing)}. ` +
        'Compare the original with the bank.',
    );
  }
  const differs = (name: Side, computed: Money): void => {
    const said = declared[name];
    if (said === null || said.minor === computed.minor) return;
    say(
      'turnover-differs',
      `The file declares ${name} of ${formatMoney(said)}, its items give ${formatMoney(computed)}.`,
    );
  };
  differs('credits', credits);
  differs('debits', debits);
  if (declared.count !== null && declared.count !== count + expected)
    say('count-differs', `The file declares ${declared.count} items, ${count + expected} were read.`);
  return found;
}
