import type { PlainDate } from '../../../shared/domain/dates.ts';
import { encode } from '../../../shared/formats/encoding/encode.ts';
import { chance } from '../chance.ts';
import { pragueInstant } from '../prague.ts';
import type { Made } from './advice-files.ts';

interface Currency {
  readonly code: string;
  readonly country: string;
  readonly units: number;
  readonly middle: number;
  /** Whether ČSOB deals in its banknotes. */
  readonly notes: boolean;
}

const CURRENCIES: readonly Currency[] = [
  { code: 'EUR', country: 'EMU', units: 1, middle: 24.3, notes: true },
  { code: 'GBP', country: 'Velká Británie', units: 1, middle: 28.1, notes: true },
  { code: 'HUF', country: 'Maďarsko', units: 100, middle: 6.3, notes: true },
  { code: 'JPY', country: 'Japonsko', units: 100, middle: 13.9, notes: false },
  { code: 'USD', country: 'USA', units: 1, middle: 21.2, notes: true },
];

/** What the Czech National Bank fixes in the afternoon, and what ČSOB deals at from the morning on. */
const PROVIDERS = [
  { name: 'CNB', at: '14:35:00' },
  { name: 'CSOB', at: '07:30:00' },
] as const;

/** The files of rates of a day in the QUOTES format of the implementation manual; none at the week-end. */
export function ratesOn(day: PlainDate): Made[] {
  if (new Date(`${day}T00:00:00Z`).getUTCDay() % 6 === 0) return [];
  return PROVIDERS.map(({ name, at }) => ({
    name: `EXRT_${name}_${day.replaceAll('-', '')}.BBF`,
    createdAt: pragueInstant(day, at),
    compose: () => quotes(name, day, at),
  }));
}

/** Texts put at their columns, counted from 1 as the manual does. */
function record(width: number, fields: readonly (readonly [column: number, text: string])[]): string {
  let line = '';
  for (const [column, text] of fields) line = line.padEnd(column - 1) + text;
  return `${line.padEnd(width)}\r\n`;
}

function quotes(provider: 'CNB' | 'CSOB', day: PlainDate, at: string): Uint8Array {
  const date = day.replaceAll('-', '');
  const rows = CURRENCIES.map(({ code, country, units, middle, notes }) => {
    const center = middle * (0.99 + chance(`quotes|${code}|${day}`).next() * 0.02);
    const own = provider === 'CSOB';
    const [buy, sell] = own ? [center * 0.975, center * 1.025] : [0, 0];
    const cash = own && notes ? [center * 0.96, center * 1.04, center] : [0, 0, 0];
    return record(124, [
      [1, '03'],
      [19, country],
      [54, String(units).padStart(4, '0')],
      [60, code],
      [64, [buy, sell, center].map(column).join('')],
      [95, cash.map(column).join('')],
    ]);
  });
  const text = [
    record(32, [[1, '01']]),
    record(76, [[1, '02'], [22, date], [30, provider], [65, date + at.slice(0, 5).replace(':', '')]]),
    ...rows,
  ].join(''); // prettier-ignore
  return encode(text, 'windows-1250').bytes;
}

/** Six digits, a point and three. */
const column = (rate: number): string => rate.toFixed(3).padStart(10, '0');
