import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Authorisation } from '../../../shared/domain/authorisation.ts';
import { isoInstant } from '../../../shared/domain/dates.ts';
import { Failure } from '../../../shared/domain/failure.ts';
import type { Connection, ConsentCredential, CredentialSecrets } from '../../../shared/domain/records.ts';
import { Secret } from '../../../shared/domain/secret.ts';
import { confirmAuthorisation } from '../../../shared/flows/consent/confirm.ts';
import type { ConsentPorts } from '../../../shared/flows/consent/ports.ts';
import { eraseConsent, eraseRetired, strikeRetired } from '../../../shared/flows/consent/retire.ts';
import { addCandidate } from '../../../shared/flows/consent/secrets.ts';
import { pauseConnection } from '../../../shared/flows/pause.ts';
import { requestPull } from '../../../shared/flows/pull/request.ts';
import { createTokenKeeper } from '../../../shared/flows/tokens.ts';
import { watchAll } from '../../../shared/flows/watch/daily.ts';
import { createAuthorisations } from '../../../shared/store/authorisations.ts';
import { createCompanies } from '../../../shared/store/companies.ts';
import { tokensKey } from '../../../shared/store/keys.ts';
import { createSeal } from '../../../shared/store/seal.ts';
import { vaultClient, type Vault } from '../../../shared/store/vault.ts';
import { DATA_KEY } from '../../faults/engines.ts';
import { IdentityProvider, LIFETIME } from '../../faults/identity-provider.ts';
import type { Stage } from '../../faults/stage.ts';
import { connection as record } from '../../store/records.ts';
import { random } from '../../store/support.ts';
import { drain, logged, MINUTE, play, useEngines } from '../pull/support.ts';
import {
  addCertificate,
  currentOf,
  list,
  proven,
  rotate,
  shownAccount,
  standingOf,
  watch,
  watchPorts,
} from '../watch/stage.ts';

// Consents that others took the place of, and the runs that still hold them.

const world = useEngines();

/** A consent in use with its tokens, and one that waits to be confirmed in its place. */
async function renewal() {
  const stage = await play(world.engines);
  const company = stage.companies[0]!.id;
  const { connections, vault, clock } = stage.calm;
  const [old, fresh] = [consent(stage, 'old'), consent(stage, 'fresh')];
  const told = { code: 'CS', bank: 'erste', credential: old.id, candidate: fresh.id };
  const created = { type: 'connection.created', subject: 'con_renewed', data: {} } as const;
  await connections.create(record('con_renewed', company, told), created);
  const keeperOf = async ({ id }: ConsentCredential, idp: IdentityProvider) => {
    const credential = (await connections.credential(company, id)) as ConsentCredential;
    const secrets = (await vault.get(company, id))!;
    return createTokenKeeper(stage.calm, credential, secrets, async (token) => idp.refresh(token.reveal()));
  };
  const idp = new IdentityProvider(stage.time);
  for (const one of [old, fresh]) {
    await vault.put(company, one.id, new Secret<CredentialSecrets>({ fields: { clientSecret: 's' } }));
    await connections.addCredential(one);
    const keeper = await keeperOf(one, idp);
    await keeper.begin((one === old ? idp : new IdentityProvider(stage.time)).first());
  }
  const ports: ConsentPorts = {
    ...stage.calm,
    companies: createCompanies(stage.dynamo, stage.calm.feed, stage.places),
    authorisations: createAuthorisations(stage.dynamo, stage.calm.feed, stage.places),
    seal: createSeal(vaultClient(), DATA_KEY, clock, random),
  };
  await ports.authorisations.start(granted(stage, fresh.id));
  const standing = async (): Promise<Connection> => (await connections.get(company, 'con_renewed'))!;
  const confirm = async (change: Partial<ConsentPorts> = {}) =>
    confirmAuthorisation(
      { ...ports, ...change },
      { company, key: 'key_1', scopes: ['admin'], user: null },
      await standing(),
      [],
      clock.now() + 20_000,
    );
  /** Whether tokens stand in the table, and anything in the vault. */
  const kept = async (id: string): Promise<[boolean, boolean]> => {
    const row = await stage.dynamo.get(stage.places.connections, tokensKey(company, id));
    return [row?.['sealed'] !== undefined, (await vault.get(company, id)) !== null];
  };
  return { stage, ports, company, old, fresh, idp, standing, confirm, kept, run: () => keeperOf(old, idp) };
}

