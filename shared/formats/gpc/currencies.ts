import type { Line } from '../encoding/lines.ts';
import { FormatError } from '../errors.ts';
import { sliceOf } from './columns.ts';
import { currencyOfColumn } from './currency.ts';
import type { GpcDialect } from './dialects.ts';

/** Standing for a currency that nothing tells (ISO 4217: no currency). */
export const NO_CURRENCY = 'XXX';

export type Warn = (rule: string, message: string, position?: string | null) => void;

/** Finds out what currency a statement is in, and what else columns 119–122 of its items say. */
export interface CurrencyOfStatement {
  /**
   * The currency of an item.
   * @throws FormatError `currency-differs` when it is another one than that of the items before
   */
  ofItem(line: Line): string;
  /** The kind of movement of the item just given, where the bank writes it in place of a currency. */
  kind(): string | null;
  /** The currency of the statement, whether or not it has items. */
  ofStatement(): string;
}

/**
 * The setting wins; then a currency in the columns; then the first digit of the kind of movement, which says whether
 * the account is in crowns (1) or not (2); then what the caller assumes.
 */
export function currencyOfStatement(
  { currency: setting, assumedCurrency }: { currency: string | null; assumedCurrency: string | null },
  typeColumn: GpcDialect['typeColumn'],
  warn: Warn,
): CurrencyOfStatement {
  let current = setting;
  let column = '';
  let kind: string | null = null;
  const isType = typeColumn === 'type' || typeColumn === 'plain-type';

  const assume = (): string => {
    const tells = typeColumn !== 'plain-type' && column.startsWith('1');
    if (assumedCurrency !== null && !tells) return assumedCurrency;
    if (column.startsWith('2')) {
      warn(
        'currency-unknown',
        'The account is not in crowns, and the file does not say in what: set its currency.',
      );
      return NO_CURRENCY;
    }
    if (!column.startsWith('1')) {
      warn(
        'currency-assumed',
        'The file does not name its currency; it was read as CZK. Set it if that is wrong.',
      );
    }
    return 'CZK';
  };
  const takeIn = (line: Line): void => {
    column = sliceOf(line, 118, 122);
    const found = isType ? null : currencyOfColumn(column);
    kind = typeColumn === 'currency' || found !== null ? null : column.trim() || null;
    current ??= found ?? assume();
    if (found === null || found === current) return;
    if (setting === null) {
      // Not the columns of the items before: whatever comes next is looked at again.
      column = '';
      throw new FormatError(
        'currency-differs',
        `Its currency is ${found}, while the items before are in ${current}`,
      );
    }
    warn(
      'currency-differs',
      `An item says it is in ${found}, while the account is set to ${setting}, which holds.`,
    );
  };
  return {
    ofItem(line) {
      // Nearly always the same as in the item before.
      const same = column.length === 4 && line.text.startsWith(column, line.start + 118);
      if (!same) takeIn(line);
      return current ?? NO_CURRENCY;
    },
    kind: () => kind,
    ofStatement: () => (current ??= assume()),
  };
}
