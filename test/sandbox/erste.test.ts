import type { ValidateFunction } from 'ajv';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { IDENTITY_BASE } from '../../infra/sandbox/erste/identity/identity.ts';
import { API_BASE } from '../../infra/sandbox/erste/routes.ts';
import { startSandbox, type Sandbox } from '../../infra/sandbox/index.ts';
import type { SandboxResponse } from '../../infra/sandbox/types.ts';
import { CALLBACK, tokensOf } from '../support/erste.ts';
import { readApiary } from './apiary.ts';
import { testClock } from './support.ts';

const APIARY = readApiary();
if (APIARY === null)
  console.log("SKIPPED: Erste's reference is not beside the checkout; answers are not validated.");

const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Whatever the bank answers in JSON. */
interface BankJson {
  readonly errors: readonly { readonly error: string }[];
  readonly accounts: readonly { readonly id: string; readonly identification: { readonly iban: string } }[];
  readonly balances: readonly unknown[];
  readonly transactions: readonly {
    readonly entryReference: string;
    readonly status: string;
    readonly bookingDate: { readonly date: string };
  }[];
  readonly accountStatements: readonly {
    readonly accountStatementId: string;
    readonly formats: readonly { readonly format: string; readonly availability: string }[];
  }[];
  readonly pageNumber: number;
  readonly pageCount: number;
  readonly nextPage?: number;
  readonly notifications: readonly unknown[];
  readonly notificationId: string;
  readonly keys: readonly Record<string, string>[];
}

interface Answer extends SandboxResponse {
  readonly json: BankJson;
}

const clock = testClock();
let sandbox: Sandbox;
let tokens: { readonly access: string; readonly refresh: string };
beforeAll(async () => {
  sandbox = await startSandbox({ seed: 'erste', clock });
});
beforeEach(async () => {
  sandbox.banks.erste.rest();
  tokens = await tokensOf(
    sandbox.banks.erste,
    { origin: sandbox.origins.erste, ca: sandbox.ca },
    sandbox.application,
  );
});
afterAll(() => sandbox?.stop());

async function ask(
  path: string,
  query: Record<string, string> = {},
  more: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await sandbox.banks.erste.handle({
    method: more.method ?? 'GET',
    path: API_BASE + path,
    query: new URLSearchParams(query),
    headers: {
      'web-api-key': sandbox.application.webApiKey,
      authorization: `Bearer ${tokens.access}`,
      ...more.headers,
    },
    body: more.body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(more.body)),
    clientCertificate: null,
  });
  const isJson = response.headers['content-type'] === 'application/json';
  return {
    ...response,
    json: (isJson ? JSON.parse(Buffer.from(response.body).toString()) : null) as BankJson,
  };
}

const idsOf = async (): Promise<string[]> => (await ask('/my/accounts')).json.accounts.map(({ id }) => id);
const busiest = async (): Promise<string> => (await idsOf())[0]!;
const codesOf = ({ json }: Answer): string[] => json.errors.map(({ error }) => error);

describe.skipIf(APIARY === null)('answers follow the bank’s reference', () => {
  const valid = (validate: ValidateFunction, value: unknown): void => {
    validate(value);
    expect(validate.errors ?? []).toEqual([]);
  };
  const each = (name: string, values: readonly unknown[]): void => {
    expect(values.length).toBeGreaterThan(0);
    const validate = APIARY!.structure(name);
    expect(validate({ ...(values[0] as object), nothing: 1 }), 'the schema tells').toBe(false);
    for (const value of values) valid(validate, value);
  };

  test('accounts', async () => {
    const { json } = await ask('/my/accounts');
    valid(APIARY!.outline('GET', '/my/accounts{?size,page,sort,order}'), json);
    each('AccountDetail', json.accounts);
  });

  test('balances', async () => {
    for (const id of await idsOf()) {
      const { json } = await ask(`/my/accounts/${id}/balance`);
      valid(APIARY!.outline('GET', '/my/accounts/{id}/balance'), json);
      each('AccountBalance', json.balances);
    }
  });

  test('transactions, every kind of them', async () => {
    let count = 0;
    for (const id of await idsOf()) {
      const span = { fromDate: '2026-08-24', size: '200' };
      for (let page = 0, more = true; more; page++) {
        const { json } = await ask(`/my/accounts/${id}/transactions`, { ...span, page: String(page) });
        valid(
          APIARY!.outline('GET', '/my/accounts/{id}/transactions{?fromDate,toDate,size,page,sort,order}'),
          json,
        );
        if (json.transactions.length > 0) each('AccountTransaction', json.transactions);
        count += json.transactions.length;
        more = json.nextPage !== undefined;
      }
    }
    expect(count).toBeGreaterThan(500);
  });

  test('statements and their download', async () => {
    const id = await busiest();
    const { json } = await ask(`/my/accounts/${id}/statements`, { fromDate: '2026-09-01', size: '100' });
    valid(APIARY!.outline('GET', '/my/accounts/{id}/statements{?fromDate,toDate,format,page,size}'), json);
    each('AccountStatements', json.accountStatements);
    const [one] = json.accountStatements;
    const path = `/my/accounts/${id}/statements/${one?.accountStatementId}/download`;
    expect(Object.keys((await ask(path, { format: 'xml' })).json)).toEqual(['data']);
  });

  test('notifications', async () => {
    const id = await busiest();
    const made = await ask(
      `/my/accounts/${id}/notification`,
      {},
      { method: 'POST', body: { notificationUrl: CALLBACK } },
    );
    valid(APIARY!.structure('ACTIVATE NOTIFICATIONS RES'), made.json);
    const list = await ask(`/my/accounts/${id}/notification/`);
    valid(APIARY!.structure('NOTIFICATIONS LIST RES'), list.json);
    const [{ key } = sandbox.banks.erste.books.ledgers[0]!] = sandbox.banks.erste.books.ledgers;
    const { messages } = sandbox.banks.erste.book({ iban: key.account.iban, minor: 5_00n });
    valid(APIARY!.structure('SEND NOTIFICATION REQ'), JSON.parse(messages[0]!.body));
    const gone = `/my/accounts/${id}/notification/${made.json.notificationId}`;
    expect((await ask(gone, {}, { method: 'DELETE' })).status).toBe(204);
    expect(codesOf(await ask(gone, {}, { method: 'DELETE' }))).toEqual(['ID_NOT_FOUND']);
  });
});

