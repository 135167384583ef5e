import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../../infra/sandbox/pki/authority.ts';
import type { FeedEvent } from '../../shared/domain/event.ts';
import { createGate } from '../../shared/store/gate.ts';
import { done, refused } from '../support/api.ts';
import {
  addConnection,
  connect,
  pfxBody,
  startTestGateway,
  type AccountBody,
  type ConnectionBody,
  type CredentialBody,
  type Items,
  type TestGateway,
} from '../support/gateway.ts';

// Row 17: what the bank says about a certificate decides what becomes of it. The bank is real TLS.

let t: TestGateway;
beforeAll(async () => {
  t = await startTestGateway();
});
afterAll(() => t?.stop());

interface Proof {
  readonly credential: CredentialBody;
  readonly accounts: readonly AccountBody[];
}
/** Narrows what the certificates see, where one account is enough: the bank wants a pause between two calls. */
function seeOneAccount(): void {
  for (const { serial } of Object.values(t.sandbox.certificates))
    t.bank.restrict(serial, { accounts: ['864201352'] });
}
const ordinary = () => t.sandbox.certificates.ordinary;
const legacy = () => t.sandbox.certificates.legacy;
const connection = async (id: string) => done(await t.admin<ConnectionBody>(`GET /connections/${id}`));
const upload = (id: string, body: unknown) => t.admin(`PUT /connections/${id}/certificate`, body);
const prove = (id: string, body: unknown = {}) => t.admin<Proof>(`POST /connections/${id}/proof`, body);
const events = async (subject: string): Promise<string[]> =>
  done(await t.admin<Items<FeedEvent>>('GET /events?limit=500'))
    .items.filter((event) => event.subject === subject)
    .map(({ type }) => type);
const lastCall = () => t.bank.requests().at(-1)!;

describe('the accounts', () => {
  test('are discovered with all their currency folders', async () => {
    const { connection: made, accounts } = await connect(t, t.admin, { code: 'DISCOVER' });
    const shown = (await t.admin<Items<AccountBody>>(`GET /accounts?connection=${made.id}`)).body.items;
    const byNumber = (list: readonly AccountBody[]) =>
      [...list].sort((a, b) => a.number.localeCompare(b.number) || a.currency.localeCompare(b.currency));
    expect(byNumber(shown)).toEqual(byNumber(accounts));

    const folders = t.seeded.accounts().flatMap(({ prefix, number, iban, friendlyName }) =>
      t.seeded.folders(number).map(({ currency, status }) => ({
        number: prefix === '' ? number : `${prefix}-${number}`,
        iban,
        currency,
        active: status === 'ACTIVE',
        named: friendlyName,
      })),
    );
    expect(folders).toHaveLength(6);
    expect(
      byNumber(accounts).map(({ number, iban, currency, active }) => ({ number, iban, currency, active })),
    ).toEqual(
      byNumber(folders as never).map(({ number, iban, currency, active }) => ({
        number,
        iban,
        currency,
        active,
      })),
    );
    for (const { friendlyName, number, prefix } of t.seeded.accounts()) {
      if (friendlyName === null) continue;
      const written = prefix === '' ? number : `${prefix}-${number}`;
      expect(accounts.find((account) => account.number === written)?.name).toBe(friendlyName);
    }
    // A closed folder is listed and not pulled; every other one has the defaults.
    for (const { active, settings, ...account } of accounts) {
      expect(settings).toEqual({
        enabled: active,
        mode: 'both',
        historyDays: 5,
        formats: ['camt.053'],
        bank: { statementLine: 'MAIN' },
      });
      expect(account).toMatchObject({
        connection: made.id,
        bank: 'raiffeisen',
        environment: 'simulated',
        bankCode: '5500',
        freshAt: null,
        lastPull: null,
        failures: 0,
        complete: { transactions: null, statements: null },
      });
    }
    for (const { id } of accounts) expect(await events(id)).toEqual(['account.discovered']);
  });

  test('are found again by the next proof, not made again', async () => {
    const { items } = done(await t.admin<Items<AccountBody>>('GET /accounts'));
    const first = items[0]!;
    const again = done(await prove(first.connection));
    expect(again.accounts.map(({ id }) => id).sort()).toEqual(items.map(({ id }) => id).sort());
    expect(done(await t.admin<Items<AccountBody>>('GET /accounts')).items).toHaveLength(items.length);
  });
});

