import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createGate } from '../../shared/store/gate.ts';
import { createNotices } from '../../shared/store/notices.ts';
import { done, refused } from '../support/api.ts';
import { connect, startTestGateway, type TestGateway } from '../support/gateway.ts';
import { addErste, browserOf, connected, kept, secretsOf, start, walk } from './consent-support.ts';

// What deleting a connection ends: at the bank, in the table of tokens, in the vault.

let t: TestGateway;
let bank: TestGateway['sandbox']['banks']['erste'];

beforeAll(async () => {
  t = await startTestGateway();
  bank = t.sandbox.banks.erste;
});
afterAll(() => t?.stop());
afterEach(() => bank.behave());

const revocations = (): number => bank.identity.visits('revoke').length;
const alarms = (from: number): string[] =>
  t.printed.slice(from).flatMap((line) => /"event":"(alarm\.[\w-]+)"/.exec(line)?.[1] ?? []);
describe('deleting a connection', () => {
  test('gives its consent back, ends its notices, and erases tokens and secrets', async () => {
    const { id, credential, accounts } = await connected(t, 'GONE');
    const account = accounts.find(({ number }) => number === '3170482907')!;
    done(await t.admin(`PUT /accounts/${account.id}/notices`, { on: true }));
    const { messages } = bank.book({ iban: account.iban!, minor: 1_00n });
    expect(messages.length).toBe(1);
    expect(await kept(t, credential.id)).toEqual([true, true]);
    const refresh = (await secretsOf(t, credential.id))!.reveal().refresh!.token;
    const before = revocations();
    const from = t.printed.length;

    done(await t.admin(`DELETE /connections/${id}`), 204);
    expect(revocations()).toBe(before + 1);
    expect(bank.book({ iban: account.iban!, minor: 1_00n }).messages).toEqual([]);
    expect(await bank.send(messages)).toEqual([404]);
    expect(await kept(t, credential.id)).toEqual([false, false]);
    expect(await createNotices(t.store.dynamo, t.store.places).list(t.company)).toEqual([]);
    expect(alarms(from)).toEqual([]);
    refused(await t.admin(`GET /connections/${id}`), 404, 'not-found');
    expect(t.printed.join('\n')).not.toContain(refresh);
    // The ledger keeps the accounts.
    expect(done(await t.admin<{ active: boolean }>(`GET /accounts/${account.id}`)).active).toBe(false);
  });

  test('gives back a consent nobody confirmed, and needs no bank where nobody gave one', async () => {
    const { id } = await addErste(t, t.admin, 'UNCONFIRMED');
    await walk(browserOf(t), (await start({ bank }, t.admin, id)).url);
    const { candidate } = (await t.store.connections.get(t.company, id))!;
    expect(await kept(t, candidate!)).toEqual([true, true]);
    const before = revocations();
    done(await t.admin(`DELETE /connections/${id}`), 204);
    expect(revocations()).toBe(before + 1);
    expect(await kept(t, candidate!)).toEqual([false, false]);

    const bare = await addErste(t, t.admin, 'BARE');
    const waiting = (await t.store.connections.get(t.company, bare.id))!.candidate!;
    done(await t.admin(`DELETE /connections/${bare.id}`), 204);
    expect(revocations()).toBe(before + 1);
    expect(await kept(t, waiting)).toEqual([false, false]);
  });

  test('is not stopped by a bank that fails; an alarm tells that the consent stands', async () => {
    const { id, credential } = await connected(t, 'DEAF');
    bank.misbehave({ kind: 'status-503', operation: 'revoke', times: 9 });
    const from = t.printed.length;
    done(await t.admin(`DELETE /connections/${id}`), 204);
    expect(alarms(from)).toEqual(['alarm.consent-not-revoked']);
    expect(await kept(t, credential.id)).toEqual([false, false]);
    refused(await t.admin(`GET /connections/${id}`), 404, 'not-found');
  });

  test('waits for a run that talks to the bank, but not for ever', async () => {
    const { id, credential } = await connected(t, 'BUSY');
    const gate = createGate(t.store.dynamo, t.store.places, t.clock);
    const entry = await gate.enter(credential.fingerprint, 'a pull', 2_000);
    expect(entry.state).toBe('open');
    const before = revocations();
    done(await t.admin(`DELETE /connections/${id}`), 204);
    expect(revocations()).toBe(before + 1);
    expect(await kept(t, credential.id)).toEqual([false, false]);
  });

  test('of a consent that has ended at the bank is quiet', async () => {
    const { id, credential } = await connected(t, 'ENDED');
    const standing = (await t.store.connections.credential(t.company, credential.id))!;
    await t.store.connections.changeCredential(standing, { notAfter: '2026-01-01T00:00:00.000Z' });
    const before = revocations();
    const from = t.printed.length;
    done(await t.admin(`DELETE /connections/${id}`), 204);
    expect([revocations(), ...alarms(from)]).toEqual([before]);
    expect(await kept(t, credential.id)).toEqual([false, false]);
  });

  test('erases what is left of consents that were never confirmed, and leaves one that another goes by', async () => {
    const { id, credential } = await connected(t, 'RETIRED');
    for (let round = 0; round < 2; round++)
      await walk(browserOf(t), (await start({ bank }, t.admin, id)).url);
    const { candidate, retired } = (await t.store.connections.get(t.company, id))!;
    expect(retired).toHaveLength(1);
    const other = await addErste(t, t.admin, 'SHARES');
    const sharing = (await t.store.connections.get(t.company, other.id))!;
    await t.store.connections.change(sharing, { credential: credential.id }, []);
    const before = revocations();
    done(await t.admin(`DELETE /connections/${id}`), 204);
    // Only the one that waits for its confirmation is given back.
    expect(revocations()).toBe(before + 1);
    for (const one of [candidate!, ...retired!]) expect(await kept(t, one)).toEqual([false, false]);
    expect(await kept(t, credential.id)).toEqual([true, true]);
  });

  test('leaves a certificate in the vault: another connection may use it', async () => {
    const { connection, uploaded } = await connect(t);
    done(await t.admin(`DELETE /connections/${connection.id}`), 204);
    expect(await secretsOf(t, uploaded.credential.id)).not.toBeNull();
  });
});
