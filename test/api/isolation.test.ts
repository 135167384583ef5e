import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { acceptedView, pullView, statementView, transactionView } from '../../shared/api/views.ts';
import { done, refused, type Call } from '../support/api.ts';
import {
  addCompany,
  addKey,
  connect,
  startTestGateway,
  type AccountBody,
  type ConnectionBody,
  type Items,
  type Page,
  type TestGateway,
} from '../support/gateway.ts';
import { LEAST, ROUTES } from './every-route.ts';

// Row 63: two companies, one of which tries every id of the other.

type TransactionBody = ReturnType<typeof transactionView>;
type StatementBody = ReturnType<typeof statementView>;
type PullBody = ReturnType<typeof pullView>;
type AcceptedBody = ReturnType<typeof acceptedView>;

interface Estate {
  readonly call: Call;
  readonly connection: string;
  readonly credential: string;
  readonly account: string;
  readonly pull: string;
  readonly key: string;
  readonly statement: string;
  /** The last of two. */
  readonly payment: string;
  readonly hook: string;
  readonly transactions: readonly TransactionBody[];
  readonly cursors: Readonly<Record<List, string>>;
}

/** Lists by pages. */
const LISTS = ['transactions', 'statements', 'pulls', 'payments'] as const;
type List = (typeof LISTS)[number];
const pathOf = (list: List, account: string): string =>
  list === 'payments' ? '/payments' : `/accounts/${account}/${list}`;

let t: TestGateway;
let mine: Estate;
let theirs: Estate;

beforeAll(async () => {
  t = await startTestGateway();
  theirs = await furnish(t.admin, 'CZK', (await addKey(t, ['read'])).id);
  const call = t.as(await addCompany(t, 'com_other'));
  const key = await call<{ id: string }>('POST /keys', { name: 'reader', scopes: ['read'] });
  mine = await furnish(call, 'EUR', done(key, 201).id);
});
afterAll(() => t?.stop());

/** A connection with the same certificate as everybody's, one account of it pulled twice. */
async function furnish(call: Call, currency: string, key: string): Promise<Estate> {
  const { connection, accounts } = await connect(t, call);
  const { id } = accounts.find((one) => one.currency === currency && one.active)!;
  done(await call(`PATCH /accounts/${id}`, { historyDays: 2 }));
  for (let i = 0; i < 2; i++) {
    done(await call(`POST /accounts/${id}/pulls`, {}), 202);
    await t.gateway.drain();
  }
  for (const amount of ['1.00', '2.00']) {
    const creditor = { name: 'Dodavatel', iban: 'CZ6508000000192000145399' };
    const body = { account: id, payments: [{ amount, currency, creditor, variableSymbol: '1' }] };
    const headers = { 'idempotency-key': `order-${amount}` };
    done(await call<AcceptedBody>('POST /payments', body, { headers }), 202);
    await t.gateway.drain();
  }
  const first = async (list: List) => {
    const page = done(await call<Page<{ id: string }>>(`GET ${pathOf(list, id)}?limit=1`));
    expect(page.next).not.toBeNull();
    return { id: page.items[0]!.id, cursor: page.next! };
  };
  const [transactions, statements, pulls, payments] = [
    await first('transactions'),
    await first('statements'),
    await first('pulls'),
    await first('payments'),
  ];
  return {
    call,
    connection: connection.id,
    credential: connection.credential!.id,
    account: id,
    pull: pulls.id,
    key,
    statement: statements.id,
    payment: payments.id,
    hook: done(await call<{ id: string }>('POST /hooks', hookFor(id)), 201).id,
    transactions: done(await call<Page<TransactionBody>>(`GET /accounts/${id}/transactions`)).items,
    cursors: {
      transactions: transactions.cursor,
      statements: statements.cursor,
      pulls: pulls.cursor,
      payments: payments.cursor,
    },
  };
}

const hookFor = (account: string) => ({
  name: 'ERP',
  verification: { kind: 'standard-webhooks' },
  accounts: [account],
  limits: { CZK: '1.00' },
  mapping: {
    account: { constant: account },
    payments: '',
    payment: {
      amount: { pointer: '/amount' },
      currency: { constant: 'CZK' },
      creditor: { account: { pointer: '/to' } },
    },
  },
});

/** Bodies that would be carried out. */
const BODIES: Readonly<Record<string, unknown>> = {
  'PATCH /connections/{id}': { description: 'taken over' },
  'PUT /connections/{id}/certificate': { certificate: 'x', key: 'y' },
  'POST /connections/{id}/certificate/request': { commonName: 'gateway' },
  'POST /connections/{id}/proof': {},
  'PATCH /accounts/{id}': { enabled: false },
  'POST /accounts/{id}/pulls': {},
  ...LEAST,
};

type Ids = Pick<Estate, 'connection' | 'account' | 'pull' | 'key' | 'statement' | 'payment' | 'hook'>;

