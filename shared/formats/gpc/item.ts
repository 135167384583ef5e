import {
  isValidAccountNumber,
  isValidSixteen,
  localNumber,
  parseAccountNumber,
  toEditForm,
} from '../../domain/account-number.ts';
import type { PlainDate } from '../../domain/dates.ts';
import type { Counterparty, Transaction } from '../../domain/model.ts';
import type { Line } from '../encoding/lines.ts';
import { FormatError } from '../errors.ts';
import {
  integerAt,
  isDigits,
  lengthOf,
  notNumeric,
  requireDigits,
  requireDigitsOrBlank,
  significantAt,
  sliceOf,
  textAt,
  type DateColumns,
} from './columns.ts';
import { readExtension, type Extension } from './extension.ts';
import { postingOfSign, type Posting } from './posting.ts';

/** Columns up to the value date; a line may end behind them when the rest is blank. */
const SHORTEST = 97;
const STANDARD = 128;

/** Record 075 before its sign, currency and booking date are known. */
export interface Item {
  /** In hundredths, unsigned. */
  readonly amount: bigint;
  /** Posting code, `null` in the variant that writes a sign. */
  readonly code: number | null;
  /** Where a sign stands for the code. */
  readonly posting: Posting | null;
  readonly reference: string | null;
  readonly counterparty: Counterparty;
  readonly valueDate: PlainDate | null | undefined;
  /** Columns 123–128. */
  readonly itemDate: PlainDate | null | undefined;
  readonly extension: Extension | null;
  /** Whether the counter-account passes modulo 11, or there is none. */
  readonly checksum: boolean;
}

/**
 * Reads record 075.
 * @param internal whether accounts are in internal form
 * @throws FormatError `column-not-numeric`
 */
export function readItem(line: Line, internal: boolean, dates: DateColumns): Item {
  const posting = postingOfSign(line.units[line.start + 48]);
  if (!isDigits(line, 3, 35) || !isDigits(line, 48, SHORTEST)) checkColumns(line, posting !== null);
  requireDigitsOrBlank(line, 122, STANDARD, 'date');
  const number = significantAt(line, 19, 35) === null ? null : accountAt(line, internal);
  const extension = lengthOf(line) > STANDARD ? readExtension(line) : null;
  return {
    amount: integerAt(line, posting ? 49 : 48, 60),
    code: posting ? null : (line.units[line.start + 60] ?? 0) - 48,
    posting,
    reference: referenceAt(line),
    counterparty: {
      name: extension?.name ?? textAt(line, 97, 117),
      iban: null,
      number,
      bankCode: significantAt(line, 73, 77) === null ? null : sliceOf(line, 73, 77),
      bic: null,
    },
    valueDate: dates.read(line, 91),
    itemDate: dates.read(line, 122),
    extension,
    checksum: number === null || passesChecksum(line, internal, number),
  };
}

/** Finds out which column is wrong; the counter-account, symbols and the value date may be blank. */
function checkColumns(line: Line, signed: boolean): void {
  requireDigits(line, 3, 19, 'own account');
  requireDigitsOrBlank(line, 19, 35, 'counter-account');
  requireDigits(line, signed ? 49 : 48, 60, 'amount');
  if (!signed) requireDigits(line, 60, 61, 'posting code');
  requireDigitsOrBlank(line, 61, 71, 'variable symbol');
  requireDigitsOrBlank(line, 71, 73, 'prefix of the constant symbol');
  requireDigitsOrBlank(line, 73, 77, 'bank code');
  requireDigitsOrBlank(line, 77, 81, 'constant symbol');
  requireDigitsOrBlank(line, 81, 91, 'specific symbol');
  if (lengthOf(line) < SHORTEST) throw notNumeric(line, 91, 97, 'value date');
  requireDigitsOrBlank(line, 91, 97, 'value date');
}

/** The counter-account, `prefix-number` or `number`. */
function accountAt(line: Line, internal: boolean): string | null {
  if (internal) {
    const account = parseAccountNumber(toEditForm(sliceOf(line, 19, 35)));
    return account && localNumber(account);
  }
  const number = significantAt(line, 25, 35);
  const prefix = number === null ? null : significantAt(line, 19, 25);
  return prefix === null ? number : `${prefix}-${number}`;
}

function passesChecksum(line: Line, internal: boolean, number: string): boolean {
  if (!internal) return isValidSixteen(line.units, line.start + 19);
  const account = parseAccountNumber(number);
  return account !== null && isValidAccountNumber(account);
}

/** The document number; zeros on the left are padding where it is a number. */
function referenceAt(line: Line): string | null {
  if (isDigits(line, 35, 48)) return significantAt(line, 35, 48);
  const text = textAt(line, 35, 48);
  return text !== null && /^\d+$/.test(text) ? text.replace(/^0+/, '') || null : text;
}

/** The symbols of record 075 as written, ten, four and ten characters. */
export function rawSymbolsAt(line: Line): Transaction['rawSymbols'] {
  return {
    variableSymbol: sliceOf(line, 61, 71),
    constantSymbol: sliceOf(line, 77, 81),
    specificSymbol: sliceOf(line, 81, 91),
  };
}

/** A code that this bank's files do not have: guessing its sign would be wrong half of the time. */
export function unknownCode(code: number): FormatError {
  const message = `Column 61 holds posting code ${code}, which this bank's files do not have`;
  return new FormatError('posting-code-unknown', message, 'column 61');
}
