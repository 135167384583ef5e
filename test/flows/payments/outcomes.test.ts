import { describe, expect, it } from 'vitest';
import type { Connector, StepResult } from '../../../shared/banks/contract.ts';
import { Failure } from '../../../shared/domain/failure.ts';
import type { Attempt, PaymentRecord } from '../../../shared/domain/payment.ts';
import { rendererOf } from '../../../shared/flows/payments/accept.ts';
import { applyStatus } from '../../../shared/flows/payments/status.ts';
import { changePayment } from '../../../shared/flows/payments/change.ts';
import { resolve } from '../../../shared/flows/payments/resolve.ts';
import { submit } from '../../../shared/flows/payments/submit.ts';
import type { PaymentRun } from '../../../shared/flows/payments/work.ts';
import type { Stage } from '../../faults/stage.ts';
import { HOUR, logged, play, useEngines } from '../pull/support.ts';
import { accepted, anOrder, payPorts, standing } from './support.ts';

// What each answer to a step of a submission means, one by one: the steps are scripted, all else is real.

const world = useEngines();

type Answer = StepResult | Failure;
const TAKEN = {
  kind: 'taken',
  status: { state: null, bankId: 'B1', bankCode: 'OK', reason: null, results: [], document: null },
} as const satisfies StepResult;
const DUPLICATE: StepResult = { kind: 'duplicate', bankCode: 'HAVE_IT' };
const failed = (kind: Failure['kind']): Failure => new Failure(kind, `a ${kind}`, { code: 'X' });

interface Script {
  readonly answers: readonly Answer[];
  /** What a lost answer to the only step means. */
  readonly lost?: 'in-doubt' | 'repeatable';
  readonly repeat?: 'refuses-duplicates' | 'none';
  readonly found?: boolean;
}

/** A run on a payment whose bank answers by the script. */
async function runOn(stage: Stage, payment: PaymentRecord, script: Script) {
  const ports = payPorts(stage);
  const connection = (await ports.connections.get(payment.company, payment.connection))!;
  const { manifest, connector } = await rendererOf(connection);
  const answers = [...script.answers];
  let steps = 0;
  const scripted: Connector = {
    render: (order) => connector.render!(order),
    step: () => {
      steps += 1;
      const answer = answers.shift() ?? failed('transient');
      return answer instanceof Failure ? Promise.reject(answer) : Promise.resolve(answer);
    },
    ...(script.found ? { findOrder: () => Promise.resolve(TAKEN.status) } : {}),
  };
  const rules = {
    ...manifest.payments!,
    steps: [{ name: manifest.payments!.steps[0]!.name, lost: script.lost ?? 'in-doubt' }] as const,
    repeat: script.repeat ?? 'none',
  };
  const run: PaymentRun = {
    ports,
    manifest,
    rules,
    connector: scripted,
    deadline: stage.time.now() + HOUR,
    payment,
  };
  return { run, steps: () => steps };
}

async function submitted(script: Script) {
  const stage = await play(world.engines);
  const payment = await accepted(stage, await anOrder(stage));
  const { run, steps } = await runOn(stage, payment, script);
  const thrown = await submit(run).then(
    () => null,
    (error: unknown) => error,
  );
  return { stage, steps: steps(), thrown, payment: await standing(stage, payment.id) };
}

describe('an answer to the step by which the bank takes an order', () => {
  it('that takes it makes it submitted, whatever word the bank has for it', async () => {
    const { payment } = await submitted({ answers: [TAKEN] });
    expect(payment).toMatchObject({ state: 'submitted', bankId: 'B1', attempts: [{ outcome: 'taken' }] });
  });

  it('that refuses it is final', async () => {
    const { payment, steps } = await submitted({ answers: [failed('rejected')] });
    expect(payment).toMatchObject({ state: 'rejected', dueAt: null, attempts: [{ outcome: 'refused' }] });
    expect(payment.history.at(-1)).toMatchObject({ source: 'bank', bankCode: 'X' });
    expect(steps).toBe(1);
  });

  it.each(['outcome-unknown', 'protocol'] as const)(
    '%s: nobody knows, and nothing is sent again',
    async (kind) => {
      const { payment, steps, stage } = await submitted({ answers: [failed(kind), TAKEN] });
      expect(payment).toMatchObject({ state: 'outcome-unknown', attempts: [{ outcome: 'in-doubt' }] });
      expect(steps).toBe(1);
      expect(logged(stage, 'alarm.payment-unknown')).toHaveLength(1);
    },
  );

  it('transient: nothing was sent, the order is where it was and is tried again', async () => {
    const { payment, thrown } = await submitted({ answers: [failed('transient')] });
    expect(payment).toMatchObject({ state: 'accepted', attempts: [{ outcome: 'not-sent' }] });
    expect(payment.dueAt).not.toBeNull();
    expect(thrown).toBeNull();
  });

  it.each(['credential-refused', 'rate-limited', 'consent-needed'] as const)(
    '%s: nothing was sent, and the connection hears of it',
    async (kind) => {
      const { payment, thrown } = await submitted({ answers: [failed(kind)] });
      expect(payment).toMatchObject({ state: 'accepted', attempts: [{ outcome: 'not-sent' }] });
      expect(thrown).toMatchObject({ kind });
    },
  );
});

