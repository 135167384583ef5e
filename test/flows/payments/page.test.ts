import { beforeEach, describe, expect, test } from 'vitest';
import { Problem } from '../../../shared/api/problem.ts';
import type { ErsteBank } from '../../../infra/sandbox/erste/bank.ts';
import type { PaymentRecord, PaymentState } from '../../../shared/domain/payment.ts';
import { cancelPayment, resolvePayment } from '../../../shared/flows/payments/decide.ts';
import { signingPage } from '../../../shared/flows/payments/sign.ts';
import { planPulls } from '../../../shared/flows/pull/plan.ts';
import { runPulls } from '../../../shared/flows/pull/run.ts';
import { createActor, virtualTime } from '../../faults/actor.ts';
import { chance } from '../../faults/chance.ts';
import { setErsteStage } from '../../faults/erste-stage.ts';
import type { PayBank, Stage } from '../../faults/stage.ts';
import { accountOf, DAY, HOUR, MINUTE, slotAt, START, TIMEOUT, useEngines } from '../pull/support.ts';
import { accept, anOrder, pass, payPorts, standing, work } from './support.ts';

// Orders that the bank takes one by one and a person signs on a page of the bank (Erste, experimental).

const world = useEngines();
const RETURN = 'https://gateway.example/signed';
let scenes = 0;
let stage: Stage;
let bank: PayBank & { readonly erste: ErsteBank };

/** One company with the account in CZK; a Wednesday at ten in Prague. */
beforeEach(async () => {
  const tables = await world.engines.open(`page${++scenes}`);
  const draws = { ...chance(1), next: () => 0.9, int: () => 0, pick: <T>(from: readonly T[]) => from[0]! };
  const set = await setErsteStage('page', tables, virtualTime(START), draws);
  bank = set.bank;
  stage = set as unknown as Stage;
});

const order = async (change: Parameters<typeof anOrder>[1] = {}): Promise<PaymentRecord> =>
  (await accept(stage, await anOrder(stage, change))).payment;
const page = (payment: PaymentRecord) =>
  signingPage(payPorts(stage), payment, RETURN, stage.time.now() + MINUTE / 2);
/** The code of the problem a call ends in. */
const refusal = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof Problem) return error.fields.code;
    throw error;
  }
  throw new Error('nothing was refused');
};
const states = ({ history }: PaymentRecord): PaymentState[] => history.map(({ state }) => state);
const creations = () => bank.requests({ operation: 'createPayment' }).length;

async function pull(): Promise<void> {
  await planPulls(stage.calm, slotAt(stage.time.now()));
  for (const { message } of stage.queue.splice(0))
    await runPulls(stage.calm, message, stage.time.now() + TIMEOUT);
}

describe('an order', () => {
  test('waits at the bank for a signature, and its movement alone says that it is paid', async () => {
    const made = await order();
    expect(made).toMatchObject({ format: 'cobs', signing: 'page', state: 'accepted' });
    const sent = await work(stage, made);
    expect(sent).toMatchObject({ state: 'awaiting-signature', bankStatus: 'ACTC' });
    expect(bank.orderOf(made.id)).toMatchObject({ bankId: sent.bankId, copies: 1, booked: 0 });

    const { url, validUntil } = await page(sent);
    expect(url).toMatch(/^https:\/\/localhost.*\/sign\/\w+$/);
    expect(Date.parse(validUntil!) - stage.time.now()).toBe(10 * MINUTE);
    bank.sign(made.id);
    await pass(stage, 5, 1);
    expect(await standing(stage, made.id)).toMatchObject({ state: 'processing', bankStatus: 'ACSC' });

    stage.time.advance(DAY);
    await pull();
    await pass(stage, 120, 30);
    const paid = await standing(stage, made.id);
    expect(states(paid)).toEqual(['accepted', 'submitting', 'awaiting-signature', 'processing', 'executed']);
    expect(bank.orderOf(made.id)).toMatchObject({ copies: 1, booked: 1 });
  });

  test('of several payments goes as a file', async () => {
    const one = await anOrder(stage);
    const { payment } = await accept(stage, { ...one, payments: [...one.payments, ...one.payments] });
    expect(payment).toMatchObject({ format: 'kpc', signing: 'file' });
    expect((await work(stage, payment)).state).toBe('accepted');
    expect(creations()).toBe(0);
  });

  test('of a connection that is not set to it goes as a file, whatever the bank could do', async () => {
    const { company, connection: id } = await accountOf(stage);
    const connection = (await stage.calm.connections.get(company, id))!;
    await stage.calm.connections.change(
      connection,
      { config: { ...connection.config, payments: 'file' } },
      [],
    );
    expect(await order()).toMatchObject({ format: 'kpc', signing: 'file' });
  });

  test('already at the bank is followed there, though its connection was set back to files', async () => {
    const sent = await work(stage, await order());
    const { company, connection: id } = await accountOf(stage);
    const connection = (await stage.calm.connections.get(company, id))!;
    await stage.calm.connections.change(
      connection,
      { config: { ...connection.config, payments: 'file' } },
      [],
    );
    await page(sent);
    bank.sign(sent.id);
    await pass(stage, 5, 1);
    expect((await standing(stage, sent.id)).state).toBe('processing');
  });

  test('is refused where the consent was not asked for payments', async () => {
    const { company, connection: id } = await accountOf(stage);
    const { credential: name } = (await stage.calm.connections.get(company, id))!;
    const credential = (await stage.calm.connections.credential(company, name!))!;
    if (credential.kind !== 'consent') throw new Error('The stage has a consent');
    await stage.calm.connections.changeCredential(credential, { scopes: ['siblings.accounts'] });
    expect(await refusal(order())).toBe('consent-lacks-payments');
    expect(creations()).toBe(0);
  });
});

