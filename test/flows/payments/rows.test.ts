import { describe, expect, it } from 'vitest';
import { mayBecome, type PaymentState } from '../../../shared/domain/payment.ts';
import { applyStatus } from '../../../shared/flows/payments/status.ts';
import type { PaymentRun } from '../../../shared/flows/payments/work.ts';
import { manifestOf } from '../../../shared/banks/catalog.ts';
import type { Stage } from '../../faults/stage.ts';
import { DAY, eventsOf, HOUR, logged, play, useEngines } from '../pull/support.ts';
import { accept, accepted, anOrder, pass, payPorts, standing, work } from './support.ts';

const world = useEngines();

/** Lets the certificate of the stage's connection end in an hour. */
async function expireSoon(stage: Stage): Promise<void> {
  const { id, connection } = stage.companies[0]!;
  const { credential } = (await stage.calm.connections.get(id, connection))!;
  const record = (await stage.calm.connections.credential(id, credential!))!;
  const notAfter = new Date(stage.time.now() + HOUR).toISOString();
  await stage.calm.connections.changeCredential(record, { notAfter });
}

describe('row 15: the client certificate expires', () => {
  it('before an order is sent: the bank is not even called, the connection pauses and the order waits', async () => {
    const stage = await play(world.engines);
    await expireSoon(stage);
    const payment = await accepted(stage, await anOrder(stage));
    stage.time.advance(2 * HOUR);
    const calls = stage.bank.requests().length;
    expect(await work(stage, payment)).toMatchObject({ state: 'accepted', attempts: [] });
    expect(stage.bank.requests()).toHaveLength(calls);
    const { id, connection } = stage.companies[0]!;
    expect(await stage.calm.connections.get(id, connection)).toMatchObject({
      status: 'paused',
      pause: { kind: 'credential-refused', message: expect.stringMatching(/expired on .*: get a new one/) },
    });
    expect(logged(stage, 'alarm.connection-paused')).toHaveLength(1);
    expect((await eventsOf(stage)).filter(({ type }) => type === 'connection.paused')).toHaveLength(1);
  });

  it('and further orders are refused with what to do', async () => {
    const stage = await play(world.engines);
    await expireSoon(stage);
    const payment = await accepted(stage, await anOrder(stage));
    stage.time.advance(2 * HOUR);
    await work(stage, payment);
    await expect(accept(stage, await anOrder(stage, { variableSymbol: '2' }))).rejects.toMatchObject({
      statusCode: 409,
      fields: { code: 'connection-not-active', detail: expect.stringMatching(/expired on .*upload it/) },
    });
  });

  it('and the order goes once the renewed one is there', async () => {
    const stage = await play(world.engines);
    await expireSoon(stage);
    const payment = await accepted(stage, await anOrder(stage));
    stage.time.advance(2 * HOUR);
    await work(stage, payment);
    const { id, connection } = stage.companies[0]!;
    const paused = (await stage.calm.connections.get(id, connection))!;
    const record = (await stage.calm.connections.credential(id, paused.credential!))!;
    const notAfter = new Date(stage.time.now() + 365 * DAY).toISOString();
    await stage.calm.connections.changeCredential(record, { notAfter });
    await stage.calm.connections.change(paused, { status: 'active', pause: null }, []);
    await pass(stage, 60, 20);
    expect(stage.bank.orderOf(payment.id)).toMatchObject({ copies: 1 });
  });
});

describe('row 54: messages and answers that come twice or in the wrong order', () => {
  it('messages of one payment, shuffled and doubled, bring it to the bank once', async () => {
    const stage = await play(world.engines);
    const payments = [];
    for (let n = 1; n <= 3; n++)
      payments.push(await accepted(stage, await anOrder(stage, { variableSymbol: String(n) })));
    const twice = [...payments, ...payments.toReversed(), ...payments];
    for (const payment of twice) await work(stage, payment);
    await Promise.all(twice.map((payment) => work(stage, payment)));
    for (const { id } of payments) {
      expect(stage.bank.orderOf(id)).toMatchObject({ copies: 1 });
      expect((await standing(stage, id)).attempts).toHaveLength(1);
    }
  });

  it('an answer of the bank older than what is known takes nothing back', async () => {
    const stage = await play(world.engines);
    let payment = await work(stage, await accepted(stage, await anOrder(stage)));
    stage.bank.sign(payment.id);
    await pass(stage, 60, 20);
    payment = await standing(stage, payment.id);
    expect(payment.state).toBe('processing');
    const manifest = await manifestOf(payment.bank);
    const run = (): PaymentRun => ({
      ports: payPorts(stage),
      manifest,
      rules: manifest.payments!,
      connector: {},
      deadline: stage.time.now() + HOUR,
      payment,
    });
    for (const state of ['submitted', 'awaiting-signature'] as const) {
      const late = { state, bankId: null, bankCode: null, reason: null, results: [], document: null };
      await applyStatus(run(), late, 'bank');
      payment = await standing(stage, payment.id);
      expect(payment.state).toBe('processing');
    }
  });

  it('the feed tells the states of a payment in the order it lived them, each reachable from the one before', async () => {
    const stage = await play(world.engines, { mode: 'transactions' });
    const { id } = await work(stage, await accepted(stage, await anOrder(stage)));
    stage.bank.sign(id);
    await pass(stage, 60, 20);
    const told = (await eventsOf(stage)).filter(({ subject }) => subject === id);
    expect(told.map(({ sequence }) => sequence)).toEqual(
      told.map(({ sequence }) => sequence).toSorted((a, b) => a - b),
    );
    const states = told.map(({ data }) => (data['to'] ?? data['state']) as PaymentState);
    expect(states.length).toBeGreaterThan(3);
    states.slice(1).forEach((state, at) => expect(mayBecome(states[at]!, state)).toBe(true));
  });
});