describe('a bank that is away', () => {
  beforeAll(seeOneAccount);

  test('leaves the certificate waiting, and a later proof takes it', async () => {
    const { id } = await addConnection(t, t.admin, 'AWAY');
    t.bank.misbehave({ kind: 'status-503', times: Infinity });
    const body = done(await upload(id, pfxBody(ordinary()))) as unknown as {
      credential: CredentialBody;
      proven: boolean;
      reason: string;
      accounts: unknown[];
    };
    expect(body).toMatchObject({ proven: false, accounts: [] });
    expect(body.reason).toMatch(/getAccounts at localhost:\d+ answered 503/);
    expect(await connection(id)).toMatchObject({
      status: 'new',
      credential: null,
      candidate: { id: body.credential.id },
    });

    const problem = refused(await prove(id), 503, 'bank-unavailable');
    expect(problem).toMatchObject({ bank: 'raiffeisen', bankRequestId: lastCall().requestId });
    expect(problem.title).toContain('Raiffeisenbank');
    t.bank.behave();

    const proven = done(await prove(id));
    expect(Date.parse(proven.credential.provenAt!)).toBeGreaterThan(0);
    expect(proven.accounts).toHaveLength(1);
    expect(await connection(id)).toMatchObject({
      status: 'active',
      credential: { id: body.credential.id },
      candidate: null,
    });
    expect(await events(id)).toEqual(['connection.created', 'credential.current']);
  });

  test('changes nothing for the current certificate uploaded again', async () => {
    const { connection: made } = await connect(t, t.admin, { code: 'SAME' });
    t.bank.misbehave({ kind: 'html-200', times: 3 });
    expect(done(await upload(made.id, pfxBody(ordinary())))).toMatchObject({ proven: false });
    // The bank's clock is measured with every call, and a slow machine shows in it.
    expect(await connection(made.id)).toEqual({ ...made, bankClock: expect.any(Number) as number });
  });

  test('in the middle of the account list leaves it waiting too', async () => {
    const { id } = await addConnection(t, t.admin, 'MIDDLE');
    t.bank.misbehave({ kind: 'html-200', operation: 'getBalance', times: 3 });
    expect(done(await upload(id, pfxBody(ordinary())))).toMatchObject({ proven: false });
    expect(await connection(id)).toMatchObject({ credential: null, status: 'new' });
    done(await prove(id));
  });
});

