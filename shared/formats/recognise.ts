import { BANKS } from '../domain/bank-codes.ts';
import { detectEncoding } from './encoding/detect.ts';
import type { Encoding } from './encoding/encodings.ts';
import { bankOfFiller } from './gpc/dialects.ts';

/** What a file is, told from its bytes; its name and media type are never asked. */

export const FORMATS = [
  'gpc',
  'mt940',
  'mt942',
  'camt.052',
  'camt.053',
  'camt.054',
  'finsta',
  'bbtxt',
  'kpc',
  'pain.001',
  'pain.002',
  /** Never recognised, for it has no mark of its own: read where somebody names it. */
  'zps',
  /** One payment as the Czech Open Banking Standard has it. */
  'cobs',
  'abo-k',
  'pdf',
  'html',
  'json',
  'unknown',
] as const;
export type FormatName = (typeof FORMATS)[number];

export interface Recognised {
  readonly format: FormatName;
  /** Version where the file names one: `001.02` of a camt.053. */
  readonly version: string | null;
  /** Code of the bank whose dialect it is, when the file tells. */
  readonly dialect: string | null;
  /** `null` where the file is no text. */
  readonly encoding: Encoding | null;
  /** 0 to 1. */
  readonly confidence: number;
  /** Why, readable. */
  readonly evidence: readonly string[];
}

/** What tells a format stands near the beginning. */
const HEAD = 16 * 1024;

/** Recognises a file (formats of Czech banks and of ISO 20022); looks at its beginning only. */
export function recognise(bytes: Uint8Array): Recognised {
  const start = bytes.subarray(0, HEAD);
  const head = Buffer.from(start)
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '');
  const verdict = RULES.map((rule) => rule(head)).find((one) => one !== null) ?? NOTHING;
  if (!TEXTUAL.has(verdict.format)) return { ...verdict, encoding: null };
  const { encoding, confidence, reasons } = detectEncoding(start);
  return {
    ...verdict,
    encoding,
    confidence: verdict.confidence * (verdict.format === 'unknown' ? 1 : Math.max(confidence, 0.5)),
    evidence: [...verdict.evidence, ...reasons.map((reason) => `${encoding}: ${reason}`)],
  };
}

type Verdict = Omit<Recognised, 'encoding'>;
type Rule = (head: string) => Verdict | null;

const NOTHING: Verdict = {
  format: 'unknown',
  version: null,
  dialect: null,
  confidence: 0,
  evidence: ['nothing of it is known to Brana'],
};

const TEXTUAL = new Set<FormatName>(FORMATS.filter((format) => format !== 'pdf'));

/** XML messages by the element below the root. */
const MESSAGES: Readonly<Record<string, FormatName>> = {
  BkToCstmrStmt: 'camt.053',
  BkToCstmrAcctRpt: 'camt.052',
  BkToCstmrDbtCdtNtfctn: 'camt.054',
  CstmrCdtTrfInitn: 'pain.001',
  CstmrPmtStsRpt: 'pain.002',
};

const sure = (format: FormatName, evidence: string, rest: Partial<Verdict> = {}): Verdict => ({
  format,
  version: null,
  dialect: null,
  confidence: 1,
  ...rest,
  evidence: [evidence, ...(rest.evidence ?? [])],
});

const RULES: readonly Rule[] = [
  (head) => (head.startsWith('%PDF-') ? sure('pdf', 'it begins with %PDF-') : null),
  (head) =>
    /^\s*<(!doctype\s+html|html)\b/i.test(head) ? sure('html', 'it is a web page, no bank file') : null,
  xmlMessage,
  (head) =>
    /<FINSTA[\s>]/.test(head)
      ? sure('finsta', 'its root element is FINSTA (ČSOB)', { dialect: '0300' })
      : null,
  (head) =>
    /^\s*"?HLAVA"?[^A-Za-z0-9]/.test(head)
      ? sure('bbtxt', 'its first record is HLAVA (ČSOB BBTXT)', { dialect: '0300' })
      : null,
  (head) =>
    /^\s*\{[^]*"instructedAmount"\s*:/.test(head)
      ? sure('cobs', 'it is JSON with an instructedAmount (Czech Open Banking Standard)')
      : null,
  (head) => (/^\s*(\[|\{\s*["}])/.test(head) ? sure('json', 'it begins like JSON') : null),
  gpc,
  kpc,
  (head) =>
    /^\s*"?FV[345]"?[~;]/.test(head) ? sure('abo-k', 'its first field is FV3, FV4 or FV5 (ČNB ABO-K)') : null,
  swift,
];

function xmlMessage(head: string): Verdict | null {
  if (!/^\s*</.test(head)) return null;
  const element = Object.keys(MESSAGES).find((name) =>
    new RegExp(`<(?:[\\w.-]+:)?${name}[\\s/>]`).test(head),
  );
  if (!element) return null;
  const format = MESSAGES[element]!;
  const version = new RegExp(`:${format.replace('.', '\\.')}\\.(\\d{3}\\.\\d{2})`).exec(head)?.[1] ?? null;
  const iban = /<(?:[\w.-]+:)?IBAN>\s*CZ\d{2}(\d{4})/.exec(head)?.[1] ?? null;
  return sure(format, `it has the element ${element}`, {
    version,
    dialect: iban,
    ...(iban === null ? {} : { evidence: [`its first IBAN is of the bank ${iban}`] }),
  });
}

/** A first line of record 074 with sixteen digits of account. */
function gpc(head: string): Verdict | null {
  const line = /^\s*(074\d{16}[^\r\n]*)/.exec(head)?.[1];
  if (line === undefined) return null;
  const dialect = bankOfFiller(line.slice(114, 128).trim());
  return sure('gpc', 'its first record is 074 with an account', {
    dialect,
    ...(dialect === null ? {} : { evidence: [`the header's filler names the bank ${dialect}`] }),
  });
}

function kpc(head: string): Verdict | null {
  if (!/^\s*UHL1/.test(head)) return null;
  const bank = /[\r\n]1 150\d \d{6} (\d{4})/.exec(head)?.[1] ?? null;
  return sure('kpc', 'its first record is UHL1', {
    dialect: bank,
    ...(bank === null ? {} : { evidence: [`its first accounting file is for the bank ${bank}`] }),
  });
}

/** Fields of SWIFT category 9: :20: and a balance, or :34F: without one. */
function swift(head: string): Verdict | null {
  if (!/(^|[\r\n])[^:\r\n]{0,40}:20:/.test(head)) return null;
  const statement = /[\r\n]:60[FM]:/.test(head);
  if (!statement && !/[\r\n]:34F:/.test(head)) return null;
  const format = statement ? 'mt940' : 'mt942';
  const dialect = bankOfSwift(head);
  return sure(
    format,
    statement ? 'it has the fields :20: and :60F:' : 'it has :20: and :34F:, but no balance',
    {
      dialect,
      ...(dialect === null ? {} : { evidence: [`its header or account names the bank ${dialect}`] }),
    },
  );
}

function bankOfSwift(head: string): string | null {
  const code = /[\r\n]:25:(\d{4})\//.exec(head)?.[1] ?? /[\r\n]:25:CZ\d{2}(\d{4})/.exec(head)?.[1];
  if (code !== undefined && BANKS.has(code)) return code;
  const bic = /(?:\{1:F01|[\r\n]:25:|^\s*)([A-Z]{4}CZ[A-Z0-9]{2})/.exec(head)?.[1];
  return [...BANKS.values()].find((bank) => bank.bic === bic)?.code ?? null;
}
