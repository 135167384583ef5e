import type { Symbols } from '../../domain/model.ts';
import { NO_SYMBOLS, normaliseSymbols } from '../../domain/symbols.ts';

/**
 * Czech symbols in a pain.001. No public rule says where a client writes them, so three spellings are read and each
 * bank's dialect says which one is written: `strd` = `CdtrRefInf/Ref` with `VS:1`, `e2e` = EndToEndId `/VS1/SS2/KS0308`,
 * `ustrd` = `/VS/1/SS/2/KS/0308` before the text.
 */
export type SymbolSpelling = 'strd' | 'e2e' | 'ustrd';

const KEYS = { VS: 'variableSymbol', KS: 'constantSymbol', SS: 'specificSymbol' } as const;

/** References `VS:1`, one each. */
const REFERENCE = /^(VS|KS|SS)\s*:\s*(\d{1,10})$/gi;
/** The whole id; a part may be empty. */
const SLASHED_ID = /^(?:\/(?:VS|KS|SS)\d{0,10})+$/i;
const SLASHED_PART = /\/(VS|KS|SS)(\d{0,10})/gi;
/** Anywhere in the text, as some banks take them from there. */
const TEXT_PART = /(?<![^\s\d])\/(VS|KS|SS)\/(\d{1,10})(?!\d)/gi;
/** What the writer puts before a text. */
const TEXT_BLOCK = /^(?:\s*\/(?:VS|KS|SS)\/\d{1,10})+(?=\s|$)/i;

type Found = { -readonly [K in keyof Symbols]: Symbols[K] };

function gather(found: Found, text: string, pattern: RegExp): void {
  for (const [, which = '', digits = ''] of text.matchAll(pattern)) {
    const key = KEYS[which.toUpperCase() as keyof typeof KEYS];
    if (digits !== '') found[key] ??= digits;
  }
}

/** The symbols as the file wrote them, each from the first place that has it: references, end-to-end id, text. */
export function readSymbols(references: readonly string[], endToEndId: string, text: string): Symbols {
  const found: Found = { ...NO_SYMBOLS };
  for (const reference of references) gather(found, reference, REFERENCE);
  if (isSlashedId(endToEndId)) gather(found, endToEndId, SLASHED_PART);
  gather(found, text, TEXT_PART);
  return found;
}

export function isSymbolReference(reference: string): boolean {
  return reference.search(REFERENCE) === 0;
}

/** Whether an end-to-end id is nothing but symbols. */
export function isSlashedId(id: string): boolean {
  return SLASHED_ID.test(id);
}

/** Whether an end-to-end id is these symbols, so that nothing is lost without it. */
export function saysOnly(id: string, symbols: Symbols): boolean {
  const said = normaliseSymbols(readSymbols([], id, ''));
  return (
    isSlashedId(id) && Object.values(KEYS).every((key) => said[key] === null || said[key] === symbols[key])
  );
}

/** The text without the symbols in front of it, provided they are the payment's own. */
export function withoutSymbols(text: string, symbols: Symbols): string {
  const block = TEXT_BLOCK.exec(text)?.[0] ?? '';
  const said = normaliseSymbols(readSymbols([], '', block));
  const own = Object.values(KEYS).every((key) => said[key] === null || said[key] === symbols[key]);
  return own ? text.slice(block.length).trim() : text;
}

function* parts({ variableSymbol, specificSymbol, constantSymbol }: Symbols): Generator<[string, string]> {
  if (variableSymbol !== null) yield ['VS', variableSymbol];
  if (specificSymbol !== null) yield ['SS', specificSymbol];
  if (constantSymbol !== null) yield ['KS', constantSymbol];
}

/** `/VS1/SS2/KS0308`; empty without symbols. At most 33 characters. */
export function slashedId(symbols: Symbols): string {
  return [...parts(symbols)].map(([name, digits]) => `/${name}${digits}`).join('');
}

/** `/VS/1/SS/2/KS/0308`; empty without symbols. */
export function slashedText(symbols: Symbols): string {
  return [...parts(symbols)].map(([name, digits]) => `/${name}/${digits}`).join('');
}

/** `VS:1`, `KS:0308`, `SS:2`, in the order statements have them. */
export function references({ variableSymbol, constantSymbol, specificSymbol }: Symbols): string[] {
  return [
    ...(variableSymbol === null ? [] : [`VS:${variableSymbol}`]),
    ...(constantSymbol === null ? [] : [`KS:${constantSymbol}`]),
    ...(specificSymbol === null ? [] : [`SS:${specificSymbol}`]),
  ];
}
