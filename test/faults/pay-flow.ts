import { Problem } from '../../shared/api/problem.ts';
import { isoInstant } from '../../shared/domain/dates.ts';
import { isFinal, type PaymentRecord } from '../../shared/domain/payment.ts';
import { acceptOrder } from '../../shared/flows/payments/accept.ts';
import { cancelPayment, resolvePayment, type Resolution } from '../../shared/flows/payments/decide.ts';
import { draftOfJson, type OrderInput } from '../../shared/flows/payments/order.ts';
import { sweepPayments } from '../../shared/flows/payments/sweep.ts';
import { workOnPayment } from '../../shared/flows/payments/work.ts';
import { planPulls } from '../../shared/flows/pull/plan.ts';
import { runPulls } from '../../shared/flows/pull/run.ts';
import { createActor, FAULTS, virtualTime, type Actor, type Fault } from './actor.ts';
import { chance as chanceOf, type Chance } from './chance.ts';
import type { Engines } from './engines.ts';
import { setErsteStage } from './erste-stage.ts';
import { checkPayments } from './pay-promises.ts';
import {
  setCsobStage,
  setStage,
  type Company,
  type PayBank,
  type PayPorts,
  type QueuedPayment,
  type Stage,
} from './stage.ts';

/** A Wednesday at ten in Prague, in the order's own currency of the stage's accounts. */
export const START = Date.parse('2026-09-16T08:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** What payments-work's queue and function are deployed with. */
const VISIBILITY = 12 * MINUTE;
const TIMEOUT = 2 * MINUTE;

/** One step and a checksum, three steps, one step and a page to sign on: the seeds go round. */
const BANKS = [setCsobStage, setStage, setErsteStage, setStage] as const;

export interface PaySeedResult {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly faults: readonly string[];
  /** How the orders ended. */
  readonly states: readonly string[];
}

/** An order somebody wants paid: one intention, however often it is sent. */
export interface Intention {
  readonly company: Company;
  readonly key: string;
  readonly order: OrderInput;
  /** Ids the gateway answered with; more than one is a violation. */
  readonly answered: Set<string>;
}

/** Runs one seed: orders sent, cancelled and worked on among faults, then calm, an operator, and the promises. */
export async function runPaySeed(engines: Engines, seed: number): Promise<PaySeedResult> {
  const chance = chanceOf(seed * 7 + 3);
  const time = virtualTime(START + chance.int(5) * DAY);
  const name = `p${seed}`;
  const places = await engines.open(name);
  const faults: string[] = [];
  try {
    const set = BANKS[seed % BANKS.length]!;
    const stage: Stage<PayBank> = await set(name, places, time, chance);
    const storm = new Storm(stage, chance, faults);
    await storm.submitOrders();
    for (let round = 0; round < 4; round++) {
      await storm.round();
      time.advance(chance.pick([MINUTE, 5 * MINUTE, HOUR]));
    }
    await storm.over();
    await calmDown(stage, chance);
    return { seed, faults, ...(await checkPayments(stage, engines, storm.intentions)) };
  } finally {
    await engines.close(places);
  }
}

/** The part of a seed in which things go wrong. */
class Storm {
  readonly intentions: Intention[] = [];
  private readonly runs = new Map<Actor, Promise<unknown>>();
  private readonly stage: Stage<PayBank>;
  private readonly chance: Chance;
  private readonly faults: string[];

  constructor(stage: Stage<PayBank>, chance: Chance, faults: string[]) {
    this.stage = stage;
    this.chance = chance;
    this.faults = faults;
  }

  /** ERPs send their orders: with one key again and again until it is answered, at times two at once. */
  async submitOrders(): Promise<void> {
    const { chance } = this;
    const count = 1 + chance.int(3);
    for (let n = 0; n < count; n++) {
      const company = chance.pick(this.stage.companies);
      const twin = this.intentions.length > 0 && chance.next() < 0.35;
      const order = twin
        ? this.intentions[0]!.order
        : orderOf(company, chance, this.stage.bank.id === 'erste' ? 1 : 3);
      const payer = twin ? this.intentions[0]!.company : company;
      if (twin) this.faults.push('equal-orders');
      const intention = { company: payer, key: `key-${n}`, order, answered: new Set<string>() };
      this.intentions.push(intention);
      const erps = chance.next() < 0.2 ? 2 : 1;
      if (erps === 2) this.faults.push('two-erps');
      await Promise.all(Array.from({ length: erps }, () => this.send(intention)));
    }
  }

  private async send({ company, key, order, answered }: Intention): Promise<void> {
    for (let attempt = 0; attempt < 6; attempt++) {
      const actor = this.actor(attempt < 3 ? 0.5 : 0, 30);
      const outcome = await this.settle(this.accept(actor, company, key, order, answered), actor);
      if (outcome) return;
      this.stage.time.advance(MINUTE);
    }
  }

  private async accept(
    actor: Actor,
    company: Company,
    key: string,
    order: OrderInput,
    answered: Set<string>,
  ): Promise<void> {
    const ports = this.stage.payPorts(actor);
    const account = await ports.accounts.get(company.id, order.account);
    try {
      const { payment } = await acceptOrder(ports, {
        caller: { company: company.id, key: 'key_erp', user: null },
        source: 'api',
        hook: null,
        idempotencyKey: key,
        bytes: new TextEncoder().encode(JSON.stringify(order)),
        mediaType: 'application/json',
        draft: draftOfJson(order, account),
        alwaysApprove: false,
      });
      answered.add(payment.id);
    } catch (error) {
      // An answer of its own: the ERP reads it and sends again, as after no answer at all.
      if (!(error instanceof Problem) || error.fields.code !== 'busy') throw error;
      throw error;
    }
  }

  /** What happens between two moments: the bank misbehaves, people cancel and sign, messages are delivered. */
  async round(): Promise<void> {
    const { stage, chance, faults } = this;
    const bad = chance.next() < 0.6 ? misbehaviour(chance) : null;
    if (bad) {
      stage.bank.misbehave(bad);
      faults.push(`bank-${bad.kind}${bad.afterwards ? '-afterwards' : ''}`);
    }
    await this.settle(sweepPayments(stage.payPorts(createActor(stage.time, null, 0))), null);
    const now = stage.time.now();
    for (const queued of stage.payQueue.filter(({ visibleAt }) => visibleAt <= now)) {
      stage.payQueue.splice(stage.payQueue.indexOf(queued), 1);
      const runs = [this.deliver(queued)];
      if (chance.next() < 0.2) {
        faults.push('duplicate-delivery');
        runs.push(this.deliver(queued));
      }
      if (chance.next() < 0.15) runs.push(this.cancel(queued));
      await Promise.all(runs);
    }
    if (chance.next() < 0.4) signSome(stage, chance);
  }

  private async deliver(queued: QueuedPayment): Promise<void> {
    const actor = this.actor(0.6, 45);
    const ports = this.stage.payPorts(actor);
    const run = workOnPayment(ports, queued.message, actor.clock.now() + TIMEOUT);
    const done = await this.settle(run, actor);
    if (!done) this.stage.payQueue.push({ ...queued, visibleAt: this.stage.time.now() + VISIBILITY });
    if (actor.struck() && this.chance.next() < 0.5) {
      this.stage.time.advance(VISIBILITY);
      actor.wake();
    }
  }

  private async cancel({ message }: QueuedPayment): Promise<void> {
    this.faults.push('cancel');
    const actor = this.actor(0.3, 10);
    const ports = this.stage.payPorts(actor);
    const wish = async (): Promise<void> => {
      const payment = await ports.payments.get(message.company, message.payment);
      if (payment) await cancelPayment(ports, payment);
    };
    await this.settle(wish(), actor);
  }

  /** An actor with a fault at some of its effects. */
  private actor(probability: number, effects: number): Actor {
    const { chance, stage } = this;
    const fault: Fault | null =
      chance.next() < probability
        ? { kind: chance.pick(FAULTS), at: chance.int(effects), moment: chance.pick(['before', 'after']) }
        : null;
    const actor = createActor(stage.time, fault, chance.next() < 0.1 ? chance.pick([-5, 5]) * MINUTE : 0);
    if (fault) this.faults.push(fault.kind);
    return actor;
  }

  /** Waits for the end of a run, or for its actor's. @returns false when it did not end well */
  private async settle(run: Promise<unknown>, actor: Actor | null): Promise<boolean> {
    const ended = run.then(
      () => true,
      () => false,
    );
    if (!actor) return ended;
    this.runs.set(actor, ended);
    return Promise.race([ended, actor.stopped.then(() => false)]);
  }

  /** Zombies come to their end in the storm. */
  async over(): Promise<void> {
    for (const [actor, run] of this.runs) {
      const end = await Promise.race([actor.stopped, run.then(() => 'ended' as const)]);
      if (end === 'killed') continue;
      actor.wake();
      await run;
    }
  }
}

/** @param most payments in it */
export function orderOf({ accounts }: Company, chance: Chance, most = 3): OrderInput {
  const account = chance.pick(accounts);
  const euro = account.currency === 'EUR';
  const count = 1 + chance.int(most);
  return {
    account: account.id,
    payments: Array.from({ length: count }, (_, n) => ({
      amount: `${100 + chance.int(900)}.${n}0`,
      currency: account.currency,
      creditor: euro
        ? { name: 'Lieferant GmbH', iban: 'DE89370400440532013000' }
        : { name: 'Dodavatel s.r.o.', number: '19-2000145399', bankCode: '0800' },
      ...(euro ? {} : { variableSymbol: String(1 + chance.int(99_999)) }),
      message: 'faktura',
    })),
  };
}

/** Ways in which a bank answers an upload, or a question, that it should not. */
export function misbehaviour(chance: Chance) {
  const skip = chance.int(3);
  const times = chance.pick([1, 1, 2]);
  // Half of them after the bank took the order: the answer alone is lost.
  const afterwards = chance.next() < 0.5;
  const kind = chance.pick([
    'status-503',
    'html-200',
    'drop',
    'stall',
    'truncate',
    'garbage-json',
    'unknown-shape-500',
  ] as const);
  return { kind, times, skip, afterwards };
}

function signSome(stage: Stage<PayBank>, chance: Chance): void {
  for (const { id } of stage.bank.orders()) if (chance.next() < 0.6) stage.bank.sign(id);
}

/** The bank behaves, everything is signed, an operator answers what is unknown, and weeks pass. */
async function calmDown(stage: Stage<PayBank>, chance: Chance): Promise<void> {
  stage.bank.behave();
  const ports = stage.payPorts(createActor(stage.time, null, 0));
  stage.time.advance(HOUR);
  for (const { id, connection } of stage.companies) {
    const paused = await ports.connections.get(id, connection);
    if (paused?.status !== 'paused') continue;
    await ports.connections.change(paused, { status: 'active', pause: null }, [
      { type: 'connection.resumed', subject: connection, data: {} },
    ]);
  }
  for (let day = 0; day < 6; day++) {
    await workAll(stage, ports);
    for (const { id } of stage.bank.orders()) stage.bank.sign(id);
    stage.time.advance(HOUR);
    await workAll(stage, ports);
    if (day === 3) await operator(stage, ports, chance);
    if (await allRest(stage, ports)) return;
    stage.time.advance(DAY);
    await pullAll(stage);
  }
}

async function allRest(stage: Stage<PayBank>, ports: PayPorts): Promise<boolean> {
  const lists = await Promise.all(stage.companies.map(({ id }) => ports.payments.list(id, 100, null)));
  return lists.every(({ items }) => items.every(({ state }) => isFinal(state)));
}

async function workAll(stage: Stage<PayBank>, ports: PayPorts): Promise<void> {
  for (let round = 0; round < 6; round++) {
    await sweepPayments(ports);
    const messages = new Map(stage.payQueue.splice(0).map(({ message }) => [message.payment, message]));
    if (messages.size === 0) return;
    for (const message of messages.values()) {
      await workOnPayment(ports, message, stage.time.now() + TIMEOUT);
    }
    stage.time.advance(2 * MINUTE);
  }
}

async function pullAll(stage: Stage<PayBank>): Promise<void> {
  await planPulls(stage.calm, isoInstant(Math.floor(stage.time.now() / HOUR) * HOUR));
  for (let round = 0; round < 10 && stage.queue.length > 0; round++) {
    const [queued] = stage.queue.splice(0, 1);
    await runPulls(stage.calm, queued!.message, stage.time.now() + 5 * MINUTE);
  }
}

/** Looks into the bank and says what is there: the person who answers an unknown outcome. */
async function operator(stage: Stage<PayBank>, ports: PayPorts, chance: Chance): Promise<void> {
  for (const { id } of stage.companies) {
    const { items } = await ports.payments.list(id, 100, null);
    for (const payment of items.filter(({ state }) => state === 'outcome-unknown')) {
      const outcome: Resolution = isAtBank(stage, payment)
        ? 'at-bank'
        : chance.pick(['not-at-bank', 'send-again']);
      await resolvePayment(ports, payment, { outcome, reason: 'seen in internet banking' });
    }
  }
}

export const isAtBank = (stage: Stage<PayBank>, { id }: PaymentRecord): boolean =>
  stage.bank.orders().some((order) => order.id === id && order.copies > 0);
