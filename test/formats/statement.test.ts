import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../shared/formats/errors.ts';
import { readStatements, recognise } from '../../shared/formats/statement.ts';

const DAY = readFileSync(new URL('./fixtures/camt053-day.xml', import.meta.url));
const V08 = readFileSync(new URL('./fixtures/camt053-v08.xml', import.meta.url));
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('reading by the name of the format', () => {
  it('finds the reader of camt.053', async () => {
    const [statement] = await readStatements('camt.053', DAY);
    expect(statement?.number).toBe('171');
  });

  it.each(['mt940', 'pdf', '', 'constructor', '__proto__'])('%j is not read', async (format) => {
    const reading = readStatements(format, DAY);
    await expect(reading).rejects.toBeInstanceOf(FormatError);
    await expect(reading).rejects.toMatchObject({ rule: 'unsupported-format' });
  });

  it('passes on why a document is refused', async () => {
    await expect(readStatements('camt.053', DAY.subarray(0, 500))).rejects.toMatchObject({
      rule: 'truncated',
    });
  });
});

describe('recognising a document by its content', () => {
  it.each([
    ['camt.053', DAY],
    ['camt.053', V08],
    ['camt.053', bytesOf('\uFEFF\n<?xml version="1.0"?>\n<!-- <a> --><Document><BkToCstmrStmt>')],
    ['mt940', bytesOf(':20:STMT\r\n:25:5500/1\r\n:28C:1\r\n:60F:C260903CZK1,\r\n')],
    ['mt940', bytesOf('{1:F01RZBCCZPP}{4:\r\n:20:STMT\r\n:60M:C260903CZK1,\r\n')],
    ['pdf', bytesOf('%PDF-1.7\n%\u00e2\u00e3')],
    ['html', bytesOf('\r\n<!DOCTYPE html><html><body>Maintenance</body></html>')],
    ['html', bytesOf('<HTML lang="cs">')],
    ['json', bytesOf(' {"error":"UNAUTHORISED"}')],
    ['json', bytesOf('\uFEFF[]')],
    ['unknown', bytesOf('<Document><BkToCstmrAcctRpt/></Document>')],
    ['unknown', bytesOf('<Document>BkToCstmrStmt</Document>')],
    ['unknown', bytesOf(':20:ADVICE\r\n:34F:CZK0,\r\n')],
    ['unknown', bytesOf('0740000192000145399')],
    ['unknown', new Uint8Array(0)],
  ])('%s', (format, bytes) => {
    expect(recognise(bytes)).toBe(format);
  });
});
