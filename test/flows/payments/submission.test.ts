import { describe, expect, it } from 'vitest';
import type { PaymentRecord } from '../../../shared/domain/payment.ts';
import { groupsFromJson } from '../../../shared/domain/order-json.ts';
import { cancelPayment, resolvePayment } from '../../../shared/flows/payments/decide.ts';
import { differences } from '../../../shared/flows/payments/verify.ts';
import { createActor } from '../../faults/actor.ts';
import type { Stage } from '../../faults/stage.ts';
import { DAY, eventsOf, HOUR, logged, MINUTE, play, runSlot, useEngines } from '../pull/support.ts';
import { accept, accepted, anOrder, pass, payPorts, standing, work } from './support.ts';

const world = useEngines();
const copies = (stage: Stage, { id }: PaymentRecord): number => stage.bank.orderOf(id)?.copies ?? 0;
const statesOf = ({ history }: PaymentRecord): string[] => history.map(({ state }) => state);

/** Brings what the bank booked into the ledger. */
async function pull(stage: Stage): Promise<void> {
  stage.time.advance(HOUR);
  await runSlot(stage);
}

describe('an order on its way', () => {
  it('is sent once, signed at the bank, and executed when its movement is booked', async () => {
    const stage = await play(world.engines, { mode: 'transactions' });
    let payment = await accepted(stage, await anOrder(stage));
    expect(payment).toMatchObject({ state: 'accepted', sum: '1234.50', tally: { count: 1 } });
    payment = await work(stage, payment);
    expect(payment).toMatchObject({ attempts: [{ outcome: 'taken' }] });
    expect(payment.bankId).not.toBeNull();
    await pass(stage, 10);
    expect(await standing(stage, payment.id)).toMatchObject({ state: 'awaiting-signature' });
    stage.bank.sign(payment.id);
    await pass(stage, 60, 20);
    // The bank's "passed" is no execution: that is the booked movement alone.
    expect(await standing(stage, payment.id)).toMatchObject({ state: 'processing', tally: { executed: 0 } });
    await pull(stage);
    await pass(stage, 120, 30);
    payment = await standing(stage, payment.id);
    expect(payment).toMatchObject({
      state: 'executed',
      tally: { count: 1, executed: 1, rejected: 0 },
      dueAt: null,
    });
    expect(copies(stage, payment)).toBe(1);
    const told = (await eventsOf(stage)).filter(({ subject }) => subject === payment.id);
    expect(told.map(({ data }) => data['to'] ?? data['state'])).toEqual(statesOf(payment));
  });

  it('keeps every byte: the request, the order, what was sent and what was answered', async () => {
    const stage = await play(world.engines);
    const payment = await work(stage, await accepted(stage, await anOrder(stage)));
    const { archive } = stage.calm;
    for (const { kind, sha256 } of payment.documents) {
      const bytes = await archive.read(payment.company, 'order', sha256);
      expect(bytes, kind).not.toBeNull();
    }
    expect(payment.documents.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['request', 'order', 'rendered']),
    );
    expect(payment.attempts[0]!.hash).toBe(payment.documents.find(({ kind }) => kind === 'rendered')!.sha256);
  });

  it('waits while the connection is paused, and goes when it is resumed', async () => {
    const stage = await play(world.engines);
    const payment = await accepted(stage, await anOrder(stage));
    stage.bank.misbehave({ kind: 'blocked-certificate', times: 1 });
    expect(await work(stage, payment)).toMatchObject({
      state: 'accepted',
      attempts: [{ outcome: 'not-sent' }],
    });
    const company = stage.companies[0]!;
    const paused = (await stage.calm.connections.get(company.id, company.connection))!;
    expect(paused.status).toBe('paused');
    await pass(stage, 60, 20);
    expect(await standing(stage, payment.id)).toMatchObject({ state: 'accepted' });
    await stage.calm.connections.change(paused, { status: 'active', pause: null }, []);
    await pass(stage, 60, 20);
    expect(copies(stage, payment)).toBe(1);
  });
});

