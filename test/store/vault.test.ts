import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../shared/domain/secret.ts';
import type { CredentialSecrets } from '../../shared/domain/records.ts';
import { createVault, vaultClient } from '../../shared/store/vault.ts';
import { lostAnswer, lostCall, random, refusedWith, road, testClock, useEngines } from './support.ts';

useEngines();
const MINUTE = 60_000;
const times = <T>(count: number, what: T): T[] => Array.from({ length: count }, () => what);

function open() {
  const way = road(vaultClient());
  const clock = testClock();
  return { vault: createVault(way.send, 'test/', clock, random), road: way, clock };
}

const secrets = (mark: string): Secret<CredentialSecrets> =>
  new Secret({
    certificatePem: `certificate ${mark}`,
    keyPem: `CANARY-KEY-${mark}`,
    fields: { clientSecret: `CANARY-SECRET-${mark}` },
  });

describe('the vault', () => {
  it('gives back what was put, wrapped', async () => {
    const { vault } = open();
    await vault.put('com_1', 'crd_1', secrets('one'));
    const value = await vault.get('com_1', 'crd_1');
    expect(value).toBeInstanceOf(Secret);
    expect(value!.reveal()).toEqual(secrets('one').reveal());
  });

  it('knows nothing of what was never put, and nothing of another company’s', async () => {
    const { vault } = open();
    await vault.put('com_a', 'crd_1', secrets('a'));
    expect(await vault.get('com_a', 'crd_2')).toBeNull();
    expect(await vault.get('com_b', 'crd_1')).toBeNull();
  });

  it('takes a new value for a credential it has, and shows it at once', async () => {
    const { vault } = open();
    await vault.put('com_1', 'crd_3', secrets('old'));
    await vault.get('com_1', 'crd_3');
    await vault.put('com_1', 'crd_3', secrets('new'));
    expect((await vault.get('com_1', 'crd_3'))!.reveal().keyPem).toBe('CANARY-KEY-new');
  });

  it('keeps the value although answers were lost', async () => {
    const { vault, road } = open();
    road.next('CreateSecret', lostAnswer, lostCall);
    await vault.put('com_1', 'crd_4', secrets('four'));
    road.next('GetSecretValue', lostAnswer, lostCall);
    expect((await vault.get('com_1', 'crd_4'))!.reveal().keyPem).toBe('CANARY-KEY-four');
  });
});

describe('row 55: a vault that is down or throttled', () => {
  const DOWN = [
    ['down', refusedWith('InternalServiceError', 500)],
    ['throttled', refusedWith('ThrottlingException')],
    ['not reached', lostCall],
    ['refusing us', refusedWith('AccessDeniedException')],
  ] as const;

  it.each(DOWN)('%s: a value read before serves for ten minutes, then it is an error', async (name, down) => {
    const { vault, road, clock } = open();
    const id = `crd_${name}`;
    await vault.put('com_down', id, secrets(name));
    await vault.get('com_down', id);
    const read = clock.now();
    road.next('GetSecretValue', ...times(100, down));
    expect((await vault.get('com_down', id))!.reveal()).toEqual(secrets(name).reveal());
    clock.advance(read + 9 * MINUTE - clock.now());
    expect((await vault.get('com_down', id))!.reveal()).toEqual(secrets(name).reveal());
    clock.advance(read + 10 * MINUTE - clock.now());
    await expect(vault.get('com_down', id)).rejects.toThrow();
  });

  it.each(DOWN)(
    '%s: without a value read before it is an error, never a missing credential',
    async (name, down) => {
      const { vault, road } = open();
      await vault.put('com_cold', `crd_${name}`, secrets(name));
      road.next('GetSecretValue', ...times(20, down));
      await expect(vault.get('com_cold', `crd_${name}`)).rejects.toThrow();
    },
  );

  it('a short throttle is waited out', async () => {
    const { vault, road, clock } = open();
    await vault.put('com_1', 'crd_5', secrets('five'));
    road.next('GetSecretValue', ...times(3, refusedWith('ThrottlingException')));
    expect(await vault.get('com_1', 'crd_5')).not.toBeNull();
    expect(clock.naps).toHaveLength(3);
  });

  it('a value put anew is never answered by an older one', async () => {
    const { vault, road } = open();
    await vault.put('com_1', 'crd_6', secrets('old'));
    await vault.get('com_1', 'crd_6');
    await vault.put('com_1', 'crd_6', secrets('new'));
    road.next('GetSecretValue', ...times(20, lostCall));
    await expect(vault.get('com_1', 'crd_6')).rejects.toThrow();
  });
});

describe('no secret', () => {
  it('is printed with the vault, its values, or its errors', async () => {
    const { vault, road } = open();
    await vault.put('com_1', 'crd_7', secrets('seven'));
    const value = await vault.get('com_1', 'crd_7');
    road.next('GetSecretValue', lostCall, ...times(20, refusedWith('InternalServiceError', 500)));
    road.next('CreateSecret', refusedWith('AccessDeniedException'));
    const errors = await Promise.allSettled([
      vault.put('com_1', 'crd_8', secrets('eight')),
      open().vault.get('com_1', 'crd_none'),
    ]);
    const printed = [vault, value, errors]
      .map((one) => inspect(one, { depth: null, showHidden: true }))
      .join();
    expect(printed).not.toContain('CANARY');
    expect(JSON.stringify([value, errors])).not.toContain('CANARY');
  });

  it('is printed with the error of a value somebody put in by hand and got wrong', async () => {
    const { vault, road } = open();
    await vault.put('com_1', 'crd_9', secrets('nine'));
    road.next('GetSecretValue', async () => ({ SecretString: 'CANARY-NOT-JSON' }));
    const error: unknown = await vault.get('com_1', 'crd_9').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(inspect(error, { depth: null })).not.toContain('CANARY');
    expect((error as Error).message).toContain('upload the certificate');
  });
});
