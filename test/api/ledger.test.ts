import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { balanceView, statementView, transactionView } from '../../shared/api/views.ts';
import { addDays } from '../../shared/domain/dates.ts';
import { formatMoney, parseMoney } from '../../shared/domain/money.ts';
import type { DocumentRecord, StatementRecord } from '../../shared/domain/records.ts';
import { parseStatementId, statementHash, statementId } from '../../shared/domain/statement-id.ts';
import { readFile } from '../../shared/formats/files.ts';
import { archiveClient, createArchive, type Archive } from '../../shared/store/archive.ts';
import { done, refused } from '../support/api.ts';
import {
  connect,
  random,
  startTestGateway,
  TODAY,
  type AccountBody,
  type Page,
  type TestGateway,
} from '../support/gateway.ts';

type TransactionBody = ReturnType<typeof transactionView>;
type StatementBody = ReturnType<typeof statementView>;
type BalanceBody = ReturnType<typeof balanceView>;

const NUMBER = '5017482301';
const WINDOW = { from: addDays(TODAY, -21), to: TODAY };

let t: TestGateway;
let account: string;
let empty: string;
let archive: Archive;
beforeAll(async () => {
  t = await startTestGateway();
  const { accounts } = await connect(t);
  const find = (number: string) =>
    accounts.find((one: AccountBody) => one.number === number && one.currency === 'CZK')!.id;
  account = find(NUMBER);
  empty = find('864201352');
  // Three weeks of movements, and four statements in every format.
  done(await t.admin(`PATCH /accounts/${account}`, { mode: 'transactions' }));
  done(await t.admin(`POST /accounts/${account}/pulls`, WINDOW), 202);
  await t.gateway.drain();
  const more = { mode: 'statements', historyDays: 4, formats: ['pdf', 'mt940', 'camt.053'] };
  done(await t.admin(`PATCH /accounts/${account}`, more));
  done(await t.admin(`POST /accounts/${account}/pulls`, {}), 202);
  await t.gateway.drain();
  const client = archiveClient();
  archive = createArchive(
    (command) => client.send(command as never),
    t.gateway.env['ARCHIVE_BUCKET']!,
    t.clock,
    random,
  );
});
afterAll(() => t?.stop());

/** Every item of a list, page by page; each page but the last is full. */
async function paged<T>(path: string, limit: number): Promise<T[]> {
  const items: T[] = [];
  for (let cursor = ''; ;) {
    const separator = path.includes('?') ? '&' : '?';
    const page = done(await t.admin<Page<T>>(`GET ${path}${separator}limit=${limit}${cursor}`));
    items.push(...page.items);
    if (page.next === null) return items;
    expect(page.items).toHaveLength(limit);
    cursor = `&cursor=${page.next}`;
  }
}

