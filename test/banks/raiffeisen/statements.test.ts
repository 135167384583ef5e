import { describe, expect, test } from 'vitest';
import type { StatementRef } from '../../../shared/banks/contract.ts';
import { addDays, daysBetween } from '../../../shared/domain/dates.ts';
import { account, bankThat, failureOf, statement, window, type Answer } from './support.ts';

const item = (more: Record<string, unknown> = {}) => ({
  statementId: 'cdd84bca-a88d-4997-9673-7ea01406b0d4',
  accountId: 301,
  statementNumber: '194/2026',
  dateFrom: '2026-11-20',
  dateTo: '2026-11-20',
  currency: 'CZK',
  statementFormats: ['PDF', 'XML', 'MT940'],
  ...more,
});

const list = (...statements: unknown[]): Answer => ({ body: { statements, page: 1, size: 50, last: true } });

describe('the list', () => {
  test('the question: paging in the query, the rest in the body', async () => {
    const { connector, asked } = bankThat(() => list());
    await connector.statements(account, window, null);
    expect(asked).toEqual([
      {
        method: 'POST',
        path: '/accounts/statements',
        query: { page: '1', size: '50' },
        json: {
          accountNumber: '6760653036',
          currency: 'CZK',
          statementLine: 'MAIN',
          dateFrom: '2026-10-16',
          dateTo: '2026-11-21',
        },
      },
    ]);
  });

  test('the account’s own statement line is asked for; one the bank does not have is refused', async () => {
    const { connector, asked } = bankThat(() => list());
    await connector.statements({ ...account, settings: { statementLine: 'MT940' } }, window, null);
    expect(asked[0]?.json['statementLine']).toBe('MT940');
    const wrong = { ...account, settings: { statementLine: 'DAILY' } };
    expect(await failureOf(connector.statements(wrong, window, null))).toMatchObject({
      kind: 'rejected',
      detail: { field: 'statementLine' },
    });
  });

  test('a statement with our names of its formats', async () => {
    const listed = item({ statementFormats: ['pdf', 'XML', 'MT940', 'HTML'], added: 1 });
    const { statements, next } = await bankThat(() => list(listed)).connector.statements(
      account,
      window,
      null,
    );
    expect(statements).toEqual([
      {
        id: 'cdd84bca-a88d-4997-9673-7ea01406b0d4',
        number: '194/2026',
        from: '2026-11-20',
        to: '2026-11-20',
        currency: 'CZK',
        formats: ['camt.053', 'mt940', 'pdf'],
      },
    ]);
    expect(next).toBeNull();
  });

  test('of another currency folder is another account’s; without a currency it is of the one asked for', async () => {
    const answer = list(
      item({ currency: 'EUR', statementId: 'eur' }),
      item({ currency: undefined, statementId: 'none' }),
    );
    const { statements } = await bankThat(() => answer).connector.statements(account, window, null);
    expect(statements.map(({ id, currency }) => [id, currency])).toEqual([['none', 'CZK']]);
  });

  test('204 is an empty list', async () => {
    const answer = await bankThat(() => ({ status: 204 })).connector.statements(account, window, null);
    expect(answer).toEqual({ statements: [], quarantined: [], next: null });
  });

  test('pages go on until `last`, whatever number the bank prints', async () => {
    const { connector, asked } = bankThat((_asked, number) => ({
      body: { statements: [item({ statementId: `s${number}` })], page: 0, last: number === 3 },
    }));
    expect((await all(connector.statements, window)).map(({ id }) => id)).toEqual(['s1', 's2', 's3']);
    expect(asked.map(({ query }) => query['page'])).toEqual(['1', '2', '3']);
  });

  test('row 6: an empty page ends it', async () => {
    const { connector, asked } = bankThat(() => ({ body: { statements: [], last: false } }));
    await all(connector.statements, window);
    expect(asked).toHaveLength(1);
  });

  test('row 6: more pages than any list has is protocol', async () => {
    const { connector } = bankThat(() => ({ body: { statements: [item()], last: false } }));
    expect((await failureOf(connector.statements(account, window, '2026-11-16/1000'))).kind).toBe('protocol');
  });

  test.each(['x', '2026-11-16', '2026-11-16/x', '2026-13-01/1'])('cursor %s is protocol', async (cursor) => {
    const { connector } = bankThat(() => list());
    expect((await failureOf(connector.statements(account, window, cursor))).kind).toBe('protocol');
  });

  test('no list is protocol', async () => {
    const { connector } = bankThat(() => ({ body: {} }));
    expect((await failureOf(connector.statements(account, window, null))).kind).toBe('protocol');
  });

  test.each([
    ['id', { statementId: undefined }],
    ['dates', { dateTo: 'x' }],
  ])('row 43: an item without %s is kept aside, the others are listed', async (_name, fault) => {
    const good = item({ dateFrom: window.to, dateTo: window.to });
    const { connector } = bankThat(() => ({ body: { statements: [item(fault), good], last: true } }));
    const { statements, quarantined } = await connector.statements(account, window, null);
    expect(statements).toHaveLength(1);
    expect(quarantined).toMatchObject([{ rule: 'statement-incomplete' }]);
  });

  // How the bank filters is not told, so each way must give each statement once.
  const stored = Array.from({ length: 400 }, (_, index) => {
    const dateTo = addDays('2025-10-17', index);
    const dateFrom = index % 30 === 0 ? addDays(dateTo, -30) : dateTo;
    return item({ statementId: `s${index}`, dateFrom, dateTo }) as { dateFrom: string; dateTo: string };
  });
  const filters = {
    'its last day': (one: (typeof stored)[0], from: string, to: string) =>
      one.dateTo >= from && one.dateTo <= to,
    'its first day': (one: (typeof stored)[0], from: string, to: string) =>
      one.dateFrom >= from && one.dateFrom <= to,
    'the whole of it': (one: (typeof stored)[0], from: string, to: string) =>
      one.dateFrom >= from && one.dateTo <= to,
    'any day of it': (one: (typeof stored)[0], from: string, to: string) =>
      one.dateTo >= from && one.dateFrom <= to,
  };
  for (const [what, filter] of Object.entries(filters)) {
    test(`a long window is cut into spans of at most 90 days; each statement comes once if the bank goes by ${what}`, async () => {
      const { connector, asked } = bankThat(({ json, query }) => {
        const found = stored.filter((one) => filter(one, String(json['dateFrom']), String(json['dateTo'])));
        const page = Number(query['page']);
        const items = found.slice((page - 1) * 50, page * 50);
        return items.length === 0
          ? { status: 204 }
          : { body: { statements: items, last: page * 50 >= found.length } };
      });
      const long = { from: '2026-01-01', to: '2026-11-20' };
      const ids = (await all(connector.statements, long)).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      const expected = stored.filter(({ dateTo }) => dateTo >= long.from && dateTo <= long.to);
      expect(ids).toHaveLength(expected.length);
      for (const { json } of asked) {
        const days = daysBetween(String(json['dateFrom']), String(json['dateTo'])) + 1;
        expect(days).toBeLessThanOrEqual(90);
      }
    });
  }

  async function all(
    statements: ReturnType<typeof bankThat>['connector']['statements'],
    span: { from: string; to: string },
  ): Promise<StatementRef[]> {
    const found: StatementRef[] = [];
    let cursor: string | null = null;
    do {
      const page = await statements(account, span, cursor);
      found.push(...page.statements);
      cursor = page.next;
    } while (cursor !== null);
    return found;
  }
});