function targetOf(
  key: string,
  { connection, account, pull, key: apiKey, statement, payment, hook }: Ids,
): string {
  const ids: Readonly<Record<string, string>> = {
    connections: connection,
    accounts: account,
    keys: apiKey,
    statements: statement,
    payments: payment,
    hooks: hook,
  };
  return key
    .replace(
      /\/(connections|accounts|keys|statements|payments|hooks)\/\{id\}/,
      (_, what: string) => `/${what}/${ids[what]}`,
    )
    .replace('{pullId}', pull);
}

const letters = (id: string): string => id.replace(/[0-9a-z]{8}(?=-|$)/, 'zzzzzzzz');
const unknownIds = (ids: Ids): Ids => ({
  connection: letters(ids.connection),
  account: letters(ids.account),
  pull: letters(ids.pull),
  key: letters(ids.key),
  statement: letters(ids.statement),
  payment: letters(ids.payment),
  hook: letters(ids.hook),
});

// What needs no key belongs to no company: hooks.test.ts.
const WITH_ID = ROUTES.filter(({ key, scope }) => key.includes('{') && scope !== null).map(({ key }) => key);

test.each(WITH_ID)('%s: a foreign id is answered like one nobody has', async (key) => {
  const foreign = targetOf(key, theirs);
  const unknown = targetOf(key, unknownIds(theirs));
  expect(foreign).not.toContain('{');
  expect(foreign).not.toBe(unknown);
  const answers = [await mine.call(foreign, BODIES[key]), await mine.call(unknown, BODIES[key])];
  for (const answer of answers) refused(answer, 404, 'not-found');
  expect(answers[0]!.body).toEqual(answers[1]!.body);
  expect([...answers[0]!.headers.keys()]).toEqual([...answers[1]!.headers.keys()]);
  // The same request with one's own ids is carried out, or at least understood.
  // An order that goes to the bank by itself has no file to be fetched.
  if (key === 'GET /payments/{id}/file') refused(await mine.call(targetOf(key, mine)), 409, 'sent-by-api');
  // Nobody ever started one at this bank, which a certificate opens.
  else if (key === 'GET /connections/{id}/authorisation')
    refused(await mine.call(targetOf(key, mine)), 404, 'not-found');
  else if (key.startsWith('GET')) done(await mine.call(targetOf(key, mine)));
});

test("row 63: a foreign pull of one's own account is not found", async () => {
  const own = `GET /accounts/${mine.account}/pulls/`;
  const foreign = await mine.call(own + theirs.pull);
  refused(foreign, 404, 'not-found');
  expect(foreign.body).toEqual((await mine.call(own + letters(theirs.pull))).body);
  done(await mine.call(own + mine.pull));
});

test('a foreign format of a statement is told only to who may see the statement', async () => {
  const path = (estate: Estate) => `GET /statements/${estate.statement}/content?format=kpc`;
  expect(refused(await mine.call(path(mine)), 404, 'not-found').detail).toContain('camt.053');
  expect(refused(await mine.call(path(theirs)), 404, 'not-found').detail).not.toContain('camt.053');
});

test("row 63: a statement id put together of one's own account and a foreign statement finds nothing", async () => {
  const [, day, hash] = theirs.statement.split('-');
  refused(await mine.call(`GET /statements/${mine.account}-${day}-${hash}/content`), 404, 'not-found');
});

test('whatever was tried, nothing of theirs changed', async () => {
  const { body: connection } = await theirs.call<ConnectionBody>(`GET /connections/${theirs.connection}`);
  expect(connection).toMatchObject({ status: 'active', description: '', candidate: null });
  const { body: account } = await theirs.call<AccountBody>(`GET /accounts/${theirs.account}`);
  expect(account).toMatchObject({ active: true, settings: { enabled: true } });
  const pulls = await theirs.call<Page<PullBody>>(`GET /accounts/${theirs.account}/pulls`);
  expect(done(pulls).items).toHaveLength(2);
  const payment = await theirs.call<{ cancelRequestedAt: unknown; state: string }>(
    `GET /payments/${theirs.payment}`,
  );
  expect(done(payment)).toMatchObject({ cancelRequestedAt: null, state: 'submitted' });
  const keys = await theirs.call<Items<{ id: string; revokedAt: string | null }>>('GET /keys');
  expect(done(keys).items.map(({ revokedAt }) => revokedAt)).toEqual([null, null]);
});

test('row 63: no list shows anything foreign', async () => {
  const { connection, credential, account, pull, key, payment, hook } = theirs;
  const ids = [connection, credential, account, pull, key, payment, hook, t.company];
  const lists = [
    '/keys',
    '/connections',
    '/accounts',
    '/payments',
    '/hooks',
    '/events?limit=500',
    `/accounts?connection=${mine.connection}`,
  ];
  for (const list of lists) {
    const answer = await mine.call<Items<unknown>>(`GET ${list}`);
    expect(done(answer).items.length, list).toBeGreaterThan(0);
    for (const id of ids) expect(answer.bytes.toString(), list).not.toContain(id);
  }
  const asked = await mine.call<Items<AccountBody>>(`GET /accounts?connection=${theirs.connection}`);
  expect(done(asked).items).toEqual([]);
});

