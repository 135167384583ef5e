import { ConditionalCheckFailedException, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFinal, type PaymentState } from '../../../shared/domain/payment.ts';
import { paymentKey } from '../../../shared/store/keys.ts';
import type { AcceptedPayment, Account, PaymentDetail } from '../cli/types.ts';
import { labelOf } from '../cli/find.ts';
import { clientConfig } from '../provision.ts';
import type { BankId, Connected } from './operator.ts';
import type { Stage } from './stage.ts';

/** Pays from every bank: one order as it should go, and one whose answer is lost after the bank took it. */

export interface PaidOrder {
  readonly id: string;
  readonly bank: BankId;
  readonly state: PaymentState;
  readonly attempts: number;
  readonly answerDropped: boolean;
  /** How often the simulated bank took it. */
  readonly bankCopies: number;
}

/** The call of each simulated bank after which it has an order: the one whose answer is worth losing. */
const TAKING: Readonly<Partial<Record<BankId, string>>> = { raiffeisen: 'importPayments' };

const LOOK_AGAIN_MS = 1_000;
/** Milliseconds in which the simulated bank has executed what is signed. */
const LONGEST_MS = 90_000;

export async function payFromEach(
  stage: Stage,
  connected: readonly Connected[],
  progress: (line: string) => void,
): Promise<PaidOrder[]> {
  const paid: PaidOrder[] = [];
  for (const { bank, manifest, accounts } of connected) {
    const operation = TAKING[bank];
    const payer = accounts.find(({ active, currency }) => active && currency === 'CZK');
    if (operation === undefined || !payer) continue;
    progress(`${manifest.name}: two orders from ${labelOf(payer)}; of the second the answer is lost`);
    const kept = await order(stage, payer, '1250.50');
    stage.sandbox.banks[bank].misbehave({ kind: 'drop', operation });
    const dropped = await order(stage, payer, '730.00');
    paid.push(...(await toTheEnd(stage, bank, payer, [kept, dropped], progress)));
  }
  return paid;
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

/** What a person and time do: signatures in internet banking, looks at the orders, pulls. */
async function toTheEnd(
  stage: Stage,
  bank: BankId,
  payer: Account,
  ids: readonly string[],
  progress: (line: string) => void,
): Promise<PaidOrder[]> {
  const simulated = stage.sandbox.banks[bank];
  const signed = new Set<string>();
  const told = new Map<string, number>();
  for (const end = Date.now() + LONGEST_MS; ; await sleep(LOOK_AGAIN_MS)) {
    const payments = await Promise.all(ids.map((id) => read(stage, id)));
    for (const { id, history, sum, currency } of payments) {
      const news = history.slice(told.get(id) ?? 0).map(({ state }) => state);
      if (news.length > 0) progress(`  ${sum} ${currency}: ${news.join(', ')}`);
      told.set(id, history.length);
    }
    if (payments.every(({ state }) => isFinal(state)) || Date.now() > end) {
      // The last pull may have read the balances just before the last movement was booked.
      await pull(stage, payer);
      return payments.map((payment, at) => ({
        id: payment.id,
        bank,
        state: payment.state,
        attempts: payment.attempts.length,
        answerDropped: at > 0,
        bankCopies: simulated.orderOf(payment.id)?.copies ?? 0,
      }));
    }
    for (const { id, state } of payments.filter((one) => isToSign(one) && !signed.has(one.id))) {
      progress(`  Somebody signs ${id} (${state}) in internet banking`);
      simulated.sign(id);
      signed.add(id);
    }
    if (payments.some(({ id, state }) => signed.has(id) && !isFinal(state))) await pull(stage, payer);
    for (const { id } of payments) await bringForward(stage, id);
    await stage.gateway.invoke('payments-sweep', {});
    await stage.gateway.drain();
  }
}

async function pull({ client, gateway }: Stage, { id }: Account): Promise<void> {
  await client.call('POST', `/accounts/${id}/pulls`, { body: {} });
  await gateway.drain();
}

/** An order found again by its bytes has no id of the bank, so its state tells no more than that it is there. */
const isToSign = ({ state, attempts }: PaymentDetail): boolean =>
  state === 'awaiting-signature' || (state === 'submitted' && attempts.length > 1);

const read = ({ client }: Stage, id: string): Promise<PaymentDetail> =>
  client.call<PaymentDetail>('GET', `/payments/${id}`);

/** The next look at an order is now, not in a minute or an hour: the demo does not wait that long. */
async function bringForward({ gateway, company, clock }: Stage, id: string): Promise<void> {
  const dynamodb = new DynamoDBClient(clientConfig(gateway.env, 'DYNAMODB'));
  const { pk, sk } = paymentKey(company, id);
  try {
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: gateway.env['TABLE_PAYMENTS'],
        Key: { pk: { S: pk }, sk: { S: sk } },
        UpdateExpression: 'SET #dueAt = :now',
        ConditionExpression: 'attribute_exists(#dueAt)',
        ExpressionAttributeNames: { '#dueAt': 'dueAt' },
        ExpressionAttributeValues: { ':now': { S: new Date(clock.now()).toISOString() } },
      }),
    );
  } catch (error) {
    // Nothing more happens to it.
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  } finally {
    dynamodb.destroy();
  }
}

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