describe('the download', () => {
  const files: [string, string, string, string][] = [
    ['camt.053', 'xml', 'application/xml', 'statement-6760653036-CZK-194-2026.xml'],
    ['mt940', 'MT940', 'text/mt940', 'statement-6760653036-CZK-194-2026.sta'],
    ['pdf', 'pdf', 'application/pdf', 'statement-6760653036-CZK-194-2026.pdf'],
  ];
  for (const [format, asked, type, name] of files) {
    test(`${format} is asked for as ${asked}`, async () => {
      const bytes = Buffer.from([0x00, 0x9e, 0xff, 0x0a]);
      const bank = bankThat(() => ({ type, body: bytes }));
      const document = await bank.connector.download(account, statement, format);
      expect(document).toEqual({ bytes, mediaType: type, name });
      expect(bank.asked).toMatchObject([
        {
          method: 'POST',
          path: '/accounts/statements/download',
          json: { accountNumber: '6760653036', currency: 'CZK', statementId: 'st-1', statementFormat: asked },
        },
      ]);
      expect(bank.requests[0]?.headers).toMatchObject({ accept: '*/*', 'accept-language': 'cs' });
    });
  }

  test('row 49: a number with slashes and dots makes no path', async () => {
    const bank = bankThat(() => ({ type: 'application/pdf', body: '%PDF' }));
    const document = await bank.connector.download(
      account,
      { ...statement, number: '../../etc/passwd\u0000%2e' },
      'pdf',
    );
    expect(document?.name).toMatch(/^[\w.-]+$/);
  });

  test('204: not there yet', async () => {
    expect(await bankThat(() => ({ status: 204 })).connector.download(account, statement, 'pdf')).toBeNull();
  });

  test('a JSON error under 200 is no statement', async () => {
    const error = (body: unknown) =>
      failureOf(bankThat(() => ({ body })).connector.download(account, statement, 'camt.053'));
    expect((await error({ error: 'ID_NOT_FOUND' })).kind).toBe('rejected');
    expect((await error({ error: 'UNAUTHORISED' })).kind).toBe('credential-refused');
    expect((await error({ anything: 'else' })).kind).toBe('transient');
    expect((await error('no json')).kind).toBe('transient');
  });

  test('row 9: another type than asked for, and an empty file, are transient', async () => {
    const pdf = bankThat(() => ({ type: 'application/pdf', body: '%PDF' }));
    expect((await failureOf(pdf.connector.download(account, statement, 'camt.053'))).kind).toBe('transient');
    const empty = bankThat(() => ({ type: 'application/xml', body: '' }));
    expect((await failureOf(empty.connector.download(account, statement, 'camt.053'))).kind).toBe(
      'transient',
    );
  });

  test('a format the bank does not have is unsupported, and nothing is asked', async () => {
    const { connector, asked } = bankThat(() => ({}));
    for (const format of ['gpc', 'toString', 'XML']) {
      expect((await failureOf(connector.download(account, statement, format))).kind).toBe('unsupported');
    }
    expect(asked).toHaveLength(0);
  });
});