describe('results of single payments', () => {
  it('count once, however often the bank tells them, and none beyond the order', async () => {
    const { stage, payment } = await submitted({ answers: [TAKEN] });
    const { run } = await runOn(stage, payment, { answers: [] });
    const result = (index: number) => ({ index, state: 'rejected', bankCode: 'X', reason: 'no' }) as const;
    const told = { ...TAKEN.status, state: null, results: [result(7), result(1)] };
    await applyStatus(run, told, 'bank');
    expect(run.payment.tally).toEqual({ count: 1, executed: 0, rejected: 0 });
    await applyStatus(run, { ...told, results: [result(0), result(0)] }, 'bank');
    expect(run.payment).toMatchObject({ state: 'rejected', tally: { count: 1, executed: 0, rejected: 1 } });
    expect(run.payment.results).toHaveLength(1);
  });
});

describe('a lost answer to a step that does no harm twice', () => {
  it('is asked for again at once', async () => {
    const { payment, steps } = await submitted({
      lost: 'repeatable',
      answers: [failed('outcome-unknown'), failed('protocol'), TAKEN],
    });
    expect(payment).toMatchObject({ state: 'submitted', attempts: [{ outcome: 'taken' }] });
    expect(steps).toBe(3);
  });

  it('again and again leaves the order unsent, for later', async () => {
    const { payment } = await submitted({
      lost: 'repeatable',
      answers: Array.from({ length: 20 }, () => failed('outcome-unknown')),
    });
    expect(payment).toMatchObject({ state: 'accepted', attempts: [{ outcome: 'not-sent' }] });
  });
});

describe('a bank that says it has these bytes already', () => {
  /** The order with an earlier attempt, sent again. */
  async function again(earlier: Partial<Attempt>) {
    const stage = await play(world.engines);
    const first = await accepted(stage, await anOrder(stage));
    const { run } = await runOn(stage, first, { answers: [failed('transient')] });
    await submit(run);
    const [attempt] = run.payment.attempts;
    run.payment = await changePayment(run.ports, run.payment, { attempts: [{ ...attempt!, ...earlier }] });
    stage.time.advance(HOUR);
    const next = await runOn(stage, run.payment, { answers: [DUPLICATE] });
    await submit(next.run);
    return { stage, payment: await standing(stage, first.id) };
  }

  it('on a first attempt is a refusal with an alarm: nobody of ours sent them', async () => {
    const { payment, stage } = await submitted({ answers: [DUPLICATE] });
    expect(payment).toMatchObject({ state: 'rejected', attempts: [{ outcome: 'refused' }] });
    expect(logged(stage, 'alarm.payment')).toMatchObject([{ code: 'HAVE_IT' }]);
  });

  it('on a first attempt, and finds it under our id, has it', async () => {
    const { payment } = await submitted({ answers: [DUPLICATE], found: true });
    expect(payment).toMatchObject({ state: 'submitted', bankId: 'B1', attempts: [{ outcome: 'taken' }] });
  });

  it('after an attempt in doubt with these bytes has them from that one', async () => {
    const { payment } = await again({ outcome: 'in-doubt' });
    expect(payment).toMatchObject({
      state: 'submitted',
      attempts: [{ outcome: 'in-doubt' }, { outcome: 'taken' }],
    });
  });

  it.each([
    ['an attempt in doubt with other bytes', { outcome: 'in-doubt', hash: '0'.repeat(64) }],
    ['an attempt of which nothing left', { outcome: 'not-sent' }],
    ['a refused attempt', { outcome: 'refused' }],
  ] as const)('after %s is a refusal', async (_, earlier) => {
    expect((await again(earlier)).payment).toMatchObject({ state: 'rejected' });
  });
});

describe('resolving', () => {
  /** An order in doubt, looked into once with a bank of these rules. */
  async function looked(script: Script, attempts: readonly Partial<Attempt>[] = [{}]) {
    const stage = await play(world.engines);
    const payment = await accepted(stage, await anOrder(stage));
    const { run } = await runOn(stage, payment, { answers: [failed('outcome-unknown')] });
    await submit(run);
    const [doubt] = run.payment.attempts;
    const all = attempts.map((change) => ({ ...doubt!, ...change }));
    run.payment = await changePayment(run.ports, run.payment, { attempts: all });
    stage.time.advance(HOUR);
    const next = await runOn(stage, run.payment, script);
    await resolve(next.run);
    return { steps: next.steps(), payment: await standing(stage, payment.id) };
  }

  it('takes what the bank finds, as submitted where it has no word for it', async () => {
    const { payment, steps } = await looked({ answers: [], found: true, repeat: 'refuses-duplicates' });
    expect(payment).toMatchObject({ state: 'submitted', bankId: 'B1' });
    expect(steps).toBe(0);
  });

  it('sends the identical bytes once where the bank refuses what it has, and never twice', async () => {
    const one = await looked({ answers: [DUPLICATE], repeat: 'refuses-duplicates' });
    expect(one).toMatchObject({ steps: 1, payment: { state: 'submitted' } });
    expect(new Set(one.payment.attempts.map(({ hash }) => hash)).size).toBe(1);
    const two = await looked({ answers: [TAKEN], repeat: 'refuses-duplicates' }, [{}, { id: 'att_2' }]);
    expect(two).toMatchObject({ steps: 0, payment: { state: 'outcome-unknown' } });
  });

  it('does not count attempts of which nothing left', async () => {
    const before = { id: 'att_0', outcome: 'not-sent' } as const;
    const { steps } = await looked({ answers: [DUPLICATE], repeat: 'refuses-duplicates' }, [before, {}]);
    expect(steps).toBe(1);
  });

  it('sends nothing where the bank takes a repeat for another order', async () => {
    const { steps, payment } = await looked({ answers: [TAKEN], repeat: 'none' });
    expect(steps).toBe(0);
    expect(payment.state).toBe('outcome-unknown');
  });
});
