import { at, parseJson, textAt, textOf } from '../../domain/json.ts';
import type { Counterparty } from '../../domain/model.ts';
import { MoneyError, parseMoney, type Money } from '../../domain/money.ts';
import type { OrderFile, OrderPayment, OrderPriority } from '../../domain/order-file.ts';
import { normaliseSymbols } from '../../domain/symbols.ts';
import { FormatError } from '../errors.ts';
import { NOBODY } from '../order-party.ts';
import { readSymbols, withoutSymbols } from '../pain001/symbols.ts';

const PRIORITIES: Readonly<Record<string, OrderPriority>> = {
  NORM: 'normal',
  HIGH: 'urgent',
  INST: 'instant',
};

/**
 * Reads one payment as the Czech Open Banking Standard has it (COBS 8.0, body of `POST /my/payments`), an order of one
 * group.
 * @throws FormatError `not-cobs`, `amount-unreadable`, `account-missing`, `priority-unknown`
 */
export function readCobsPayment(bytes: Uint8Array): OrderFile {
  const body = jsonOf(bytes);
  const amount = amountOf(body);
  const id = textAt(body, 'paymentIdentification', 'instructionIdentification');
  const currency = textAt(body, 'debtorAccount', 'currency');
  return {
    id,
    createdAt: null,
    groups: [
      {
        id: null,
        kind: 'credit-transfer',
        priority: priorityOf(body),
        payer: partyOf(body, 'debtor'),
        ...(currency === null ? {} : { payerCurrency: currency }),
        currency: amount.currency,
        date: textAt(body, 'requestedExecutionDate'),
        sum: amount,
        declared: { sum: null, count: null },
        payments: [paymentOf(body, amount, id)],
      },
    ],
    warnings: [],
    quarantined: [],
  };
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes);
  } catch {
    throw new FormatError('not-cobs', 'This is no JSON, so no payment of the Czech Open Banking Standard');
  }
}

function amountOf(body: unknown): Money {
  const value = textAt(body, 'amount', 'instructedAmount', 'value');
  const currency = textAt(body, 'amount', 'instructedAmount', 'currency');
  try {
    if (value !== null && currency !== null) return parseMoney(value, currency);
  } catch (error) {
    if (!(error instanceof MoneyError)) throw error;
  }
  throw new FormatError('amount-unreadable', 'The payment has no amount that can be read');
}

function priorityOf(body: unknown): OrderPriority {
  const told = textAt(body, 'paymentTypeInformation', 'instructionPriority') ?? 'NORM';
  const priority = Object.hasOwn(PRIORITIES, told) ? PRIORITIES[told] : undefined;
  if (priority) return priority;
  throw new FormatError(
    'priority-unknown',
    `The priority "${told.slice(0, 20)}" is none of NORM, HIGH and INST`,
  );
}

function partyOf(body: unknown, side: 'debtor' | 'creditor'): Counterparty {
  const iban = textAt(body, `${side}Account`, 'identification', 'iban');
  if (iban === null) throw new FormatError('account-missing', `The payment has no ${side}'s account`);
  return {
    ...NOBODY,
    iban,
    name: textAt(body, side, 'name'),
    bic: textAt(body, `${side}Agent`, 'financialInstitutionIdentification', 'bic'),
  };
}

function paymentOf(body: unknown, amount: Money, id: string | null): OrderPayment {
  const text = textAt(body, 'remittanceInformation', 'unstructured') ?? '';
  const rawSymbols = readSymbols(referencesOf(body), '', text);
  const symbols = normaliseSymbols(rawSymbols);
  return {
    amount,
    creditor: partyOf(body, 'creditor'),
    ...symbols,
    rawSymbols,
    message: withoutSymbols(text, symbols) || null,
    endToEndId: textAt(body, 'paymentIdentification', 'endToEndIdentification'),
    instructionId: id,
  };
}

/** The standard declares one string, its examples have a list. */
function referencesOf(body: unknown): string[] {
  const told = at(body, 'remittanceInformation', 'structured', 'creditorReferenceInformation', 'reference');
  return (Array.isArray(told) ? (told as unknown[]) : [told]).flatMap((one) => textOf(one) ?? []);
}
