import { describe, expect, test } from 'vitest';
import { readFileAs } from '../../../shared/formats/files.ts';
import { targetOf } from '../../../shared/banks/csob-ceb/download.ts';
import { CZK, detail, EUR, failureOf, listed, MINUTE, namesOf, openDesk, type Desk } from './support.ts';

const WEEK = { from: '2026-11-15', to: '2026-11-21' };
const LIST = 'GetDownloadFileList_v4';

const first = async (desk: Desk) => {
  const connector = desk.connector();
  const { statements } = await connector.statements(CZK, WEEK, null);
  return { connector, statement: statements[0]! };
};

describe('listing', () => {
  test('one call serves every account and window of a run; the next run asks again', async () => {
    const desk = openDesk();
    const connector = desk.connector();
    for (const account of [CZK, EUR]) {
      const { statements, quarantined, next } = await connector.statements(account, WEEK, null);
      // Six days: today's statement comes tomorrow.
      expect(statements.map(({ to }) => to)).toEqual(
        ['15', '16', '17', '18', '19', '20'].map((day) => `2026-11-${day}`),
      );
      expect({ quarantined, next }).toEqual({ quarantined: [], next: null });
    }
    await connector.statements(CZK, { ...WEEK, from: '2026-11-18' }, null);
    expect(namesOf(desk.bank, LIST)).toBe(1);
    await connector.statements(CZK, { ...WEEK, from: '2026-11-10' }, null);
    expect(namesOf(desk.bank, LIST)).toBe(2);
    await desk.connector().statements(CZK, WEEK, null);
    expect(namesOf(desk.bank, LIST)).toBe(3);
  });

  test('the formats of a night are one statement', async () => {
    const { statement } = await first(openDesk());
    expect(statement).toMatchObject({
      number: '319',
      currency: 'CZK',
      id: '274051905_2026-11-15_319/2026-11-16',
    });
    expect(statement.formats).toEqual(['finsta', 'gpc', 'mt940', 'camt.053', 'pdf', 'txt']);
  });

  test('all data formats of a statement say the same', async () => {
    const { connector, statement } = await first(openDesk());
    const read = await Promise.all(
      ['finsta', 'gpc', 'mt940', 'camt.053'].map(async (format) => {
        const document = await connector.download(CZK, statement, format);
        const { statements } = await readFileAs(format, document!.bytes, { bankCode: '0300' });
        const [{ account, opening, closing, count, reconciles, transactions, quarantined }] = statements as [
          (typeof statements)[0],
        ];
        expect({ format, reconciles, quarantined }).toEqual({ format, reconciles: true, quarantined: [] });
        const rows = transactions.map(({ amount, variableSymbol, counterparty: { number, bankCode } }) => ({
          amount: amount.minor,
          variableSymbol,
          number,
          bankCode: number === null ? null : bankCode,
        }));
        return { account: account.number, opening, closing, count, rows };
      }),
    );
    for (const other of read.slice(1)) expect(other).toEqual(read[0]);
  });

  test('R: offered, but not to be had yet; the others go on', async () => {
    const desk = openDesk();
    desk.bank.flaw({ kind: 'preparing', matches: ({ format }) => format === 'XML' });
    const { connector, statement } = await first(desk);
    expect(statement.formats).toContain('finsta');
    expect(await connector.download(CZK, statement, 'finsta')).toBeNull();
    expect((await connector.download(CZK, statement, 'gpc'))!.bytes.length).toBeGreaterThan(100);
    // A new run, once it is ready, finds the same statement.
    desk.bank.flaw(null);
    const later = await first(desk);
    expect(later.statement.id).toBe(statement.id);
    expect(await later.connector.download(CZK, later.statement, 'finsta')).not.toBeNull();
  });

  test('F: one format less; with none left to read it is set aside, and the other statements go on', async () => {
    const desk = openDesk();
    desk.bank.flaw({ kind: 'failed', matches: ({ format }) => format === 'XML' });
    const { statement } = await first(desk);
    expect(statement.formats).toEqual(['gpc', 'mt940', 'camt.053', 'pdf', 'txt']);
    desk.bank.flaw({ kind: 'failed', matches: ({ name }) => name.startsWith('274051905_20261117') });
    const list = await desk.connector().statements(CZK, WEEK, null);
    expect(list.statements).toHaveLength(5);
    expect(list.quarantined).toMatchObject([{ rule: 'file-failed' }]);
    expect((await desk.connector().statements(EUR, WEEK, null)).quarantined).toEqual([]);
  });

  test('45 days listed, 15 to be had', async () => {
    const desk = openDesk();
    const connector = desk.connector();
    const { statements } = await connector.statements(CZK, { from: '2026-10-01', to: '2026-11-21' }, null);
    expect(statements.length).toBeGreaterThan(40);
    expect(await connector.download(CZK, statements[0]!, 'finsta')).toBeNull();
    expect(await connector.download(CZK, statements.at(-1)!, 'finsta')).not.toBeNull();
  });

  test('accounts: the newest statement tells the currency; nothing listed, no accounts', async () => {
    const desk = openDesk();
    const accounts = await desk.connector().accounts();
    expect(accounts).toMatchObject([
      { handle: '274051905', number: '274051905', currency: 'CZK', bankCode: '0300', bic: 'CEKOCZPP' },
      { handle: '19-1177264030', number: '19-1177264030', currency: 'EUR', active: true },
    ]);
    expect(accounts.map(({ iban }) => iban)).toEqual(desk.bank.books.accounts.map(({ iban }) => iban));
    expect(namesOf(desk.bank, 'downloadFile')).toBe(2);
    desk.bank.flaw({ kind: 'failed', matches: () => true });
    expect(await desk.connector().accounts()).toEqual([]);
  });
});

