import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBankData } from '../../infra/sandbox/bank-data.ts';
import { startSandbox } from '../../infra/sandbox/index.ts';
import { raiffeisenBank } from '../../infra/sandbox/raiffeisen/bank.ts';
import { pragueInstant } from '../../infra/sandbox/prague.ts';
import { allTransactions, ask, CURRENT, download, EXPORT, seededBank, testClock, WAGES } from './support.ts';

let directory: string;
const statements = () => join(directory, 'raiffeisen', 'statements');
const transactions = () => join(directory, 'raiffeisen', 'transactions');

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bank-data-'));
  await mkdir(statements(), { recursive: true });
  await mkdir(transactions(), { recursive: true });
});
afterEach(() => rm(directory, { recursive: true }));

async function bankOf(folder = directory) {
  const data = await readBankData(folder);
  const clock = testClock(pragueInstant(data.today, '12:00:00'));
  return { ...data, clock, bank: raiffeisenBank({ source: data.source, clock, clientIds: ['app'] }) };
}

/** Writes a statement of the seeded bank into the folder. @returns what stands in it */
async function file(
  number: string,
  currency: string,
  day: string,
  base: string,
  formats = ['xml', 'pdf', 'MT940'],
) {
  const { source } = seededBank();
  const issue = source.issues(number, currency).find(({ to, lines }) => to === day && lines[0] === 'MAIN');
  if (!issue) throw new Error(`no statement of ${day}`);
  for (const format of formats) {
    const bytes = await source.document(issue.id, format as 'xml', 'cs');
    await writeFile(join(statements(), `${base}.${format.toLowerCase()}`), bytes as Uint8Array);
  }
  return issue;
}