describe('row 29: an answer that is lost', () => {
  test('leaves the outcome unknown, and nothing is ever sent again by itself', async () => {
    const made = await order();
    bank.misbehave({ kind: 'drop', operation: 'createPayment', times: 1, afterwards: true });
    expect((await work(stage, made)).state).toBe('outcome-unknown');
    await pass(stage, 6 * 60, 30);
    expect((await standing(stage, made.id)).state).toBe('outcome-unknown');
    expect(creations()).toBe(1);
    expect(bank.orderOf(made.id)!.copies).toBe(1);
  });

  test('row 31: sent again on an operator’s word it is no second payment: the bank says it has it', async () => {
    const made = await order();
    bank.misbehave({ kind: 'drop', operation: 'createPayment', times: 1, afterwards: true });
    const lost = await work(stage, made);
    expect(
      await refusal(resolvePayment(payPorts(stage), lost, { outcome: 'send-again', reason: 'not there' })),
    ).toBe('too-early');
    stage.time.advance(2 * HOUR);
    const again = await resolvePayment(payPorts(stage), lost, { outcome: 'send-again', reason: 'not there' });
    const sent = await work(stage, again);
    expect(sent).toMatchObject({ state: 'submitted', bankId: null });
    expect(bank.orderOf(made.id)!.copies).toBe(1);
    // Nobody told us how it is called there, so no page can be asked for; a person finds it in the bank's banking.
    expect(await refusal(page(sent))).toBe('not-awaiting-signature');
    bank.sign(made.id);
    stage.time.advance(DAY);
    await pull();
    await pass(stage, 120, 30);
    expect((await standing(stage, made.id)).state).toBe('executed');
  });
});

test('row 33: a process that dies at any effect leaves one order at most, and loses none the bank told of', async () => {
  let effect = 0;
  for (let struck = true; struck; effect++) {
    for (const moment of ['before', 'after'] as const) {
      const { payment } = await accept(stage, await anOrder(stage, { variableSymbol: String(effect + 1) }));
      const actor = createActor(stage.time, { kind: 'kill', at: effect, moment }, 0);
      await Promise.race([work(stage, payment, stage.payPorts(actor)), actor.stopped]);
      struck = actor.struck();
      for (let look = 0; look < 3; look++) {
        stage.time.advance(5 * MINUTE);
        await work(stage, payment);
      }
      const found = await standing(stage, payment.id);
      const told = found.attempts.at(-1)?.outcome === 'taken';
      const state = told ? 'awaiting-signature' : 'outcome-unknown';
      expect({ effect, moment, state: found.state }).toEqual({ effect, moment, state });
      expect(bank.orderOf(payment.id)?.copies ?? 0).toBeLessThanOrEqual(1);
    }
  }
  expect(effect).toBeGreaterThan(10);
});