describe('transactions', () => {
  const path = () => `/accounts/${account}/transactions`;

  test('are exactly what the bank has booked, to the heller', async () => {
    const shown = (await paged<TransactionBody>(path(), 500)).map((row) => ({
      entryReference: row.bankReference,
      date: row.bookingDate,
      minor: parseMoney(row.amount, row.currency).minor,
    }));
    const booked = t.seeded.booked(NUMBER, 'CZK', WINDOW.from, WINDOW.to);
    const byReference = (a: { entryReference: string | null }, b: { entryReference: string | null }) =>
      String(a.entryReference).localeCompare(String(b.entryReference));
    expect(shown.sort(byReference)).toEqual([...booked].sort(byReference));
    expect(booked.length).toBeGreaterThan(50);
  });

  test('come in pages of any size, oldest first, each once', async () => {
    const all = await paged<TransactionBody>(path(), 500);
    const days = all.map(({ bookingDate }) => bookingDate);
    expect(days).toEqual([...days].sort());
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const limit of [1, 7, all.length - 1, all.length, all.length + 1]) {
      if (limit === 1) continue;
      expect(await paged(path(), limit), `limit ${limit}`).toEqual(all);
    }
    // One by one, for the first few.
    const first = done(await t.admin<Page<TransactionBody>>(`GET ${path()}?limit=1`));
    const second = done(await t.admin<Page<TransactionBody>>(`GET ${path()}?limit=1&cursor=${first.next}`));
    expect([...first.items, ...second.items]).toEqual(all.slice(0, 2));
  });

  test('of some days are those days, both included', async () => {
    const all = await paged<TransactionBody>(path(), 500);
    const [from, to] = [addDays(TODAY, -9), addDays(TODAY, -6)];
    const within = (low: string, high: string) =>
      all.filter(({ bookingDate }) => bookingDate >= low && bookingDate <= high);
    expect(within(from, to).length).toBeGreaterThan(0);
    expect(await paged(`${path()}?from=${from}&to=${to}`, 3)).toEqual(within(from, to));
    expect(await paged(`${path()}?from=${to}`, 500)).toEqual(within(to, TODAY));
    expect(await paged(`${path()}?to=${from}`, 500)).toEqual(within('0000-00-00', from));
    expect(await paged(`${path()}?from=${to}&to=${from}`, 500)).toEqual([]);
    expect(await paged(`${path()}?from=9999-12-31`, 500)).toEqual([]);
    expect(await paged(`${path()}?from=0001-01-01&to=0001-01-02`, 500)).toEqual([]);
  });

  test('a cursor holds within the days it was given for, and leads to nothing outside of others', async () => {
    const day = addDays(TODAY, -8);
    const page = done(await t.admin<Page<TransactionBody>>(`GET ${path()}?limit=2&to=${day}`));
    const next = done(
      await t.admin<Page<TransactionBody>>(`GET ${path()}?from=${TODAY}&cursor=${page.next}`),
    );
    // It lies before the days asked for now: there is no place to go on from.
    expect(next).toEqual({ items: [], next: null });
  });

  test('of one day may be equal in everything but the reference, and both are there', async () => {
    const groups = Map.groupBy(await paged<TransactionBody>(path(), 500), (row) =>
      [row.bookingDate, row.amount, row.variableSymbol, row.message, row.counterparty.number].join('|'),
    );
    expect([...groups.values()].some((rows) => rows.length > 1)).toBe(true);
  });

  test('are money in decimal text with the sign of the account', async () => {
    for (const { amount, currency } of await paged<TransactionBody>(path(), 500)) {
      expect(amount).toMatch(/^-?\d+\.\d{2}$/);
      expect(currency).toBe('CZK');
    }
  });
});

describe('statements', () => {
  const path = () => `/accounts/${account}/statements`;

  test('tell what the bank issued', async () => {
    const shown = await paged<StatementBody>(path(), 2);
    const days = shown.map(({ to }) => to);
    const issued = t.seeded
      .issues(NUMBER, 'CZK')
      .filter(({ lines, to }) => lines.includes('MAIN') && days.includes(to));
    expect(shown.length).toBeGreaterThanOrEqual(4);
    const money = (minor: bigint) => `${minor / 100n}.${String(minor % 100n).padStart(2, '0')}`;
    expect(
      shown.map(({ from, to, opening, closing, count }) => ({ from, to, opening, closing, count })),
    ).toEqual(
      issued.map((issue) => ({
        from: issue.from,
        to: issue.to,
        opening: money(issue.opening),
        closing: money(issue.closing),
        count: issue.movements.length,
      })),
    );
    for (const [at, statement] of shown.entries()) {
      expect(statement).toMatchObject({
        account,
        currency: 'CZK',
        version: 1,
        read: true,
        reconciles: true,
        continuity: at === 0 ? 'first' : 'continuous',
        warnings: [],
      });
      expect(statement.formats).toEqual(['camt.053', 'mt940', 'pdf']);
      expect(parseStatementId(statement.id)).toMatchObject({ account, to: statement.to });
    }
  });

  test('of some days are those that end on them', async () => {
    const all = await paged<StatementBody>(path(), 500);
    const day = all[1]!.to;
    expect(await paged(`${path()}?from=${day}&to=${day}`, 500)).toEqual([all[1]]);
  });
});

