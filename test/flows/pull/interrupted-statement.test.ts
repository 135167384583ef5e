import { afterAll, beforeAll, expect, it } from 'vitest';
import { planPulls } from '../../../shared/flows/pull/plan.ts';
import { runPulls } from '../../../shared/flows/pull/run.ts';
import { isoInstant } from '../../../shared/domain/dates.ts';
import { createActor, virtualTime } from '../../faults/actor.ts';
import { chance } from '../../faults/chance.ts';
import { startEngines, type Engines } from '../../faults/engines.ts';
import { checkPromises } from '../../faults/promises.ts';
import { setStage } from '../../faults/stage.ts';

/**
 * A statement of more rows than one transaction takes, and a run that dies at every effect in turn: the statement may
 * stand in the ledger only when all its rows do, for a statement that stands is never downloaded again.
 */

const HOUR = 3_600_000;
const ROWS = 90;

let engines: Engines;
beforeAll(async () => {
  engines = await startEngines();
});
afterAll(() => engines.stop());

async function dieAt(
  effect: number,
  moment: 'before' | 'after',
): Promise<{ struck: boolean; violations: string[] }> {
  const name = `i${effect}${moment}`;
  const places = await engines.open(name);
  try {
    const time = virtualTime(Date.parse('2026-09-16T10:00:00Z'));
    const stage = await setStage(name, places, time, chance(7));
    const [{ id, accounts }] = stage.companies as [(typeof stage.companies)[0]];
    const account = (await stage.calm.accounts.get(id, accounts[0]!.id))!;
    await stage.calm.accounts.changeSettings(account, {
      ...account.settings,
      mode: 'statements',
      historyDays: 1,
    });
    const place = { accountNumber: account.handle, currency: account.currency, bookedAt: time.now() };
    for (let n = 0; n < ROWS; n++) stage.bank.source.add({ ...place, minor: BigInt(100 + n) });
    time.advance(24 * HOUR);

    const slot = async (fault: Parameters<typeof createActor>[1]): Promise<boolean> => {
      await planPulls(stage.calm, isoInstant(Math.floor(time.now() / HOUR) * HOUR));
      const actor = createActor(time, fault, 0);
      for (const { message } of stage.queue.splice(0)) {
        await Promise.race([runPulls(stage.ports(actor), message, time.now() + 300_000), actor.stopped]);
      }
      return actor.struck();
    };
    const struck = await slot({ kind: 'kill', at: effect, moment });
    time.advance(HOUR);
    await slot(null);
    return { struck, violations: await checkPromises(stage, engines) };
  } finally {
    await engines.close(places);
  }
}

it(
  'a run killed at any effect of a large statement loses and doubles nothing',
  { timeout: 120_000 },
  async () => {
    let effect = 0;
    for (let struck = true; struck; effect++) {
      // Behind one effect is before the next: the moments take turns.
      const moment = effect % 2 === 0 ? 'before' : 'after';
      const result = await dieAt(effect, moment);
      struck = result.struck;
      expect({ effect, moment, violations: result.violations }).toEqual({ effect, moment, violations: [] });
    }
    expect(effect).toBeGreaterThan(20);
  },
);
