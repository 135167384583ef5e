import type { Statement } from '../../domain/model.ts';
import { formatMoney, type Money } from '../../domain/money.ts';
import { FormatError } from '../errors.ts';
import type { Warn } from './currencies.ts';
import { minorOfHundredths } from './currency.ts';
import type { Header } from './header.ts';
import { DENSE_CODES, STANDARD_CODES, type PostingCodes } from './posting.ts';
import type { Postings } from './postings.ts';

type Figures = Pick<
  Statement,
  'opening' | 'closing' | 'credits' | 'debits' | 'declared' | 'count' | 'reconciles'
>;

/** Settles what waits and compares the sums with the header. */
export function finishStatement(header: Header, currency: string, postings: Postings, warn: Warn): Figures {
  const { turnover } = postings;
  const balances = (codes: PostingCodes): boolean => {
    const { debits, credits } = turnover.totals(codes);
    return header.opening - debits + credits === header.closing;
  };
  if (postings.waiting) {
    const fitting = [STANDARD_CODES, DENSE_CODES].find(balances);
    if (!fitting) {
      const message =
        'Code 4 means a reversed debit at most banks and a reversed credit at others, and the balance fits neither; ' +
        'it was read as the former. Set the bank.';
      warn('posting-codes-undecided', message);
    }
    postings.settle(fitting ?? STANDARD_CODES);
  }
  const { debits, credits } = turnover.totals();
  const reconciles = header.opening - debits + credits === header.closing;
  const money = moneyIn(currency, warn);
  if (!reconciles) {
    const computed = formatMoney(money(header.opening - debits + credits));
    const other = [STANDARD_CODES, DENSE_CODES].some(balances)
      ? ' It would balance with the posting codes of other banks: check the bank that is set.'
      : '';
    const message = `The new balance is ${formatMoney(money(header.closing))}, the items give ${computed}.${other}`;
    warn('balance-differs', message);
  }
  const declared = {
    credits: money(declaredAs(header.credits, credits)),
    debits: money(declaredAs(header.debits, debits)),
    count: null,
  };
  const figures = { credits: money(credits), debits: money(debits) };
  for (const side of ['credits', 'debits'] as const) {
    if (declared[side].minor === figures[side].minor) continue;
    const [said, found] = [formatMoney(declared[side]), formatMoney(figures[side])];
    warn('turnover-differs', `The header declares ${side} of ${said}, the items give ${found}.`);
  }
  return {
    opening: money(header.opening),
    closing: money(header.closing),
    ...figures,
    declared,
    count: postings.count,
    reconciles,
  };
}

/** Banks use the sign column in different ways: the amount counts, and is negative when reversals prevail. */
function declaredAs(declared: bigint, computed: bigint): bigint {
  return computed < 0n ? -declared : declared;
}

function moneyIn(currency: string, warn: Warn): (hundredths: bigint) => Money {
  return (hundredths) => {
    try {
      return { minor: minorOfHundredths(hundredths, currency), currency };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      warn('amount-too-fine', `${error.message}; a figure of the header was cut to whole units.`);
      return { minor: minorOfHundredths(hundredths - (hundredths % 100n), currency), currency };
    }
  };
}
