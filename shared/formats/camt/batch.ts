import { addMoney, type Money } from '../../domain/money.ts';
import { FormatError } from '../errors.ts';
import type { XmlElement } from '../xml.ts';
import type { Share } from './details.ts';
import { amountOf, child, isCredit, signed, textAt } from './fields.ts';

/** The entry a batch is booked by. */
interface Whole {
  /** Signed, in the account's currency. */
  readonly amount: Money;
  readonly credit: boolean;
  /** The entry's own reference. */
  readonly reference: string | null;
}

/**
 * A share per detail of a batch entry. A detail without a reference of its own, or with one that others repeat, has
 * the entry's: then its index (from 1) tells it apart.
 * @returns `null` when not every detail has an amount, or they do not sum up to the entry
 */
export function splitBatch(
  details: readonly XmlElement[],
  whole: Whole,
): (Share & { readonly details: XmlElement })[] | null {
  const references = details.map((element) => textAt(element, 'Refs', 'AcctSvcrRef'));
  const uses = Map.groupBy(references, (reference) => reference);
  const shares = [];
  let sum: Money = { ...whole.amount, minor: 0n };
  for (const [at, element] of details.entries()) {
    const part = partOf(element, whole);
    if (!part) return null;
    sum = addMoney(sum, part.amount);
    const own = references[at] ?? null;
    const bankReference = own !== null && uses.get(own)?.length === 1 ? own : whole.reference;
    shares.push({
      ...part,
      details: element,
      bankReference,
      batch: { reference: whole.reference, index: at + 1 },
    });
  }
  return sum.minor === whole.amount.minor ? shares : null;
}

/** A detail's own amount in the account's currency; `null` when it has none that can be read. */
function partOf(details: XmlElement, whole: Whole): Pick<Share, 'amount' | 'credit'> | null {
  const given = [
    child(details, 'Amt'),
    child(details, 'AmtDtls', 'TxAmt', 'Amt'),
    child(details, 'AmtDtls', 'InstdAmt', 'Amt'),
  ];
  const amount = given.find((element) => element?.attributes['Ccy'] === whole.amount.currency);
  if (!amount) return null;
  try {
    const credit = child(details, 'CdtDbtInd') ? isCredit(details) : whole.credit;
    return { amount: signed(amountOf(amount), credit), credit };
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}
