import { describe, expect, test } from 'vitest';
import { eventsOf, nextSlot, runSlot, useEngines } from '../pull/support.ts';
import { Secret } from '../../../shared/domain/secret.ts';
import { addCertificate, currentOf, proven, serialOf, shownAccount, standingOf, watch } from './stage.ts';
import { consentUntil } from './support.ts';

// Rows 15, 17 and 22: a state ends by itself when its cause is gone, and the bank says so.

const world = useEngines();

async function paused() {
  const stage = await proven(world.engines);
  const blocked = serialOf(await currentOf(stage));
  stage.bank.block(blocked);
  await runSlot(stage);
  expect(await standingOf(stage)).toMatchObject({ status: 'paused', pause: { kind: 'credential-refused' } });
  return { stage, blocked };
}

describe('a paused connection', () => {
  test('is looked at by one call a day, and stays as it is while the bank refuses', async () => {
    const { stage } = await paused();
    const before = await standingOf(stage);
    const [calls, events] = [stage.bank.requests().length, (await eventsOf(stage)).length];
    expect(await watch(stage)).toEqual({ companies: 1, connections: 1, healed: 0 });
    expect(stage.bank.requests()).toHaveLength(calls + 1);
    expect(await standingOf(stage)).toEqual(before);
    expect(await eventsOf(stage)).toHaveLength(events);
  });

  test('is in use again once the bank accepts: told, and pulled by the next slot', async () => {
    const { stage, blocked } = await paused();
    stage.bank.unblock(blocked);
    expect(await watch(stage)).toMatchObject({ healed: 1 });
    expect(await standingOf(stage)).toMatchObject({ status: 'active', pause: null });
    expect((await eventsOf(stage)).filter(({ type }) => type === 'connection.resumed')).toHaveLength(1);
    await nextSlot(stage);
    expect(await shownAccount(stage)).toMatchObject({ lastPull: { outcome: 'complete' } });
    // Well again: no call is made for it.
    const calls = stage.bank.requests().length;
    expect(await watch(stage)).toMatchObject({ healed: 0 });
    expect(stage.bank.requests()).toHaveLength(calls);
  });

  test('takes the certificate that waits for a bank that was down', async () => {
    const { stage } = await paused();
    const waiting = await addCertificate(stage, `waiting ${stage.companies[0]!.id}`);
    await stage.calm.connections.change(await standingOf(stage), { candidate: waiting.id }, []);
    expect(await watch(stage)).toMatchObject({ healed: 1 });
    expect(await standingOf(stage)).toMatchObject({
      status: 'active',
      credential: waiting.id,
      candidate: null,
    });
  });

  test('goes on with the old one where the waiting one is refused', async () => {
    const { stage, blocked } = await paused();
    const old = await currentOf(stage);
    const waiting = await addCertificate(stage, `refused ${stage.companies[0]!.id}`);
    stage.bank.block(serialOf(waiting));
    stage.bank.unblock(blocked);
    await stage.calm.connections.change(await standingOf(stage), { candidate: waiting.id }, []);
    expect(await watch(stage)).toMatchObject({ healed: 1 });
    expect(await standingOf(stage)).toMatchObject({ status: 'active', credential: old.id });
  });

  test('is never given a consent that nobody of the company confirmed, though the bank would take it', async () => {
    const { stage } = await paused();
    const { company, credential } = await standingOf(stage);
    const consent = consentUntil(company, `crd_consent_${company}`, '2027-01-01');
    await stage.calm.connections.addCredential(consent);
    const secrets = { certificatePem: 'opens the bank', keyPem: 'too', fields: {} };
    await stage.calm.vault.put(company, consent.id, new Secret(secrets));
    await stage.calm.connections.change(await standingOf(stage), { candidate: consent.id }, []);
    expect(await watch(stage)).toMatchObject({ healed: 0 });
    expect(await standingOf(stage)).toMatchObject({ status: 'paused', credential, candidate: consent.id });
  });

  test('whose certificate has ended is not shown to the bank', async () => {
    const { stage } = await paused();
    const notAfter = new Date(stage.time.now() - 1).toISOString();
    await stage.calm.connections.changeCredential(await currentOf(stage), { notAfter });
    const calls = stage.bank.requests().length;
    expect(await watch(stage)).toMatchObject({ healed: 0 });
    expect(stage.bank.requests()).toHaveLength(calls);
    expect((await eventsOf(stage)).at(-1)).toMatchObject({
      type: 'access.expired',
      data: { what: 'certificate' },
    });
  });
});

test('one connection that cannot be read stops no other, and the run is repeated', async () => {
  const { stage } = await paused();
  const healthy = await standingOf(stage);
  const broken = { ...healthy, id: 'con_0', code: 'X', bank: 'gone', revision: 1 };
  await stage.calm.connections.create(broken, { type: 'connection.created', subject: 'con_0', data: {} });
  const notAfter = new Date(stage.time.now() + 5 * 86_400_000).toISOString();
  await stage.calm.connections.changeCredential(await currentOf(stage), { notAfter });
  await expect(watch(stage)).rejects.toThrow(/alarm\.watch/);
  expect((await eventsOf(stage)).filter(({ type }) => type === 'access.expiring')).toMatchObject([
    { subject: healthy.id, data: { days: 5 } },
  ]);
});
