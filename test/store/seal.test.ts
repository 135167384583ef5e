import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../shared/domain/secret.ts';
import { createSeal } from '../../shared/store/seal.ts';
import { vaultClient } from '../../shared/store/vault.ts';
import { lostAnswer, random, refusedWith, road, sentOf, testClock, useEngines } from './support.ts';

useEngines();
const KEY = 'test-data-key';
const MINUTE = 60_000;
const send = vaultClient();
beforeAll(() => send(new CreateSecretCommand({ Name: KEY, SecretString: 'k'.repeat(64) })));

function open(name = KEY) {
  const way = road(vaultClient());
  const clock = testClock();
  return { seal: createSeal(way.send, name, clock, random), road: way, clock };
}
const CONTEXT = ['hook', 'com_1', 'hook_1'];

describe('a sealed secret', () => {
  it('opens to what it was, and shows nothing of it', async () => {
    const { seal } = open();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async (text) => {
        const sealed = await seal.close(new Secret(text), CONTEXT);
        expect((await seal.open(sealed, CONTEXT)).reveal()).toBe(text);
      }),
      { numRuns: 50 },
    );
    const sealed = await seal.close(new Secret('CANARY-SEALED'), CONTEXT);
    expect(sealed + Buffer.from(sealed.split('.')[3]!, 'base64url').toString('latin1')).not.toContain(
      'CANARY',
    );
  });

  it('is another text each time', async () => {
    const { seal } = open();
    const sealed = await Promise.all(
      Array.from({ length: 20 }, () => seal.close(new Secret('same'), CONTEXT)),
    );
    expect(new Set(sealed).size).toBe(20);
  });

  it('opens for what it was sealed for, and for nothing else', async () => {
    const { seal } = open();
    const sealed = await seal.close(new Secret('s'), CONTEXT);
    for (const context of [[], ['hook', 'com_1'], ['hook', 'com_2', 'hook_1'], ['hook', 'com_1hook_1', '']]) {
      await expect(seal.open(sealed, context), context.join()).rejects.toThrow(/does not open/);
    }
  });

  it('does not open when one letter of it is changed', async () => {
    const { seal } = open();
    const sealed = await seal.close(new Secret('secret'), CONTEXT);
    const parts = sealed.split('.');
    for (const part of [2, 3, 4]) {
      const bytes = Buffer.from(parts[part]!, 'base64url');
      for (let at = 0; at < bytes.length; at++) {
        const changed = Buffer.from(bytes);
        changed[at]! ^= 1;
        const text = parts.with(part, changed.toString('base64url')).join('.');
        await expect(seal.open(text, CONTEXT)).rejects.toThrow(/does not open/);
      }
    }
    // A shorter tag would be easier to guess.
    await expect(seal.open(parts.with(4, parts[4]!.slice(0, 6)).join('.'), CONTEXT)).rejects.toThrow();
    await expect(seal.open(sealed.replace('v1.', 'v2.'), CONTEXT)).rejects.toThrow(/form/);
  });

  it('opens with the version of the key it was sealed with; new ones take the new version after ten minutes', async () => {
    const { seal, clock, road: way } = open();
    const old = await seal.close(new Secret('old'), CONTEXT);
    await send(new PutSecretValueCommand({ SecretId: KEY, SecretString: 'n'.repeat(64) }));
    clock.advance(10 * MINUTE);
    const young = await seal.close(new Secret('young'), CONTEXT);
    expect(young.split('.')[1]).not.toBe(old.split('.')[1]);
    const fresh = open().seal;
    for (const one of [seal, fresh]) {
      expect((await one.open(old, CONTEXT)).reveal()).toBe('old');
      expect((await one.open(young, CONTEXT)).reveal()).toBe('young');
    }
    expect(sentOf(way as never, 'GetSecretValue')).toHaveLength(2);
  });
});

describe('row 55: a vault that is down', () => {
  it('is asked again when an answer was lost', async () => {
    const { seal, road: way } = open();
    way.next('GetSecretValue', lostAnswer, refusedWith('InternalServiceError', 500));
    const sealed = await seal.close(new Secret('s'), CONTEXT);
    expect((await seal.open(sealed, CONTEXT)).reveal()).toBe('s');
  });

  it('opens nothing, and what a running process has opened before still opens', async () => {
    const { seal, road: way, clock } = open();
    const sealed = await seal.close(new Secret('s'), CONTEXT);
    const down = Array.from({ length: 20 }, () => refusedWith('InternalServiceError', 500));
    way.next('GetSecretValue', ...down);
    clock.advance(60 * MINUTE);
    expect((await seal.open(sealed, CONTEXT)).reveal()).toBe('s');
    await expect(seal.close(new Secret('t'), CONTEXT)).rejects.toThrow('InternalServiceError');
    const cold = open();
    cold.road.next('GetSecretValue', ...down);
    await expect(cold.seal.open(sealed, CONTEXT)).rejects.toThrow('InternalServiceError');
  });

  it('with a data key that is missing or too short seals nothing', async () => {
    await expect(open('nobodys-key').seal.close(new Secret('s'), CONTEXT)).rejects.toThrow(/find/);
    await send(new CreateSecretCommand({ Name: 'short-key', SecretString: 'short' }));
    const { message } = (await open('short-key')
      .seal.close(new Secret('s'), CONTEXT)
      .catch((error: unknown) => error)) as Error;
    expect(message).toMatch(/too short/);
    expect(message).not.toContain('"short"');
  });
});
