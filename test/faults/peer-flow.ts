import { createHash } from 'node:crypto';
import { manifestOf } from '../../shared/banks/catalog.ts';
import { dateIn, isoInstant } from '../../shared/domain/dates.ts';
import { atGate } from '../../shared/flows/gateway.ts';
import { draftOfJson, type OrderInput } from '../../shared/flows/payments/order.ts';
import { createActor, virtualTime } from './actor.ts';
import { chance as chanceOf } from './chance.ts';
import type { Engines } from './engines.ts';
import { misbehaviour, orderOf, START } from './pay-flow.ts';
import { setStage, type Company, type Stage } from './stage.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;
/** Attempts of a client that repeats whatever was not answered. */
const ATTEMPTS = 4;

export interface PeerSeedResult {
  readonly orders: number;
  /** Orders the bank has more than once. */
  readonly doubled: number;
}

/**
 * The usual policy, as a contrast: a client that makes its file anew at each attempt and repeats whatever got no good
 * answer. The same bank, the same misbehaviour, no process that dies.
 */
export async function runPeerSeed(engines: Engines, seed: number): Promise<PeerSeedResult> {
  const chance = chanceOf(seed * 7 + 3);
  const time = virtualTime(START + chance.int(5) * DAY);
  const places = await engines.open(`peer${seed}`);
  try {
    const stage = await setStage(`peer${seed}`, places, time, chance);
    const orders = 1 + chance.int(3);
    for (let n = 0; n < orders; n++) {
      const company = chance.pick(stage.companies);
      if (chance.next() < 0.6) stage.bank.misbehave(misbehaviour(chance));
      await sendUntilAnswered(stage, company, orderOf(company, chance), `pay_peer${seed}x${n}`);
    }
    return { orders, doubled: stage.bank.orders().filter(({ copies }) => copies > 1).length };
  } finally {
    await engines.close(places);
  }
}

async function sendUntilAnswered(
  stage: Stage,
  company: Company,
  order: OrderInput,
  id: string,
): Promise<void> {
  const ports = stage.payPorts(createActor(stage.time, null, 0));
  const connection = (await ports.connections.get(company.id, company.connection))!;
  const credential = (await ports.connections.credential(company.id, connection.credential!))!;
  const manifest = await manifestOf(connection.bank);
  const account = await ports.accounts.get(company.id, order.account);
  const today = dateIn(manifest.timeZone, stage.time.now());
  const groups = draftOfJson(order, account).groups.map(({ group }) => ({ ...group, date: today }));
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const holder = `${id} ${attempt}`;
    const deadline = stage.time.now() + 2 * MINUTE;
    const answered = await atGate(ports, credential, { manifest, holder, deadline }, async (session) => {
      const { connector } = await session.connect(connection);
      const format = order.payments[0]!.currency === 'EUR' ? 'pain.001' : 'kpc';
      const createdAt = isoInstant(stage.time.now());
      const { document } = connector.render!({ id, serial: attempt, format, createdAt, today, groups });
      const sha256 = createHash('sha256').update(document.bytes).digest('hex');
      const sent = { id, document, sha256, format, sentAt: createdAt, bankId: null, given: {} } as const;
      return connector.step!(sent, { step: manifest.payments!.steps[0]!.name, data: {} });
    }).then(
      () => true,
      () => false,
    );
    if (answered) return;
    stage.time.advance(MINUTE);
  }
}
