import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { streamCamt } from '../../../shared/formats/camt/reader.ts';
import { streamFinsta } from '../../../shared/formats/finsta/reader.ts';
import type { StatementEvent } from '../../../shared/formats/stream.ts';
import { document, movement, statement } from '../finsta/compose.ts';
import { ACCOUNT, details, entry } from './compose.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const MB = 1024 * 1024;
const encoder = new TextEncoder();

/** A hundred items at a time between a head and a tail; `used` collects the heap at five places. */
function* document100(
  [head, tail]: readonly [string, string],
  item: (at: number) => string,
  items: number,
  used: number[],
): Generator<Uint8Array> {
  yield encoder.encode(head);
  for (let at = 0; at < items; at += 100) {
    if (at % (items / 5) === 0) {
      collectGarbage();
      used.push(process.memoryUsage().heapUsed);
    }
    yield encoder.encode(Array.from({ length: 100 }, (_, next) => item(at + next)).join(''));
  }
  yield encoder.encode(tail);
}

/** Reads a file of so many items, keeps none, and gives the largest heap seen on the way. */
function largestHeap(
  stream: (chunks: Iterable<Uint8Array>) => Iterable<StatementEvent>,
  wrapping: readonly [string, string],
  item: (at: number) => string,
  items: number,
): number {
  const used: number[] = [];
  let transactions = 0;
  let count = 0;
  for (const event of stream(document100(wrapping, item, items, used))) {
    if (event.type === 'transaction') transactions += 1;
    else if (event.type === 'statement') count = event.statement.count;
  }
  expect([transactions, count]).toEqual([items, items]);
  return Math.max(...used);
}

const split = (xml: string): readonly [string, string] => {
  const [head = '', tail = ''] = xml.split('HERE');
  return [head, tail];
};

describe('memory does not grow with the file', { timeout: 240_000 }, () => {
  it('camt.053: 200 000 entries take no more than 20 000', () => {
    const wrapping = split(`<Document><BkToCstmrStmt><Stmt>${ACCOUNT}HERE</Stmt></BkToCstmrStmt></Document>`);
    const item = (at: number): string =>
      entry({
        reference: `73000${at}`,
        amount: `${at}.5`,
        details: details(`<AddtlTxInf>Faktura číslo ${at}</AddtlTxInf>`),
      });
    const small = largestHeap(streamCamt, wrapping, item, 20_000);
    const large = largestHeap(streamCamt, wrapping, item, 200_000);
    expect(large - small).toBeLessThan(6 * MB);
  });

  it('FINSTA: 50 000 movements take no more than 5 000', () => {
    const xml = document(statement('HERE')).replace('windows-1250', 'utf-8');
    const item = (at: number): string => movement({ S28_POR_CISLO: String(at) });
    const small = largestHeap(streamFinsta, split(xml), item, 5_000);
    const large = largestHeap(streamFinsta, split(xml), item, 50_000);
    expect(large - small).toBeLessThan(4 * MB);
  });
});
