import { isFinal, type PaymentRecord, type PaymentState } from '../../shared/domain/payment.ts';
import { createActor } from './actor.ts';
import type { Engines } from './engines.ts';
import { isAtBank, type Intention } from './pay-flow.ts';
import { secretsStayInTheVault } from './promises.ts';
import type { PayBank, Stage } from './stage.ts';

/** States that say the bank has the order. */
const SENT: ReadonlySet<PaymentState> = new Set([
  'submitted',
  'awaiting-signature',
  'processing',
  'executed',
  'partly-executed',
]);

/** Holds the world against the promises of the design (chapter 9) that a payment can break: 1, 2, 4, 5 and 6. */
export async function checkPayments(
  stage: Stage<PayBank>,
  engines: Engines,
  intentions: readonly Intention[],
): Promise<{ violations: string[]; states: string[] }> {
  const ports = stage.payPorts(createActor(stage.time, null, 0));
  const violations: string[] = [];
  const all: PaymentRecord[] = [];
  for (const { id } of stage.companies) all.push(...(await ports.payments.list(id, 500, null)).items);

  violations.push(...onceAtTheBank(stage, all), ...oneOrderPerIntention(all, intentions));
  for (const payment of all) violations.push(...toldTheTruth(stage, payment));
  for (const { id } of stage.companies) {
    const { events } = await stage.calm.feed.read(id, 0, 500);
    const mine = all.filter(({ company }) => company === id);
    for (const payment of mine) {
      const told = events
        .filter(
          ({ subject, type }) =>
            subject === payment.id && (type === 'payment.accepted' || type === 'payment.changed'),
        )
        .map(({ type, data }) => (type === 'payment.accepted' ? data['state'] : data['to']));
      const lived = payment.history.map(({ state }) => state);
      if (told.join() !== lived.join()) {
        violations.push(`4: ${payment.id} lived ${lived.join()} and the feed tells ${told.join()}`);
      }
    }
    const foreign = new Set(all.filter(({ company }) => company !== id).map((one) => one.id));
    for (const { subject } of events)
      if (foreign.has(subject)) violations.push(`6: ${id} hears of ${subject}`);
  }
  const tables = await Promise.all(Object.values(stage.places).map((table) => engines.dump(table as string)));
  violations.push(...(await secretsStayInTheVault(stage, engines, tables)));
  return { violations, states: all.map(({ state }) => state) };
}

/** Promise 1: no order twice, and nothing at the bank that nobody asked for. */
function onceAtTheBank(stage: Stage<PayBank>, all: readonly PaymentRecord[]): string[] {
  return stage.bank
    .orders()
    .flatMap(({ id, copies }) => [
      ...(copies > 1 ? [`1: the bank has ${copies} copies of ${id}`] : []),
      ...(all.some((payment) => payment.id === id) ? [] : [`1: the bank has ${id}, which nobody accepted`]),
    ]);
}

/** One intention is one order, however often it was sent. */
function oneOrderPerIntention(all: readonly PaymentRecord[], intentions: readonly Intention[]): string[] {
  const violations = intentions.flatMap(({ key, answered }) =>
    answered.size > 1 ? [`1: the key ${key} was answered with ${[...answered].join(' and ')}`] : [],
  );
  if (all.length > intentions.length)
    violations.push(`1: ${intentions.length} intentions became ${all.length} orders`);
  for (const { key, answered } of intentions) {
    for (const id of answered)
      if (!all.some((payment) => payment.id === id))
        violations.push(`2: the order ${id} of ${key} was accepted and is gone`);
  }
  return violations;
}

/** Promises 1 and 2: what the gateway says of an order is so, and every order has come to its end. */
function toldTheTruth(stage: Stage<PayBank>, payment: PaymentRecord): string[] {
  const { id, state, tally } = payment;
  const there = isAtBank(stage, payment);
  const violations: string[] = [];
  if (SENT.has(state) && !there) violations.push(`1: ${id} is ${state}, and the bank does not have it`);
  if ((state === 'cancelled' || state === 'expired') && there && stage.bank.orderOf(id)?.booked)
    violations.push(`1: ${id} is ${state}, and the bank has paid it`);
  if (state === 'rejected' && there && !stage.bank.orderOf(id)?.rejected)
    violations.push(`1: ${id} is rejected, and the bank has it`);
  if (!isFinal(state)) violations.push(`2: ${id} did not come to its end: ${state}`);
  if (state === 'executed' && tally.executed !== tally.count)
    violations.push(`2: ${id} is executed with ${tally.executed} of ${tally.count}`);
  return violations;
}
