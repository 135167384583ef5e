import { formatMoney, type Money } from '../../domain/money.ts';
import { FormatError } from '../errors.ts';
import type { Loss } from '../stream.ts';
import { leaf, withoutForbidden } from '../xml-write.ts';

/** Versions of camt.053 that are written. */
export type CamtVersion = '02' | '08';

/** What the parts of the writer share. */
export interface Draft {
  readonly version: CamtVersion;
  readonly losses: Loss[];
}

/** Notes what cannot be carried over. @param position which item and field */
export function lose({ losses }: Draft, rule: string, message: string, position: string): void {
  losses.push({ rule, message, position });
}

/**
 * A text field. White space around it and what is longer than the field goes, and characters XML does not have become
 * spaces; each is a loss.
 * @returns `null` when there is nothing to write
 */
export function fit(draft: Draft, text: string | null, most: number, position: string): string | null {
  if (text === null) return null;
  const allowed = withoutForbidden(text);
  if (allowed !== text)
    lose(draft, 'character-replaced', 'Characters that XML does not have became spaces.', position);
  const trimmed = allowed.trim();
  if (trimmed !== allowed)
    lose(draft, 'space-trimmed', 'White space around the text was left out.', position);
  // The schema counts characters, JavaScript halves of them.
  const letters = trimmed.length > most ? [...trimmed] : [];
  if (letters.length <= most) return trimmed === '' ? null : trimmed;
  const message = `The text was shortened from ${letters.length} to ${most} characters, the most the field takes.`;
  lose(draft, 'text-shortened', message, position);
  return letters.slice(0, most).join('').trimEnd();
}

/** A whole element of text that fits. */
export function field(
  draft: Draft,
  name: string,
  text: string | null,
  most: number,
  position: string,
): string {
  return leaf(name, fit(draft, text, most, position));
}

/** ISO 20022 amounts have 18 digits at most. */
const LIMIT = 10n ** 18n;

/** The size of an amount, without its sign. @throws FormatError `amount-too-long` */
export function decimal({ minor, currency }: Money, position: string): string {
  const size = minor < 0n ? -minor : minor;
  if (size < LIMIT) return formatMoney({ minor: size, currency });
  throw new FormatError('amount-too-long', `${position}: an amount has more than 18 digits`, position);
}

/** `Amt`. @throws FormatError `amount-too-long`, `currency-unknown` */
export function amount(money: Money, position: string): string {
  if (!/^[A-Z]{3}$/.test(money.currency)) {
    throw new FormatError('currency-unknown', `${position}: "${money.currency}" is no currency`, position);
  }
  return `<Amt Ccy="${money.currency}">${decimal(money, position)}</Amt>`;
}

/** `CdtDbtInd`; nothing is a credit. */
export function indicator(minor: bigint): string {
  return leaf('CdtDbtInd', minor < 0n ? 'DBIT' : 'CRDT');
}
