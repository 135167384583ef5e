import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Rows of the fault list that concern pulls, payments, the API and the access to banks. */
const ROWS = [
  ...Array.from({ length: 47 }, (_, at) => at + 1),
  ...[49, 50, 51, 52, 53, 54, 55, 63, 64, 65, 66, 67],
];

it('every row of the fault list that is promised has a test that names it', () => {
  const root = join(import.meta.dirname, '..');
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(root, file), 'utf8'));
  const named = new Set(
    sources.flatMap((source) =>
      [...source.matchAll(/\brows? ([\d, and–-]+)/gi)].flatMap(([, list = '']) =>
        (list.match(/\d+/g) ?? []).map(Number),
      ),
    ),
  );
  expect(ROWS.filter((row) => !named.has(row))).toEqual([]);
});
