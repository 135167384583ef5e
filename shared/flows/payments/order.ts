import { accountOfIban, localNumber } from '../../domain/account-number.ts';
import type { PlainDate } from '../../domain/dates.ts';
import { printable } from '../../domain/failure.ts';
import type { Counterparty } from '../../domain/model.ts';
import { addMoney, MoneyError, parseMoney, type Money } from '../../domain/money.ts';
import type {
  Charges,
  OrderGroup,
  OrderPayment,
  OrderPriority,
  PostalAddress,
} from '../../domain/order-file.ts';
import type { Account } from '../../domain/records.ts';
import { normaliseSymbols } from '../../domain/symbols.ts';
import { FormatError } from '../../formats/errors.ts';
import { readFile } from '../../formats/files.ts';
import { groupByPayer } from '../../formats/order-stream.ts';
import { accountText } from './verify.ts';

/** Something wrong with a request, by JSON pointer. */
export interface OrderFinding {
  readonly pointer: string;
  readonly detail: string;
}

/** A payment as a caller writes it. */
export interface PaymentInput {
  readonly amount: string;
  readonly currency: string;
  readonly creditor: { readonly [Field in keyof Counterparty]?: string | undefined };
  readonly variableSymbol?: string | undefined;
  readonly constantSymbol?: string | undefined;
  readonly specificSymbol?: string | undefined;
  readonly message?: string | undefined;
  readonly endToEndId?: string | undefined;
  readonly creditorAddress?: AddressInput | undefined;
  readonly creditorBank?:
    { readonly name?: string | undefined; readonly address?: AddressInput | undefined } | undefined;
  readonly charges?: Charges | undefined;
}

/** A postal address as a caller writes it. */
export type AddressInput = {
  readonly [Part in Exclude<keyof PostalAddress, 'lines'>]?: string | undefined;
} & { readonly lines?: readonly string[] | undefined };

export interface OrderInput {
  readonly account: string;
  readonly executionDate?: PlainDate | undefined;
  readonly priority?: OrderPriority | undefined;
  readonly payments: readonly PaymentInput[];
}

/** An order before it is judged: its groups, each with the account that pays. */
export interface Draft {
  readonly groups: readonly { readonly group: OrderGroup; readonly account: Account | null }[];
  readonly findings: readonly OrderFinding[];
  /** Where the payments of each group stand in the request. */
  readonly pointerOf: (group: number) => string;
}

/** The order a JSON body describes. Whether it can be carried out is judged later ({@link validate}). */
export function draftOfJson(input: OrderInput, account: Account | null): Draft {
  const findings: OrderFinding[] = [];
  const payments = input.payments.map((payment, at) => paymentOf(payment, `/payments/${at}`, findings));
  const currency = input.payments[0]?.currency ?? 'XXX';
  input.payments.forEach((payment, at) => {
    if (payment.currency === currency) return;
    const detail = `An order has one currency; the first payment is in ${currency}: send the others apart`;
    findings.push({ pointer: `/payments/${at}/currency`, detail });
  });
  const group: OrderGroup = {
    id: null,
    kind: 'credit-transfer',
    priority: input.priority ?? 'normal',
    payer: account ? payerOf(account) : NOBODY,
    ...(account ? { payerCurrency: account.currency } : {}),
    currency,
    date: input.executionDate ?? null,
    sum: payments.reduce<Money>(
      (sum, one) => (one.amount.currency === currency ? addMoney(sum, one.amount) : sum),
      { minor: 0n, currency },
    ),
    declared: { sum: null, count: null },
    payments,
  };
  return { groups: [{ group, account }], findings, pointerOf: () => '' };
}

/**
 * The order a KPC or pain.001 file holds: its groups by payer, each payer one of the accounts. Nothing is left out: an
 * item that cannot be read, or a sum that differs from the file's own, is a finding.
 */
