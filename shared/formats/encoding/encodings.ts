/**
 * The encodings of Czech bank files: what a byte means in each of the single-byte ones. All of them are ASCII below
 * 0x80.
 */
export const ENCODINGS = ['utf-8', 'windows-1250', 'iso-8859-2', 'cp852'] as const;
export type Encoding = (typeof ENCODINGS)[number];
export type SingleByte = Exclude<Encoding, 'utf-8'>;

/** CP852 from 0x80 on (the platform has no decoder for it): the table of IBM code page 852. */
const CP852 =
  'ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐' +
  '└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u00AD˝˛ˇ˘§÷¸°¨˙űŘř■\u00A0';

/** Names by which CP852 is called; those of the others the platform knows. */
const CP852_NAMES = ['cp852', 'ibm852', '852', 'pclatin2', 'dos-latin2'];

/** The encoding a label (`CP1250`, `latin2`, `UTF8` …) stands for, `null` when it is none of ours. */
export function encodingNamed(label: string): Encoding | null {
  const name = label.trim().toLowerCase();
  if (CP852_NAMES.includes(name)) return 'cp852';
  try {
    const { encoding } = new TextDecoder(name);
    return ENCODINGS.find((each) => each === encoding) ?? null;
  } catch {
    return null;
  }
}

function upperHalf(encoding: SingleByte): string {
  if (encoding === 'cp852') return CP852;
  return new TextDecoder(encoding).decode(Uint8Array.from({ length: 128 }, (_, at) => at + 128));
}

const tables = new Map<SingleByte, Uint16Array>();

/** What each of the 256 bytes means, as UTF-16 code units. */
export function decodingTable(encoding: SingleByte): Uint16Array {
  let table = tables.get(encoding);
  if (!table) {
    const upper = upperHalf(encoding);
    table = Uint16Array.from({ length: 256 }, (_, byte) =>
      byte < 128 ? byte : upper.charCodeAt(byte - 128),
    );
    tables.set(encoding, table);
  }
  return table;
}

const inverses = new Map<SingleByte, ReadonlyMap<string, number>>();

/** The byte of each character that the encoding has. */
export function encodingTable(encoding: SingleByte): ReadonlyMap<string, number> {
  let inverse = inverses.get(encoding);
  if (!inverse) {
    inverse = new Map(
      Array.from(decodingTable(encoding), (unit, byte) => [String.fromCharCode(unit), byte] as const),
    );
    inverses.set(encoding, inverse);
  }
  return inverse;
}
