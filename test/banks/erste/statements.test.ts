import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connector } from '../../../shared/banks/contract.ts';
import { readFileAs } from '../../../shared/formats/files.ts';
import { allStatements, openBench, refOf, type Bench } from '../../conformance/bench.ts';
import { account, bankThat, errors, failureOf, page, statement, window, type Answer } from './support.ts';

const item = (over: Record<string, unknown> = {}) => ({
  accountStatementId: '002498aa881201c7',
  year: 2026,
  month: 11,
  sequenceNumber: 41,
  period: 'DAY',
  dateFrom: '2026-11-20',
  dateTo: '2026-11-20',
  formats: [
    { format: 'xml', availability: 'IMMEDIATE' },
    { format: 'abo-standard', availability: 'IMMEDIATE' },
    { format: 'pdf', availability: 'ARCHIVED' },
    { format: 'mt940', availability: 'UNAVAILABLE' },
    { format: 'abo-internal', availability: 'IMMEDIATE' },
  ],
  ...over,
});

const bankWith = (items: readonly unknown[], download: Answer = {}) =>
  bankThat(({ path }) => {
    if (path.endsWith('/statements')) return { body: page('accountStatements', items) };
    return path.endsWith('/download') ? download : null;
  });

describe('the list', () => {
  test('a statement under an id made of what does not change', async () => {
    const { connector } = bankWith([item()]);
    expect(await connector.statements(account, window, null)).toEqual({
      statements: [statement],
      quarantined: [],
      next: null,
    });
  });

  test('none at all is no error', async () => {
    const { connector } = bankWith([]);
    expect((await connector.statements(account, window, null)).statements).toEqual([]);
  });

  test('is asked for with a lead and never past the bank’s today', async () => {
    const { connector, asked } = bankWith([]);
    await connector.statements(account, { from: '2026-11-16', to: '2026-11-22' }, null);
    expect(asked.at(-1)?.query).toEqual({
      fromDate: '2026-10-16',
      toDate: '2026-11-21',
      page: '0',
      size: '100',
    });
    const yearly = { ...account, settings: { statementPeriod: 'YEAR' } };
    await connector.statements(yearly, window, null);
    expect(asked.at(-1)?.query['fromDate']).toBe('2025-11-15');
  });

  test('those that end outside of the window, or have another period than the account wants, are left out', async () => {
    const month = item({ period: 'MONTH', dateFrom: '2026-10-18', dateTo: '2026-11-17', sequenceNumber: 10 });
    const early = item({ dateFrom: '2026-11-15', dateTo: '2026-11-15', sequenceNumber: 36 });
    const { connector } = bankWith([item(), month, early]);
    const idsOf = async (statementPeriod: string) =>
      (
        await connector.statements({ ...account, settings: { statementPeriod } }, window, null)
      ).statements.map(({ number }) => number);
    expect(await idsOf('any')).toEqual(['41/2026', '10/2026']);
    expect(await idsOf('MONTH')).toEqual(['10/2026']);
    expect(await idsOf('DAY')).toEqual(['41/2026']);
    await expect(idsOf('DECADE')).rejects.toMatchObject({ kind: 'rejected' });
  });

  test('the pages', async () => {
    const { connector } = bankThat(({ path, query }) => {
      if (!path.endsWith('/statements')) return null;
      const number = Number(query['page']);
      const items = [item({ sequenceNumber: number + 1 })];
      return { body: page('accountStatements', items, { pageNumber: number, pageCount: 3 }) };
    });
    const first = await connector.statements(account, window, null);
    const last = await connector.statements(account, window, '2');
    expect([first.next, last.next]).toEqual(['1', null]);
    expect((await failureOf(connector.statements(account, window, '1000'))).kind).toBe('protocol');
  });

  test.each([
    ['id', { accountStatementId: undefined }],
    ['number', { sequenceNumber: 'x' }],
    ['dates', { dateTo: '2026-02-30' }],
    ['period', { period: 'day' }],
  ])('one without %s is set aside, the others go on', async (_, over) => {
    const { connector } = bankWith([item(over), item()]);
    const list = await connector.statements(account, window, null);
    expect(list.statements.length).toBe(1);
    expect(list.quarantined).toMatchObject([
      { rule: 'statement-incomplete', position: 'statement 1 of page 0' },
    ]);
  });
});