describe('who may ask', () => {
  test.each([
    ['no key', { 'web-api-key': '' }, 403, 'KEY_UNAUTHORIZED'],
    ['another key', { 'web-api-key': 'x' }, 403, 'KEY_UNAUTHORIZED'],
    ['no token', { authorization: '' }, 403, 'TOKEN_INVALID'],
    ['another token', { authorization: 'Bearer x' }, 403, 'TOKEN_INVALID'],
    ['a token of another kind', { authorization: 'Basic x' }, 403, 'TOKEN_INVALID'],
  ])('%s', async (_, headers, status, code) => {
    const answer = await ask('/my/accounts', {}, { headers: headers as Record<string, string> });
    expect([answer.status, ...codesOf(answer)]).toEqual([status, code]);
  });

  test('a disabled key is 412, until it is enabled', async () => {
    sandbox.banks.erste.disableKey(true);
    const answer = await ask('/my/accounts');
    expect([answer.status, ...codesOf(answer)]).toEqual([412, 'KEY_DISABLED']);
    sandbox.banks.erste.disableKey(false);
    expect((await ask('/my/accounts')).status).toBe(200);
  });

  test('an ended token is 403, or 400 at the balance where it is muddled', async () => {
    const { erste } = sandbox.banks;
    const id = await busiest();
    erste.identity.endAccess();
    expect(codesOf(await ask(`/my/accounts/${id}/balance`))).toEqual(['TOKEN_INVALID']);
    erste.muddleBalances(true);
    const muddled = await ask(`/my/accounts/${id}/balance`);
    expect([muddled.status, ...codesOf(muddled)]).toEqual([400, 'BAD_REQUEST']);
    expect(codesOf(await ask(`/my/accounts/${id}/transactions`))).toEqual(['TOKEN_INVALID']);
    erste.muddleBalances(false);
  });

  test('the keys need no token; what does not exist is 404, what cannot be done so is 405', async () => {
    const keys = await ask('/.well-known/jwks', {}, { headers: { authorization: '' } });
    expect(keys.json.keys[0]).toMatchObject({ kty: 'RSA', use: 'sig', e: 'AQAB' });
    expect(keys.json.keys[0]).not.toHaveProperty('d');
    expect((await ask('/my/castles')).status).toBe(404);
    expect((await ask('/my/accounts', {}, { method: 'POST' })).status).toBe(405);
  });

  test('so many calls an hour, then 429 until the next full one', async () => {
    for (let call = 0; call < 2_000; call++)
      await ask('/my/accounts', {}, { headers: { authorization: '' } });
    expect(codesOf(await ask('/my/accounts'))).toEqual(['REQUEST_QUOTA_EXCEEDED']);
    clock.advance(HOUR);
    expect(codesOf(await ask('/my/accounts'))).toEqual(['TOKEN_INVALID']);
  });
});

