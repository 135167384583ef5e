import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { recognise } from '../../shared/formats/recognise.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const CAMT = (message: string, version: string) =>
  `<?xml version="1.0"?><n:Document xmlns:n="urn:iso:std:iso:20022:tech:xsd:${version}"><n:${message}></n:${message}></n:Document>`;

describe('a file is recognised by its bytes', () => {
  test.each([
    ['gpc', `074${'0'.repeat(16)}VZOROVA FIRMA`],
    ['gpc', `\r\n074${'0'.repeat(16)}VZOROVA FIRMA`],
    ['kpc', 'UHL1211126VZOROVA FIRMA'],
    [
      'mt940',
      '{1:F01BACXCZPPAXXX0000000000}{2:I940BACXCZPPAXXXN}{4:\r\n:20:X\r\n:25:1\r\n:60F:C260902CZK1,\r\n',
    ],
    ['mt942', 'CEKOCZPPAXXX 00000\r\n942 01\r\n\r\n:20:X\r\n:25:0300/1\r\n:34F:CZKD0,\r\n'],
    ['camt.053', CAMT('BkToCstmrStmt', 'camt.053.001.08')],
    ['camt.052', CAMT('BkToCstmrAcctRpt', 'camt.052.001.02')],
    ['camt.054', CAMT('BkToCstmrDbtCdtNtfctn', 'camt.054.001.04')],
    ['pain.001', CAMT('CstmrCdtTrfInitn', 'pain.001.001.09')],
    ['pain.002', '<Document><CstmrPmtStsRpt/></Document>'],
    ['abo-k', 'FV5~HVY~1~'],
    ['finsta', '<?xml version="1.0"?><FINSTA><FINSTA03/></FINSTA>'],
    ['pdf', '%PDF-1.4\n'],
    ['html', '<!DOCTYPE html><html>maintenance</html>'],
    ['json', '{"error":"UNAUTHORISED"}'],
    ['camt.053', '\uFEFF\n<?xml version="1.0"?>\n<!-- <a> --><Document><BkToCstmrStmt>'],
    ['mt940', ':20:STMT\r\n:25:5500/1\r\n:28C:1\r\n:60F:C260903CZK1,\r\n'],
    ['mt940', '{1:F01RZBCCZPP}{4:\r\n:20:STMT\r\n:60M:C260903CZK1,\r\n'],
    ['html', '\r\n<!DOCTYPE html><html><body>Maintenance</body></html>'],
    ['html', '<HTML lang="cs">'],
    ['json', ' {"error":"UNAUTHORISED"}'],
    ['json', '\uFEFF[]'],
    ['unknown', '<Document>BkToCstmrStmt</Document>'],
    ['unknown', '0740000192000145'],
    ['unknown', 'anything else'],
    ['unknown', ''],
    ['unknown', '<Document/>'],
  ])('%s', (format, text) => {
    const found = recognise(bytes(text));
    expect(found.format).toBe(format);
    expect(found.evidence.length).toBeGreaterThan(0);
    expect(found.confidence).toBeGreaterThanOrEqual(0);
    expect(found.confidence).toBeLessThanOrEqual(1);
  });

  test('the version and the bank are told where the file tells them', () => {
    const camt = bytes(
      CAMT('BkToCstmrStmt', 'camt.053.001.08').replace(
        '></n:Bk',
        '><n:IBAN>CZ8755000000000630804003</n:IBAN></n:Bk',
      ),
    );
    expect(recognise(camt)).toMatchObject({ version: '001.08', dialect: '5500' });
    expect(recognise(bytes('UHL1211126X\r\n1 1501 001000 2010\r\n'))).toMatchObject({ dialect: '2010' });
    expect(recognise(bytes(':20:X\r\n:25:0800/19\r\n:60F:C260902CZK1,\r\n'))).toMatchObject({
      dialect: '0800',
    });
    expect(
      recognise(bytes('GIBACZPX 0800\r\n940 N2\r\n\r\n:20:X\r\n:25:1\r\n:60F:C260902CZK1,\r\n')),
    ).toMatchObject({
      dialect: '0800',
    });
  });
});

const SAMPLES = join(import.meta.dirname, '../../../shared/samples');
const FOLDERS: Readonly<Record<string, RegExp>> = {
  camt: /^camt\.05[234]$/,
  gpc: /^gpc$/,
  kpc: /^kpc$/,
  mt940: /^mt94[02]$/,
  pain: /^pain\.00[12]$/,
};
/** Fragments and files that are not of their folder's format. */
const STRANGE = new Set([
  'viafintech-general-invalid_namespace.xml',
  'spojenet-malformed.abo',
  'wolph-empty-86.sta',
]);

describe.skipIf(!existsSync(SAMPLES))('samples beside the checkout (skipped where they are not)', () => {
  for (const [folder, format] of Object.entries(FOLDERS)) {
    const files = existsSync(SAMPLES) ? readdirSync(join(SAMPLES, folder)) : [];
    test.each(files.filter((file) => !STRANGE.has(file)))(`${folder}/%s`, (file) => {
      expect(recognise(readFileSync(join(SAMPLES, folder, file))).format).toMatch(format);
    });
  }
});
