import type { Counterparty, Transaction } from '../../domain/model.ts';
import { exponentOf } from '../../domain/money.ts';
import { normaliseSymbols, NO_SYMBOLS } from '../../domain/symbols.ts';
import { FormatError } from '../errors.ts';
import { fromIban, ibanIn } from './account.ts';
import { readAmount } from './amount.ts';
import { NO_DETAILS, readDetails } from './details.ts';
import type { Layouts } from './dialects.ts';
import { referenceIn } from './reference.ts';
import { readStatementLine } from './statement-line.ts';

/** An item as it stands in the file. */
export interface RawItem {
  /** Field :61: without its tag. */
  readonly value: string;
  /** Number of its line. */
  readonly line: number;
  /** The lines between :61: and :86:. */
  supplement: readonly string[];
  /** The lines of :86:, without its tag. */
  readonly details: string[];
}

/** The lines of an item as they stood in the file. */
export function rawText({ value, supplement, details }: RawItem): string {
  const [first, ...others] = details;
  return [`:61:${value}`, ...supplement, ...(first === undefined ? [] : [`:86:${first}`]), ...others].join(
    '\n',
  );
}

export interface ReadItem {
  readonly transaction: Transaction;
  /** Only announced (EC, ED): not booked. */
  readonly expected: boolean;
  /** Rule and message of what was noticed. */
  readonly remarks: readonly (readonly [rule: string, message: string])[];
}

const NO_REMARKS: ReadItem['remarks'] = [];

/**
 * One item as a transaction. `transactionCode` is the type of :61: with the three digits of :86: behind a slash where
 * there are some: `NTRF/051`, `NMSC`.
 * @param exponent decimals of the currency
 * @param information whether this is an MT942, where expected items may occur
 * @throws FormatError when the :61: cannot be read; a strange :86: is no obstacle
 */
export function readItem(
  raw: RawItem,
  currency: string,
  exponent: number,
  layouts: Layouts,
  information: boolean,
): ReadItem {
  const line = readStatementLine(raw.value, exponent);
  if (line.expected && !information) {
    throw new FormatError('mark-unreadable', 'Its mark is EC or ED, which only an MT942 has');
  }
  const details = raw.details.length === 0 ? NO_DETAILS : readDetails(raw.details, layouts);
  const { dates } = line;
  const reference = referenceIn(line.customerReference);
  const ibanInReference = reference === null ? null : ibanIn(reference);
  const endToEndId = ibanInReference === null ? reference : null;
  const { rawSymbols } = details;
  const symbols = rawSymbols === NO_SYMBOLS ? NO_SYMBOLS : normaliseSymbols(rawSymbols);
  const supplement = raw.supplement.length === 0 ? '' : raw.supplement.join(' ').trim();
  const iban = ibanInReference ?? (supplement === '' ? null : ibanIn(supplement));
  return {
    expected: line.expected,
    remarks: dates.moved || line.negative ? remarksOn(dates.moved, line.negative) : NO_REMARKS,
    transaction: {
      bankReference: referenceIn(line.bankReference) ?? details.reference,
      bookingDate: dates.bookingDate,
      valueDate: dates.valueDate,
      amount: { minor: line.minor, currency },
      counterparty: counterpartyOf(details.counterparty, iban),
      variableSymbol: symbols.variableSymbol,
      constantSymbol: symbols.constantSymbol,
      specificSymbol: symbols.specificSymbol,
      rawSymbols,
      message: details.message ?? (iban === null ? textOf(supplement) : null),
      endToEndId: endToEndId ?? details.endToEndId,
      transactionCode: details.code === '' ? line.type : `${line.type}/${details.code}`,
      reversal: line.reversal,
      original: originalOf(supplement, details.original, details.rate, line.minor, currency),
      card: null,
      batch: null,
    },
  };
}

/** Some banks write the counterparty's IBAN for the customer's reference. */
function counterpartyOf(counterparty: Counterparty, iban: string | null): Counterparty {
  if (iban === null || counterparty.iban !== null || counterparty.number !== null) return counterparty;
  return { ...counterparty, ...fromIban(iban) };
}

/** Amount in another currency, `/OCMT/USD0,11` on the supplementary line, with the rate behind it or in :86:. */
const ORIGINAL = /^\/OCMT\/([A-Z]{3})([\d.,]+)(?:\/(?:EXCH\/)?([\d.,]+))?/;
const ORIGINAL_IN_TEXT = /^([A-Z]{3})\s*([\d.,]+)$/;

function originalOf(
  supplement: string,
  inText: string | null,
  rate: string | null,
  sign: bigint,
  currency: string,
): Transaction['original'] {
  if (supplement === '' && inText === null) return null;
  const match = ORIGINAL.exec(supplement) ?? ORIGINAL_IN_TEXT.exec(inText ?? '');
  if (!match) return null;
  const [, code = '', amount = '', written = null] = match;
  if (code === currency) return null;
  try {
    const minor = readAmount(amount, 0, amount.length, exponentOf(code));
    return { amount: { minor: sign < 0n ? -minor : minor, currency: code }, rate: written ?? rate };
  } catch (error) {
    // The booked amount stands without it.
    if (error instanceof FormatError) return null;
    throw error;
  }
}

/** A supplementary line that is text for people; the slashed ones are codes. */
const textOf = (supplement: string): string | null =>
  supplement === '' || supplement.startsWith('/') ? null : supplement;

function remarksOn(moved: boolean, negative: boolean): ReadItem['remarks'] {
  const remarks: [string, string][] = [];
  if (moved) remarks.push(['date-moved', 'A date that its month does not have was read as its last day.']);
  if (negative) {
    remarks.push(['negative-amount', 'The amount has a minus sign, which was taken to turn its mark round.']);
  }
  return remarks;
}
