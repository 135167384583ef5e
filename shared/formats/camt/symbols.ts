import type { Symbols } from '../../domain/model.ts';
import {
  NO_SYMBOLS,
  normaliseConstantSymbol,
  normaliseSpecificSymbol,
  normaliseVariableSymbol,
} from '../../domain/symbols.ts';
import type { XmlElement } from '../xml.ts';
import { child, children, textAt } from './fields.ts';

const KEYS = { VS: 'variableSymbol', KS: 'constantSymbol', SS: 'specificSymbol' } as const;
const NORMALISE = {
  variableSymbol: normaliseVariableSymbol,
  constantSymbol: normaliseConstantSymbol,
  specificSymbol: normaliseSpecificSymbol,
};
type SymbolName = keyof typeof NORMALISE;

/** What one place gave, `null` when it has no symbols. */
type Found = { -readonly [K in keyof Symbols]: Symbols[K] } | null;

/**
 * Czech symbols as the bank wrote them, each from the first place that has it: structured references, the slashed
 * end-to-end id, the bare ids of a domestic payment (only when the first two gave nothing), the text. A zero is none.
 * @param domestic whether the bare ids may be symbols: elsewhere they are whatever the payer's software counts
 */
export function readRawSymbols(details: XmlElement | null, domestic: boolean): Symbols {
  if (!details) return NO_SYMBOLS;
  const references = fromReferences(details);
  const slashed = fromSlashedId(details);
  const ids = domestic && isEmpty(references) && isEmpty(slashed) ? fromIds(details) : null;
  const text = fromText(details);
  if (!references && !slashed && !ids && !text) return NO_SYMBOLS;
  const places = [references, slashed, ids, text];
  return {
    variableSymbol: firstOf(places, 'variableSymbol'),
    constantSymbol: firstOf(places, 'constantSymbol'),
    specificSymbol: firstOf(places, 'specificSymbol'),
  };
}

const has = (found: Found, name: SymbolName): boolean =>
  found !== null && found[name] !== null && NORMALISE[name](found[name]) !== null;

const isEmpty = (found: Found): boolean =>
  !has(found, 'variableSymbol') && !has(found, 'constantSymbol') && !has(found, 'specificSymbol');

/** The first that counts, else the first that is written at all. */
function firstOf(places: readonly Found[], name: SymbolName): string | null {
  let written: string | null = null;
  for (const place of places) {
    if (has(place, name)) return place?.[name] ?? null;
    written ??= place?.[name] ?? null;
  }
  return written;
}

/** Adds a symbol; the first of a kind counts. */
function put(found: Found, kind: string, digits: string): Found {
  const all = found ?? { ...NO_SYMBOLS };
  all[KEYS[kind.toUpperCase() as keyof typeof KEYS]] ??= digits;
  return all;
}

/** Every `VS`, `KS` or `SS` the pattern finds (groups: which, digits). */
function collect(found: Found, text: string, pattern: RegExp): Found {
  let all = found;
  for (const [, which = '', digits = ''] of text.matchAll(pattern)) {
    if (digits !== '') all = put(all, which, digits);
  }
  return all;
}

const REFERENCE = /^(VS|KS|SS)\s*:\s*(\d+)$/i;

/** One `Strd` per symbol, `CdtrRefInf/Ref` = `VS:123` (Raiffeisenbank, ČBA instant payments). */
function fromReferences(details: XmlElement): Found {
  let found: Found = null;
  for (const { text } of children(details, 'RmtInf', 'Strd', 'CdtrRefInf', 'Ref')) {
    const [, which, digits = ''] = REFERENCE.exec(text) ?? [];
    if (which !== undefined) found = put(found, which, digits);
  }
  return found;
}

const SLASHED = /^(\/(VS|KS|SS)\d*)+$/i;

/** `/VS123/SS456/KS0308`, any order, parts may be empty: the Slovak convention. */
function fromSlashedId(details: XmlElement): Found {
  const id = textAt(details, 'Refs', 'EndToEndId') ?? '';
  return id.startsWith('/') && SLASHED.test(id) ? collect(null, id, /\/(VS|KS|SS)(\d*)/gi) : null;
}

const BARE = /^\d{1,10}$/;

/** Raiffeisenbank, domestic: `EndToEndId` = VS, `InstrId` = KS, `PmtInfId` = SS, bare digits. */
function fromIds(details: XmlElement): Found {
  const refs = child(details, 'Refs');
  const digits = (name: string): string | null => {
    const text = textAt(refs, name);
    return text !== null && BARE.test(text) ? text : null;
  };
  return {
    variableSymbol: digits('EndToEndId'),
    constantSymbol: digits('InstrId'),
    specificSymbol: digits('PmtInfId'),
  };
}

const HINT = /[VKS]S[/:]/i;

/** `/VS/123` or `VS:123` inside the remittance text (Komerční banka copies them so into foreign payments). */
function fromText(details: XmlElement): Found {
  let found: Found = null;
  for (const { text } of children(details, 'RmtInf', 'Ustrd')) found = fromWords(found, text);
  for (const { text } of children(details, 'AddtlTxInf')) found = fromWords(found, text);
  return found;
}

/** Most texts have none, and the pattern that looks at letters of all alphabets is slow. */
function fromWords(found: Found, text: string): Found {
  if (!HINT.test(text)) return found;
  return collect(found, text, /(?<![\p{L}\d])(VS|KS|SS)(?:\/|: ?)(\d{1,10})(?!\d)/giu);
}