describe('statement files', () => {
  it('are served as they stand, under the facts inside them', async () => {
    const old = await file(CURRENT, 'CZK', '2026-11-10', 'a');
    const fresh = await file(CURRENT, 'CZK', '2026-11-12', 'b', ['xml']);
    const other = await file(WAGES, 'CZK', '2026-11-11', 'c', ['MT940', 'pdf']);
    const { bank, today, oldest, warnings } = await bankOf();
    expect([today, oldest, warnings]).toEqual(['2026-11-13', '2026-11-10', []]);
    expect((await ask(bank, '/accounts')).json.accounts).toMatchObject([
      { accountNumber: WAGES, accountNumberPrefix: '35', iban: other.iban, mainCurrency: 'CZK' },
      { accountNumber: CURRENT, accountNumberPrefix: '', bankCode: '5500' },
    ]);
    const balance = await ask(bank, `/accounts/${CURRENT}/balance`);
    const booked = Number(fresh.closing) / 100;
    expect(balance.json.currencyFolders[0]?.balances?.[1]).toEqual({
      balanceType: 'CLBD',
      currency: 'CZK',
      value: booked,
    });
    const list = await ask(bank, '/accounts/statements', {
      body: { accountNumber: CURRENT, statementLine: 'MAIN' },
    });
    expect(list.json.statements).toMatchObject([
      {
        statementNumber: '316/2026',
        dateFrom: '2026-11-12',
        dateTo: '2026-11-12',
        statementFormats: ['XML'],
      },
      { statementNumber: '314/2026', dateTo: '2026-11-10', statementFormats: ['MT940', 'PDF', 'XML'] },
    ]);
    const id = list.json.statements[1]?.statementId ?? '';
    for (const format of ['xml', 'pdf', 'MT940']) {
      const served = await download(bank, CURRENT, id, format);
      const stands = await readFile(join(statements(), `a.${format.toLowerCase()}`));
      expect(stands.equals(served.body)).toBe(true);
    }
    expect(old.number).toBe('314/2026');
    expect((await download(bank, CURRENT, list.json.statements[0]?.statementId ?? '', 'pdf')).status).toBe(
      204,
    );
    const fromMt940 = await ask(bank, '/accounts/statements', {
      body: { accountNumber: WAGES, statementLine: 'MT940' },
    });
    expect(fromMt940.json.statements).toMatchObject([{ statementNumber: '315/2026', dateTo: '2026-11-11' }]);
  });

  it('days without a transaction file are empty', async () => {
    await file(CURRENT, 'CZK', '2026-11-10', 'a');
    const { bank } = await bankOf();
    const query = { from: '2026-11-10', to: '2026-11-11' };
    expect((await ask(bank, `/accounts/${CURRENT}/CZK/transactions`, { query })).status).toBe(204);
  });

  it('a broken XML is listed where its head can be read, else left out; both are named', async () => {
    const { iban } = await file(EXPORT, 'EUR', '2026-11-10', 'whole', ['xml']);
    const whole = await readFile(join(statements(), 'whole.xml'));
    await rm(join(statements(), 'whole.xml'));
    const cut = whole.subarray(0, whole.indexOf('<TxsSummry>'));
    await writeFile(join(statements(), 'cut.xml'), cut);
    await writeFile(join(statements(), 'early.xml'), whole.subarray(0, whole.indexOf('<FrToDt>')));
    await writeFile(join(statements(), 'other.xml'), '<html><body>Přihlášení</body></html>');
    await writeFile(join(statements(), 'alone.pdf'), '%PDF-1.4');
    await writeFile(join(statements(), 'odd.mt940'), ':20:X\r\n:25:5500/1\r\n');
    await writeFile(join(statements(), 'notes.txt'), 'x');
    const { bank, source, warnings } = await bankOf();
    expect(source.accounts()).toMatchObject([{ iban }]);
    const [statement] = source.statements(EXPORT);
    expect(cut.equals((await download(bank, EXPORT, statement?.id ?? '', 'xml')).body)).toBe(true);
    expect(source.statements(EXPORT)).toHaveLength(1);
    expect(warnings.map((warning) => warning.split(':')[0]).sort()).toEqual([
      ...['alone.pdf', 'cut.xml', 'early.xml', 'early.xml', 'notes.txt', 'odd.mt940', 'other.xml'],
    ]);
  });

  it('a file of several statements spans their days', async () => {
    await file(CURRENT, 'EUR', '2026-11-09', 'one', ['xml']);
    await file(CURRENT, 'EUR', '2026-11-10', 'two', ['xml']);
    const [one, two] = await Promise.all(
      ['one', 'two'].map((base) => readFile(join(statements(), `${base}.xml`), 'utf8')),
    );
    const statement = /<Stmt>.*<\/Stmt>/s.exec(two ?? '')?.[0] ?? '';
    await rm(join(statements(), 'two.xml'));
    await writeFile(
      join(statements(), 'one.xml'),
      (one ?? '').replace('</BkToCstmrStmt>', `${statement}</BkToCstmrStmt>`),
    );
    const { source, warnings } = await bankOf();
    expect(source.statements(CURRENT)).toMatchObject([{ from: '2026-11-09', to: '2026-11-10' }]);
    expect(warnings).toEqual([expect.stringContaining('holds 2 statements')]);
  });
});

