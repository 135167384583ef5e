import { FormatError } from '../errors.ts';
import { decodingTable, encodingNamed, type Encoding, type SingleByte } from './encodings.ts';
import { characterLength, unfinishedTail } from './utf8.ts';

/** The byte order mark of UTF-8. */
export const BOM = [0xef, 0xbb, 0xbf] as const;

/** Which encoding bytes are in, how sure that is, and why. */
export interface Detected {
  readonly encoding: Encoding;
  /** 0 to 1: how sure it is that the text comes out right. */
  readonly confidence: number;
  /** Readable, for the operator; at least one. */
  readonly reasons: readonly string[];
}

/** What is known of the bytes from elsewhere. */
export interface DetectionHints {
  /** A label that came with the bytes (a header, a setting). */
  readonly declared?: string;
  /** The single-byte encoding this kind of file is in when it is no UTF-8. */
  readonly expected?: SingleByte;
}

/**
 * Tells the encoding of bytes: byte order mark, declaration, UTF-8's own rules, then the letters. The beginning of a
 * file is enough; a character cut off at its end does no harm.
 * @throws FormatError `encoding` for UTF-16, which no bank format uses
 */
export function detectEncoding(bytes: Uint8Array, hints: DetectionHints = {}): Detected {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw new FormatError('encoding', 'The file is in UTF-16; save it as UTF-8', '1:1');
  }
  if (BOM.every((byte, at) => bytes[at] === byte))
    return sure('utf-8', 'it begins with the byte order mark of UTF-8');
  const utf8 = inspectUtf8(bytes);
  const label = hints.declared ?? declaredIn(bytes);
  const declared = label === null ? null : encodingNamed(label);
  if (declared !== null && declared !== 'utf-8') return sure(declared, `it declares ${declared}`);
  if (utf8.beyond === 0) return sure(declared ?? 'utf-8', 'every byte is ASCII, which all encodings share');
  if (utf8.invalid === 0) {
    const evidence = `its ${utf8.characters} characters beyond ASCII are well-formed UTF-8`;
    return { encoding: 'utf-8', confidence: declared ? 1 : 1 - 0.2 ** utf8.characters, reasons: [evidence] };
  }
  const reasons = [`${utf8.invalid} of its bytes are no UTF-8`];
  if (declared === 'utf-8') reasons.push('although it declares UTF-8');
  if (utf8.characters > utf8.invalid * 4) {
    reasons.push(`but ${utf8.characters} characters are`);
    return { encoding: 'utf-8', confidence: 0.6, reasons };
  }
  if (hints.expected) {
    return {
      encoding: hints.expected,
      confidence: 0.95,
      reasons: [...reasons, `such files are in ${hints.expected}`],
    };
  }
  const first = bytes.findIndex((byte) => byte >= 0x80);
  return byLetters(bytes.subarray(Math.max(0, first - 1), first + LETTERS), reasons);
}

const sure = (encoding: Encoding, reason: string): Detected => ({
  encoding,
  confidence: 1,
  reasons: [reason],
});

/** The encoding an XML declaration names. */
function declaredIn(bytes: Uint8Array): string | null {
  const head = Buffer.from(bytes.subarray(0, 256)).toString('latin1');
  return /^<\?xml\s[^>]*?encoding\s*=\s*["']([\w.:-]+)["']/.exec(head)?.[1] ?? null;
}

function inspectUtf8(bytes: Uint8Array): { beyond: number; characters: number; invalid: number } {
  const end = bytes.length - unfinishedTail(bytes);
  let [beyond, characters, invalid] = [0, 0, 0];
  for (let at = 0; at < bytes.length; at++) {
    if ((bytes[at] ?? 0) < 0x80) continue;
    beyond += 1;
    if (at >= end) continue;
    const length = characterLength(bytes, at);
    if (length === 0) invalid += 1;
    else {
      characters += 1;
      at += length - 1;
    }
  }
  // Nothing but a cut-off character: as good as none of UTF-8.
  if (characters === 0 && beyond > 0) invalid = Math.max(invalid, 1);
  return { beyond, characters, invalid };
}

/** In the order of preference when letters do not tell them apart. */
const CANDIDATES: readonly SingleByte[] = ['windows-1250', 'iso-8859-2', 'cp852'];
/** What the others must be better by: Windows-1250 is what Czech bank files are in. */
const HANDICAP: Readonly<Record<SingleByte, number>> = { 'windows-1250': 0, 'iso-8859-2': 4, cp852: 4 };

/** Bytes whose letters are looked at. */
const LETTERS = 1 << 20;
const FREQUENT = 'áéíýěščřžůÁÉÍÝĚŠČŘŽŮ';
const CZECH_AND_SLOVAK = 'úóďťňľĺŕäôÚÓĎŤŇĽĹŔÄÔ';
const LETTER = /\p{L}/u;
const UPPER = /\p{Lu}/u;
const LOWER = /\p{Ll}/u;

/** Weight of one character as it would be read, by how often Czech and Slovak texts have it. */
function frequency(character: string): number {
  if (FREQUENT.includes(character)) return 3;
  if (CZECH_AND_SLOVAK.includes(character)) return 2;
  if (LETTER.test(character)) return 0;
  return /\p{Cc}/u.test(character) ? -5 : -2;
}

function byLetters(bytes: Uint8Array, reasons: readonly string[]): Detected {
  const scores = CANDIDATES.map((encoding) => ({ encoding, ...scoreOf(bytes, encoding) }));
  const ranked = scores.toSorted((a, b) => b.score - a.score);
  const best = ranked[0] ?? { encoding: 'windows-1250' as const, score: 0, text: '' };
  // One that reads the same letters is no rival.
  const rival = ranked.find(({ text }) => text !== best.text);
  const margin = rival ? best.score - rival.score : best.score;
  const alike = ranked.filter(({ encoding, text }) => encoding !== best.encoding && text === best.text);
  return {
    encoding: best.encoding,
    confidence: 0.5 + (0.5 * margin) / (margin + 4),
    reasons: [
      ...reasons,
      `its letters are most like Czech in ${best.encoding}`,
      ...alike.map(({ encoding }) => `${encoding} would read the same`),
    ],
  };
}

/** How Czech the bytes beyond ASCII are in an encoding, and what they are there. */
function scoreOf(bytes: Uint8Array, encoding: SingleByte): { score: number; text: string } {
  const table = decodingTable(encoding);
  const counts = new Map<number, number>();
  let score = -HANDICAP[encoding];
  bytes.forEach((byte, at) => {
    if (byte < 0x80) return;
    counts.set(byte, (counts.get(byte) ?? 0) + 1);
    if (breaksCase(String.fromCharCode(table[byte] ?? 0), bytes[at - 1], bytes[at + 1])) score -= 4;
  });
  let text = '';
  for (const [byte, count] of counts) {
    const character = String.fromCharCode(table[byte] ?? 0);
    score += count * frequency(character);
    text += character;
  }
  return { score, text };
}

const isSmall = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x61 && byte <= 0x7a;
const isCapital = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x41 && byte <= 0x5a;

/** Whether a letter cannot stand there: a capital behind a small ASCII letter, a small one between two capitals. */
function breaksCase(character: string, before: number | undefined, after: number | undefined): boolean {
  if (isSmall(before)) return UPPER.test(character);
  return isCapital(before) && isCapital(after) && LOWER.test(character);
}