describe('row 29: an answer that is lost', () => {
  it.each(['drop', 'status-503', 'stall', 'html-200', 'garbage-json'] as const)(
    '%s after the bank took the order: unknown, then found, never twice',
    async (kind) => {
      const stage = await play(world.engines);
      let payment = await accepted(stage, await anOrder(stage));
      stage.bank.misbehave({ kind, times: 1, afterwards: true });
      payment = await work(stage, payment);
      expect(payment).toMatchObject({ state: 'outcome-unknown', attempts: [{ outcome: 'in-doubt' }] });
      expect(copies(stage, payment)).toBe(1);
      expect(logged(stage, 'alarm.payment-unknown').length).toBeGreaterThan(0);
      await pass(stage, 10);
      payment = await standing(stage, payment.id);
      // The bank has the bytes already, so the first attempt had worked.
      expect(statesOf(payment)).toContain('submitted');
      expect(payment.attempts).toHaveLength(2);
      expect(copies(stage, payment)).toBe(1);
      await pass(stage, 600, 60);
      expect((await standing(stage, payment.id)).attempts).toHaveLength(2);
    },
  );

  it('before the bank took it: the identical bytes go once more, and no third time', async () => {
    const stage = await play(world.engines);
    let payment = await accepted(stage, await anOrder(stage));
    stage.bank.misbehave({ kind: 'drop', times: 2, afterwards: false });
    payment = await work(stage, payment);
    expect(payment.state).toBe('outcome-unknown');
    await pass(stage, 180, 10);
    payment = await standing(stage, payment.id);
    expect(payment).toMatchObject({ state: 'outcome-unknown' });
    expect(payment.attempts.map(({ outcome }) => outcome)).toEqual(['in-doubt', 'in-doubt']);
    expect(new Set(payment.attempts.map(({ hash }) => hash)).size).toBe(1);
    expect(copies(stage, payment)).toBe(0);
  });

  it('an operator answers what nothing else does, not before the bank would show it', async () => {
    const stage = await play(world.engines);
    let payment = await accepted(stage, await anOrder(stage));
    stage.bank.misbehave({ kind: 'drop', times: 2, afterwards: false });
    payment = await work(stage, payment);
    const say = (outcome: 'not-at-bank' | 'send-again') =>
      resolvePayment(payPorts(stage), payment, { outcome, reason: 'looked in internet banking' });
    await expect(say('send-again')).rejects.toMatchObject({ fields: { code: 'too-early' } });
    await pass(stage, 24 * 60, 120);
    payment = await standing(stage, payment.id);
    expect(await say('send-again')).toMatchObject({ state: 'accepted' });
    await pass(stage, 10);
    expect(copies(stage, payment)).toBe(1);
    await expect(say('not-at-bank')).rejects.toMatchObject({ fields: { code: 'not-unknown' } });
  });

  it('of two equal orders of which one may never have arrived, one movement proves neither', async () => {
    const stage = await play(world.engines, { mode: 'transactions' });
    const order = await anOrder(stage);
    const first = await work(stage, await accepted(stage, order));
    stage.bank.misbehave({ kind: 'drop', times: 2, afterwards: false });
    let second = await work(stage, await accepted(stage, order));
    stage.time.advance(2 * MINUTE);
    second = await work(stage, second);
    expect(second).toMatchObject({ state: 'outcome-unknown', duplicateOf: first.id, attempts: [{}, {}] });
    stage.bank.sign(first.id);
    await pass(stage, 30, 10);
    await pull(stage);
    await pass(stage, 120, 30);
    expect((await standing(stage, first.id)).tally.executed).toBe(0);
    expect(await standing(stage, second.id)).toMatchObject({
      state: 'outcome-unknown',
      tally: { executed: 0 },
    });
    // Once somebody says that the second is not there, the movement is the first one's.
    await pass(stage, 24 * 60, 240);
    await resolvePayment(payPorts(stage), second, { outcome: 'not-at-bank', reason: 'looked' });
    await pass(stage, 180, 60);
    expect(await standing(stage, first.id)).toMatchObject({ state: 'executed' });
    expect(await standing(stage, second.id)).toMatchObject({ state: 'rejected' });
  });
});

