import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { readMt940 } from '../../../shared/formats/mt940/reader.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const MB = 1024 * 1024;
const encoder = new TextEncoder();

const itemLines = (at: number): string =>
  `:61:2609030903C1,00NTRF${260000000 + at}//${7000000000 + at}\r\n` +
  ':86:051?00S-TUZ-DOSLA?20000000-0630804003/5500?21KS 0000000308?22VS 0\r\n' +
  `${260000000 + at}?23SS 0055501234?24FAKTURA ${at} za úklid?305500?31000000-06308\r\n` +
  `04003?32ODBĚRATEL ČÍSLO ${at}\r\n`;

/** The file in chunks of a hundred items; `used` collects the heap at ten places. */
function* largeFile(items: number, used: number[]): Generator<Uint8Array> {
  yield encoder.encode(':20:X\r\n:25:2700/2000145399\r\n:60F:C260902CZK0,\r\n');
  for (let at = 0; at < items; at += 100) {
    if (at % (items / 10) === 0) {
      collectGarbage();
      used.push(process.memoryUsage().heapUsed);
    }
    yield encoder.encode(Array.from({ length: 100 }, (_, next) => itemLines(at + next)).join(''));
  }
  yield encoder.encode(`:62F:C260903CZK${items},\r\n`);
}

describe('a large statement', { timeout: 120_000 }, () => {
  it('takes no more memory at its end than at its beginning', () => {
    const used: number[] = [];
    let items = 0;
    let reconciles: boolean | null = null;
    for (const event of readMt940(largeFile(20_000, used))) {
      if (event.type === 'transaction') items += 1;
      if (event.type === 'statement') ({ reconciles } = event.statement);
    }
    expect({ items, reconciles }).toEqual({ items: 20_000, reconciles: true });
    const [, first = 0, ...rest] = used;
    expect(rest).toHaveLength(8);
    expect(Math.max(...rest) - first).toBeLessThan(2 * MB);
  });
});
