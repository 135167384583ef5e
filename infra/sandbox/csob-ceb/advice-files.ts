import { daysBetween, type PlainDate } from '../../../shared/domain/dates.ts';
import { formatMoney } from '../../../shared/domain/money.ts';
import { encode } from '../../../shared/formats/encoding/encode.ts';
import { pragueInstant } from '../prague.ts';
import { BANK_CODE, rowOf, type CebAccount } from './accounts.ts';
import type { TimedMovement } from './books.ts';
import type { CebMovement } from './movement.ts';

/** A file that is made at an instant. */
export interface Made {
  readonly name: string;
  readonly createdAt: number;
  compose(): Uint8Array;
}

/** When advices of a day are made: ours, the client sets it in CEB. */
const TIMES = ['09:05:00', '11:05:00', '13:05:00', '15:05:00', '17:05:00'];

/**
 * The advices of a day, each with what was booked since the one before; one with nothing is not made. What the night
 * books comes in the statement alone. Files as "Avíza ve formátu MT942" lays them out.
 */
export function advicesOn(account: CebAccount, day: PlainDate, movements: readonly TimedMovement[]): Made[] {
  const numbered = movements.map(({ movement, at }, index) => ({
    movement,
    at,
    reference: referenceOf(day, index),
  }));
  let since = 0;
  return TIMES.flatMap((time, index) => {
    const createdAt = pragueInstant(day, time);
    const own = numbered.filter(({ at }) => at !== null && at > since && at <= createdAt);
    since = createdAt;
    if (own.length === 0) return [];
    const number = String(index + 1).padStart(4, '0');
    const name = `AV_${rowOf(account)}_${day.replaceAll('-', '')}_${number}.STA`;
    return [{ name, createdAt, compose: () => compose(account, day, own) }];
  });
}

/** The bank's reference of a movement: another one than the number of its posting in the statement. */
const referenceOf = (day: PlainDate, index: number): string =>
  String(daysBetween('2000-01-01', day) * 100 + index + 1);

type Item = { readonly movement: CebMovement; readonly reference: string };

function compose(
  { owner, currency, ...account }: CebAccount,
  day: PlainDate,
  items: readonly Item[],
): Uint8Array {
  const date = day.slice(2).replaceAll('-', '');
  const lines = [
    'CEKOCZPPAXXX 00000',
    '942 01',
    '',
    `:20:${owner.toUpperCase()}`,
    `:25:${BANK_CODE}/${rowOf(account)}`,
    `:34F:${currency}D0,`,
    ...items.flatMap(({ movement, reference }) => [
      `:61:${date}${date.slice(2)}${movement.minor < 0n ? 'D' : 'C'}${amountOf(movement.minor, currency)}` +
        `${movement.party?.iban ? 'NMSC' : 'FMSC'}${movement.reference ?? ' '}//${reference}`,
      ...detailsOf(movement),
    ]),
  ];
  return encode(lines.map((line) => `${line}\r\n`).join(''), 'windows-1250').bytes;
}

/** `1234,50`, without a sign. */
const amountOf = (minor: bigint, currency: string): string =>
  formatMoney({ minor: minor < 0n ? -minor : minor, currency }).replace('.', ',');

/** Pieces of a text in their subfields; a point is nothing. */
function pieces(first: number, count: number, text: string | null): string {
  return Array.from({ length: count }, (_, at) => {
    const piece = (text ?? '').slice(at * 35, at * 35 + 35);
    return `?${first + at}${piece === '' ? '.' : piece}`;
  }).join('');
}

/** Field :86:, by its first three digits: 111 domestic, 030 foreign and SEPA, 040 other. */
function detailsOf({ party, kind, message, ...one }: CebMovement): string[] {
  if (party === null)
    return [`:86:040?00?20${kind}?21VS:${pieces(22, 4, message)}`, '?26SS:?27KS:?28000000-0000000000/'];
  if (party.iban !== null) {
    return [
      `:86:030?00Kurs:1,000000?20${party.name ?? ''}?21${kind}`,
      pieces(22, 5, message),
      `?27.?30${party.bank}?31${party.iban}?32${party.name ?? ''}?33.`,
    ];
  }
  const zeros = (value: string | null, width: number): string => (value ?? '').padStart(width, '0');
  return [
    `:86:111?00${party.name ?? ''}?20ZAUCT.PLATBA` +
      `?21${party.prefix.padStart(6, '0')}-${party.number.padStart(10, '0')}/${party.bank}`,
    `?22VS:${zeros(one.variable, 10)}?23SS:${zeros(one.specific, 10)}?24KS:${zeros(one.constant, 4)}`,
    pieces(25, 4, message),
    `?29VS:${zeros(null, 10)}?30SS:${zeros(null, 10)}`,
  ];
}