describe('row 33: a process that dies', () => {
  it(
    'at any effect leaves a state from which the truth is found, and one order at most',
    { timeout: 120_000 },
    async () => {
      let effect = 0;
      for (let struck = true; struck; effect++) {
        for (const moment of ['before', 'after'] as const) {
          const stage = await play(world.engines);
          const payment = await accepted(stage, await anOrder(stage));
          const actor = createActor(stage.time, { kind: 'kill', at: effect, moment }, 0);
          const run = work(stage, payment, stage.payPorts(actor));
          await Promise.race([run, actor.stopped]);
          struck = actor.struck();
          await pass(stage, 60);
          const found = await standing(stage, payment.id);
          expect({ effect, moment, copies: copies(stage, payment), state: found.state }).toEqual({
            effect,
            moment,
            copies: 1,
            state: expect.stringMatching(/^(submitted|awaiting-signature)$/) as string,
          });
        }
      }
      expect(effect).toBeGreaterThan(10);
    },
  );
});

describe('rows 30 to 32: the same order again', () => {
  it('row 30: fifty at once with one key are one order, and one answer', async () => {
    const stage = await play(world.engines);
    const order = await anOrder(stage);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => accept(stage, order, { key: 'one' }).catch(() => null)),
    );
    const ids = new Set(answers.flatMap((answer) => (answer ? [answer.payment.id] : [])));
    expect(ids.size).toBe(1);
    expect(answers.filter((answer) => answer && !answer.replayed)).toHaveLength(1);
    const { items } = await payPorts(stage).payments.list(stage.companies[0]!.id, 100, null);
    expect(items).toHaveLength(1);
  });

  it('row 31: one key with another order is refused', async () => {
    const stage = await play(world.engines);
    await accept(stage, await anOrder(stage), { key: 'k' });
    await expect(accept(stage, await anOrder(stage, { amount: '1.00' }), { key: 'k' })).rejects.toMatchObject(
      {
        fields: { status: 422, code: 'idempotency-key-reused' },
      },
    );
  });

  it('row 32: another key with the same order is taken and flagged for a day, or refused by policy', async () => {
    const stage = await play(world.engines);
    const order = await anOrder(stage);
    const first = await accepted(stage, order);
    expect(await accepted(stage, order)).toMatchObject({ duplicateOf: first.id, serial: first.serial + 1 });
    expect(await accepted(stage, await anOrder(stage, { amount: '1234.51' }))).toMatchObject({
      duplicateOf: null,
    });
    const strict = payPorts(stage);
    const ports = {
      ...strict,
      companies: {
        ...strict.companies,
        get: async (id: string) => ({
          id,
          name: 'strict',
          createdAt: '',
          policy: { approvalFrom: null, duplicates: 'refuse' as const },
        }),
      },
    };
    await expect(accept(stage, order, { ports })).rejects.toMatchObject({
      fields: { code: 'duplicate-order' },
    });
    stage.time.advance(DAY + MINUTE);
    // A day later it is the rent of another month for all anybody knows; its day of execution is another anyway.
    expect(await accepted(stage, order)).toMatchObject({ duplicateOf: null });
  });
});

