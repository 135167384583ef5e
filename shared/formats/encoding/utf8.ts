const EMPTY = new Uint8Array(0);

/** Turns bytes into text piece by piece; `last` with the final piece. */
export type Decode = (bytes: Uint8Array, last: boolean) => string;

/** Both in one array. */
export function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/**
 * Reads UTF-8 and, where a byte is none, Windows-1250. Evidence decides how far that goes: once more bytes were wrong
 * than continuation bytes right, the file is Windows-1250 announced as UTF-8 and is read so from there on; until then
 * (a bank cut a name inside a character, say) only the wrong byte is.
 * @param offset where in the file the first byte stands
 * @param invalidAt called at most once, with the position of the first byte that is no UTF-8
 */
export function utf8OrWindows1250(offset: number, invalidAt: (byte: number) => void): Decode {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const windows = new TextDecoder('windows-1250');
  let carried: Uint8Array = EMPTY;
  let position = offset;
  let valid = 0;
  let invalid = 0;

  const whole = (bytes: Uint8Array): string | null => {
    try {
      const text = utf8.decode(bytes);
      valid += bytes.length - text.length;
      return text;
    } catch {
      return null;
    }
  };
  const mixed = (bytes: Uint8Array): string => {
    let text = '';
    let start = 0;
    let at = 0;
    while (at < bytes.length && invalid <= valid) {
      const length = characterLength(bytes, at);
      if (length > 0) {
        at += length;
        valid += length - 1;
        continue;
      }
      if (invalid === 0) invalidAt(position + at);
      invalid += 1;
      text += utf8.decode(bytes.subarray(start, at)) + windows.decode(bytes.subarray(at, at + 1));
      at += 1;
      start = at;
    }
    text += utf8.decode(bytes.subarray(start, at));
    return text + windows.decode(bytes.subarray(at));
  };
  return (piece, last) => {
    if (invalid > valid) return windows.decode(piece);
    const bytes = carried.length === 0 ? piece : concat(carried, piece);
    const end = last ? bytes.length : bytes.length - unfinishedTail(bytes);
    carried = bytes.slice(end);
    const text = whole(bytes.subarray(0, end)) ?? mixed(bytes.subarray(0, end));
    position += end;
    if (invalid <= valid) return text;
    const rest = windows.decode(carried);
    carried = EMPTY;
    return text + rest;
  };
}

/** Bytes of the well-formed UTF-8 character at `at`; 0 when there is none (Unicode, table 3-7). */
export function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = announcedLength(first);
  if (length === 0) return 0;
  const second = bytes[at + 1] ?? 0;
  const [low, high] = SECOND_BYTE[first] ?? [0x80, 0xbf];
  if (second < low || second > high) return 0;
  for (let next = at + 2; next < at + length; next++) if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

/** First bytes after which the second one has a narrower range. */
const SECOND_BYTE: Readonly<Record<number, readonly [number, number]>> = {
  0xe0: [0xa0, 0xbf],
  0xed: [0x80, 0x9f],
  0xf0: [0x90, 0xbf],
  0xf4: [0x80, 0x8f],
};

function announcedLength(first: number): number {
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/** Bytes at the end that begin a character and wait for the rest of it. */
export function unfinishedTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) return announcedLength(byte) > back ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}
