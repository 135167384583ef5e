import { addDays, isPlainDate, type PlainDate } from '../../../shared/domain/dates.ts';
import { MoneyError, parseMoney } from '../../../shared/domain/money.ts';
import { fromDomestic, fromIban, type DomesticNumber } from './numbers.ts';

export interface Mt940Outline {
  readonly account: DomesticNumber;
  readonly currency: string;
  readonly ordinal: string | null;
  readonly from: PlainDate;
  readonly to: PlainDate;
  readonly opening: bigint;
  readonly closing: bigint;
}

/** Account, number, days and balances of the first statement in an MT940 file; `null` when a tag is missing or odd. */
export function outlineOfMt940(bytes: Uint8Array): Mt940Outline | null {
  const text = Buffer.from(bytes).toString('latin1');
  const account = accountOf(tag(text, '25'));
  const opening = balanceOf(tag(text, '60[FM]'));
  const closing = balanceOf(tag(text, '62[FM]'));
  if (!account || !opening || !closing || opening.currency !== closing.currency) return null;
  // The opening balance is dated on the previous statement's day, or on the statement's own.
  const from = opening.day < closing.day ? addDays(opening.day, 1) : closing.day;
  return {
    account,
    currency: closing.currency,
    ordinal: /^0*(\d+)/.exec(tag(text, '28C?'))?.[1] ?? null,
    from,
    to: closing.day,
    opening: opening.minor,
    closing: closing.minor,
  };
}

function tag(text: string, name: string): string {
  return new RegExp(`^:${name}:(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
}

/** An IBAN, `bank/account`, or the account alone; sixteen digits are prefix and number in full width. */
function accountOf(text: string): DomesticNumber | null {
  const iban = fromIban(text);
  if (iban) return iban;
  const [, bankCode, account = ''] = /^(?:(\d{4})\/)?([\d-]+)/.exec(text) ?? [];
  const wide = /^(\d{1,6})(\d{10})$/.exec(account);
  return fromDomestic(wide ? `${wide[1]}-${wide[2]}` : account, bankCode);
}

function balanceOf(text: string): { day: PlainDate; currency: string; minor: bigint } | null {
  const parts = /^([CD])(\d\d)(\d\d)(\d\d)([A-Z]{3})([\d,]+)/.exec(text);
  if (!parts) return null;
  const [, mark, year, month, date, currency = '', figure = ''] = parts;
  const day = `20${year}-${month}-${date}`;
  if (!isPlainDate(day)) return null;
  try {
    const { minor } = parseMoney(figure, currency);
    return { day, currency, minor: mark === 'D' ? -minor : minor };
  } catch (error) {
    if (error instanceof MoneyError) return null;
    throw error;
  }
}
