/** Character classes of XML 1.0 and its references, without those a DTD would declare. */

const NAME_START = 1;
const NAME = 2;
const WHITE = 4;

/** Classes of the ASCII characters. */
const CLASSES = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[A-Za-z_:]/.test(character)) return NAME_START | NAME;
  if (/[-.0-9]/.test(character)) return NAME;
  return /[\t\n\r ]/.test(character) ? WHITE : 0;
});

/** Names with letters beyond ASCII (XML 1.0, production 4); surrogates are let pass, as no bank names fields so. */
const START_BEYOND =
  /[\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D\u2070-\u218F\u2C00-\u2FEF\u3001-\uDB7F\uDC00-\uDFFF\uF900-\uFDCF\uFDF0-\uFFFD]/;
const NAME_BEYOND = new RegExp(`${START_BEYOND.source}|[\\u00B7\\u0300-\\u036F\\u203F\\u2040]`);

export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

export function isNameStart(code: number): boolean {
  return code < 128
    ? ((CLASSES[code] ?? 0) & NAME_START) !== 0
    : START_BEYOND.test(String.fromCharCode(code));
}

export function isNameCharacter(code: number): boolean {
  return code < 128 ? ((CLASSES[code] ?? 0) & NAME) !== 0 : NAME_BEYOND.test(String.fromCharCode(code));
}

const BUILT_IN: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const REFERENCE = /&(?:#x([\da-fA-F]{1,8})|#(\d{1,8})|([A-Za-z]{1,8}));|&/g;

/** The text with its references resolved, `null` when one of them means nothing. */
export function resolveReferences(text: string): string | null {
  if (!text.includes('&')) return text;
  let broken = false;
  const resolved = text.replace(REFERENCE, (_, hex?: string, decimal?: string, name?: string) => {
    const meant = name === undefined ? numbered(hex, decimal) : builtIn(name);
    broken ||= meant === null;
    return meant ?? '';
  });
  return broken ? null : resolved;
}

const builtIn = (name: string): string | null =>
  Object.hasOwn(BUILT_IN, name) ? (BUILT_IN[name] ?? null) : null;

function numbered(hex: string | undefined, decimal: string | undefined): string | null {
  const code = hex === undefined ? Number(decimal ?? -1) : Number.parseInt(hex, 16);
  return isCharacter(code) ? String.fromCodePoint(code) : null;
}

/** Production 2 of XML 1.0. */
function isCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x09 || code === 0x0a || code === 0x0d;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}