describe('names nobody promised', () => {
  /** The bytes of a real statement under another name. */
  async function renamed(names: readonly (readonly [string, string])[], fill = (bytes: Buffer) => bytes) {
    const source = openDesk();
    const { connector, statement } = await first(source);
    const bytes = fill(Buffer.from((await connector.download(CZK, statement, 'finsta'))!.bytes));
    const desk = openDesk((request) => {
      if (request.url.includes('/files/'))
        return { status: 200, headers: { 'content-type': 'text/plain' }, body: bytes };
      const details = names.map(([name, format], at) =>
        detail(name, format, ` ${'https://localhost:1'}/files/${at} `, bytes.length),
      );
      return listed(details.join(''))(request);
    });
    return desk;
  }

  test('a file of an unusual name is opened, and goes with what shares its name', async () => {
    const desk = await renamed([
      ['vypis:november.xml', 'XML'],
      ['vypis:november.pdf', 'PDF'],
    ]);
    const connector = desk.connector();
    const { statements, quarantined } = await connector.statements(CZK, WEEK, null);
    expect(quarantined).toEqual([]);
    expect(statements).toMatchObject([{ to: '2026-11-15', number: '319', formats: ['finsta', 'pdf'] }]);
    // Opened once for all accounts, then fetched for itself.
    await connector.statements(EUR, WEEK, null);
    const document = await connector.download(CZK, statements[0]!, 'finsta');
    expect(document!.name).toBe('vypis-november.xml');
    expect(desk.sent).toHaveLength(3);
  });

  test('one that cannot be placed is set aside visibly, without its address', async () => {
    const desk = await renamed([['kdovi.pdf', 'PDF']]);
    const { statements, quarantined } = await desk.connector().statements(CZK, WEEK, null);
    expect(statements).toEqual([]);
    expect(quarantined).toMatchObject([
      { rule: 'file-unplaced', raw: expect.stringContaining('VYPIS|PDF|kdovi.pdf') },
    ]);
    expect(quarantined[0]!.raw).not.toContain('https:');
  });

  test('an item without a size is set aside, the others go on', async () => {
    const broken = '<b:FileDetail><b:Filename>x</b:Filename><b:Type>VYPIS</b:Type></b:FileDetail>';
    const desk = openDesk((request) => {
      const good = detail('274051905_20261120_324_DCZB.xml', 'XML', 'https://localhost:1/a', 5);
      return listed(broken + good)(request);
    });
    const { statements, quarantined } = await desk.connector().statements(CZK, WEEK, null);
    expect(statements).toHaveLength(1);
    expect(quarantined).toMatchObject([{ rule: 'file-incomplete', position: 'file 1 of the list' }]);
  });

  test('the same statement sent again on a later day is another edition', async () => {
    const name = '0000000274051905_20261119_323_DCZB.xml';
    const desk = openDesk((request) => {
      const details = ['2026-11-20T01:35:00', '2026-11-21T08:00:00+01:00'].map((at) =>
        detail(name, 'XML', 'https://localhost:1/a', 5, at),
      );
      return listed(details.join(''))(request);
    });
    const { statements } = await desk.connector().statements(CZK, WEEK, null);
    expect(statements.map(({ id }) => id)).toEqual([
      '274051905_2026-11-19_323/2026-11-20',
      '274051905_2026-11-19_323/2026-11-21',
    ]);
  });
});

