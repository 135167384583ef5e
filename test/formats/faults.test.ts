import { describe, expect, it } from 'vitest';
import { readCamt } from '../../shared/formats/camt/reader.ts';
import { readBbtxt } from '../../shared/formats/bbtxt/reader.ts';
import { FormatError } from '../../shared/formats/errors.ts';
import { readFinsta } from '../../shared/formats/finsta/reader.ts';
import { readGpc } from '../../shared/formats/gpc/reader.ts';
import { readKpc } from '../../shared/formats/kpc/reader.ts';
import { parseMt940 } from '../../shared/formats/mt940/reader.ts';
import { readPain001 } from '../../shared/formats/pain001/reader.ts';
import { readPain002 } from '../../shared/formats/pain002/reader.ts';
import { file as bbtxt } from './bbtxt/compose.ts';
import { document as camt, entry } from './camt/compose.ts';
import { concat, encodeAs } from './encode.ts';
import { document as finsta, movement, statement } from './finsta/compose.ts';
import { header, item } from './gpc/compose.ts';
import { AMOUNT, CREDITOR, document as pain001, information, transfer } from './pain001/compose.ts';

/** Faults that every format of its kind must survive alike, by the rows of the fault list. */

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const PAIN002 =
  '<?xml version="1.0" encoding="UTF-8"?><Document><CstmrPmtStsRpt><GrpHdr><MsgId>B1</MsgId></GrpHdr>' +
  '<OrgnlGrpInfAndSts><OrgnlMsgId>M1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.03</OrgnlMsgNmId>' +
  '<GrpSts>RJCT</GrpSts><StsRsnInf><AddtlInf>Účet</AddtlInf></StsRsnInf></OrgnlGrpInfAndSts>' +
  '</CstmrPmtStsRpt></Document>';

/** Documents of which every one is read, with the element that may hold anything. */
const XML: readonly (readonly [string, (bytes: Uint8Array) => unknown, (extra: string) => string])[] = [
  ['camt.053', readCamt, (extra) => camt(entry({ extra }))],
  ['camt.054', readCamt, (extra) => as054(camt(entry({ extra })))],
  ['pain.001', readPain001, (extra) => pain001(information(transfer(AMOUNT + CREDITOR + extra)))],
  ['pain.002', readPain002, (extra) => PAIN002.replace('<AddtlInf>', `${extra}<AddtlInf>`)],
  ['FINSTA', readFinsta, (extra) => finsta(statement(movement({}, extra)))],
];

function as054(text: string): string {
  return text
    .replaceAll('BkToCstmrStmt', 'BkToCstmrDbtCdtNtfctn')
    .replaceAll(/<(\/?)Stmt>/g, '<$1Ntfctn>')
    .replaceAll('camt.053', 'camt.054');
}