test('two companies with one certificate have a credential each', async () => {
  expect(mine.credential).not.toBe(theirs.credential);
  const fingerprints = await Promise.all(
    [mine, theirs].map(async ({ call, connection }) => {
      return (await call<ConnectionBody>(`GET /connections/${connection}`)).body.credential?.fingerprint;
    }),
  );
  expect(fingerprints[0]).toBe(fingerprints[1]);
});

describe('a cursor', () => {
  test('of another list is refused', async () => {
    for (const list of LISTS) {
      for (const other of LISTS.filter((one) => one !== list)) {
        const target = `GET ${pathOf(list, mine.account)}?cursor=${mine.cursors[other]}`;
        const { detail } = refused(await mine.call(target), 400, 'invalid-cursor');
        expect(detail).toMatch(/begin anew/);
      }
    }
  });

  test("of another company leads only through one's own rows", async () => {
    for (const list of LISTS) {
      const path = `GET ${pathOf(list, mine.account)}`;
      const own = done(await mine.call<Page<{ id: string }>>(path)).items.map(({ id }) => id);
      const { items } = done(await mine.call<Page<{ id: string }>>(`${path}?cursor=${theirs.cursors[list]}`));
      for (const { id } of items) expect(own).toContain(id);
    }
  });

  test('somebody made up leads to nothing foreign and to no failure', async () => {
    const kinds = [
      'transaction#',
      'statement#',
      'pull#',
      'payment#',
      'content#',
      'document#',
      'quarantine#',
      'balances',
      'key#',
      '',
    ];
    const odd = [
      '\u{1f600}',
      '\uffff',
      '\u0000',
      '~',
      ' ',
      '9999-12-31#~',
      '0000-00-00#',
      `#${'~'.repeat(250)}`,
    ];
    const sortKey = fc
      .tuple(
        fc.constantFrom(...kinds),
        fc.oneof(fc.constantFrom(...odd), fc.string(), fc.string({ unit: 'binary' })),
      )
      .map((parts) => parts.join(''));
    const known = new Map<string, readonly string[]>();
    for (const list of LISTS) {
      const { items } = done(await mine.call<Page<{ id: string }>>(`GET ${pathOf(list, mine.account)}`));
      known.set(
        list,
        items.map(({ id }) => id),
      );
    }
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...LISTS), sortKey, async (list, key) => {
        const cursor = Buffer.from(key).toString('base64url').slice(0, 400);
        fc.pre(cursor.length > 0);
        const answer = await mine.call<Page<{ id: string }>>(
          `GET ${pathOf(list, mine.account)}?cursor=${cursor}`,
        );
        if (answer.status === 400) return void refused(answer, 400, 'invalid-cursor');
        for (const { id } of done(answer).items) expect(known.get(list)).toContain(id);
      }),
      { numRuns: 150 },
    );
    // Found by hand: above every sort key in UTF-8, below the end of the list in UTF-16.
    for (const [list, prefix] of [
      ['transactions', 'transaction#9999-12-30#'],
      ['statements', 'statement#9999-12-30#'],
    ]) {
      const cursor = Buffer.from(`${prefix}\u{1f600}`).toString('base64url');
      refused(
        await mine.call(`GET /accounts/${mine.account}/${list}?cursor=${cursor}`),
        400,
        'invalid-cursor',
      );
    }
  });

  test("of one account leads only through another account's own rows", async () => {
    const { items: accounts } = done(await mine.call<Items<AccountBody>>('GET /accounts'));
    const empty = accounts.find(({ id }) => id !== mine.account)!;
    for (const list of LISTS.filter((one) => one !== 'payments')) {
      const path = `GET /accounts/${empty.id}/${list}?cursor=${mine.cursors[list]}`;
      expect(done(await mine.call<Page<unknown>>(path))).toEqual({ items: [], next: null });
    }
  });
});

test('what both companies pulled with one certificate is kept apart', async () => {
  const statements = async ({ call, account }: Estate) =>
    done(await call<Page<StatementBody>>(`GET /accounts/${account}/statements`)).items;
  expect(new Set((await statements(mine)).map(({ currency }) => currency))).toEqual(new Set(['EUR']));
  expect(new Set((await statements(theirs)).map(({ currency }) => currency))).toEqual(new Set(['CZK']));
  const ids = new Set(theirs.transactions.map(({ id }) => id));
  expect(mine.transactions.length).toBeGreaterThan(0);
  for (const { id, currency } of mine.transactions) {
    expect(currency).toBe('EUR');
    expect(ids.has(id)).toBe(false);
  }
});
