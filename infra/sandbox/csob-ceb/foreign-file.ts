import { parseMoney } from '../../../shared/domain/money.ts';
import { domestic, fromDomestic, fromIban } from '../raiffeisen/numbers.ts';
import { BANK_CODE } from './accounts.ts';
import { ContentError, type FiledPayment } from './order-files.ts';

/**
 * TXT ZPS ("Dávky tuzemských a zahraničních příkazů ve formátu TXT"): foreign payments, one a line, in 34 fields, the
 * separator being the one that was named at Start. What the bank "does not process" is not looked at.
 */

const SEPARATORS = ['|', '/', ':', '::', ';', ';;'];
/** Longest content by number of the field, in the bank's own order; 0 where a field is not processed. */
const WIDTHS = [
  24, 0, 0, 99, 8, 15, 0, 3, 34, 0, 0, 11, 35, 35, 35, 35, 2, 35, 35, 35, 35, 2, 0, 3, 35, 35, 35, 35, 35, 35,
  0, 0, 0, 0,
];
const CHARGES: Readonly<Record<string, string>> = {
  SHA: 'SHA',
  BN1: 'SHA',
  OUR: 'OUR',
  BEN: 'BEN',
  BN2: 'BEN',
};

/** @throws ContentError */
export function readTxtZps(bytes: Uint8Array, separator: string): FiledPayment[] {
  if (!SEPARATORS.includes(separator)) throw new ContentError('no separator of the bank’s');
  const lines = new TextDecoder('windows-1250').decode(bytes).split('\r\n');
  if (lines.pop() !== '' || lines.length === 0) throw new ContentError('the last line does not end');
  return lines.map((line) => paymentOf(line.split(separator)));
}

function paymentOf(raw: readonly string[]): FiledPayment {
  if (raw.length !== WIDTHS.length) throw new ContentError(`${raw.length} fields`);
  const fields = raw.map((text, at) => {
    const width = WIDTHS[at]!;
    if (width > 0 && text.length > width) throw new ContentError(`field ${at + 1} is too long`);
    return text.replace(/[^A-Za-z0-9/?:().,'+{}-]/g, ' ').trim();
  });
  const at = (number: number): string => fields[number - 1]!;
  const text = (...numbers: number[]): string => numbers.map(at).filter(Boolean).join(' ');
  const own = fromIban(at(1)) ?? fromDomestic(at(1).replace(/^(\d{1,6})(\d{10})$/, '$1-$2'), BANK_CODE);
  if (own?.bankCode !== BANK_CODE) throw new ContentError('field 1: not our account');
  const [, whole = '', decimals = ''] = /^(\d{1,12})(?:[.,](\d{1,2}))?$/.exec(at(6)) ?? [];
  if (whole === '' || !/^[A-Z]{3}$/.test(at(8))) throw new ContentError('field 6 or 8: no amount');
  const { minor } = parseMoney(`${whole}.${decimals || '0'}`, at(8));
  const charges = CHARGES[at(24)];
  const isBank = at(12) === '' ? at(13) !== '' && at(17) !== '' : /^[A-Z0-9]{8}([A-Z0-9]{3})?$/.test(at(12));
  const isNamed =
    at(18) !== '' && (at(8) !== 'USD' || [18, 19, 20, 21].filter((field) => at(field)).length >= 2);
  if (!isBank || !isNamed || at(9) === '' || charges === undefined || minor === 0n) {
    throw new ContentError('the payee, its account, its bank or the charges are missing');
  }
  if (text(25, 26, 27, 28).length < 3) throw new ContentError('no purpose of three letters');
  return {
    account: domestic(own),
    accountCurrency: null,
    currency: at(8),
    minor,
    day: dayOf(at(5)),
    party: { name: text(18, 19), prefix: '', number: '', bank: at(12) || 'NOTPROVIDED', iban: at(9) },
    ...{ variable: null, constant: null, specific: null },
    message: text(25, 26, 27, 28),
    reference: at(4).slice(0, 16) || null,
    charges,
  };
}

function dayOf(text: string): string {
  const [, year = '', month = '', day = ''] = /^(?:20)?(\d\d)(\d\d)(\d\d)$/.exec(text) ?? [];
  if (day === '') throw new ContentError('field 5: no day');
  return `20${year}-${month}-${day}`;
}
