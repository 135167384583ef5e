import { addDays, dateIn } from '../../domain/dates.ts';
import { Marks } from '../../domain/marks.ts';
import { groupsFromJson, paymentsOf } from '../../domain/order-json.ts';
import type { Counterparty, Symbols } from '../../domain/model.ts';
import type { Money } from '../../domain/money.ts';
import type { OrderGroup, OrderPayment } from '../../domain/order-file.ts';
import { isCzech } from '../../domain/payment-kind.ts';
import { mayBeAtBank, type PaymentRecord } from '../../domain/payment.ts';
import type { LedgerRow } from '../../domain/records.ts';
import type { Claim } from '../../store/payments.ts';
import { applyBooked } from './status.ts';
import { groupsOf } from './render.ts';
import { accountText } from './verify.ts';
import type { PaymentRun } from './work.ts';

/** Rows read at once, and claims written in one transaction. */
const PAGE = 500;
const CLAIMS = 40;
/** Orders looked through for others that could have made the same movement. */
const ORDERS = 500;

/**
 * Looks for the payments of an order among the booked movements: the only proof of execution where a bank has no such
 * status, and the last one of an order whose answer was lost. A movement proves one payment, and only when there are
 * as many such movements as payments that could have made them: of two equal orders, one of which may never have
 * arrived, a single movement proves neither.
 *
 * A payment in another currency than the account's is booked at a rate nobody knows beforehand. Its movement proves it
 * by the amount of the original payment that the bank tells beside the booked one; where the bank tells none, or has
 * taken its charges out of the same movement, no amount is taken for another: the payment waits for the bank's status
 * or an operator.
 * @throws PaymentMoved when another order claimed a movement first
 */
export async function settle(run: PaymentRun): Promise<void> {
  const { ports, payment } = run;
  const groups = await groupsOf(run);
  const pending = pendingOf(payment, groups);
  if (pending.size === 0) return;
  const supply = await supplyOf(run, pending);
  if (supply.size === 0) return;
  const others = await demandOfOthers(run, supply);
  const claims: Claim[] = [];
  for (const [fact, rows] of supply) {
    const mine = pending.get(fact)!;
    if (rows.length < mine.length + (others.get(fact) ?? 0)) continue;
    mine.forEach((index, at) => claims.push({ ...rows[at]!, index }));
  }
  for (let at = 0; at < claims.length; at += CLAIMS) {
    await applyBooked(run, claims.slice(at, at + CLAIMS), at + CLAIMS >= claims.length);
  }
  if (claims.length > 0) ports.log.info('payment.booked', { payment: payment.id, items: claims.length });
}

/** What tells one movement from another: amount, currency, counter-account, variable and specific symbol. */
function factOf(payment: OrderPayment): string {
  return textOf({ ...payment.amount, minor: -payment.amount.minor }, payment.creditor, payment);
}

function textOf({ minor, currency }: Money, party: Counterparty, symbols: Symbols): string {
  const fact = [minor, currency, accountText(party)];
  // Outside the domestic clearing symbols travel as text, and not every bank takes them out again.
  if (currency === 'CZK' && isCzech(party))
    fact.push(symbols.variableSymbol ?? '', symbols.specificSymbol ?? '');
  return fact.join('|');
}

/** A movement in another currency than was paid is known by what was paid. */
function factOfRow({ transaction }: LedgerRow): string {
  const { amount, original, counterparty } = transaction;
  return textOf(original?.amount ?? amount, counterparty, transaction);
}

/** The payments without a result, by what tells them. */
function pendingOf(payment: PaymentRecord, groups: readonly OrderGroup[]): Map<string, number[]> {
  const settled = new Marks(payment.settled, payment.tally.count);
  const pending = new Map<string, number[]>();
  for (const [index, one] of paymentsOf(groups).entries()) {
    if (settled.has(index)) continue;
    const fact = factOf(one);
    const same = pending.get(fact);
    if (same) same.push(index);
    else pending.set(fact, [index]);
  }
  return pending;
}

/** Unclaimed movements since the order went out that could be its payments. */
async function supplyOf(
  { ports, payment, manifest }: PaymentRun,
  pending: ReadonlyMap<string, unknown>,
): Promise<Map<string, Omit<Claim, 'index'>[]>> {
  const from = dateIn(manifest.timeZone, Date.parse(payment.attempts[0]!.startedAt));
  const to = addDays(dateIn(manifest.timeZone, ports.clock.now()), 1);
  const supply = new Map<string, Omit<Claim, 'index'>[]>();
  for (const account of payment.accounts) {
    const ledger = ports.ledgerOf(payment.company, account);
    for (let after: string | null = null; ;) {
      const page = await ledger.transactions({ from, to }, PAGE, after);
      const fitting = page.items.filter((row) => pending.has(factOfRow(row)));
      const free = await ports.payments.unclaimed(
        payment.company,
        account,
        fitting.map(({ id }) => id),
      );
      for (const row of fitting.filter(({ id }) => free.has(id))) {
        const fact = factOfRow(row);
        const same = supply.get(fact);
        if (same) same.push({ account, row: row.id });
        else supply.set(fact, [{ account, row: row.id }]);
      }
      if (page.next === null) break;
      after = page.next;
    }
  }
  return supply;
}

/** How many payments of other orders, at the bank or perhaps there, could have made the same movements. */
async function demandOfOthers(
  { ports, payment }: PaymentRun,
  supply: ReadonlyMap<string, unknown>,
): Promise<Map<string, number>> {
  const demand = new Map<string, number>();
  const { items } = await ports.payments.list(payment.company, ORDERS, null);
  for (const other of items) {
    const shares = other.accounts.some((account) => payment.accounts.includes(account));
    if (other.id === payment.id || !mayBeAtBank(other.state) || !shares) continue;
    const order = other.documents.find(({ kind }) => kind === 'order')!;
    const bytes = await ports.archive.read(other.company, 'order', order.sha256);
    if (!bytes) continue;
    for (const [fact, indexes] of pendingOf(other, groupsFromJson(bytes))) {
      if (supply.has(fact)) demand.set(fact, (demand.get(fact) ?? 0) + indexes.length);
    }
  }
  return demand;
}
