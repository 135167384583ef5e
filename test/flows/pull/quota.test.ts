import { describe, expect, it } from 'vitest';
import type { Misbehaviour } from '../../../infra/sandbox/types.ts';
import { runPulls } from '../../../shared/flows/pull/run.ts';
import type { PullMessage } from '../../../shared/flows/pull/message.ts';
import { requestPull } from '../../../shared/flows/pull/request.ts';
import { gateKey } from '../../../shared/store/keys.ts';
import { checkPromises } from '../../faults/promises.ts';
import type { Stage } from '../../faults/stage.ts';
import {
  accountOf,
  callsOf,
  DAY,
  deliver,
  drain,
  eventsOf,
  HOUR,
  MINUTE,
  nextSlot,
  play,
  pullByHand,
  runSlot,
  TIMEOUT,
  useEngines,
} from './support.ts';

const world = useEngines();

/** What stands at the gate of a company's certificate. */
async function gateOf(stage: Stage, n = 0): Promise<Record<string, unknown>> {
  const company = stage.companies[n]!.id;
  const { fingerprint } = (await stage.calm.connections.credential(company, `crd_${company}`))!;
  return (await stage.dynamo.get(stage.places.connections, gateKey(fingerprint)))!;
}
const usedOf = (gate: Record<string, unknown>): Record<string, number> => {
  const used: Record<string, number> = {};
  for (const hour of Object.values(gate['usage'] as Record<string, Record<string, number>>)) {
    for (const [operation, calls] of Object.entries(hour)) used[operation] = (used[operation] ?? 0) + calls;
  }
  return used;
};

describe('row 7: 429', () => {
  type RetryAfter = Extract<Misbehaviour, { kind: 'status-429' }>['retryAfter'];
  it.each<[string, RetryAfter, number]>([
    ['with seconds', { seconds: 600, form: 'seconds' }, 600_000],
    ['with a date', { seconds: 600, form: 'date' }, 600_000],
    ['without Retry-After, the manifest’s pause', undefined, MINUTE],
    ['for a day', { seconds: 86_400, form: 'seconds' }, DAY],
    ['for a week, which is not believed beyond a day', { seconds: 7 * 86_400, form: 'seconds' }, DAY],
    ['for no time, which is a second', { seconds: 0, form: 'seconds' }, 1_000],
  ])('%s: the credential leaves at once and stays away so long', async (_, retryAfter, silence) => {
    const stage = await play(world.engines, { accounts: 2 });
    stage.bank.misbehave({
      kind: 'status-429',
      times: Infinity,
      skip: 2,
      ...(retryAfter ? { retryAfter } : {}),
    });
    await runSlot(stage);
    // Two calls went well, the third was refused: no further one, for no account of the credential.
    const at = stage.bank.requests().at(-1)!.at;
    expect(stage.bank.requests()).toHaveLength(3);
    const [company] = stage.companies;
    const pulls = [
      (await accountOf(stage, company, 0)).lastPull,
      (await accountOf(stage, company, 1)).lastPull,
    ];
    expect(pulls).toContainEqual(null);
    expect(pulls).toContainEqual(
      expect.objectContaining({
        outcome: 'failed',
        failure: expect.objectContaining({ kind: 'rate-limited' }) as object,
      }),
    );
    const until = (await gateOf(stage))['notBefore'] as number;
    // An HTTP date has whole seconds.
    expect(Math.abs(until - (at + silence))).toBeLessThanOrEqual(1_000);

    // A slot within the silence asks nothing; the first one after it asks for everything.
    stage.bank.behave();
    stage.time.advance(until - 1 - stage.time.now());
    await runSlot(stage);
    expect(stage.bank.requests()).toHaveLength(3);
    await nextSlot(stage);
    for (const n of [0, 1]) {
      expect(await accountOf(stage, stage.companies[0], n)).toMatchObject({
        lastPull: { outcome: 'complete' },
      });
    }
    expect(await checkPromises(stage, world.engines)).toEqual([]);
  });

  it('of a certificate two companies share keeps both away', async () => {
    const stage = await play(world.engines, { companies: 2, sharedCertificate: true });
    stage.bank.misbehave({ kind: 'status-429', retryAfter: { seconds: 3_000, form: 'seconds' } });
    await runSlot(stage);
    expect(stage.bank.requests()).toHaveLength(1);
  });

  it('of one certificate keeps no other away', async () => {
    const stage = await play(world.engines, { companies: 2 });
    stage.bank.misbehave({ kind: 'status-429', retryAfter: { seconds: 3_000, form: 'seconds' } });
    await runSlot(stage);
    const outcomes = await Promise.all(
      stage.companies.map(async (company) => (await accountOf(stage, company)).lastPull?.outcome),
    );
    expect(outcomes.sort()).toEqual(['complete', 'failed']);
  });

  it('lets a pull that somebody asked for wait in the queue until the silence is over', async () => {
    const stage = await play(world.engines);
    stage.bank.misbehave({ kind: 'status-429', retryAfter: { seconds: 3_000, form: 'seconds' } });
    await runSlot(stage);
    const asked = await pullByHand(stage, null);
    expect(asked.status).toBe('queued');
    expect(stage.bank.requests()).toHaveLength(1);
    expect(stage.queue).toHaveLength(1);
    stage.time.advance(HOUR);
    await drain(stage);
    const ledger = stage.calm.ledgerOf(stage.companies[0]!.id, stage.companies[0]!.accounts[0]!.id);
    expect(await ledger.pull(asked.id)).toMatchObject({ status: 'done', result: { outcome: 'complete' } });
    const finished = (await eventsOf(stage)).filter(({ type }) => type === 'pull.finished');
    expect(finished.map(({ subject }) => subject)).toEqual([asked.id]);
  });

  it('without end ends such a pull as failed, with its event', async () => {
    const stage = await play(world.engines);
    const { id, connection, accounts } = stage.companies[0]!;
    const ready = { ...(await stage.calm.connections.get(id, connection))!, credential: `crd_${id}` };
    const ledger = stage.calm.ledgerOf(id, accounts[0]!.id);
    const ports = { ...stage.calm, dynamo: stage.dynamo };
    const { id: pull } = await requestPull(ports, ledger, accounts[0]!, ready, null);
    const { fingerprint } = (await stage.calm.connections.credential(id, `crd_${id}`))!;
    await stage.calm.gate.enter(fingerprint, 'for ever', 999 * DAY);
    for (let round = 0; stage.queue.length > 0 && round < 300; round++) {
      const [queued] = stage.queue as [(typeof stage.queue)[0]];
      stage.time.advance(Math.max(0, queued.visibleAt - stage.time.now()));
      await deliver(stage, queued);
    }
    expect(await ledger.pull(pull)).toMatchObject({
      status: 'failed',
      result: { failure: { kind: 'rate-limited' } },
    });
    expect((await eventsOf(stage)).at(-1)).toMatchObject({ type: 'pull.finished', subject: pull });
  });
});

