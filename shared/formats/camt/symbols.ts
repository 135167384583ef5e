import type { Symbols } from '../../domain/model.ts';
import { NO_SYMBOLS, normaliseSymbols } from '../../domain/symbols.ts';
import type { XmlElement } from '../xml.ts';
import { child, children, textAt } from './fields.ts';

const KEYS = { VS: 'variableSymbol', KS: 'constantSymbol', SS: 'specificSymbol' } as const;
const NAMES = ['variableSymbol', 'constantSymbol', 'specificSymbol'] as const;

/**
 * Czech symbols as the bank wrote them, each from the first place that has it: structured references, the slashed
 * end-to-end id, the bare ids of a domestic payment (only when the first two gave nothing), the text. A zero is none.
 * @param domestic whether the bare ids may be symbols: elsewhere they are whatever the payer's software counts
 */
export function readRawSymbols(details: XmlElement | null, domestic: boolean): Symbols {
  if (!details) return NO_SYMBOLS;
  const explicit = [fromReferences(details), fromSlashedId(details)];
  const ids = domestic && explicit.every(isEmpty) ? [fromIds(details)] : [];
  return firstOfEach([...explicit, ...ids, fromText(details)]);
}

function isEmpty(raw: Symbols): boolean {
  const symbols = normaliseSymbols(raw);
  return NAMES.every((name) => symbols[name] === null);
}

function firstOfEach(sources: readonly Symbols[]): Symbols {
  const first = (name: (typeof NAMES)[number]): string | null =>
    sources.find((raw) => normaliseSymbols(raw)[name] !== null)?.[name] ??
    sources.find((raw) => raw[name] !== null)?.[name] ??
    null;
  return {
    variableSymbol: first('variableSymbol'),
    constantSymbol: first('constantSymbol'),
    specificSymbol: first('specificSymbol'),
  };
}

/** Every `VS`, `KS` or `SS` a pattern finds (groups: which, digits); the first of each counts. */
function collect(texts: readonly string[], pattern: RegExp): Symbols {
  const found: { -readonly [K in keyof Symbols]: Symbols[K] } = { ...NO_SYMBOLS };
  for (const text of texts) {
    for (const [, which = '', digits = ''] of text.matchAll(pattern)) {
      const key = KEYS[which.toUpperCase() as keyof typeof KEYS];
      if (digits !== '') found[key] ??= digits;
    }
  }
  return found;
}

const textsOf = (elements: readonly XmlElement[]): string[] => elements.map((element) => element.text);

/** One `Strd` per symbol, `CdtrRefInf/Ref` = `VS:123` (Raiffeisenbank, ČBA instant payments). */
function fromReferences(details: XmlElement): Symbols {
  return collect(
    textsOf(children(details, 'RmtInf', 'Strd', 'CdtrRefInf', 'Ref')),
    /^(VS|KS|SS)\s*:\s*(\d+)$/gi,
  );
}

/** `/VS123/SS456/KS0308`, any order, parts may be empty: the Slovak convention. */
function fromSlashedId(details: XmlElement): Symbols {
  const id = textAt(details, 'Refs', 'EndToEndId') ?? '';
  return /^(\/(VS|KS|SS)\d*)+$/i.test(id) ? collect([id], /\/(VS|KS|SS)(\d*)/gi) : NO_SYMBOLS;
}

/** Raiffeisenbank, domestic: `EndToEndId` = VS, `InstrId` = KS, `PmtInfId` = SS, bare digits. */
function fromIds(details: XmlElement): Symbols {
  const refs = child(details, 'Refs');
  const digits = (name: string): string | null => {
    const text = textAt(refs, name);
    return text !== null && /^\d{1,10}$/.test(text) ? text : null;
  };
  return {
    variableSymbol: digits('EndToEndId'),
    constantSymbol: digits('InstrId'),
    specificSymbol: digits('PmtInfId'),
  };
}

/** `/VS/123` or `VS:123` inside the remittance text (Komerční banka copies them so into foreign payments). */
function fromText(details: XmlElement): Symbols {
  return collect(
    textsOf([...children(details, 'RmtInf', 'Ustrd'), ...children(details, 'AddtlTxInf')]),
    /(?<![\p{L}\d])(VS|KS|SS)(?:\/|: ?)(\d{1,10})(?!\d)/giu,
  );
}
