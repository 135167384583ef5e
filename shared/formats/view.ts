import type { Counterparty, Statement, Transaction, Warning } from '../domain/model.ts';
import { formatMoney, type Money } from '../domain/money.ts';
import type { OrderGroup, OrderPayment } from '../domain/order-file.ts';
import type { ReadFile } from './files.ts';

/**
 * A read file as JSON: amounts are signed decimal strings, symbols normalised, dates plain. The shape is the contract
 * of `brana convert --to json`.
 */
export function fileView(file: string, { recognised, statements, orders, warnings, quarantined }: ReadFile) {
  const { format, version, dialect, encoding } = recognised;
  return {
    file,
    format,
    version,
    dialect,
    encoding,
    statements: statements.map(statementView),
    orders: orders.map(orderView),
    warnings: [...warnings, ...quarantined].map(warningView),
  };
}

const amount = (money: Money | null): string | null => (money ? formatMoney(money) : null);

function statementView(s: Statement) {
  const { iban, number, bankCode, currency } = s.account;
  return {
    account: { iban, number, bankCode, currency },
    number: s.number,
    from: s.from,
    to: s.to,
    opening: amount(s.opening),
    closing: amount(s.closing),
    credits: amount(s.credits),
    debits: amount(s.debits),
    count: s.count,
    reconciles: s.reconciles,
    transactions: s.transactions.map(transactionView),
    warnings: [...s.warnings, ...s.quarantined].map(warningView),
  };
}

function transactionView(t: Transaction) {
  return {
    bookingDate: t.bookingDate,
    valueDate: t.valueDate,
    amount: amount(t.amount),
    currency: t.amount.currency,
    counterparty: partyView(t.counterparty),
    variableSymbol: t.variableSymbol,
    constantSymbol: t.constantSymbol,
    specificSymbol: t.specificSymbol,
    message: t.message,
    reference: t.bankReference,
    endToEndId: t.endToEndId,
    reversal: t.reversal,
    original: t.original && {
      amount: amount(t.original.amount),
      currency: t.original.amount.currency,
      rate: t.original.rate,
    },
  };
}

function orderView(group: OrderGroup) {
  return {
    payer: partyView(group.payer),
    date: group.date,
    sum: amount(group.sum),
    currency: group.currency,
    payments: group.payments.map(paymentView),
  };
}

function paymentView(p: OrderPayment) {
  return {
    amount: amount(p.amount),
    currency: p.amount.currency,
    creditor: partyView(p.creditor),
    variableSymbol: p.variableSymbol,
    constantSymbol: p.constantSymbol,
    specificSymbol: p.specificSymbol,
    message: p.message,
    endToEndId: p.endToEndId,
  };
}

const partyView = ({ name, iban, number, bankCode, bic }: Counterparty) => ({
  name,
  iban,
  number,
  bankCode,
  bic,
});

const warningView = ({ rule, message, position }: Warning) => ({ rule, message, position });