describe('accounts', () => {
  test('have other ids every day, and each id 24 hours', async () => {
    const [first] = await idsOf();
    expect(first).toMatch(/^[0-9A-F]{40}$/);
    expect(await busiest()).toBe(first);
    clock.advance(DAY - SECOND);
    const later = await tokensOf(
      sandbox.banks.erste,
      { origin: sandbox.origins.erste, ca: sandbox.ca },
      sandbox.application,
    );
    tokens = later;
    expect((await ask(`/my/accounts/${first}/balance`)).status, 'still good').toBe(200);
    expect(await busiest()).not.toBe(first);
    clock.advance(2 * SECOND);
    const aged = await ask(`/my/accounts/${first}/balance`);
    expect([aged.status, ...codesOf(aged)]).toEqual([404, 'ID_NOT_FOUND']);
  });

  test('those the user did not choose are not there', async () => {
    const [{ key } = sandbox.banks.erste.books.ledgers[0]!] = sandbox.banks.erste.books.ledgers;
    const other = (await idsOf())[1]!;
    const visit = { origin: sandbox.origins.erste, ca: sandbox.ca };
    const accounts = [key.account.iban];
    tokens = await tokensOf(sandbox.banks.erste, visit, sandbox.application, { accounts });
    const { json } = await ask('/my/accounts');
    expect(json.accounts.map(({ identification }) => identification.iban)).toEqual(accounts);
    expect(codesOf(await ask(`/my/accounts/${other}/balance`))).toEqual(['ID_NOT_FOUND']);
  });

  test('pages from 0, of at most 999', async () => {
    const second = await ask('/my/accounts', { page: '1', size: '3' });
    expect(second.json).toMatchObject({ pageNumber: 1, pageCount: 2, pageSize: 3 });
    expect(second.json.accounts.length).toBe(1);
    expect(codesOf(await ask('/my/accounts', { page: '2', size: '3' }))).toEqual(['PAGE_NOT_FOUND']);
    expect(codesOf(await ask('/my/accounts', { size: '1000' }))).toEqual(['PARAMETER_INVALID']);
    expect(codesOf(await ask('/my/accounts', { page: '-1' }))).toEqual(['PARAMETER_INVALID']);
  });
});

describe('transactions', () => {
  const list = async (query: Record<string, string>): Promise<Answer> =>
    ask(`/my/accounts/${await busiest()}/transactions`, { size: '200', ...query });

  test('are those of days in UTC: what was booked after midnight in Prague is of the day before', async () => {
    // Card payments are booked in the first hour of the day.
    const { json } = await list({ fromDate: '2026-11-17', toDate: '2026-11-17' });
    const dates = new Set(json.transactions.map(({ bookingDate }) => bookingDate.date));
    expect([...dates].sort()).toEqual(['2026-11-17', '2026-11-18']);
  });

  test('of days to come are DT01, each end by itself', async () => {
    const tomorrow = new Date(clock.now() + DAY).toISOString().slice(0, 10);
    expect(codesOf(await list({ fromDate: tomorrow, toDate: tomorrow }))).toEqual(['DT01', 'DT01']);
    expect(codesOf(await list({ toDate: tomorrow }))).toEqual(['DT01']);
    expect(codesOf(await list({ fromDate: '2026-02-30' }))).toEqual(['DT01']);
  });

  test('older than ninety days are left out without a word', async () => {
    const { json } = await list({ fromDate: '2020-01-01', sort: 'bookingdate', order: 'ASC' });
    const oldest = new Date(clock.now() - 91 * DAY).toISOString().slice(0, 10);
    expect(json.transactions[0]!.bookingDate.date >= oldest).toBe(true);
  });

  test('tell of what moves no money as well, under INFO', async () => {
    const { json } = await list({ fromDate: '2026-11-18', toDate: '2026-11-18' });
    expect(json.transactions.filter(({ status }) => status === 'INFO').length).toBe(1);
  });

  test('beyond the most rows of a question are MAX_TRANSACTIONS_EXCEEDED', async () => {
    const { settings } = sandbox.banks.erste;
    settings.maxRows = 300;
    expect((await list({ fromDate: '2026-09-01' })).status).toBe(200);
    expect(codesOf(await list({ fromDate: '2026-09-01', page: '1' }))).toEqual(['MAX_TRANSACTIONS_EXCEEDED']);
    settings.maxRows = 10_000;
    expect(codesOf(await list({ size: '201' }))).toEqual(['PARAMETER_INVALID']);
  });

  test('grow while pages are read, when asked to', async () => {
    const query = { fromDate: '2026-09-01', size: '100', page: '1' };
    const id = await busiest();
    const first = (await ask(`/my/accounts/${id}/transactions`, query)).json.transactions[0];
    sandbox.banks.erste.misbehave({ kind: 'shift-pages', rows: 1 });
    const shifted = (await ask(`/my/accounts/${id}/transactions`, query)).json.transactions[1];
    expect(shifted?.entryReference).toBe(first?.entryReference);
  });
});