export async function draftOfFile(bytes: Uint8Array, accounts: readonly Account[]): Promise<Draft> {
  const nothing = (detail: string): Draft => ({
    groups: [],
    findings: [{ pointer: '', detail }],
    pointerOf: () => '',
  });
  try {
    const { orders, warnings, quarantined, recognised } = await readFile(bytes);
    if (orders.length === 0)
      return nothing(`This is ${recognised.format}, no payment order (KPC or pain.001)`);
    const findings = [...quarantined, ...warnings.filter(({ rule }) => BLOCKING.has(rule))].map(
      ({ message, position }) => ({ pointer: position ?? '', detail: message }),
    );
    const groups = orders
      .flatMap((group) => groupByPayer(group))
      .map((group) => {
        const account = payerAmong(accounts, group);
        return { group: account ? { ...group, payerCurrency: account.currency } : group, account };
      });
    return { groups, findings, pointerOf: (at) => `/groups/${at}` };
  } catch (error) {
    if (error instanceof FormatError) return nothing(error.message);
    throw new Error('An order file could not be read', { cause: printable(error) });
  }
}

/** Warnings of a reader that speak of money: such a file is not what its maker meant. */
const BLOCKING = new Set(['sum-differs', 'count-differs', 'truncated']);

/**
 * The account a group of a file is paid from. One number may stand for an account in each of several currencies: then
 * it is the one whose currency the file names, else the one in the currency of the payments, else the only one.
 */
function payerAmong(
  accounts: readonly Account[],
  { payer, payerCurrency, currency }: OrderGroup,
): Account | null {
  const named = accounts.filter((one) => accountText(payer) === accountText(payerOf(one)));
  const wanted = named.find((one) => one.currency === (payerCurrency ?? currency));
  if (wanted || payerCurrency !== undefined) return wanted ?? null;
  return named.length === 1 ? named[0]! : null;
}

const NOBODY: Counterparty = { name: null, iban: null, number: null, bankCode: null, bic: null };

/** An account as the payer of an order. */
export function payerOf({ iban, number, bankCode, bic, name }: Account): Counterparty {
  return { name, iban, number, bankCode, bic };
}

function paymentOf(input: PaymentInput, pointer: string, findings: OrderFinding[]): OrderPayment {
  const { creditor, message, endToEndId } = input;
  const raw = {
    variableSymbol: input.variableSymbol ?? null,
    constantSymbol: input.constantSymbol ?? null,
    specificSymbol: input.specificSymbol ?? null,
  };
  const party = {
    name: creditor.name ?? null,
    iban: creditor.iban?.replaceAll(' ', '').toUpperCase() ?? null,
    number: creditor.number ?? null,
    bankCode: creditor.bankCode ?? null,
    bic: creditor.bic?.replaceAll(' ', '').toUpperCase() ?? null,
  };
  const { creditorAddress, creditorBank, charges } = input;
  return {
    amount: amountOf(input, pointer, findings),
    creditor: withDomestic(party),
    ...normaliseSymbols(raw),
    rawSymbols: raw,
    message: message ?? null,
    endToEndId: endToEndId ?? null,
    instructionId: null,
    ...(creditorAddress ? { creditorAddress: addressOf(creditorAddress) } : {}),
    ...(creditorBank
      ? {
          creditorBank: {
            name: creditorBank.name ?? null,
            address: creditorBank.address ? addressOf(creditorBank.address) : null,
          },
        }
      : {}),
    ...(charges === undefined ? {} : { charges }),
  };
}

const addressOf = (input: AddressInput): PostalAddress => ({
  street: input.street ?? null,
  buildingNumber: input.buildingNumber ?? null,
  postCode: input.postCode ?? null,
  town: input.town ?? null,
  country: input.country ?? null,
  lines: input.lines ?? [],
});

/** A Czech IBAN says number and bank code too. */
function withDomestic(party: Counterparty): Counterparty {
  if (party.iban === null || party.number !== null) return party;
  const account = accountOfIban(party.iban);
  if (!account || !party.iban.startsWith('CZ')) return party;
  return { ...party, number: localNumber(account), bankCode: account.bankCode };
}

function amountOf({ amount, currency }: PaymentInput, pointer: string, findings: OrderFinding[]): Money {
  try {
    // A comma may part thousands or decimals: what was meant, nobody knows.
    if (!/^\d+(\.\d+)?$/.test(amount))
      throw new MoneyError('An amount is digits with a decimal point: 1250.50');
    const money = parseMoney(amount, currency);
    if (money.minor > 0n) return money;
    findings.push({ pointer: `${pointer}/amount`, detail: 'The amount must be above zero' });
  } catch (error) {
    if (!(error instanceof MoneyError)) throw error;
    findings.push({ pointer: `${pointer}/amount`, detail: error.message });
  }
  return { minor: 0n, currency };
}