describe('transaction files', () => {
  const row = (reference: string | number, day: string, value: string, indication = 'DBIT') =>
    `{"entryReference":${JSON.stringify(reference)},"amount":{"value":${value},"currency":"CZK"},` +
    `"creditDebitIndication":"${indication}","bookingDate":"${day}","bankTransactionCode":{"code":"1"}}`;

  it('serve the bank’s own answers by account, currency and day', async () => {
    const list = (...rows: string[]) => `{"lastPage":true,"transactions":[${rows.join(',')}]}`;
    await writeFile(
      join(transactions(), '123_CZK_1.json'),
      list(row('7', '2026-03-02T10:00:00.000+01:00', '-15.50'), row(8, '2026-03-03', '1000.10', 'CRDT')),
    );
    await writeFile(join(transactions(), '123_CZK_2.json'), list(row(8, '2026-03-03', '1000.10', 'CRDT')));
    await writeFile(join(transactions(), '123_EUR.json'), list());
    const { bank, source, today, oldest, warnings } = await bankOf();
    expect([today, oldest, warnings]).toEqual(['2026-03-04', '2026-03-02', []]);
    expect(source.booked('123', 'CZK', '2026-03-01', '2026-03-31')).toEqual([
      { entryReference: '7', date: '2026-03-02', minor: -15_50n },
      { entryReference: '8', date: '2026-03-03', minor: 1000_10n },
    ]);
    const rows = await allTransactions(bank, '123', 'CZK', '2026-03-01', '2026-03-04');
    expect(rows.map(({ entryReference }) => entryReference)).toEqual([8, '7']);
    // Numbers keep the digits of the file: 1000.10, not 1000.1.
    const answer = await ask(bank, '/accounts/123/CZK/transactions', {
      query: { from: '2026-03-03', to: '2026-03-03' },
    });
    expect(Buffer.from(answer.body).toString()).toContain('"value":1000.10');
    const empty = await ask(bank, '/accounts/123/EUR/transactions', {
      query: { from: '2026-03-01', to: '2026-03-04' },
    });
    expect(empty.status).toBe(204);
    const folders = (await ask(bank, '/accounts/123/balance')).json.currencyFolders;
    expect(folders).toEqual([
      { currency: 'CZK', status: 'ACTIVE' },
      { currency: 'EUR', status: 'ACTIVE' },
    ]);
  });

  it('that cannot be placed are named', async () => {
    await file(CURRENT, 'CZK', '2026-11-10', 'a', ['xml']);
    await writeFile(join(transactions(), 'export.json'), '{"transactions":[]}');
    await writeFile(join(transactions(), '1_CZK.json'), '{"transactions":');
    await writeFile(join(transactions(), '2_CZK.json'), '[]');
    await writeFile(
      join(transactions(), '3_CZK.json'),
      `{"transactions":[null,{"entryReference":"1"},${row('2', 'soon', '1')}]}`,
    );
    const { warnings } = await bankOf();
    expect(warnings.map((warning) => warning.split(':')[0])).toEqual([
      ...['1_CZK.json', '2_CZK.json', '3_CZK.json', 'export.json'],
    ]);
    expect(warnings[2]).toContain('3 movements');
  });
});

describe('a folder that cannot serve says what was expected', () => {
  it.each([
    ['does not exist', () => join(directory, 'nowhere'), 'does not exist'],
    ['has no folder of the bank', () => statements(), 'no folder "raiffeisen"'],
    ['is empty', () => directory, 'No file in'],
  ])('%s', async (_, folder, complaint) => {
    await expect(readBankData(folder())).rejects.toThrow(complaint);
    await expect(readBankData(folder())).rejects.toThrow('DIR/raiffeisen/statements/*.{xml,mt940,pdf}');
  });
});

it('the sandbox stands on the virtual today', async () => {
  await file(CURRENT, 'CZK', '2026-11-10', 'a');
  const sandbox = await startSandbox({ seed: 'x', clock: { now: Date.now }, bankData: directory });
  try {
    expect([sandbox.today, sandbox.oldest, sandbox.seeded]).toEqual(['2026-11-11', '2026-11-10', null]);
    expect(new Date(sandbox.clock.now()).toISOString().slice(0, 16)).toBe('2026-11-11T11:00');
  } finally {
    await sandbox.stop();
  }
});

const SAMPLES = fileURLToPath(new URL('../../../shared/samples/camt/', import.meta.url));
if (!existsSync(SAMPLES)) console.log('SKIPPED: real files of the bank are not beside the checkout.');

it.skipIf(!existsSync(SAMPLES))('real files of the bank: one account, a gap between two days', async () => {
  for (const name of ['rb-camt053-two-entries.xml', 'rb-camt053-no-entries.xml']) {
    await cp(join(SAMPLES, name), join(statements(), name));
  }
  const { bank, source, today, oldest, warnings } = await bankOf();
  expect([today, oldest, warnings]).toEqual(['2025-01-23', '2024-11-06', []]);
  expect(source.accounts()).toMatchObject([
    { number: '630804003', prefix: '', iban: 'CZ8755000000000630804003' },
  ]);
  expect(source.folders('630804003')).toMatchObject([{ currency: 'CZK', balances: { booked: 407_931_95n } }]);
  expect(source.statements('630804003')).toMatchObject([
    { number: '22/2025', from: '2025-01-22', to: '2025-01-22', opening: 403_109_95n, closing: 407_931_95n },
    { number: '194/2024', from: '2024-11-06', to: '2024-11-06' },
  ]);
  const id = source.statements('630804003')[0]?.id ?? '';
  const stands = await readFile(join(SAMPLES, 'rb-camt053-two-entries.xml'));
  expect(stands.equals((await download(bank, '630804003', id, 'xml')).body)).toBe(true);
});
