import { isFinal, type PaymentState } from '../../../shared/domain/payment.ts';
import type { AcceptedPayment, Account, PaymentDetail } from '../cli/types.ts';
import { labelOf } from '../cli/find.ts';
import type { BankId, Connected } from './operator.ts';
import { nextMorning, type Stage } from './stage.ts';

/** Pays from every bank: one order as it should go, and one whose answer is lost after the bank took it. */

export interface PaidOrder {
  readonly id: string;
  readonly bank: PayingBank;
  readonly state: PaymentState;
  readonly attempts: number;
  readonly answerDropped: boolean;
  /** How often the simulated bank took it. */
  readonly bankCopies: number;
}

type Order = Pick<PaidOrder, 'id' | 'bank' | 'answerDropped'>;
type Progress = (line: string) => void;
/** Banks that take orders through their API. */
type PayingBank = Exclude<BankId, 'erste'>;

const isPaying = (bank: BankId): bank is PayingBank => Object.hasOwn(TAKING, bank);

/** The call of each simulated bank by which it takes an order: the one whose answer is worth losing. */
const TAKING: Readonly<Record<PayingBank, string>> = {
  raiffeisen: 'importPayments',
  'csob-ceb': 'FinishUploadFileList_v2',
};

const MINUTE_MS = 60_000;
/** Looks after which something is wrong. */
const MOST_LOOKS = 15;

/**
 * Makes the orders in the evening, has them signed in internet banking as soon as Brana tells that they wait for it,
 * and pulls in the morning, when the statements tell what became of them. Time passes without anybody waiting for it.
 * @param runPlan runs the hourly plan
 */
export async function payFromEach(
  stage: Stage,
  connected: readonly Connected[],
  runPlan: () => Promise<void>,
  progress: Progress,
): Promise<PaidOrder[]> {
  const { clock, sandbox } = stage;
  const orders = await orderFromEach(stage, connected, progress);
  const read = createReader(stage, orders, progress);
  const signed = new Set<string>();
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const open = (await read()).filter(({ id, state }) => !signed.has(id) && !isFinal(state));
    if (open.length === 0) break;
    for (const { id, bank, state } of open.filter(isToSign)) {
      progress(`  Somebody signs ${id} (${state}) in internet banking`);
      sandbox.banks[bank].sign(id);
      signed.add(id);
    }
    await lookAt(stage, clock.now() + MINUTE_MS);
  }
  // A scheduled pull gives way to a look at an order, so the looks are at half past and the plan is at the full hour.
  const morning = nextMorning(clock.now());
  await lookAt(stage, morning - 30 * MINUTE_MS);
  progress('In the morning the hourly plan runs');
  stage.passUntil(morning);
  await runPlan();
  await lookAt(stage, morning + 35 * MINUTE_MS);
  return (await read()).map(({ id, bank, state, attempts, answerDropped }) => ({
    ...{ id, bank, state, answerDropped },
    attempts: attempts.length,
    bankCopies: sandbox.banks[bank].orderOf(id)?.copies ?? 0,
  }));
}

async function orderFromEach(
  stage: Stage,
  connected: readonly Connected[],
  progress: Progress,
): Promise<Order[]> {
  const orders: Order[] = [];
  for (const { bank, manifest, accounts } of connected) {
    const payer = accounts.find(({ active, currency }) => active && currency === 'CZK');
    if (!isPaying(bank) || !payer) continue;
    progress(`${manifest.name}: two orders from ${labelOf(payer)}; of the second the answer is lost`);
    orders.push({ id: await order(stage, payer, '1250.50'), bank, answerDropped: false });
    stage.sandbox.banks[bank].misbehave({ kind: 'drop', operation: TAKING[bank] });
    orders.push({ id: await order(stage, payer, '730.00'), bank, answerDropped: true });
  }
  return orders;
}

/** Orders one payment. @returns its id, once the bank was spoken to */
async function order(stage: Stage, payer: Account, amount: string): Promise<string> {
  const creditor = { name: 'Dodavatel a.s.', number: '19-2000145399', bankCode: '0800' };
  const payment = { amount, currency: 'CZK', creditor, variableSymbol: '2026000123', message: 'Faktura' };
  const { id } = await stage.client.call<AcceptedPayment>('POST', '/payments', {
    body: { account: payer.id, payments: [payment] },
    idempotencyKey: `demo-${payer.id}-${amount}`,
  });
  await stage.gateway.drain();
  return id;
}

/** Reads orders through the API and tells what is new of each. */
function createReader(
  { client }: Stage,
  orders: readonly Order[],
  progress: Progress,
): () => Promise<(PaymentDetail & Order)[]> {
  const told = new Map<string, number>();
  return () =>
    Promise.all(
      orders.map(async (order) => {
        const payment = await client.call<PaymentDetail>('GET', `/payments/${order.id}`);
        const { id, sum, currency, history } = payment;
        const news = history.slice(told.get(id) ?? 0).map(({ state }) => state);
        if (news.length > 0) progress(`  ${order.bank}, ${sum} ${currency}: ${news.join(', ')}`);
        told.set(id, history.length);
        return { ...payment, ...order };
      }),
    );
}

/** Time passes, and the gateway looks at every order that is due by then. */
async function lookAt({ gateway, passUntil }: Stage, instant: number): Promise<void> {
  passUntil(instant);
  // Behind another order of its certificate one waits for the next sweep.
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const { due } = (await gateway.invoke('payments-sweep', {})) as { due: number };
    if (due === 0) return;
    await gateway.drain();
  }
}

/** Milliseconds after which somebody signs an order at a bank that stays up. */
const SIGNED_AFTER = MINUTE_MS;
const SWEEP_EVERY = 10_000;

/**
 * Lets orders go on beside a gateway that stays up: somebody signs each at its bank, and those due are looked at.
 * @returns ends it
 */
export function keepPaying({ gateway, sandbox }: Stage): () => void {
  const { raiffeisen, 'csob-ceb': ceb } = sandbox.banks;
  for (const bank of [raiffeisen, ceb]) bank.signAfter(SIGNED_AFTER);
  const sweep = (): void => void gateway.invoke('payments-sweep', {}).catch(() => undefined);
  const timer = setInterval(sweep, SWEEP_EVERY);
  return () => clearInterval(timer);
}

/** An order found again by its bytes has no id of the bank, so its state tells no more than that it is there. */
const isToSign = ({ state, attempts }: Pick<PaymentDetail, 'state' | 'attempts'>): boolean =>
  state === 'awaiting-signature' || (state === 'submitted' && attempts.length > 1);

/** What is not as it should be with an order. */
export function paymentFindings(paid: readonly PaidOrder[]): string[] {
  return paid.flatMap(({ id, bank, state, bankCopies }) => [
    ...(state === 'executed' ? [] : [`the order ${id} at ${bank} is ${state}, not executed`]),
    ...(bankCopies === 1 ? [] : [`${bank} has the order ${id} ${bankCopies} times`]),
  ]);
}

/** An alarm that must be raised: that the answer to an order was lost, which the demo brought about. */
export const isWanted =
  (paid: readonly PaidOrder[]) =>
  (alarm: string): boolean =>
    alarm.includes('alarm.payment-unknown') &&
    paid.some(({ id, answerDropped }) => answerDropped && alarm.includes(id));