describe('a bank that refuses', () => {
  beforeAll(seeOneAccount);

  test('a blocked certificate: the connection keeps the old one, and works on', async () => {
    const { connection: made } = await connect(t, t.admin, { code: 'BLOCKED' });
    t.bank.block(legacy().serial);
    const problem = refused(await upload(made.id, pfxBody(legacy())), 422, 'credential-refused');
    expect(problem).toMatchObject({
      bank: 'raiffeisen',
      bankCode: 'INVALID_REQUEST',
      bankRequestId: lastCall().requestId,
    });
    expect(problem.title).toContain('refused');
    expect(problem.detail).toMatch(/internet banking.*Certificate management/);

    const after = await connection(made.id);
    expect(after).toMatchObject({ status: 'active', pause: null, credential: made.credential });
    expect(after.candidate?.serial).toBe(legacy().serial);
    // The old one is in use all the while.
    expect(
      done(await t.admin<Items<unknown>>(`GET /connections/${made.id}/rates`)).items.length,
    ).toBeGreaterThan(0);
    refused(await prove(made.id), 422, 'credential-refused');

    t.bank.unblock(legacy().serial);
    const { credential } = done(await prove(made.id));
    expect(credential.serial).toBe(legacy().serial);
    expect(await connection(made.id)).toMatchObject({ credential: { id: credential.id }, candidate: null });
    expect(await events(made.id)).toEqual(['connection.created', 'credential.current', 'credential.current']);
  });

  test('a candidate: the current certificate uploaded again takes its place', async () => {
    const { connection: made } = await connect(t, t.admin, { code: 'BACK' });
    t.bank.block(legacy().serial);
    refused(await upload(made.id, pfxBody(legacy())), 422, 'credential-refused');
    expect(done(await upload(made.id, pfxBody(ordinary())))).toMatchObject({ proven: true });
    expect(await connection(made.id)).toMatchObject({
      candidate: null,
      credential: { id: made.credential!.id },
    });
    done(await prove(made.id));
    t.bank.unblock(legacy().serial);
  });

  test("a stranger's certificate, in the handshake", async () => {
    const { id } = await addConnection(t, t.admin, 'STRANGER');
    const now = t.clock.now();
    const { certificatePem, keyPem } = createAuthority({
      commonName: 'Simulated bank CA',
      notBefore: Math.min(now, Date.now()) - 86_400_000,
      notAfter: Math.max(now, Date.now()) + 86_400_000,
    }).issueClient({ commonName: 'cizí', organisation: 'Firma' });
    const problem = refused(
      await upload(id, { certificate: certificatePem, key: keyPem }),
      422,
      'credential-refused',
    );
    expect(problem).toMatchObject({ bank: 'raiffeisen' });
    expect(problem.detail).toMatch(/upload a new one/);
    expect(await connection(id)).toMatchObject({ status: 'new', credential: null });
  });

  test('a wrong ClientID: the answer points at it, and a correction helps', async () => {
    const body = {
      code: 'CLIENT',
      bank: 'raiffeisen',
      environment: 'simulated',
      config: { clientId: 'wrong' },
    };
    const { id } = done(await t.admin<ConnectionBody>('POST /connections', body), 201);
    const { detail } = refused(await upload(id, pfxBody(ordinary())), 422, 'credential-refused');
    expect(detail).toMatch(/ClientID/);
    done(await t.admin(`PATCH /connections/${id}`, { config: { clientId: t.sandbox.clientId } }));
    done(await prove(id));
    expect(await connection(id)).toMatchObject({ status: 'active' });
  });

  test('operations the certificate has no right to: the account stands there, not active', async () => {
    const { id } = await addConnection(t, t.admin, 'RIGHTS');
    t.bank.restrict(legacy().serial, { operations: ['getAccounts'] });
    const body = done(await upload(id, pfxBody(legacy()))) as unknown as { accounts: AccountBody[] };
    expect(body).toMatchObject({ proven: true });
    expect(body.accounts.map(({ active }) => active)).toEqual([false, false, false, false]);
    t.bank.restrict(legacy().serial, {});
    const again = done(await prove(id));
    expect(again.accounts.filter(({ active }) => active)).toHaveLength(5);
  });
});

test('without a certificate there is nothing to prove', async () => {
  const { id } = await addConnection(t, t.admin, 'NOTHING');
  const { detail } = refused(await prove(id), 409, 'no-credential');
  expect(detail).toContain('PUT /connections/{id}/certificate');
  refused(await t.admin(`GET /connections/${id}/rates`), 409, 'no-credential');
});

test('a certificate that is talking to the bank just now is not disturbed', async () => {
  const { connection: made } = await connect(t, t.admin, { code: 'BUSY' });
  const { dynamo, places } = t.store;
  const gate = createGate(dynamo, places, t.clock);
  const entry = await gate.enter(made.credential!.fingerprint, 'a pull', 60_000);
  if (entry.state !== 'open') throw new Error(`The gate is ${entry.state}`);
  const calls = t.bank.requests().length;
  expect(refused(await prove(made.id), 409, 'credential-busy').detail).toMatch(/try again in a minute/);
  refused(await t.admin(`GET /connections/${made.id}/rates`), 409, 'credential-busy');
  const { id } = await addConnection(t, t.admin, 'BUSY2');
  expect(done(await upload(id, pfxBody(ordinary())))).toMatchObject({ proven: false, accounts: [] });
  expect(t.bank.requests()).toHaveLength(calls);
  await gate.leave(entry.lease, entry.lease.usage, null);
  done(await prove(id));
});