function consent(stage: Stage, name: string): ConsentCredential {
  const id = `crd_${name}_${stage.companies[0]!.id}`;
  const at = isoInstant(stage.time.now());
  return {
    id,
    company: stage.companies[0]!.id,
    kind: 'consent',
    fingerprint: createHash('sha256').update(`${stage.places.connections}${id}`).digest('hex'),
    notBefore: at,
    notAfter: '2099-01-01T00:00:00.000Z',
    grantedAt: at,
    scopes: [],
    warnings: [],
    provenAt: null,
    createdAt: at,
  };
}

function granted(stage: Stage, credential: string): Authorisation {
  const at = isoInstant(stage.time.now());
  return {
    id: 'aut_1',
    company: stage.companies[0]!.id,
    connection: 'con_renewed',
    bank: 'erste',
    credential,
    startedBy: { key: 'key_1', user: null },
    state: 'granted',
    linkHash: createHash('sha256').update(stage.places.connections).digest('hex'),
    cookieHash: null,
    stateHash: null,
    sealed: null,
    redirectUri: 'https://gateway.example/callbacks/erste',
    returnUrl: null,
    validityDays: 180,
    accounts: [],
    reason: null,
    expiresAt: at,
    createdAt: at,
    revision: 1,
  };
}

const refusing = (vault: Vault): Vault => ({
  ...vault,
  remove: () => Promise.reject(new Error('AccessDenied')),
});

describe('a renewal', () => {
  test('waits a little for the run that is on, then leaves the rest to the daily round', async () => {
    const { stage, old, fresh, run, confirm, kept, standing } = await renewal();
    await list(stage);
    const { gate, clock } = stage.calm;
    const entry = await gate.enter(old.fingerprint, 'a long pull', 10 * MINUTE);
    if (entry.state !== 'open') throw new Error('The gate is open at first');
    const pull = await run();
    const from = clock.now();
    await confirm();
    expect(clock.now() - from).toBeLessThanOrEqual(5_000);
    expect(await standing()).toMatchObject({ credential: fresh.id, candidate: null, retired: [old.id] });

    // The pull goes on as if nothing had been, whatever it must renew.
    stage.time.advance(LIFETIME * 1000);
    expect((await pull.token()).reveal()).toBe('access-1');
    await watch(stage);
    expect(await kept(old.id)).toEqual([true, true]);
    expect((await standing()).retired).toEqual([old.id]);
    stage.time.advance(LIFETIME * 1000);
    expect((await pull.token()).reveal()).toBe('access-2');
    await gate.leave(entry.lease, {}, null);

    await watch(stage);
    expect(await kept(old.id)).toEqual([false, false]);
    expect(await kept(fresh.id)).toEqual([true, true]);
    expect(await standing()).toMatchObject({ credential: fresh.id, retired: [] });
  });

  test('stands though the vault does not let go of the old secret; the daily round repeats it until it does', async () => {
    const { stage, ports, old, fresh, confirm, kept, standing } = await renewal();
    await list(stage);
    const vault = refusing(ports.vault);
    const { connection } = await confirm({ vault });
    expect(connection).toMatchObject({ status: 'active', credential: fresh.id });
    expect(logged(stage, 'consent.not-erased')).toMatchObject([{ connection: 'con_renewed' }]);
    expect(await kept(old.id)).toEqual([false, true]);
    // Our own lease, which the failure left behind, has ended.
    stage.time.advance(MINUTE);
    const deadline = stage.time.now() + 10 * MINUTE;
    await expect(watchAll({ ...watchPorts(stage), vault }, deadline)).rejects.toThrow('alarm.watch');
    stage.time.advance(MINUTE);
    await watch(stage);
    expect(await kept(old.id)).toEqual([false, false]);
    expect((await standing()).retired).toEqual([]);
  });

  test('that nobody confirmed before the next was started is on the list as well', async () => {
    const { ports, old, fresh, standing, kept, stage } = await renewal();
    await addCandidate(ports, await standing(), { clientSecret: 's' });
    expect((await standing()).retired).toEqual([fresh.id]);
    await strikeRetired(ports, await standing());
    expect(await kept(fresh.id)).toEqual([false, false]);
    expect(await kept(old.id)).toEqual([true, true]);
    expect((await standing()).retired).toEqual([]);
    expect(logged(stage, 'consent.retired')).toMatchObject([{ credential: fresh.id, outcome: 'erased' }]);
  });

  test('that meets another change of the connection leaves no secret nobody knows of', async () => {
    const { ports, standing } = await renewal();
    const stale = await standing();
    await ports.connections.change(stale, { description: 'changed' }, []);
    let put = '';
    const vault: Vault = {
      ...ports.vault,
      put: (company, id, secrets) => {
        put = id;
        return ports.vault.put(company, id, secrets);
      },
    };
    await expect(addCandidate({ ...ports, vault }, stale, { clientSecret: 's' })).rejects.toMatchObject({
      fields: { code: 'changed-meanwhile' },
    });
    expect(await ports.vault.get(stale.company, put)).toBeNull();
  });
});

