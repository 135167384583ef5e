import { describe, expect, it } from 'vitest';
import type { PaymentRecord } from '../../../shared/domain/payment.ts';
import type { Pause } from '../../../shared/domain/records.ts';
import { acceptOrder } from '../../../shared/flows/payments/accept.ts';
import { approvePayment, resolvePayment } from '../../../shared/flows/payments/decide.ts';
import { draftOfJson } from '../../../shared/flows/payments/order.ts';
import { manifest } from '../../../shared/banks/raiffeisen/manifest.ts';
import type { Stage } from '../../faults/stage.ts';
import { accountOf, DAY, logged, play, useEngines } from '../pull/support.ts';
import { accepted, anOrder, pass, payPorts, standing, work } from './support.ts';

// Orders that nobody could send on their day, or at all. The stage's first day is Wednesday, 2026-09-16.

const world = useEngines();
const copies = (stage: Stage, { id }: PaymentRecord): number => stage.bank.orderOf(id)?.copies ?? 0;
const EXPIRY = manifest.payments!.tracking.expiryDays;
const PAUSE: Pause = { kind: 'credential-refused', message: 'Ask the bank', since: '2026-09-16T08:00:00Z' };

async function pauseOrResume(stage: Stage, pause: Pause | null): Promise<void> {
  const { id, connection } = stage.companies[0]!;
  const found = (await stage.calm.connections.get(id, connection))!;
  await stage.calm.connections.change(found, { status: pause ? 'paused' : 'active', pause }, []);
}

async function renderedText(stage: Stage, { company, documents }: PaymentRecord): Promise<string> {
  const rendered = documents.filter(({ kind }) => kind === 'rendered');
  expect(rendered).toHaveLength(1);
  return Buffer.from((await stage.calm.archive.read(company, 'order', rendered[0]!.sha256))!).toString(
    'latin1',
  );
}

describe('an order whose day goes by before it can be sent', () => {
  it('goes for the next day the bank can do, and its history tells so', async () => {
    const stage = await play(world.engines);
    const payment = await accepted(stage, await anOrder(stage));
    expect(payment.executionDate).toBe('2026-09-16');
    await pauseOrResume(stage, PAUSE);
    stage.time.advance(3 * DAY);
    expect(await work(stage, payment)).toMatchObject({ state: 'accepted', executionDate: '2026-09-16' });
    await pauseOrResume(stage, null);
    await pass(stage, 30);
    const sent = await standing(stage, payment.id);
    // Three days later is a Saturday.
    expect(sent.executionDate).toBe('2026-09-21');
    const reason = sent.history.find(({ state }) => state === 'submitting')!.reason;
    expect(reason).toBe('2026-09-16 went by before it could be sent; it goes for 2026-09-21');
    expect(await renderedText(stage, sent)).toMatch(/ 210926\r?\n/);
    expect(copies(stage, payment)).toBe(1);
  });

  it('is rendered anew when an attempt left nothing at the bank', async () => {
    const stage = await play(world.engines);
    const payment = await accepted(stage, await anOrder(stage));
    stage.bank.misbehave({ kind: 'blocked-certificate', times: 1 });
    const tried = await work(stage, payment);
    expect(tried.attempts).toMatchObject([{ outcome: 'not-sent' }]);
    expect(await renderedText(stage, tried)).toMatch(/ 160926\r?\n/);
    stage.time.advance(DAY);
    await pauseOrResume(stage, null);
    await pass(stage, 30);
    const sent = await standing(stage, payment.id);
    expect(sent.executionDate).toBe('2026-09-17');
    expect(await renderedText(stage, sent)).toMatch(/ 170926\r?\n/);
    expect(new Set(sent.attempts.map(({ hash }) => hash)).size).toBe(2);
    expect(copies(stage, payment)).toBe(1);
  });

  it('keeps day and bytes once anything of it may be at the bank', async () => {
    const stage = await play(world.engines);
    const payment = await accepted(stage, await anOrder(stage));
    stage.bank.misbehave({ kind: 'drop', times: 2, afterwards: false });
    await work(stage, payment);
    await pass(stage, 2 * 24 * 60, 180);
    const lost = await standing(stage, payment.id);
    expect(lost.state).toBe('outcome-unknown');
    const decision = { outcome: 'send-again', reason: 'looked in internet banking' } as const;
    await resolvePayment(payPorts(stage), lost, decision);
    await pass(stage, 10);
    const sent = await standing(stage, payment.id);
    expect(copies(stage, payment)).toBe(1);
    expect(sent.executionDate).toBe('2026-09-16');
    expect(new Set(sent.attempts.map(({ hash }) => hash)).size).toBe(1);
  });

  it('is given up when that is too long ago, and is never sent', async () => {
    const stage = await play(world.engines);
    const payment = await accepted(stage, await anOrder(stage));
    await pauseOrResume(stage, PAUSE);
    stage.time.advance(EXPIRY * DAY);
    expect(await work(stage, payment)).toMatchObject({ state: 'accepted' });
    stage.time.advance(DAY);
    await pass(stage, 30);
    const given = await standing(stage, payment.id);
    expect(given).toMatchObject({ state: 'expired', dueAt: null, attempts: [] });
    expect(given.history.at(-1)!.reason).toContain(`within ${EXPIRY} days after 2026-09-16`);
    expect(logged(stage, 'alarm.payment').length).toBeGreaterThan(0);
    await pauseOrResume(stage, null);
    await pass(stage, 60);
    expect(copies(stage, payment)).toBe(0);
  });
});

describe('an order nobody approves', () => {
  const waiting = async (stage: Stage): Promise<PaymentRecord> => {
    const order = await anOrder(stage);
    const { payment } = await acceptOrder(payPorts(stage), {
      caller: { company: stage.companies[0]!.id, key: 'key_erp', user: 'eva' },
      source: 'api',
      hook: null,
      idempotencyKey: 'to approve',
      bytes: new TextEncoder().encode(JSON.stringify(order)),
      mediaType: 'application/json',
      draft: draftOfJson(order, await accountOf(stage)),
      alwaysApprove: true,
    });
    return payment;
  };

  it('is given up in the end, and cannot be approved any more', async () => {
    const stage = await play(world.engines);
    const payment = await waiting(stage);
    await pass(stage, 60, 20);
    expect(await standing(stage, payment.id)).toMatchObject({ state: 'awaiting-approval', revision: 1 });
    stage.time.advance((EXPIRY + 1) * DAY);
    await pass(stage, 30);
    const given = await standing(stage, payment.id);
    expect(given).toMatchObject({ state: 'expired', approvedBy: null });
    const ports = payPorts(stage);
    const key = {
      id: 'key_petr',
      company: payment.company,
      name: 'Petr',
      hash: 'hash',
      prefix: 'brana',
      scopes: ['pay'],
      user: 'petr',
      createdAt: '2026-01-01T00:00:00Z',
      revokedAt: null,
    } as const;
    await ports.companies.addKey(key);
    const petr = { company: payment.company, key: key.id, scopes: key.scopes, user: key.user };
    const approval = approvePayment(ports, petr, given, { approve: true, reason: null });
    await expect(approval).rejects.toMatchObject({ fields: { code: 'not-awaiting-approval' } });
    expect(copies(stage, payment)).toBe(0);
  });
});
