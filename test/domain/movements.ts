import type { Transaction } from '../../shared/domain/model.ts';
import { NO_SYMBOLS } from '../../shared/domain/symbols.ts';

/** A movement of which only what a test cares about is told. */
export function movement(told: Partial<Transaction> & { minor?: bigint } = {}): Transaction {
  const { minor = 100_00n, ...rest } = told;
  return {
    bankReference: null,
    bookingDate: '2026-09-16',
    valueDate: null,
    amount: { minor, currency: 'CZK' },
    counterparty: { name: null, iban: null, number: null, bankCode: null, bic: null },
    ...NO_SYMBOLS,
    rawSymbols: NO_SYMBOLS,
    message: null,
    endToEndId: null,
    transactionCode: null,
    reversal: false,
    original: null,
    card: null,
    batch: null,
    ...rest,
  };
}