describe('a run that was held up beyond its lease', () => {
  test.each(['the row it read', 'a copy of the vault'])(
    'cannot write erased tokens back, holding %s',
    async (holding) => {
      const { stage, ports, company, old, run, kept } = await renewal();
      const zombie = await run();
      if (holding === 'the row it read') await zombie.token();
      stage.time.advance(LIFETIME * 1000);
      let erased: Promise<void> | null = null;
      const { get } = stage.calm.tokens;
      // What it reads is erased before it writes.
      Object.assign(stage.calm.tokens, {
        get: async (...key: Parameters<typeof get>) => {
          if (holding !== 'the row it read') await (erased ??= eraseConsent(ports, old));
          const read = await get(...key);
          await (erased ??= eraseConsent(ports, old));
          return read;
        },
      });
      const failed = await zombie.token().then(
        () => null,
        (error: unknown) => error,
      );
      expect(failed).toMatchObject({ kind: 'consent-needed' });
      expect(await kept(old.id)).toEqual([false, false]);
      expect(await stage.calm.tokens.get(company, old.id)).toBeNull();
    },
  );

  test('and wrote to the vault in that very moment is cleaned up after by the daily round', async () => {
    const { ports, company, old, confirm, kept, standing } = await renewal();
    await confirm();
    await ports.vault.put(
      company,
      old.id,
      new Secret({ fields: {}, refresh: { version: 9, token: 'late' } }),
    );
    await strikeRetired(ports, await standing());
    expect(await kept(old.id)).toEqual([false, false]);
    expect(await eraseRetired(ports, await standing(), 0)).toEqual([]);
  });

  test('does not pause the connection for what its old consent met', async () => {
    const { ports, confirm, standing } = await renewal();
    const before = await standing();
    await confirm();
    await pauseConnection(ports, before, new Failure('consent-needed', 'the old one has ended'));
    expect(await standing()).toMatchObject({ status: 'active', pause: null });
    const now = await standing();
    await pauseConnection(ports, now, new Failure('consent-needed', 'the new one has ended'));
    expect(await standing()).toMatchObject({ status: 'paused' });
  });
});

describe('a pull that waits for a credential which another took the place of', () => {
  test.each([true, false])('goes on with that one (secrets still there: %s)', async (there) => {
    const stage = await proven(world.engines);
    const old = await currentOf(stage);
    const account = await shownAccount(stage);
    const ledger = stage.calm.ledgerOf(account.company, account.id);
    const ready = { ...(await standingOf(stage)), credential: old.id };
    const pull = await requestPull({ ...stage.calm, dynamo: stage.dynamo }, ledger, account, ready, null);
    await rotate(stage, await addCertificate(stage, 'renewed'));
    if (!there) await stage.calm.vault.remove(old.company, old.id);
    expect(stage.queue.map(({ message }) => message.credential)).toEqual([old.id]);
    expect(await drain(stage)).toEqual([]);
    expect(await ledger.pull(pull.id)).toMatchObject({ status: 'done', result: { outcome: 'complete' } });
    expect(await standingOf(stage)).toMatchObject({ status: 'active', credential: 'crd_renewed' });
  });
});