describe('row 36: cancelling', () => {
  it('before it is on its way wins; the bank never sees it', async () => {
    const stage = await play(world.engines);
    const payment = await accepted(stage, await anOrder(stage));
    expect(await cancelPayment(payPorts(stage), payment)).toMatchObject({ state: 'cancelled' });
    await pass(stage, 30, 10);
    expect(copies(stage, payment)).toBe(0);
  });

  it('against submitting at every interleaving: either cancelled and not there, or there and noted', async () => {
    for (let effect = 0; effect < 24; effect += 2) {
      const stage = await play(world.engines);
      const payment = await accepted(stage, await anOrder(stage));
      const actor = createActor(stage.time, { kind: 'zombie', at: effect, moment: 'before' }, 0);
      const run = work(stage, payment, stage.payPorts(actor));
      await Promise.race([run, actor.stopped]);
      const wish = await cancelPayment(payPorts(stage), await standing(stage, payment.id)).catch(() => null);
      actor.wake();
      await run.catch(() => undefined);
      await pass(stage, 30, 10);
      const end = await standing(stage, payment.id);
      const there = copies(stage, payment);
      expect({ effect, there, state: end.state }).toEqual(
        end.state === 'cancelled'
          ? { effect, there: 0, state: 'cancelled' }
          : { effect, there: 1, state: expect.stringMatching(/submitted|awaiting-signature/) as string },
      );
      expect(wish?.cancelRequestedAt).not.toBeNull();
    }
  });

  it('at the bank is noted, and the bank decides', async () => {
    const stage = await play(world.engines);
    const payment = await work(stage, await accepted(stage, await anOrder(stage)));
    await cancelPayment(payPorts(stage), payment);
    stage.bank.remove(payment.id);
    await pass(stage, 60, 20);
    expect(await standing(stage, payment.id)).toMatchObject({ state: 'cancelled' });
  });
});

describe('rows 37 and 38: what the bank says later', () => {
  it('row 37: a status nobody knows finishes nothing and is told', async () => {
    const stage = await play(world.engines);
    const payment = await work(stage, await accepted(stage, await anOrder(stage)));
    const { state } = payment;
    stage.bank.misbehave({ kind: 'unknown-status', times: 9 });
    await pass(stage, 2, 1);
    expect((await standing(stage, payment.id)).state).toBe(state);
    expect(logged(stage, 'alarm.payment-status').length).toBeGreaterThan(0);
  });

  it('row 38: what nobody signs expires after the bank’s days, with an event, and is not sent again', async () => {
    const stage = await play(world.engines);
    const payment = await work(stage, await accepted(stage, await anOrder(stage)));
    await pass(stage, 35 * 24 * 60, 24 * 60);
    const end = await standing(stage, payment.id);
    expect(end).toMatchObject({ state: 'expired', dueAt: null, attempts: [{}] });
    expect((await eventsOf(stage)).at(-1)).toMatchObject({
      type: 'payment.changed',
      data: { to: 'expired' },
    });
    expect(copies(stage, payment)).toBe(1);
  });
});

describe('row 35: an order that would change on its way', () => {
  it('is not sent when what was rendered reads differently', async () => {
    const stage = await play(world.engines);
    const ports = payPorts(stage);
    const payment = await accepted(stage, await anOrder(stage));
    const sent = await work(stage, payment, ports);
    const bytesOf = async (kind: string): Promise<Uint8Array> =>
      (await ports.archive.read(
        payment.company,
        'order',
        sent.documents.find((one) => one.kind === kind)!.sha256,
      ))!;
    const groups = groupsFromJson(await bytesOf('order'));
    const rendered = Buffer.from(await bytesOf('rendered')).toString('latin1');
    const look = (text: string) =>
      differences(groups, 'kpc', {
        document: { bytes: Buffer.from(text, 'latin1'), mediaType: 'text/plain', name: 'x' },
        losses: [],
      });
    expect(await look(rendered)).toEqual([]);
    for (const [from, to] of [
      ['123450', '123451'],
      ['20260917', '20260918'],
      ['2000145399', '2000145371'],
    ] as const) {
      expect(rendered).toContain(from);
      expect((await look(rendered.replaceAll(from, to))).length, `${from} to ${to}`).toBeGreaterThan(0);
    }
  });
});
