import { formatMoney } from '../../../shared/domain/money.ts';
import type { PlainDate } from '../../../shared/domain/dates.ts';
import { pragueDay } from '../prague.ts';
import type { Issue } from './issues.ts';
import { absolute, type Movement } from './movement.ts';
import { BANK_CODE, domestic } from './numbers.ts';

/** Characters of one line of a structured `:86:`. */
const WIDTH = 65;

/**
 * A statement as MT940 in the MultiCash manner. The bank's own table of subfields and its charset are not published:
 * this is the common Czech layout (counter-account, KS, VS, SS, text, bank, account, name) in letters every charset has.
 */
export function toMt940(issue: Issue): Uint8Array {
  const page = `${Number(issue.number.split('/')[0])}/1`;
  const account = { prefix: '', number: issue.iban.slice(-10), bankCode: BANK_CODE };
  const lines = [
    `:20:RB${shortDay(issue.to)}${issue.correction === 0 ? '' : `-${issue.correction}`}`,
    `:25:${BANK_CODE}/${issue.iban.slice(8, 14).replace(/^0+/, '')}${account.number}`,
    `:28C:${page}`,
    `:60F:${balance(issue.opening, issue.currency, issue.from)}`,
    ...issue.movements.flatMap(itemOf),
    `:62F:${balance(issue.closing, issue.currency, issue.to)}`,
    `:64:${balance(issue.closing + issue.creditLine, issue.currency, issue.to)}`,
    '-',
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n`, 'ascii');
}

function itemOf(movement: Movement): string[] {
  const booked = pragueDay(movement.bookedAt);
  const reference = (movement.variable ?? 'NONREF').slice(0, 16);
  return [
    `:61:${shortDay(movement.valueDay ?? booked)}${shortDay(booked).slice(2)}${mark(movement)}` +
      `${figure(absolute(movement.minor), movement.currency)}NTRF${reference}//${movement.reference}`,
    ...wrapped(`:86:`, detailsOf(movement)),
  ];
}

/** `RD`, reversed debit, is a credit; `RC`, reversed credit, a debit. */
function mark({ minor, reversal }: Movement): string {
  if (reversal) return minor < 0n ? 'RC' : 'RD';
  return minor < 0n ? 'D' : 'C';
}

function detailsOf({ code, party, ...movement }: Movement): string {
  const number =
    party === null ? '' : domestic({ prefix: party.prefix, number: party.number ?? '', bankCode: '' });
  const counter = party?.bankCode ? `${number}/${party.bankCode}` : (party?.iban ?? number);
  const text = plain(movement.message ?? movement.remittance ?? '');
  const fields: readonly (readonly [string, string])[] = [
    ['00', code],
    ['20', counter],
    ['21', `KS:${movement.constant ?? ''}`],
    ['22', `VS:${movement.variable ?? ''}`],
    ['23', `SS:${movement.specific ?? ''}`],
    ['24', text.slice(0, 35)],
    ['25', text.slice(35, 70)],
    ['30', party?.bankCode ?? party?.bic ?? ''],
    ['31', party?.iban ?? number],
    ['32', plain(party?.name ?? '').slice(0, 35)],
  ];
  const kind = party?.iban?.startsWith('DE') ? '030' : '020';
  return kind + fields.map(([tag, value]) => (value === '' ? '' : `?${tag}${value}`)).join('');
}

/** Structured text is cut at the width, wherever that falls. */
function wrapped(tag: string, text: string): string[] {
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += WIDTH) lines.push(text.slice(at, at + WIDTH));
  return lines.map((line, index) => (index === 0 ? tag + line : line));
}

function balance(minor: bigint, currency: string, day: PlainDate): string {
  return `${minor < 0n ? 'D' : 'C'}${shortDay(day)}${currency}${figure(absolute(minor), currency)}`;
}

function figure(minor: bigint, currency: string): string {
  return formatMoney({ minor, currency }).replace('.', ',');
}

function shortDay(day: PlainDate): string {
  return day.slice(2).replaceAll('-', '');
}

/** Without accents and without the separator. */
function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replaceAll('?', '.')
    .replace(/[^\x20-\x7e]/g, ' ');
}