describe('statements', () => {
  const list = async (query: Record<string, string> = {}): Promise<Answer> =>
    ask(`/my/accounts/${await busiest()}/statements`, { size: '100', ...query });

  test('can be asked for by format, have the formats of their channel, and age into the archive', async () => {
    const { json } = await list({ fromDate: '2026-09-01' });
    const formats = json.accountStatements.map((one) => one.formats);
    expect(formats[0]).toContainEqual({ format: 'xml', availability: 'IMMEDIATE' });
    expect(formats.at(-1)).toContainEqual({ format: 'xml', availability: 'ARCHIVED' });
    const euro = (await idsOf())[1]!;
    const other = await ask(`/my/accounts/${euro}/statements`, { format: 'xml' });
    expect(other.json.accountStatements).toEqual([]);
  });

  test('days without a movement have none', async () => {
    const idle = (await idsOf()).at(-1)!;
    const { json } = await ask(`/my/accounts/${idle}/statements`, { fromDate: '2026-08-24' });
    expect(json).toMatchObject({ pageCount: 0, accountStatements: [] });
  });

  test('are downloaded as they are or in JSON, and refused in words', async () => {
    const { settings } = sandbox.banks.erste;
    const [one] = (await list()).json.accountStatements;
    const path = `/my/accounts/${await busiest()}/statements/${one!.accountStatementId}/download`;
    settings.downloads = 'raw';
    const raw = await ask(path, { format: 'xml' });
    expect(raw.headers['content-type']).toBe('application/xml');
    settings.downloads = 'json';
    const { data } = (await ask(path, { format: 'xml' })).json as unknown as { data: string };
    expect(Buffer.from(data, 'base64')).toEqual(Buffer.from(raw.body));
    settings.downloads = 'mixed';
    expect((await ask(path, { format: 'pdf' })).headers['content-type']).toBe('application/pdf');
    expect(codesOf(await ask(path))).toEqual(['PARAMETER_MISSING']);
    expect(codesOf(await ask(path, { format: 'xls' }))).toEqual(['PARAMETER_INVALID']);
    const gone = path.replace(one!.accountStatementId, 'ffff');
    expect(codesOf(await ask(gone, { format: 'pdf' }))).toEqual(['ID_NOT_FOUND']);
  });
});

describe('the identity provider', () => {
  async function token(
    form: Record<string, string>,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await sandbox.banks.erste.handle({
      method: 'POST',
      path: `${IDENTITY_BASE}/token`,
      query: new URLSearchParams(),
      headers: {
        host: new URL(sandbox.origins.erste).host,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: Buffer.from(new URLSearchParams(form).toString()),
      clientCertificate: null,
    });
    return { status: response.status, body: JSON.parse(Buffer.from(response.body).toString()) };
  }
  const client = () => ({
    client_id: sandbox.application.clientId,
    client_secret: sandbox.application.clientSecret,
  });
  const refresh = () => token({ grant_type: 'refresh_token', refresh_token: tokens.refresh, ...client() });

  test('answers a refresh as RFC 6749 has it', async () => {
    const { status, body } = await refresh();
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: 'siblings.accounts' });
    expect(body['refresh_token']).not.toBe(tokens.refresh);
  });

  test('knows its application by id and secret in the body', async () => {
    const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh };
    expect((await token(form)).body['error']).toBe('invalid_request');
    expect((await token({ ...form, ...client(), client_secret: 'x' })).body['error']).toBe('invalid_client');
    expect((await token({ ...form, ...client(), client_id: 'x' })).body['error']).toBe('invalid_client');
  });

  test('lives by the bank’s clock, whatever the machine’s says', async () => {
    clock.advance(170 * DAY);
    expect((await refresh()).status).toBe(200);
    clock.advance(11 * DAY);
    expect((await refresh()).body['error']).toBe('invalid_grant');
  });

  test('gives no refresh token to who did not ask for offline access', async () => {
    const visit = { origin: sandbox.origins.erste, ca: sandbox.ca };
    const online = await tokensOf(sandbox.banks.erste, visit, sandbox.application, { offline: false });
    expect(online.access).not.toBe('');
    expect(online.refresh).toBe('');
  });

  test('forgets what was withdrawn, and says so in its words', async () => {
    const { identity } = sandbox.banks.erste;
    identity.withdraw();
    expect(await refresh()).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    identity.refuseAs('7109');
    expect((await refresh()).body).toMatchObject({ error_code: '7109' });
    identity.refuseAs('invalid_grant');
  });

  test('keeps a log of its own', () => {
    const { erste } = sandbox.banks;
    expect(new Set(erste.identity.visits().map(({ operation }) => operation))).toEqual(
      new Set(['authorise', 'consent', 'token']),
    );
    expect(erste.requests().some(({ path }) => path.startsWith(IDENTITY_BASE))).toBe(false);
  });
});