describe('a file', () => {
  const XML = '<?xml version="1.0"?><Document>č</Document>';
  const hex = (content: Uint8Array | string) => Buffer.from(content).toString('hex');

  const fetched = async (answer: Answer, format = 'camt.053') => {
    const { connector, asked } = bankWith([item()], answer);
    await connector.statements(account, window, null);
    const document = await connector.download(account, statement, format);
    return { document: document!, asked };
  };

  test.each([
    ['base64 in JSON', { body: { data: Buffer.from(XML).toString('base64') } }, 'application/xml'],
    ['text in JSON', { body: { data: XML } }, 'application/xml'],
    ['the bare file', { type: 'text/xml;charset=UTF-8', body: XML }, 'text/xml'],
    ['a bare file under the type of JSON', { body: XML }, 'application/json'],
  ])('%s', async (_, answer, mediaType) => {
    const { document, asked } = await fetched(answer);
    expect({ ...document, bytes: hex(document.bytes) }).toEqual({
      bytes: hex(XML),
      mediaType,
      name: 'statement-CZ6508000000192000145399-CZK-DAY-2026-11-20-2026-11-20-41.xml',
    });
    expect(asked.at(-1)).toMatchObject({
      path: '/my/accounts/ID-1/statements/002498aa881201c7/download',
      query: { format: 'xml' },
    });
  });

  test('bytes of any charset stay as they are', async () => {
    const abo = Uint8Array.of(0x30, 0x37, 0x34, 0x9e, 0xe8, 0x0d, 0x0a);
    const { document } = await fetched({ type: 'text/plain', body: abo }, 'gpc');
    expect(document.bytes).toEqual(abo);
  });

  test.each([
    ['a web page', { type: 'text/html', body: '<html>' }, 'transient'],
    ['nothing', { type: 'application/pdf', body: '' }, 'transient'],
    ['JSON without a file', { body: { data: {} } }, 'protocol'],
    ['an error under 200', { body: { errors: [{ error: 'KEY_DISABLED' }] } }, 'credential-refused'],
    ['an unknown statement', errors(404, 'ID_NOT_FOUND'), 'rejected'],
    ['an unsupported format', errors(400, 'PARAMETER_INVALID'), 'rejected'],
  ])('%s is no file', async (_, answer, kind) => {
    expect((await failureOf(fetched(answer))).kind).toBe(kind);
  });

  test('an archived one the bank refuses is not there yet', async () => {
    const { connector } = bankWith([item()], errors(400, 'PARAMETER_INVALID'));
    await connector.statements(account, window, null);
    expect(await connector.download(account, statement, 'pdf')).toBeNull();
    expect((await failureOf(connector.download(account, statement, 'gpc'))).kind).toBe('rejected');
  });

  test('is found again by a session that did not list it', async () => {
    const { connector, asked } = bankWith([item()], { type: 'text/xml', body: XML });
    const document = await connector.download(account, statement, 'camt.053');
    expect(hex(document!.bytes)).toBe(hex(XML));
    expect(asked.map(({ path }) => path.split('/').at(-1))).toEqual(['accounts', 'statements', 'download']);
  });

  test('is found on a later page, and whatever the account’s settings want by now', async () => {
    const { connector, asked } = bankThat(({ path, query }) => {
      if (path.endsWith('/download')) return { type: 'text/xml', body: XML };
      if (!path.endsWith('/statements')) return null;
      const number = Number(query['page']);
      const items = [item({ sequenceNumber: 39 + number })];
      return { body: page('accountStatements', items, { pageNumber: number, pageCount: 3 }) };
    });
    const monthly = { ...account, settings: { statementPeriod: 'MONTH' } };
    expect(await connector.download(monthly, statement, 'camt.053')).not.toBeNull();
    expect(asked.filter(({ path }) => path.endsWith('/statements')).length).toBe(3);
    const gone = { ...statement, id: 'DAY-2026-11-20-2026-11-20-99' };
    expect((await failureOf(connector.download(account, gone, 'camt.053'))).kind).toBe('rejected');
  });

  test('a format the bank does not have is unsupported, before it is asked', async () => {
    const { connector, asked } = bankWith([item()]);
    expect((await failureOf(connector.download(account, statement, 'finsta'))).kind).toBe('unsupported');
    expect(asked.length).toBe(0);
  });
});

describe('against the simulated bank', () => {
  let bench: Bench;
  let connector: Required<Connector>;
  beforeAll(async () => {
    bench = await openBench('erste');
    connector = bench.connect();
  });
  afterAll(() => bench?.stop());

  test.each(['camt.053', 'mt940', 'gpc'])('files in %s are read, and add up', async (format) => {
    const { erste } = bench.sandbox.banks;
    let count = 0;
    for (const listed of await connector.accounts()) {
      const ref = { ...refOf(listed, bench.manifest), settings: { statementPeriod: 'DAY' } };
      const statements = await allStatements(connector, ref, { from: '2026-11-02', to: '2026-11-21' });
      for (const one of statements.filter(({ formats }) => formats.includes(format))) {
        const { bytes } = (await connector.download(ref, one, format))!;
        const file = await readFileAs(format, bytes, { bankCode: '0800' });
        const [issue] = erste
          .issued(listed.iban!, one.from, one.to)
          .filter(({ period }) => period === 'daily');
        const [read] = file.statements;
        expect(file.statements.length).toBe(1);
        expect(read).toMatchObject({ reconciles: true, quarantined: [], warnings: [] });
        expect(read?.closing?.minor).toBe(issue?.closing);
        expect(read?.transactions.map(({ amount }) => amount.minor)).toEqual(
          issue?.movements.map(({ minor }) => minor),
        );
        expect(read?.transactions.map(({ variableSymbol }) => Number(variableSymbol))).toEqual(
          issue?.movements.map(({ variable }) => Number(variable)),
        );
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(5);
  });

  test('the same statement whatever its id is called today', async () => {
    const [listed] = await connector.accounts();
    const ref = refOf(listed!, bench.manifest);
    const days = { from: '2026-11-19', to: '2026-11-20' };
    const before = await allStatements(connector, ref, days);
    bench.sandbox.banks.erste.renumberAccounts();
    const fresh = bench.connect();
    expect(await allStatements(fresh, ref, days)).toEqual(before);
    expect((await fresh.download(ref, before[0]!, 'pdf'))?.mediaType).toBe('application/pdf');
  });
});
