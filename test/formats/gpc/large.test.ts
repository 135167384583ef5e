import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { streamGpc } from '../../../shared/formats/gpc/reader.ts';
import { file, header, item } from './compose.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const MB = 1024 * 1024;

it('memory does not grow with the file', () => {
  const items = 200_000;
  const used: number[] = [];
  const hundred = file(
    Array.from({ length: 100 }, (_, at) => [
      item({ amount: 100, document: String(at), name: 'Odběratel číslo jedna'.slice(0, 20) }),
      '078Platba za službu s dlouhým popisem',
    ]).flat(),
  );
  function* chunks(): Generator<Uint8Array> {
    yield file([header({ closing: items * 100 })]);
    for (let at = 0; at < items; at += 100) {
      if (at % (items / 10) === 0) {
        collectGarbage();
        used.push(process.memoryUsage().heapUsed);
      }
      yield hundred;
    }
  }
  let count = 0;
  let reconciles: boolean | null = false;
  for (const event of streamGpc(chunks())) {
    if (event.type === 'transaction') count += 1;
    else if (event.type === 'statement') reconciles = event.statement.reconciles;
  }
  expect(count).toBe(items);
  expect(reconciles).toBe(true);
  const [, second = 0, ...later] = used;
  expect(Math.max(...later) - second).toBeLessThan(8 * MB);
});
