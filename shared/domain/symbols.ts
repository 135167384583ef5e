import type { Symbols } from './model.ts';

/**
 * Czech payment symbols. All of them are text of digits: left zeros are padding and fall away, right zeros never do,
 * and a symbol of zeros only is none. The raw text is kept beside the normalised one ({@link Symbols} twice in the
 * model), because some payees use leading zeros on purpose.
 */

export const NO_SYMBOLS: Symbols = { variableSymbol: null, constantSymbol: null, specificSymbol: null };

const [ZERO, NINE] = [48, 57];

/** Significant digits of a symbol; `null` when it is absent, all zeros, no number or longer than `longest`. */
function significantDigits(text: string | null, longest: number): string | null {
  const digits = text?.trim() ?? '';
  // By hand, for every movement has three of them.
  let first = -1;
  for (let at = 0; at < digits.length; at++) {
    const code = digits.charCodeAt(at);
    if (code < ZERO || code > NINE) return null;
    if (first < 0 && code !== ZERO) first = at;
  }
  return first < 0 || digits.length - first > longest ? null : digits.slice(first);
}

/** VS: 1 to 10 digits without left zeros (`0012345678` → `12345678`), or `null`. */
export function normaliseVariableSymbol(text: string | null): string | null {
  return significantDigits(text, 10);
}

/** SS: 1 to 10 digits without left zeros, or `null`. */
export function normaliseSpecificSymbol(text: string | null): string | null {
  return significantDigits(text, 10);
}

/** KS: four digits, zero-padded as people write it (`558` → `0558`), or `null`. */
export function normaliseConstantSymbol(text: string | null): string | null {
  return significantDigits(text, 4)?.padStart(4, '0') ?? null;
}

/** The three symbols normalised from the bank's own text (design, chapter 4). */
export function normaliseSymbols(raw: Symbols): Symbols {
  return {
    variableSymbol: normaliseVariableSymbol(raw.variableSymbol),
    constantSymbol: normaliseConstantSymbol(raw.constantSymbol),
    specificSymbol: normaliseSpecificSymbol(raw.specificSymbol),
  };
}