describe('row 8: a certificate that two companies share', () => {
  it(
    'fifty pulls at once: the bank never says 429, and every call is counted',
    { timeout: 60_000 },
    async () => {
      const stage = await play(world.engines, { companies: 2, sharedCertificate: true, accounts: 2 });
      const message = (n: number): PullMessage => {
        const company = stage.companies[n % 2]!;
        const accounts = company.accounts.map(({ id }) => ({ account: id, pull: null }));
        const slot = new Date(stage.time.now() + n).toISOString();
        return {
          version: 1,
          company: company.id,
          credential: `crd_${company.id}`,
          slot,
          accounts,
          postponed: 0,
          continued: 0,
        };
      };
      for (let turn = 0; turn < 3; turn++) {
        // All of them come at the same time; one opens the gate, the others give way.
        const batch = Array.from({ length: 50 }, (_, n) => message(n));
        await Promise.all(batch.map((one) => runPulls(stage.calm, one, stage.time.now() + TIMEOUT)));
        stage.time.advance(MINUTE);
      }
      await nextSlot(stage);
      await nextSlot(stage);
      for (const company of stage.companies) {
        for (const n of [0, 1])
          expect((await accountOf(stage, company, n)).lastPull?.outcome).toBe('complete');
      }
      const requests = stage.bank.requests();
      expect(requests.filter(({ status }) => status === 429)).toEqual([]);
      expect(new Set(requests.map(({ certificate }) => certificate)).size).toBe(1);
      expect(usedOf(await gateOf(stage))).toEqual(callsOf(stage));
      expect(await checkPromises(stage, world.engines)).toEqual([]);
    },
  );

  it('what one of them used up the other has not', async () => {
    const stage = await play(world.engines, { companies: 2, sharedCertificate: true });
    await runSlot(stage);
    const gate = await gateOf(stage);
    const hour = String(Math.floor(stage.time.now() / HOUR));
    const usage = { [hour]: { getBalance: 5_000 } };
    const table = stage.places.connections;
    await stage.dynamo.update({
      table,
      update: { pk: String(gate['pk']), sk: String(gate['sk']) },
      set: { usage },
    });
    const before = stage.bank.requests().length;
    await nextSlot(stage);
    expect(stage.bank.requests()).toHaveLength(before);
    expect((await accountOf(stage)).lastPull).toMatchObject({ failure: { kind: 'rate-limited' } });
    // A day later the hour no longer counts.
    await nextSlot(stage, stage.calm, 25 * HOUR);
    expect((await accountOf(stage)).lastPull).toMatchObject({ outcome: 'complete' });
  });
});
