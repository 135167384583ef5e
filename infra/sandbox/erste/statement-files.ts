import type { PlainDate } from '../../../shared/domain/dates.ts';
import { addDays } from '../../../shared/domain/dates.ts';
import { formatMoney } from '../../../shared/domain/money.ts';
import { encode } from '../../../shared/formats/encoding/encode.ts';
import { pragueDay } from '../prague.ts';
import { toCamt053 } from '../raiffeisen/camt053.ts';
import type { Issue } from '../raiffeisen/issues.ts';
import { sum } from '../raiffeisen/ledger.ts';
import { absolute, type Movement } from '../raiffeisen/movement.ts';
import { toPdf } from '../raiffeisen/pdf.ts';
import { BANK } from './portfolio.ts';

/** Statement files by the bank's names of the formats. */
export const COMPOSERS: Readonly<
  Record<string, { readonly mediaType: string; compose(issue: Issue): Uint8Array }>
> = {
  pdf: { mediaType: 'application/pdf', compose: (issue) => toPdf(issue, 'cs') },
  xml: { mediaType: 'application/xml', compose: (issue) => toCamt053(issue, BANK) },
  mt940: { mediaType: 'text/plain', compose: toMt940 },
  'abo-standard': { mediaType: 'text/plain', compose: toAbo },
};

/** ABO (form 3-2267): records of 128 columns, Windows-1250, accounts in edit form, reversals with codes 3 and 4. */
function toAbo(issue: Issue): Uint8Array {
  const own = issue.iban.slice(8);
  // A storno is taken off the side it corrects.
  const debits = issue.movements.filter(({ minor, reversal }) => minor < 0n !== reversal);
  const credits = issue.movements.filter(({ minor, reversal }) => minor < 0n === reversal);
  const balance = (minor: bigint): string => digits(minor, 14) + (minor < 0n ? '-' : '+');
  const header =
    `074${own}${text(issue.owner, 20)}${dmy(addDays(issue.from, -1))}` +
    `${balance(issue.opening)}${balance(issue.closing)}${digits(sum(debits), 14)}0${digits(sum(credits), 14)}0` +
    `${issue.number.split('/')[0]?.slice(-3).padStart(3, '0')}${dmy(issue.to)}${' '.repeat(14)}`;
  const lines = [header, ...issue.movements.flatMap((movement) => aboItem(own, movement))];
  return encode(lines.map((line) => `${line}\r\n`).join(''), 'windows-1250').bytes;
}

function aboItem(own: string, movement: Movement): string[] {
  const { party, minor, reversal } = movement;
  const booked = pragueDay(movement.bookedAt);
  const counter = `${(party?.prefix ?? '').padStart(6, '0')}${(party?.number ?? '').padStart(10, '0')}`;
  const code = reversal ? (minor < 0n ? '4' : '3') : minor < 0n ? '1' : '2';
  const constant = `00${party?.bankCode ?? '0000'}${(movement.constant ?? '').slice(-4).padStart(4, '0')}`;
  const item =
    `075${own}${counter}${movement.reference.padStart(13, '0')}${digits(minor, 12)}${code}` +
    `${symbol(movement.variable)}${constant}${symbol(movement.specific)}${dmy(movement.valueDay ?? booked)}` +
    `${text(party?.name ?? '', 20)}01101${dmy(booked)}`;
  const message = movement.remittance ?? movement.message;
  return message === null
    ? [item]
    : [item, `078${text(message.slice(0, 35), 35)}${text(message.slice(35), 35)}`];
}

/** MT940 in the bank's MultiCash dialect: own header lines, `:28:`, symbols in ?20 to ?22, the account in ?23. */
function toMt940(issue: Issue): Uint8Array {
  const account = `${issue.iban.slice(8, 14).replace(/^0+/, '')}${issue.iban.slice(14)}`;
  const lines = [
    'GIBACZPX 0800',
    '940 N2',
    '',
    `:20:${account}`,
    `:25:${BANK.code}/${account}`,
    `:28:${Number(issue.number.split('/')[0])}`,
    `:60F:${mark(issue.opening)}${ymd(issue.from)}${issue.currency}${comma(issue.opening, issue)}`,
    ...issue.movements.flatMap((movement) => mt940Item(movement)),
    `:62F:${mark(issue.closing)}${ymd(issue.to)}${issue.currency}${comma(issue.closing, issue)}`,
    '-}',
  ];
  return encode(lines.map((line) => `${line}\r\n`).join(''), 'cp852').bytes;
}

function mt940Item(movement: Movement): string[] {
  const { party, minor, reversal, reference, instructed } = movement;
  const booked = pragueDay(movement.bookedAt);
  const sign = reversal ? (minor < 0n ? 'RC' : 'RD') : mark(minor);
  const domestic = party?.bankCode
    ? `${party.bankCode}/${party.prefix}${(party.number ?? '').padStart(10, '0')}`
    : '';
  const fields = [
    ['00', reference],
    ['20', `KS:${movement.constant ?? ''}`],
    ['21', `VS:${movement.variable ?? ''}`],
    ['22', `SS:${movement.specific ?? ''}`],
    ['23', domestic],
    ['25', (movement.remittance ?? movement.message ?? '').slice(0, 35)],
    ['30', party?.bic ?? ''],
    ['31', party?.iban ?? ''],
    ['32', (party?.name ?? '').slice(0, 35)],
  ].filter(([, value]) => value !== '');
  const details = `020${fields.map(([tag, value]) => `?${tag}${value?.replaceAll('?', '.')}`).join('')}`;
  const wrapped = details.match(/.{1,65}/g) ?? [];
  return [
    `:61:${ymd(movement.valueDay ?? booked)}${ymd(booked).slice(2)}${sign}${comma(minor, movement)}NTRF${movement.variable ?? 'NONREF'}//${reference}`,
    ...(instructed ? [`/OCMT/${instructed.currency}${comma(instructed.minor, instructed)}`] : []),
    ...wrapped.map((line, at) => (at === 0 ? `:86:${line}` : line)),
  ];
}

const mark = (minor: bigint): string => (minor < 0n ? 'D' : 'C');
const comma = (minor: bigint, { currency }: { currency: string }): string =>
  formatMoney({ minor: absolute(minor), currency }).replace('.', ',');
const digits = (minor: bigint, width: number): string => String(absolute(minor)).padStart(width, '0');
const symbol = (value: string | null): string => (value ?? '').padStart(10, '0');
const text = (value: string, width: number): string => value.slice(0, width).padEnd(width);
const ymd = (day: PlainDate): string => day.slice(2).replaceAll('-', '');
const dmy = (day: PlainDate): string => day.slice(8) + day.slice(5, 7) + day.slice(2, 4);