describe('download', () => {
  test('the address goes to the letter, plus signs and all', async () => {
    const desk = openDesk();
    const { connector, statement } = await first(desk);
    await connector.download(CZK, statement, 'finsta');
    const { request } = desk.sent.at(-1)!;
    expect(request.url).toMatch(/^https:\/\/localhost:1\/ExtFileHubDown\/v2\/download\?id=EF\+[\w+/]+=$/);
    const address = 'https://testceb-bc.csob.cz/ceb-mock/download?name=a%3Ab&type=X&id=a+b/c==';
    expect(targetOf(address, 'https://testceb-bc.csob.cz', 'x')).toBe(
      '/ceb-mock/download?name=a%3Ab&type=X&id=a+b/c==',
    );
  });

  test('a foreign host is never spoken to', async () => {
    const desk = openDesk();
    desk.bank.flaw({ kind: 'foreign-url', matches: () => true });
    const { connector, statement } = await first(desk);
    const before = desk.sent.length;
    expect((await failureOf(connector.download(CZK, statement, 'finsta'))).kind).toBe('protocol');
    expect(desk.sent).toHaveLength(before);
    for (const address of [
      'http://localhost:1/a',
      'https://localhost/a',
      'https://localhost:2/a',
      'https://localhost:1@evil.example/a',
      'https://localhost:1.evil.example/a',
      'https://user@localhost:1/a',
      'https://localhost:1/a#b',
      '//localhost:1/a',
      'no address',
    ]) {
      expect(() => targetOf(address, 'https://localhost:1', 'x'), address).toThrow(/not on its own host/);
    }
  });

  test('another size than listed is tried again, never kept', async () => {
    const desk = openDesk();
    desk.bank.flaw({ kind: 'size', matches: () => true });
    const { connector, statement } = await first(desk);
    expect((await failureOf(connector.download(CZK, statement, 'finsta'))).kind).toBe('transient');
  });

  test('401 refuses the credential, 400 and 404 are a file that is gone, a page is no file', async () => {
    for (const [status, outcome] of [
      [401, 'credential-refused'],
      [403, 'transient'],
      [400, null],
      [404, null],
    ] as const) {
      const desk = openDesk(({ url }) =>
        url.includes('ExtFileHubDown') ? { status, headers: {}, body: new Uint8Array() } : null,
      );
      const { connector, statement } = await first(desk);
      const work = connector.download(CZK, statement, 'finsta');
      if (outcome === null) expect(await work).toBeNull();
      else expect((await failureOf(work)).kind).toBe(outcome);
    }
    const desk = openDesk();
    const { connector, statement } = await first(desk);
    desk.bank.misbehave({ kind: 'html-200', operation: 'downloadFile' });
    expect(await connector.download(CZK, statement, 'finsta')).not.toBeNull();
  });

  test('downloads do not count, lists do: 28 in twenty minutes, and the bank never says 1101', async () => {
    const desk = openDesk();
    const { connector, statement } = await first(desk);
    for (let file = 0; file < 60; file++) await connector.download(CZK, statement, 'gpc');
    for (let call = 1; call < 28; call++) await desk.connector().prove();
    const failure = await failureOf(desk.connector().prove());
    expect(failure).toMatchObject({ kind: 'rate-limited', detail: { operation: LIST } });
    expect(failure.detail.notBefore).toBeLessThanOrEqual(desk.clock.now() + 20 * MINUTE);
    desk.clock.advance(failure.detail.notBefore! - desk.clock.now());
    await desk.connector().prove();
    expect(namesOf(desk.bank, LIST)).toBe(29);
    expect(desk.bank.requests().map(({ status }) => status)).not.toContain(500);
  });
});
