import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../shared/formats/errors.ts';
import { isReadable, readFile, readFileAs } from '../../shared/formats/files.ts';

const DAY = readFileSync(new URL('./fixtures/camt053-day.xml', import.meta.url));
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const SWIFT = ':20:STMT\r\n:25:5500/1\r\n:28C:7\r\n:60F:C260903CZK1,\r\n:62F:C260903CZK1,\r\n-\r\n';

describe('reading a document of which the bank says what it is', () => {
  it('finds the reader of camt.053', async () => {
    const { statements } = await readFileAs('camt.053', DAY);
    expect(statements[0]?.number).toBe('171');
  });

  it('finds the reader of MT940', async () => {
    const { statements } = await readFileAs('mt940', bytesOf(SWIFT));
    expect(statements).toMatchObject([{ number: '7', reconciles: true }]);
  });

  it.each(['pdf', '', 'constructor', '__proto__', 'json'])('%j is not read', async (format) => {
    expect(isReadable(format)).toBe(false);
    const reading = readFileAs(format, DAY);
    await expect(reading).rejects.toBeInstanceOf(FormatError);
    await expect(reading).rejects.toMatchObject({ rule: 'unsupported-format' });
  });

  it.each([
    ['mt940', DAY, 'camt.053'],
    ['camt.053', bytesOf(SWIFT), 'mt940'],
    ['camt.053', bytesOf('<!DOCTYPE html><html><body>Maintenance</body></html>'), 'html'],
    ['camt.053', bytesOf('%PDF-1.7'), 'pdf'],
  ])('what should be %s and is plainly something else is refused', async (format, bytes, is) => {
    await expect(readFileAs(format, bytes)).rejects.toMatchObject({
      rule: 'unexpected-format',
      message: expect.stringContaining(is) as string,
    });
  });

  it('passes on why a document is refused', async () => {
    await expect(readFileAs('camt.053', DAY.subarray(0, 500))).rejects.toMatchObject({ rule: 'truncated' });
  });
});

describe('reading a file of which nobody says what it is', () => {
  it.each([
    ['camt.053', DAY],
    ['mt940', bytesOf(SWIFT)],
  ])('%s is recognised and read', async (format, bytes) => {
    const file = await readFile(bytes);
    expect(file.recognised.format).toBe(format);
    expect(file.statements).toHaveLength(1);
  });

  it('says what it reads when it cannot', async () => {
    await expect(readFile(bytesOf('anything'))).rejects.toMatchObject({
      rule: 'unsupported-format',
      message: expect.stringContaining('gpc, finsta') as string,
    });
  });
});
