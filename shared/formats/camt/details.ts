import type { PlainDate } from '../../domain/dates.ts';
import type { Counterparty, Transaction } from '../../domain/model.ts';
import type { Money } from '../../domain/money.ts';
import { normaliseSymbols } from '../../domain/symbols.ts';
import type { XmlElement } from '../xml.ts';
import type { CamtAccount } from './account.ts';
import { readCounterparty } from './counterparty.ts';
import { child, children, joined, textAt } from './fields.ts';
import type { Warn } from '../notes.ts';
import { readOriginal } from './original.ts';
import { readRawSymbols } from './symbols.ts';

/** What the entry says for each of its transactions. */
export interface Booking {
  readonly entry: XmlElement;
  readonly own: CamtAccount;
  readonly bookingDate: PlainDate;
  readonly valueDate: PlainDate | null;
  readonly reversal: boolean;
  readonly warn: Warn;
}

/** What is decided for one transaction before its details are read. */
export interface Share {
  /** Signed, in the account's currency. */
  readonly amount: Money;
  readonly credit: boolean;
  readonly bankReference: string | null;
  readonly batch: Transaction['batch'];
}

/**
 * One transaction from an entry and one of its `TxDtls`; `null` for an entry without (usable) details. The details
 * win over the entry wherever both speak.
 */
export function readTransaction(booking: Booking, details: XmlElement | null, share: Share): Transaction {
  const { entry, own, bookingDate, valueDate, reversal, warn } = booking;
  const { amount, credit, bankReference, batch } = share;
  const counterparty = readCounterparty(details, { credit, reversal, ownIban: own.iban }, warn);
  // The entry's amounts are those of the whole batch.
  const amountSources = batch ? [details] : [details, entry];
  const original = readOriginal(amountSources, amount.currency, credit, warn);
  const rawSymbols = readRawSymbols(details, original === null && isDomestic(own, counterparty));
  const { variableSymbol, constantSymbol, specificSymbol } = normaliseSymbols(rawSymbols);
  return {
    bankReference,
    bookingDate,
    valueDate,
    amount,
    counterparty,
    variableSymbol,
    constantSymbol,
    specificSymbol,
    rawSymbols,
    message: messageOf(entry, details),
    endToEndId: provided(textAt(details, 'Refs', 'EndToEndId')),
    transactionCode: codeOf(child(details, 'BkTxCd')) ?? codeOf(child(entry, 'BkTxCd')),
    reversal,
    original,
    card: cardOf(details) ?? cardOf(entry),
    batch,
  };
}

/** Whether both sides are Czech, as far as the other one is told at all. */
function isDomestic(own: CamtAccount, { iban, bankCode, bic }: Counterparty): boolean {
  const czechAccount = own.iban?.startsWith('CZ') ?? isCzechCode(own.bankCode);
  const czechParty =
    (iban?.startsWith('CZ') ?? true) &&
    (bic?.startsWith('CZ', 4) ?? true) &&
    (bankCode === null || isCzechCode(bankCode));
  return czechAccount && czechParty;
}

const isCzechCode = (bankCode: string | null): boolean => bankCode !== null && /^\d{4}$/.test(bankCode);

function messageOf(entry: XmlElement, details: XmlElement | null): string | null {
  return (
    (details && joined(children(details, 'RmtInf', 'Ustrd'))) ??
    textAt(details, 'AddtlTxInf') ??
    textAt(entry, 'AddtlNtryInf') ??
    (details && joined(children(details, 'RmtInf', 'Strd', 'AddtlRmtInf')))
  );
}

const provided = (id: string | null): string | null => (id === 'NOTPROVIDED' ? null : id);

/** The bank's own code (ČBA: eleven digits), else the ISO one as `PMNT/RCDT/ESCT`. */
function codeOf(code: XmlElement | null): string | null {
  const domain = child(code, 'Domn');
  const parts = [textAt(domain, 'Cd'), textAt(domain, 'Fmly', 'Cd'), textAt(domain, 'Fmly', 'SubFmlyCd')];
  return textAt(code, 'Prtry', 'Cd') ?? (parts.filter((part) => part !== null).join('/') || null);
}

/** Card number (version 04 and later). A full one is masked at once: it must not be stored. */
function cardOf(element: XmlElement | null): string | null {
  const number = textAt(element, 'CardTx', 'Card', 'PlainCardData', 'PAN');
  return number?.replace(/^\d{8,}(?=\d{4}$)/, (hidden) => '*'.repeat(hidden.length)) ?? null;
}
