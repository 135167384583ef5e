import type { Statement } from '../domain/model.ts';
import { formatMoney, type Money } from '../domain/money.ts';

/** A document's own figures beside the computed ones, for the formats that print both. */

/** What the booked items of one statement sum up to. */
export type Turnover = Pick<Statement, 'credits' | 'debits' | 'count'>;

type Warn = (rule: string, message: string, position?: string | null) => void;

/**
 * Warns where the document's totals are not those of its items.
 * @param position where the document says them
 */
export function compareTotals(
  declared: Statement['declared'],
  computed: Turnover,
  warn: Warn,
  position: string,
): void {
  for (const name of ['credits', 'debits'] as const) {
    const said = declared[name];
    if (said === null || said.minor === computed[name].minor) continue;
    const message = `The document declares ${name} of ${formatMoney(said)}, its entries give ${formatMoney(computed[name])}.`;
    warn('turnover-differs', message, position);
  }
  if (declared.count !== null && declared.count !== computed.count) {
    const message = `The document declares ${declared.count} entries, ${computed.count} were read as booked.`;
    warn('count-differs', message, position);
  }
}

/**
 * Whether opening + credits − debits = closing.
 * @param final false for a report that need not hold every item: then a difference means nothing
 * @returns `null` when a balance is missing or nothing can be said
 */
export function reconcile(
  opening: Money | null,
  closing: Money | null,
  { credits, debits }: Turnover,
  warn: Warn,
  final = true,
): boolean | null {
  if (!opening || !closing) return null;
  const minor = opening.minor + credits.minor - debits.minor;
  if (minor === closing.minor) return true;
  if (!final) return null;
  const computed = formatMoney({ ...credits, minor });
  warn(
    'balance-differs',
    `Opening balance and entries give ${computed}, the document closes with ${formatMoney(closing)}. ` +
      'Compare the original with the bank.',
  );
  return false;
}
