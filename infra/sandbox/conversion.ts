import { exponentOf } from '../../shared/domain/money.ts';

/** Rates at which the simulated banks convert payments: thousandths of a crown for one unit. */
const CROWNS: Readonly<Record<string, bigint>> = {
  CZK: 1_000n,
  EUR: 24_450n,
  USD: 21_130n,
  GBP: 28_020n,
  CHF: 26_240n,
  PLN: 5_730n,
  JPY: 141n,
};

/**
 * An amount in another currency, rounded to its minor unit.
 * @returns `null` for a currency these banks do not trade; the rate is units of `to` for one of `from`
 */
export function converted(
  minor: bigint,
  from: string,
  to: string,
): { readonly minor: bigint; readonly rate: number } | null {
  const [given, wanted] = [CROWNS[from], CROWNS[to]];
  if (given === undefined || wanted === undefined) return null;
  const numerator = minor * given * 10n ** BigInt(exponentOf(to));
  const denominator = wanted * 10n ** BigInt(exponentOf(from));
  return { minor: (numerator + denominator / 2n) / denominator, rate: Number(given) / Number(wanted) };
}
