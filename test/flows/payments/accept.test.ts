import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { conflict } from '../../../shared/api/problem.ts';
import type { Clock } from '../../../shared/domain/ports.ts';
import type { PaymentRecord } from '../../../shared/domain/payment.ts';
import {
  acceptOrder,
  type AcceptPorts,
  type Submission,
  requestHash,
} from '../../../shared/flows/payments/accept.ts';
import { cancelPayment } from '../../../shared/flows/payments/decide.ts';
import { listPayments } from '../../../shared/flows/payments/list.ts';
import { draftOfJson } from '../../../shared/flows/payments/order.ts';
import type { Stage } from '../../faults/stage.ts';
import { accountOf, play, START, useEngines } from '../pull/support.ts';
import { accept, accepted, anOrder, payPorts } from './support.ts';

const world = useEngines();

async function submissionOf(stage: Stage, key: string, amount: string): Promise<Submission> {
  const order = await anOrder(stage, { amount });
  return {
    caller: { company: stage.companies[0]!.id, key: 'key_erp', user: 'eva' },
    source: 'api',
    hook: null,
    idempotencyKey: key,
    bytes: new TextEncoder().encode(JSON.stringify(order)),
    mediaType: 'application/json',
    draft: draftOfJson(order, await accountOf(stage)),
    alwaysApprove: false,
  };
}

describe('an order being taken', () => {
  it('gets through beside forty-nine others of its connection, each with a serial of its own', async () => {
    const stage = await play(world.engines);
    const startedAt = Date.now();
    let waits = 0;
    const clock: Clock = {
      now: () => START + Date.now() - startedAt,
      sleep: (milliseconds) => {
        waits += 1;
        return sleep(milliseconds);
      },
    };
    const taken = await Promise.all(
      Array.from({ length: 50 }, async (_, at) => {
        const submission = await submissionOf(stage, `order ${at}`, `${at + 1}.00`);
        return (await acceptOrder({ ...payPorts(stage), clock }, submission)).payment;
      }),
    );
    const serials = taken.map(({ serial }) => serial).sort((a, b) => a - b);
    expect(serials.map((serial) => serial - serials[0]!)).toEqual(serials.map((_, at) => at));
    expect(waits).toBeGreaterThan(0);
  });

  it('leaves nothing in the archive when a limit refuses it', async () => {
    const stage = await play(world.engines);
    const ports = payPorts(stage);
    let kept = 0;
    const counting: AcceptPorts = {
      ...ports,
      archive: {
        ...ports.archive,
        keep: (...document) => {
          kept += 1;
          return ports.archive.keep(...document);
        },
      },
    };
    const submission = await submissionOf(stage, 'one', '10.00');
    const charge = (): never => {
      throw conflict('limit', 'No more today');
    };
    await expect(acceptOrder(counting, { ...submission, charge })).rejects.toThrow('No more today');
    expect(kept).toBe(0);
    expect((await acceptOrder(counting, submission)).payment.documents).toHaveLength(2);
    expect(kept).toBe(2);
  });
});

/** So many orders, a second apart, oldest first. */
async function ordersOf(stage: Stage, count: number): Promise<PaymentRecord[]> {
  const made: PaymentRecord[] = [];
  for (let at = 1; at <= count; at++) {
    stage.time.advance(1000);
    made.push(await accepted(stage, await anOrder(stage, { amount: `${at}.00` })));
  }
  return made;
}

describe('a list of orders', () => {
  it('has full pages of those wanted, and every one of them once', async () => {
    const stage = await play(world.engines);
    const ports = payPorts(stage);
    const made = await ordersOf(stage, 9);
    for (const at of [0, 2, 5, 6, 7]) await cancelPayment(ports, made[at]!);
    const { company } = made[0]!;
    const pages: string[][] = [];
    for (let after: string | null = null; ;) {
      const page = await listPayments(ports, company, {
        after,
        limit: 2,
        isWanted: ({ state }) => state === 'cancelled',
      });
      pages.push(page.items.map(({ id }) => id));
      if (page.next === null) break;
      after = page.next;
    }
    const wanted = [7, 6, 5, 2, 0].map((at) => made[at]!.id);
    expect(pages.filter((page) => page.length > 0)).toEqual([
      wanted.slice(0, 2),
      wanted.slice(2, 4),
      wanted.slice(4),
    ]);
    const unwanted = { after: null, limit: 2, isWanted: () => false };
    expect(await listPayments(ports, company, unwanted)).toEqual({ items: [], next: null });
  });

  it('ends a search that takes too long, and tells where to go on', async () => {
    const stage = await play(world.engines);
    const ports = payPorts(stage);
    const made = await ordersOf(stage, 3);
    let now = START;
    const slow = { ...ports, clock: { ...ports.clock, now: () => (now += 60_000) } };
    const { company } = made[0]!;
    const isWanted = ({ id }: PaymentRecord): boolean => id === made[0]!.id;
    const first = await listPayments(slow, company, { after: null, limit: 1, isWanted });
    expect(first.items).toEqual([]);
    const rest = await listPayments(ports, company, { after: first.next, limit: 1, isWanted });
    expect(rest.items.map(({ id }) => id)).toEqual([made[0]!.id]);
  });
});

it('the same bytes as another kind of file are another request', () => {
  const bytes = new TextEncoder().encode('{}');
  const hash = requestHash({ bytes, mediaType: 'application/json' });
  expect(requestHash({ bytes, mediaType: 'application/json' })).toBe(hash);
  expect(requestHash({ bytes, mediaType: 'text/plain' })).not.toBe(hash);
});

it('row 30: a key is one order of the company, whichever connection the next one names', async () => {
  const stage = await play(world.engines);
  const key = 'one key, two connections';
  const { payment } = await accept(stage, await anOrder(stage), { key });
  const other = { ...payment, id: 'pay_other', connection: 'con_other' };
  const request = { key, hash: 'another', content: 'another', lastSerial: null };
  expect(await payPorts(stage).payments.accept(other, request, [])).toBe(false);
  expect(await payPorts(stage).payments.get(payment.company, 'pay_other')).toBeNull();
});
