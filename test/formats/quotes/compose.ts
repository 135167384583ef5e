/** Lines of a QUOTES file, put together by the columns of the manual. */

type Field = readonly [column: number, text: string];

export const line = (width: number, ...fields: readonly Field[]): string => {
  let text = '';
  for (const [column, value] of fields) text = text.padEnd(column - 1) + value;
  return text.padEnd(width);
};

export const HEAD = line(32, [1, '01']);
export const day = (date = '20261120', provider = 'CSOB'): string =>
  line(76, [1, '02'], [22, date], [30, provider], [65, '202611200730']);

export interface Rate {
  readonly country?: string;
  readonly units?: string;
  readonly currency?: string;
  /** Buy, sell and middle of transfers, then of banknotes. */
  readonly rates?: readonly string[];
}

export const NONE = '000000.000';
export const rate = ({
  country = 'EMU',
  units = '0001',
  currency = 'EUR',
  rates = [],
}: Rate = {}): string => {
  const [a = '000024.100', b = '000025.300', c = '000024.700', d = NONE, e = NONE, f = NONE] = rates;
  return line(124, [1, '03'], [19, country], [54, units], [60, currency], [64, a + b + c], [95, d + e + f]);
};

export const file = (...lines: readonly string[]): Uint8Array => {
  const text = lines.map((one) => `${one}\r\n`).join('');
  // Letters of Windows-1250 that the fixtures need.
  return Uint8Array.from(text, (letter) => ({ ď: 0xef, á: 0xe1, í: 0xed })[letter] ?? letter.charCodeAt(0));
};
