import { expect, it } from 'vitest';
import { contractLimits } from '../../infra/sandbox/raiffeisen/quota.ts';
import { ask, CURRENT, download, EXPORT, seededBank, type Answer } from './support.ts';

const other = { serial: '0B02', fingerprint: 'cd'.repeat(32) };
const figures = ({ headers }: Answer) => [
  headers['x-ratelimit-limit-second'],
  headers['x-ratelimit-remaining-second'],
  headers['x-ratelimit-limit-day'],
  headers['x-ratelimit-remaining-day'],
];

it('counts ten in a sliding second, by operation and certificate', async () => {
  const { bank, clock } = seededBank();
  for (let left = 9; left >= 0; left -= 1) {
    expect(figures(await ask(bank, '/accounts'))).toEqual(['10', String(left), '5000', String(4990 + left)]);
    clock.advance(50);
  }
  const refused = await ask(bank, '/accounts');
  expect([refused.status, refused.json.error]).toEqual([429, 'TOO_MANY_REQUESTS']);
  expect(figures(refused)).toEqual(['10', '0', '5000', '4990']);
  expect(refused.headers).not.toHaveProperty('retry-after');
  expect((await ask(bank, `/accounts/${CURRENT}/balance`)).status).toBe(200);
  expect((await ask(bank, '/accounts', { certificate: other })).status).toBe(200);
  // The first of the ten is a second old now, the second one is not.
  clock.advance(500);
  expect((await ask(bank, '/accounts')).status).toBe(200);
  expect((await ask(bank, '/accounts')).status).toBe(429);
});

it('counts downloads apart: five in a second, 1500 in a day', async () => {
  const { bank, source } = seededBank();
  const id = source.statements(EXPORT)[0]?.id ?? '';
  const answers: Answer[] = [];
  for (let call = 0; call < 6; call += 1) answers.push(await download(bank, EXPORT, id, 'MT940'));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429]);
  expect(figures(answers[0] as Answer)).toEqual(['5', '4', '1500', '1499']);
});

it('the day slides, too', async () => {
  const limits = () => ({ ...contractLimits('getAccounts'), perDay: 3 });
  const { bank, clock } = seededBank({ limits });
  const statuses: number[] = [];
  for (let hour = 0; hour < 5; hour += 1) {
    statuses.push((await ask(bank, '/accounts')).status);
    clock.advance(3_600_000);
  }
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
  clock.advance(19 * 3_600_000);
  expect((await ask(bank, '/accounts')).status).toBe(200);
  expect((await ask(bank, '/accounts')).status).toBe(429);
});

it('callers without a certificate share the budget of their client id', async () => {
  const { bank } = seededBank();
  for (let call = 0; call < 10; call += 1) await ask(bank, '/fxrates', { certificate: null });
  expect((await ask(bank, '/fxrates', { certificate: null })).status).toBe(429);
  expect((await ask(bank, '/fxrates')).status).toBe(200);
});