describe.each(XML)('row 41: a hostile %s', (_, read, document) => {
  const refusal = (xml: string): string => {
    try {
      read(utf8(xml.replace('windows-1250', 'utf-8')));
    } catch (error) {
      if (error instanceof FormatError) return error.rule;
      throw error;
    }
    return 'read';
  };
  const typed = (doctype: string, extra = ''): string => document(extra).replace('?>', `?>${doctype}`);
  const laughs = Array.from({ length: 9 }, (_each, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`);

  it('is refused, and the same without its poison is read', () => {
    expect(refusal(document(''))).toBe('read');
    expect(refusal(typed('<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>', '<A>&x;</A>'))).toBe(
      'doctype',
    );
    expect(refusal(typed('<!DOCTYPE d SYSTEM "http://127.0.0.1:9/d.dtd">'))).toBe('doctype');
    expect(refusal(typed(`<!DOCTYPE d [<!ENTITY l0 "l">${laughs.join('')}]>`, '<A>&l9;</A>'))).toBe(
      'doctype',
    );
    expect(refusal(document('<A>&x;</A>'))).toBe('malformed');
    expect(refusal(document('<a>'.repeat(70) + '</a>'.repeat(70)))).toBe('too-deep');
    expect(refusal(document(`<a b="${'x'.repeat(100_000)}"/>`))).toBe('too-long');
    expect(refusal(document(`<a>${'x'.repeat(1_100_000)}</a>`))).toBe('too-long');
  });
});

const LINES: readonly (readonly [string, (bytes: Uint8Array) => unknown, readonly string[]])[] = [
  ['GPC', readGpc, [header({ closing: 100 }), item({ name: 'Příliš žluťoučký' }), '078úpěl ďábelské ódy']],
  [
    'MT940',
    parseMt940,
    [
      ':20:X',
      ':25:2700/2000145399',
      ':60F:C260902CZK0,',
      ':61:260903C1,NTRFNONREF',
      ':86:051?24úpěl ďábelské ódy?32Příliš žluťoučký',
      ':62F:C260903CZK1,',
    ],
  ],
  ['BBTXT', readBbtxt, bbtxt().split('\r\n').slice(0, -1)],
  [
    'KPC',
    readKpc,
    [
      'UHL1030926VZOROVA FIRMA SRO   0000000000001999000000000000',
      '1 1501 001000 2010',
      '2 2101135843 125050 040926',
      '630804003 125050 2026000123 55000308 0 AV:Příliš žluťoučký kůň',
      '3 +',
      '5 +',
    ],
  ],
];

/** What was read, without what is said of how. */
const silent = (read: unknown): unknown =>
  JSON.parse(
    JSON.stringify(read, (key, value: unknown) =>
      key === 'warnings' ? undefined : typeof value === 'bigint' ? value.toString() : value,
    ),
  );

describe.each(LINES)('row 42: %s in any encoding', (_, read, lines) => {
  const text = lines.map((line) => `${line}\r\n`).join('');
  const expected = silent(read(utf8(text)));

  it('is the same in UTF-8 with a byte order mark and in Windows-1250', () => {
    expect(JSON.stringify(expected)).toMatch(/[žĚ]/);
    expect(silent(read(concat(Uint8Array.of(0xef, 0xbb, 0xbf), utf8(text))))).toEqual(expected);
    expect(silent(read(encodeAs('windows-1250', text)))).toEqual(expected);
  });

  it('is the same with line ends of any kind, and of several kinds', () => {
    const ends = ['\n', '\r', '\r\n'];
    for (const end of ends) expect(silent(read(utf8(text.replaceAll('\r\n', end))))).toEqual(expected);
    const mixed = lines.map((line, at) => line + (ends[at % 3] ?? '')).join('');
    expect(silent(read(utf8(mixed)))).toEqual(expected);
  });
});

describe.each(XML)('row 42: %s in any encoding', (name, read, document) => {
  const text = document('')
    .replace('windows-1250', 'UTF-8')
    .replace(/ODB\S+|Účet/, 'Žluťoučký')
    .replace('</', '\n</');
  const expected = silent(read(utf8(text)));
  const flagged = (result: unknown): boolean => JSON.stringify(result, ignoreBigints).includes('"encoding-');

  it('is the same with a byte order mark, as Windows-1250 and with other line ends', () => {
    expect(silent(read(concat(Uint8Array.of(0xef, 0xbb, 0xbf), utf8(text))))).toEqual(expected);
    const declared = text.replace(/encoding="[^"]*"/, 'encoding="windows-1250"');
    expect(silent(read(encodeAs('windows-1250', declared)))).toEqual(expected);
    expect(silent(read(utf8(text.replaceAll('\n', '\r\n'))))).toEqual(expected);
  });

  it('is told when it is Windows-1250 and says UTF-8', () => {
    const wrong = read(encodeAs('windows-1250', text.replace('</', '<!-- ž --></')));
    expect(silent(wrong)).toEqual(expected);
    expect(flagged(wrong), name).toBe(true);
    expect(flagged(read(utf8(text)))).toBe(false);
  });
});

const ignoreBigints = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? null : value);
