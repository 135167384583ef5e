import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { parseMoney } from '../../shared/domain/money.ts';
import { jsonReport } from '../../infra/local/demo/report.ts';
import { PROJECT_ROOT } from '../../infra/local/template.ts';
import { pragueInstant } from '../../infra/sandbox/prague.ts';
import { seededSource } from '../../infra/sandbox/raiffeisen/data.ts';

/** `npm run demo`, run as a user runs it. Most of a run is waiting for the banks' spacing, so the runs go side by side. */

type Report = ReturnType<typeof jsonReport>;

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function demo(...args: string[]): Promise<Ran> {
  const child = spawn(process.execPath, [join(PROJECT_ROOT, 'infra/local/demo/demo.ts'), ...args]);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err };
}

function reportOf({ out, err }: Ran): Report {
  if (out === '') throw new Error(`The demo reported nothing: ${err}`);
  return JSON.parse(out.trim().split('\n').at(-1)!) as Report;
}

const LONG = { timeout: 120_000 };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'brana-demo-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.concurrent('the seeded banks: everything comes once, nothing twice', LONG, async ({ expect }) => {
  const ran = await demo('--json');
  expect(ran.err).toContain('The hourly plan runs');
  const report = reportOf(ran);
  expect(report.findings).toEqual([]);
  expect(ran.code).toBe(0);
  // Accounts that can be pulled are written once each, beside the certificate's gate, which is taken and left.
  for (const [at, { bank, accounts, writes }] of [
    { bank: 'raiffeisen', accounts: 6, writes: 5 + 2 },
    { bank: 'csob-ceb', accounts: 2, writes: 2 + 2 },
    // Its tokens are renewed for every hourly pull, and the vault follows.
    { bank: 'erste', accounts: 4, writes: 4 + 2 + 2 },
  ].entries()) {
    const one = report.banks[at]!;
    expect(one).toMatchObject({ bank, accounts, continuity: { gap: 0, mismatch: 0 } });
    expect(one.secondPull).toEqual({ newTransactions: 0, writes });
    expect(one.statements).toBeGreaterThan(10);
    expect(one.transactions).toBeGreaterThan(one.statements);
    expect(one.documents).toBeGreaterThanOrEqual(one.statements);
    expect(report.events).toBeGreaterThan(one.statements);
  }
  expect(report.consents).toEqual([
    {
      bank: 'erste',
      authorised: true,
      validUntil: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      daysLeft: 179,
    },
  ]);
  // Where the bank refuses what it has, the lost order was found by sending it again, else in the bank's protocol.
  expect(report.payments).toEqual([
    { bank: 'raiffeisen', state: 'executed', attempts: 1, answerDropped: false, bankCopies: 1 },
    { bank: 'raiffeisen', state: 'executed', attempts: 2, answerDropped: true, bankCopies: 1 },
    { bank: 'csob-ceb', state: 'executed', attempts: 1, answerDropped: false, bankCopies: 1 },
    { bank: 'csob-ceb', state: 'executed', attempts: 1, answerDropped: true, bankCopies: 1 },
  ]);
});

describe.concurrent('real files', () => {
  /** Statements of the seeded bank, written out as a bank's customer would have them. */
  const source = seededSource({
    seed: 'files',
    clock: { now: () => pragueInstant('2026-03-20', '12:00:00') },
  });

  test('figures to the heller, and a missing day is a gap', LONG, async ({ expect }) => {
    const statements = join(folder, 'gap/raiffeisen/statements');
    mkdirSync(statements, { recursive: true });
    const issues = source.issues('35-2903571487'.split('-')[1]!, 'CZK').slice(-6);
    const kept = issues.filter((_, at) => at !== 2);
    for (const issue of kept) {
      writeFileSync(join(statements, `${issue.to}.xml`), (await source.document(issue.id, 'xml', 'cs'))!);
      writeFileSync(join(statements, `${issue.to}.pdf`), (await source.document(issue.id, 'pdf', 'cs'))!);
    }
    const ran = await demo('--json', '--bank-data', join(folder, 'gap'));
    const report = reportOf(ran);
    expect(report.findings).toEqual([]);
    expect(ran.code).toBe(0);
    const [bank] = report.banks;
    const [account] = bank!.accountsDetail;
    expect(bank).toMatchObject({ accounts: 1, statements: 5, secondPull: { newTransactions: 0 } });
    expect(account).toMatchObject({ number: '35-2903571487', currency: 'CZK' });
    const minor = (amount: string | null): bigint => parseMoney(amount ?? '', 'CZK').minor;
    expect(
      account!.statementsDetail.map(({ to, opening, closing }) => [to, minor(opening), minor(closing)]),
    ).toEqual(kept.map(({ to, opening, closing }) => [to, opening, closing]));
    const movements = kept.flatMap((issue) => issue.movements.map((one) => one.minor));
    const sum = (minors: readonly bigint[]): bigint => minors.reduce((total, one) => total + one, 0n);
    expect(minor(account!.credits)).toBe(sum(movements.filter((one) => one > 0n)));
    expect(minor(account!.debits)).toBe(-sum(movements.filter((one) => one < 0n)));
    expect(bank!.transactions).toBe(movements.length);
    expect(account!.statementsDetail.map(({ formats }) => [...formats].sort())).toEqual(
      kept.map(() => ['camt.053', 'pdf']),
    );
    const verdicts = account!.statementsDetail.map(({ continuity }) => continuity);
    expect(verdicts).toEqual(['first', 'continuous', 'gap', 'continuous', 'continuous']);
  });

  const SAMPLES = join(PROJECT_ROOT, '../shared/samples/camt');
  const names = existsSync(SAMPLES) ? readdirSync(SAMPLES).filter((name) => /^rb-.*\.xml$/.test(name)) : [];
  if (names.length === 0) console.log("skipped: the bank's own sample files are not on this machine");
  test.skipIf(names.length === 0)("the bank's own files", LONG, async ({ expect }) => {
    const statements = join(folder, 'samples/raiffeisen/statements');
    mkdirSync(statements, { recursive: true });
    for (const name of names) cpSync(join(SAMPLES, name), join(statements, name));
    const ran = await demo('--json', '--bank-data', join(folder, 'samples'));
    expect(ran.code).toBe(0);
    const [bank] = reportOf(ran).banks;
    expect(bank!.accountsDetail[0]!.statementsDetail).toMatchObject([
      { number: '194', opening: '-9999999.00', closing: '-9999999.00', count: 0 },
      {
        number: '22',
        opening: '403109.95',
        credits: '4829.00',
        debits: '7.00',
        closing: '407931.95',
        count: 2,
      },
    ]);
    expect(bank).toMatchObject({
      transactions: 2,
      continuity: { first: 1, gap: 1, mismatch: 0, continuous: 0 },
    });
  });

  test('a folder that holds no such files is refused with the layout', LONG, async ({ expect }) => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const ran = await demo('--bank-data', empty);
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('DIR/raiffeisen/statements/');
    expect((await demo('--bank-dat', folder)).code).toBe(2);
  });
});