describe('the content of a statement', () => {
  const first = async () => (await paged<StatementBody>(`/accounts/${account}/statements`, 500))[0]!;
  const record = async (id: string): Promise<StatementRecord> => {
    const place = parseStatementId(id)!;
    return (await t.store.ledgerOf(t.company, account).statement(place.to, place.id))!;
  };

  test.each([
    ['camt.053', 'xml', 'application/xml', 'xml'],
    ['mt940', 'MT940', 'text/mt940', 'sta'],
    ['pdf', 'pdf', 'application/pdf', 'pdf'],
  ] as const)(
    '%s is byte for byte what the bank sent and the archive keeps',
    async (format, banks, mediaType, ending) => {
      const { id } = await first();
      const answer = await t.admin(`GET /statements/${id}/content?format=${format}`);
      done(answer);
      const { bankId, documents } = await record(id);
      const sent = await Promise.all(
        (['cs', 'en'] as const).map((language) => t.seeded.document(bankId, banks, language)),
      );
      expect(sent.some((bytes) => bytes !== null && answer.bytes.equals(bytes))).toBe(true);
      expect(createHash('sha256').update(answer.bytes).digest('hex')).toBe(documents[format]);
      expect(answer.bytes.equals((await archive.read(t.company, 'statement', documents[format]!))!)).toBe(
        true,
      );
      expect(answer.headers.get('content-type')).toBe(mediaType);
      expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${id}.${ending}"`);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('cache-control')).toBe('no-store');
    },
  );

  test('without a format is the same one every time', async () => {
    const { id } = await first();
    const answer = await t.admin(`GET /statements/${id}/content`);
    expect(done(answer)).toBeNull();
    expect(answer.headers.get('content-disposition')).toContain('.xml"');
  });

  test('in a format it does not have is not found, and says which there are', async () => {
    const { id } = await first();
    for (const format of ['kpc', '', 'XML', '../pdf', 'constructor', '__proto__', 'toString']) {
      const { detail } = refused(
        await t.admin(`GET /statements/${id}/content?format=${format}`),
        404,
        'not-found',
      );
      for (const one of ['camt.053', 'mt940', 'pdf', 'gpc', 'csv', 'json']) expect(detail).toContain(one);
    }
  });

  test.each([
    ['gpc', 'gpc', 'text/plain; charset=windows-1250'],
    ['camt.053.001.08', 'xml', 'application/xml'],
    ['csv', 'csv', 'text/csv; charset=utf-8'],
  ])('as %s is written from what was read, to the same figures', async (format, ending, mediaType) => {
    const shown = await first();
    const answer = await t.admin(`GET /statements/${shown.id}/content?format=${format}`);
    done(answer);
    expect(answer.headers.get('content-type')).toBe(mediaType);
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${shown.id}.${ending}"`);
    if (format === 'csv') {
      expect(answer.bytes.toString().trim().split('\r\n')).toHaveLength(shown.count! + 1);
      expect(answer.headers.get('brana-losses')).toContain('balances-left-out=1');
      return;
    }
    const { statements } = await readFile(answer.bytes);
    expect(statements).toHaveLength(1);
    const [read] = statements;
    expect(read).toMatchObject({ count: shown.count, reconciles: true, to: shown.to });
    expect(formatMoney(read!.opening!)).toBe(shown.opening);
    expect(formatMoney(read!.closing!)).toBe(shown.closing);
  });

  test('as JSON is the shape of brana convert', async () => {
    const shown = await first();
    const answer = await t.admin<{ format: string; statements: Record<string, unknown>[] }>(
      `GET /statements/${shown.id}/content?format=json`,
    );
    const { format, statements } = done(answer);
    expect(format).toBe('camt.053');
    const { opening, closing, count, from, to } = shown;
    expect(statements).toMatchObject([{ opening, closing, count, from, to, reconciles: true }]);
    expect(statements[0]!['transactions']).toHaveLength(count!);
  });

  test('in another encoding says the same letters', async () => {
    const { id } = await first();
    const content = (query: string) => t.admin(`GET /statements/${id}/content?${query}`);
    const [utf8, cp1250] = [await content('format=csv'), await content('format=csv&encoding=cp1250')];
    done(utf8);
    done(cp1250);
    expect(cp1250.headers.get('content-type')).toBe('text/csv; charset=windows-1250');
    expect(new TextDecoder('windows-1250').decode(cp1250.bytes)).toBe(utf8.bytes.toString());
    // With an encoding even a format of the bank is written anew.
    expect((await content('format=mt940&encoding=utf-8')).headers.get('content-type')).toBe(
      'text/plain; charset=utf-8',
    );
  });

  test.each([
    ['format=csv&encoding=ebcdic', 'unknown-encoding'],
    ['encoding=utf-8', 'encoding-not-applicable'],
    ['format=original&encoding=utf-8', 'encoding-not-applicable'],
    ['format=pdf&encoding=utf-8', 'encoding-not-applicable'],
    ['format=camt.053&encoding=cp1250', 'not-expressible'],
    ['format=json&encoding=cp1250', 'not-expressible'],
  ])('asked for with %s is refused with what to ask for', async (query, code) => {
    refused(await t.admin(`GET /statements/${(await first()).id}/content?${query}`), 422, code);
  });

  test('as the original is the first of the bank', async () => {
    const { id } = await first();
    const [original, plain] = [
      await t.admin(`GET /statements/${id}/content?format=original`),
      await t.admin(`GET /statements/${id}/content`),
    ];
    expect(done(original)).toBeNull();
    expect(original.bytes.equals(plain.bytes)).toBe(true);
  });

  /** Puts a statement of one document beside the others, as a pull would have. */
  async function put(
    day: string,
    bytes: Buffer,
    more: Partial<DocumentRecord> = {},
    archived = true,
  ): Promise<string> {
    const sha256 = archived
      ? await archive.keep(t.company, 'statement', bytes, 'application/pdf')
      : createHash('sha256').update(bytes).digest('hex');
    const document: DocumentRecord = {
      sha256,
      kind: 'statement',
      format: 'pdf',
      mediaType: 'application/pdf',
      name: 'výpis "1".pdf',
      size: bytes.length,
      receivedAt: new Date(t.clock.now()).toISOString(),
      parser: null,
      ...more,
    };
    const template = await record((await first()).id);
    const statement = { ...template, id: 'LargeStatement00', to: day, from: day, documents: { pdf: sha256 } };
    const ledger = t.store.ledgerOf(t.company, account);
    await t.store.dynamo.transact([ledger.putDocument(document), ledger.putStatement(statement)]);
    return statementId(account, statement);
  }

  test('row 66: above 4 MB is a link for sixty seconds to the very bytes', async () => {
    const bytes = randomBytes(4 * 2 ** 20 + 1);
    const id = await put('2020-01-01', bytes);
    const answer = await t.admin(`GET /statements/${id}/content`);
    expect(answer.status).toBe(303);
    expect(answer.bytes).toHaveLength(0);
    const link = new URL(answer.headers.get('location')!);
    expect(link.searchParams.get('X-Amz-Expires')).toBe('60');
    expect(link.searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
    expect(link.href).not.toContain(t.adminKey);
    // The link is all one needs: no key goes with it.
    const fetched = await fetch(link);
    expect(fetched.status).toBe(200);
    expect(Buffer.from(await fetched.arrayBuffer()).equals(bytes)).toBe(true);
    expect(fetched.headers.get('content-type')).toBe('application/pdf');
    // S3 answers as the link says; the embedded one sends no such header.
    expect(link.searchParams.get('response-content-disposition')).toBe(`attachment; filename="${id}.pdf"`);
    expect(link.searchParams.get('response-content-type')).toBe('application/pdf');
    // Nobody reads it from the log.
    expect(t.printed.join('\n')).not.toContain(link.searchParams.get('X-Amz-Signature'));
  });

  test('that nobody could read is not converted', async () => {
    const id = await put('2020-01-05', Buffer.from('%PDF-1.4'));
    refused(await t.admin(`GET /statements/${id}/content?format=gpc`), 422, 'not-readable');
  });

  test('written above 4 MB is a link too, to bytes that expire', async () => {
    const all = await paged<StatementBody>(`/accounts/${account}/statements`, 500);
    const standing = await record(all.at(-1)!.id);
    const source = (await archive.read(t.company, 'statement', standing.documents['camt.053']!))!;
    const text = Buffer.from(source).toString();
    const entry = /<Ntry>.*?<\/Ntry>/s.exec(text)![0];
    const large = Buffer.from(text.replace(entry, entry.repeat(16_000)));
    const sha256 = await archive.keep(t.company, 'statement', large, 'application/xml');
    const day = '2020-01-06';
    const { scope } = (await t.store.accounts.get(t.company, account))!;
    const statement = {
      ...standing,
      id: statementHash(scope, 'large', sha256, 0),
      bankId: 'large',
      from: day,
      to: day,
      documents: { 'camt.053': sha256 },
    };
    const ledger = t.store.ledgerOf(t.company, account);
    const document = {
      ...(await ledger.document(standing.documents['camt.053']!))!,
      sha256,
      size: large.length,
    };
    await t.store.dynamo.transact([ledger.putDocument(document), ledger.putStatement(statement)]);
    const answer = await t.admin(`GET /statements/${statementId(account, statement)}/content?format=json`);
    expect(answer.status).toBe(303);
    const fetched = await fetch(answer.headers.get('location')!);
    const body = (await fetched.json()) as { statements: { transactions: unknown[] }[] };
    expect(body.statements[0]!.transactions.length).toBeGreaterThan(16_000);
    expect(new URL(answer.headers.get('location')!).pathname).toContain(`/${t.company}/converted/`);
  });

  test('of 4 MB to the byte comes directly', async () => {
    const bytes = randomBytes(4 * 2 ** 20);
    const answer = await t.admin(`GET /statements/${await put('2020-01-02', bytes)}/content`);
    done(answer);
    expect(answer.bytes.equals(bytes)).toBe(true);
  });

  test('never takes its name from the bank', async () => {
    const id = await put('2020-01-03', Buffer.from('%PDF'), {
      name: 'a"\r\nX-Evil: 1\r\n\r\n.pdf',
      format: 'evil/../x',
    });
    const answer = await t.admin(`GET /statements/${id}/content`);
    done(answer);
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${id}.bin"`);
    expect(answer.headers.has('x-evil')).toBe(false);
  });

  test('that the archive lost is not found, which is no failure of the rest', async () => {
    const id = await put('2020-01-04', Buffer.from('gone'), {}, false);
    expect(refused(await t.admin(`GET /statements/${id}/content`), 404, 'not-found').detail).toContain(
      'archive',
    );
  });

  test.each([
    'x',
    'acc_x',
    'acc_x-20261118',
    'acc_x-20261118-short',
    '..%2F..%2Fx',
    'acc_x-20261118-0123456789abcdef%2F',
  ])('with the id "%s" is not found', async (id) => {
    refused(await t.admin(`GET /statements/${id}/content`), 404, 'not-found');
  });
});

describe('balances', () => {
  interface Balances {
    readonly at: string | null;
    readonly items: readonly BalanceBody[];
  }

  test('are the four kinds as the bank told them last', async () => {
    const { at, items } = done(await t.admin<Balances>(`GET /accounts/${account}/balances`));
    expect(Date.parse(at!)).toBeLessThanOrEqual(t.clock.now());
    const folder = t.seeded.folders(NUMBER).find(({ currency }) => currency === 'CZK')!;
    const { booked, blocked, creditLine } = folder.balances!;
    const minor = Object.fromEntries(
      items.map(({ kind, amount, currency }) => [kind, parseMoney(amount, currency).minor]),
    );
    expect(minor).toEqual({
      booked,
      blocked: expect.any(BigInt),
      available: booked - blocked,
      'available-with-credit': booked - blocked + creditLine,
    });
    expect([minor['blocked'], -minor['blocked']!]).toContain(blocked);
    expect(items.map(({ code }) => code).sort()).toEqual(['BLCK', 'CLAB', 'CLAV', 'CLBD']);
  });

  test('of an account never pulled are none yet', async () => {
    expect(done(await t.admin(`GET /accounts/${empty}/balances`))).toEqual({ at: null, items: [] });
    expect(done(await t.admin(`GET /accounts/${empty}/transactions`))).toEqual({ items: [], next: null });
    expect(done(await t.admin(`GET /accounts/${empty}/statements`))).toEqual({ items: [], next: null });
    expect(done(await t.admin(`GET /accounts/${empty}/pulls`))).toEqual({ items: [], next: null });
  });
});
