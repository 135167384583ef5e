import { expect, test } from 'vitest';
import { addDays } from '../../../shared/domain/dates.ts';
import type { ExchangeRequest } from '../../../shared/http/types.ts';
import {
  DAY,
  eventsOf,
  nextSlot,
  portsWith,
  rowsOf,
  runSlot,
  today,
  told,
  useEngines,
} from '../pull/support.ts';
import { addCertificate, proven, rotate, shownAccount } from './stage.ts';

const world = useEngines();

// Rows 27 and 28: a renewed access under which the bank calls the accounts otherwise and would give years of history.

test('mints nothing twice, keeps the accounts, and asks for no more than before', async () => {
  const stage = await proven(world.engines);
  for (let slot = 0; slot < 3; slot++) {
    await runSlot(stage);
    stage.time.advance(DAY);
  }
  const [account, rows] = [await shownAccount(stage), await rowsOf(stage, await shownAccount(stage))];
  expect(rows.length).toBeGreaterThan(0);

  stage.bank.source.renumberAccounts();
  await rotate(stage, await addCertificate(stage, 'renewed'));
  const asked: string[] = [];
  const spied = portsWith(stage, (response, request: ExchangeRequest) => {
    asked.push(request.url);
    return response;
  });
  await runSlot(stage, spied);
  const after = await shownAccount(stage);
  expect(after).toMatchObject({ id: account.id, scope: account.scope, lastPull: { outcome: 'complete' } });

  const kept = new Set(rows.map(({ id }) => id));
  const news = (await rowsOf(stage, await shownAccount(stage))).filter(({ id }) => !kept.has(id));
  expect(new Set(told(await rowsOf(stage, await shownAccount(stage)))).size).toBe(
    (await rowsOf(stage, await shownAccount(stage))).length,
  );
  // Only days since the last pull can bring anything.
  const window = addDays(today(stage), -account.settings.historyDays - 1);
  for (const { transaction } of news)
    expect(transaction.bookingDate >= account.sync.transactions!).toBe(true);
  const days = asked.flatMap((url) =>
    [...url.matchAll(/(?:from|dateFrom)=(\d{4}-\d{2}-\d{2})/g)].map(([, day]) => day!),
  );
  expect(days.length).toBeGreaterThan(0);
  expect(days.filter((day) => day < window)).toEqual([]);

  const discovered = (await eventsOf(stage)).filter(({ type }) => type === 'account.discovered');
  const count = discovered.length;
  await nextSlot(stage);
  expect((await eventsOf(stage)).filter(({ type }) => type === 'account.discovered')).toHaveLength(count);
});
