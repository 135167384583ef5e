import { describe, expect, test } from 'vitest';
import type { PaymentRecord } from '../../../shared/domain/payment.ts';
import type { LedgerRow } from '../../../shared/domain/records.ts';
import type { PaymentInput } from '../../../shared/flows/payments/order.ts';
import { planPulls } from '../../../shared/flows/pull/plan.ts';
import { runPulls } from '../../../shared/flows/pull/run.ts';
import { virtualTime } from '../../faults/actor.ts';
import { chance } from '../../faults/chance.ts';
import { setCsobStage, setStage, type PayBank, type Stage } from '../../faults/stage.ts';
import { accountOf, DAY, slotAt, START, TIMEOUT, useEngines } from '../pull/support.ts';
import { accept, pass, standing, work } from './support.ts';

/** Foreign payments from the order to the booked movement, at both banks. */

const world = useEngines();
let scenes = 0;

/** One company with one account in CZK, pulled both ways; a Wednesday at ten in Prague. */
async function scene(set: typeof setStage | typeof setCsobStage): Promise<Stage> {
  const tables = await world.engines.open(`foreign${++scenes}`);
  const draws = { ...chance(1), next: () => 0.9, int: () => 0, pick: <T>(from: readonly T[]) => from[0]! };
  const stage: Stage<PayBank> = await set('foreign', tables, virtualTime(START), draws);
  // The helpers need nothing of the one bank that the other has not.
  return stage as unknown as Stage;
}

const MAPLE: PaymentInput = {
  amount: '900.50',
  currency: 'USD',
  creditor: { name: 'Maple Tools Inc.', number: '021000021-4417', bic: 'CHASUS33' },
  creditorAddress: {
    street: 'Main Street',
    buildingNumber: '12',
    postCode: '97201',
    town: 'Portland',
    country: 'US',
  },
  charges: 'payer',
  message: 'Invoice 4417',
  endToEndId: 'INV-4417',
};

const orderOf = async (stage: Stage, payment = MAPLE) => ({
  account: (await accountOf(stage)).id,
  payments: [payment],
});

async function pull(stage: Stage): Promise<void> {
  await planPulls(stage.calm, slotAt(stage.time.now()));
  for (const { message } of stage.queue.splice(0))
    await runPulls(stage.calm, message, stage.time.now() + TIMEOUT);
}

async function rowsOf(stage: Stage): Promise<readonly LedgerRow[]> {
  const { company, id } = await accountOf(stage);
  const span = { from: '2000-01-01', to: '2100-01-01' };
  return (await stage.calm.ledgerOf(company, id).transactions(span, 500, null)).items;
}

/** Orders it, has it signed, and lets a day pass in which the bank books. */
async function paid(stage: Stage, payment = MAPLE): Promise<PaymentRecord> {
  const taken = await accept(stage, await orderOf(stage, payment));
  await work(stage, taken.payment);
  await pass(stage, 30, 10);
  stage.bank.sign(taken.payment.id);
  stage.time.advance(DAY);
  await pull(stage);
  await pass(stage, 120, 30);
  return standing(stage, taken.payment.id);
}

describe.each([
  ['raiffeisen', setStage, 'pain.001'],
  ['csob-ceb', setCsobStage, 'zps'],
] as const)('%s', (_, set, format) => {
  test('dollars from an account in crowns: in the bank’s format, once, and executed by what was paid', async () => {
    const stage = await scene(set);
    const payment = await paid(stage);
    expect(payment).toMatchObject({ format, currency: 'USD', sum: '900.50', state: 'executed' });
    expect(stage.bank.orderOf(payment.id)).toMatchObject({ copies: 1, booked: 1 });
    const row = (await rowsOf(stage)).find(
      ({ transaction }) => transaction.original?.amount.currency === 'USD',
    )!;
    expect(row.transaction.original!.amount.minor).toBe(-90_050n);
    expect(row.transaction.amount.currency).toBe('CZK');
    expect(row.transaction.amount.minor).toBeLessThan(-90_050n);
  });

  test('euro by SEPA from an account in crowns are booked in crowns, and known by the euro', async () => {
    const stage = await scene(set);
    const { charges: _charges, ...sepa } = {
      ...MAPLE,
      currency: 'EUR',
      creditor: { name: 'Muster GmbH', iban: 'DE89370400440532013000' },
    };
    const payment = await paid(stage, sepa);
    expect(payment).toMatchObject({ format: 'pain.001', currency: 'EUR', state: 'executed' });
  });
});

test('a movement in the account’s currency proves no payment in another, whatever its amount', async () => {
  const stage = await scene(setStage);
  const { payment } = await accept(stage, await orderOf(stage));
  await work(stage, payment);
  await pass(stage, 30, 10);
  const account = await accountOf(stage);
  stage.bank.source.add!({
    accountNumber: account.handle,
    currency: 'CZK',
    minor: -90_050n,
    party: {
      ...{ name: 'Maple Tools Inc.', prefix: '', bankCode: null, iban: null, city: null, country: null },
      number: '021000021-4417',
      bic: 'CHASUS33',
    },
  });
  stage.time.advance(DAY);
  await pull(stage);
  await pass(stage, 120, 30);
  expect((await rowsOf(stage)).some(({ transaction }) => transaction.amount.minor === -90_050n)).toBe(true);
  expect(await standing(stage, payment.id)).toMatchObject({
    state: 'awaiting-signature',
    tally: { executed: 0 },
  });
});