describe('an order the bank refuses', () => {
  test('is rejected with the bank’s code', async () => {
    const { iban } = await import('../../../infra/sandbox/erste/portfolio.ts').then(
      ({ PORTFOLIO }) => PORTFOLIO[0]!,
    );
    const made = await order({ creditor: { iban } });
    expect(await work(stage, made)).toMatchObject({ state: 'rejected' });
    expect((await standing(stage, made.id)).history.at(-1)).toMatchObject({
      source: 'bank',
      bankCode: 'REC_SEND',
    });
  });

  test('that its signer declined is rejected', async () => {
    const sent = await work(stage, await order());
    bank.erste.payments.cancel(sent.bankId!);
    await pass(stage, 5, 1);
    expect(await standing(stage, sent.id)).toMatchObject({ state: 'rejected', bankStatus: 'RJCT' });
  });

  test('after its signature is rejected too', async () => {
    const sent = await work(stage, await order());
    bank.erste.payments.reject(sent.bankId!);
    bank.sign(sent.id);
    await pass(stage, 5, 1);
    expect(await standing(stage, sent.id)).toMatchObject({ state: 'rejected', bankStatus: 'RJCT' });
  });

  test('with a status nobody knows stays as it is, with an alarm', async () => {
    const sent = await work(stage, await order());
    bank.sign(sent.id);
    bank.misbehave({ kind: 'unknown-status', operation: 'paymentStatus', times: Infinity });
    await pass(stage, 2, 1);
    expect((await standing(stage, sent.id)).state).toBe('awaiting-signature');
    expect(stage.lines.filter((line) => line.includes('alarm.payment-status'))).not.toEqual([]);
  });
});

describe('the page to sign on', () => {
  test('has the order looked at eagerly again, however long it had waited', async () => {
    const sent = await work(stage, await order());
    await pass(stage, 5 * 60, 60);
    const waiting = await standing(stage, sent.id);
    expect(Date.parse(waiting.dueAt!) - stage.time.now()).toBeGreaterThan(30 * MINUTE);
    await page(waiting);
    // The person takes their time.
    await pass(stage, 4, 1);
    bank.sign(sent.id);
    await pass(stage, 2, 1);
    expect((await standing(stage, sent.id)).state).toBe('processing');
  });

  test('is given for no order that must not be signed, or is signed elsewhere', async () => {
    const made = await order();
    expect(await refusal(page(made))).toBe('not-awaiting-signature');
    const sent = await work(stage, made);
    expect(await refusal(page(await cancelPayment(payPorts(stage), sent)))).toBe('cancel-requested');
    const one = await anOrder(stage);
    const { payment: file } = await accept(stage, { ...one, payments: [...one.payments, ...one.payments] });
    expect(await refusal(page(file))).toBe('signed-elsewhere');
    bank.sign(sent.id);
    await pass(stage, 5, 1);
    stage.time.advance(DAY);
    await pull();
    await pass(stage, 120, 30);
    const paid = await standing(stage, sent.id);
    expect(paid.state).toBe('executed');
    expect(await refusal(page(paid))).toBe('cancel-requested');
  });

  test('is not given on a connection that is not in use, or while a pull talks to the bank', async () => {
    const sent = await work(stage, await order());
    const { company, connection: id } = await accountOf(stage);
    const connection = (await stage.calm.connections.get(company, id))!;
    const credential = (await stage.calm.connections.credential(company, connection.credential!))!;
    const entry = await stage.calm.gate.enter(credential.fingerprint, 'a pull', MINUTE);
    if (entry.state !== 'open') throw new Error(`The gate is ${entry.state}`);
    expect(await refusal(page(sent))).toBe('credential-busy');
    await stage.calm.gate.leave(entry.lease, entry.lease.usage, null);
    await stage.calm.connections.change(connection, { status: 'paused' }, []);
    expect(await refusal(page(sent))).toBe('connection-not-active');
  });

  test('is not given while the bank is away, and nothing of the order changes', async () => {
    const sent = await work(stage, await order());
    bank.misbehave({ kind: 'status-503', operation: 'federateSigning', times: Infinity });
    expect(await refusal(page(sent))).toBe('bank-unavailable');
    expect(await standing(stage, sent.id)).toEqual(sent);
  });
});
