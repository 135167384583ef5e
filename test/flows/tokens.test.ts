import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { TokenGrant } from '../../shared/banks/contract.ts';
import { isoInstant } from '../../shared/domain/dates.ts';
import { Failure } from '../../shared/domain/failure.ts';
import type { ConsentCredential, CredentialSecrets } from '../../shared/domain/records.ts';
import { Secret } from '../../shared/domain/secret.ts';
import { createTokenKeeper, type TokenPorts } from '../../shared/flows/tokens.ts';
import { tokensKey } from '../../shared/store/keys.ts';
import type { TokenStore } from '../../shared/store/tokens.ts';
import type { Vault } from '../../shared/store/vault.ts';
import { IdentityProvider, LIFETIME } from '../faults/identity-provider.ts';
import type { Stage } from '../faults/stage.ts';
import { logged, MINUTE, play, useEngines } from './pull/support.ts';

const world = useEngines();
let made = 0;

/** A consent whose first tokens are kept, and runs on it. */
async function consent(stage: Stage, idp = new IdentityProvider(stage.time)) {
  const company = stage.companies[0]!.id;
  const id = `crd_tokens_${++made}`;
  const at = isoInstant(stage.time.now());
  const credential: ConsentCredential = {
    id,
    company,
    kind: 'consent',
    fingerprint: createHash('sha256').update(id).digest('hex'),
    notBefore: at,
    notAfter: '2099-01-01T00:00:00.000Z',
    grantedAt: at,
    scopes: [],
    warnings: [],
    provenAt: at,
    createdAt: at,
  };
  const { vault } = stage.calm;
  await vault.put(company, id, new Secret<CredentialSecrets>({ fields: { clientSecret: 's' } }));
  const refreshes: string[] = [];
  const keeper = async (
    change: { tokens?: Partial<TokenStore>; vault?: Partial<Vault> } = {},
    refresh: (token: Secret) => Promise<TokenGrant> = async (token) => idp.refresh(token.reveal()),
  ) => {
    const ports: TokenPorts = {
      clock: stage.calm.clock,
      log: stage.calm.log,
      tokens: { ...stage.calm.tokens, ...change.tokens },
      vault: { ...vault, ...change.vault },
    };
    return createTokenKeeper(ports, credential, (await vault.get(company, id))!, (token) => {
      refreshes.push(token.reveal());
      return refresh(token);
    });
  };
  await (await keeper()).begin(idp.first());
  return { credential, idp, keeper, refreshes, stored: () => stage.calm.tokens.get(company, id) };
}

const broken = (): Promise<never> => Promise.reject(new Error('AccessDenied'));
const failureOf = (work: Promise<unknown>): Promise<Failure> =>
  work.then(
    () => Promise.reject(new Error('it succeeded')),
    (error: unknown) => error as Failure,
  );

describe('an access token', () => {
  it('serves every run until a minute before its end, then one refresh serves the next', async () => {
    const stage = await play(world.engines);
    const { keeper, refreshes, idp } = await consent(stage);
    const first = await (await keeper()).token();
    stage.time.advance((LIFETIME - 61) * 1000);
    expect((await (await keeper()).token()).reveal()).toBe(first.reveal());
    stage.time.advance(2_000);
    const second = await (await keeper()).token();
    expect(second.reveal()).not.toBe(first.reveal());
    expect(idp.accepts(second.reveal())).toBe(true);
    expect(refreshes).toEqual(['refresh-0']);
  });

  it('row 18: that the bank refuses early, whatever our clocks say, is renewed once for all who hold it', async () => {
    const stage = await play(world.engines);
    const { keeper, refreshes } = await consent(stage);
    const run = await keeper();
    const refused = await run.token();
    const [one, two] = await Promise.all([run.token(refused), run.token(refused)]);
    expect(one.reveal()).not.toBe(refused.reveal());
    expect(two.reveal()).toBe(one.reveal());
    expect((await (await keeper()).token(refused)).reveal()).toBe(one.reveal());
    expect(refreshes).toHaveLength(1);
  });
});

describe('row 19: fifty pulls at once', () => {
  it('spend each refresh token once, under a bank that takes a second time for theft', async () => {
    const stage = await play(world.engines);
    const { keeper, refreshes, idp, credential } = await consent(stage);
    stage.time.advance(LIFETIME * 1000);
    const { gate } = stage.calm;
    const used: string[] = [];
    const run = async (n: number): Promise<void> => {
      for (;;) {
        const entry = await gate.enter(credential.fingerprint, `run ${n}`, 5 * MINUTE);
        if (entry.state !== 'open') {
          await new Promise((resolve) => setTimeout(resolve, 5));
          continue;
        }
        used.push((await (await keeper()).token()).reveal());
        return gate.leave(entry.lease, {}, null);
      }
    };
    await Promise.all(Array.from({ length: 50 }, (_, n) => run(n)));
    expect(idp.revoked).toBe(false);
    expect(refreshes).toEqual(['refresh-0']);
    expect(new Set(used).size).toBe(1);
  });

  it('and whoever was overtaken reads what the other got', async () => {
    const stage = await play(world.engines);
    const { keeper, idp } = await consent(stage);
    stage.time.advance(LIFETIME * 1000);
    const slow = await keeper({}, async (token) => {
      // Its lease ended while it waited; another run was faster.
      await (await keeper()).token();
      return idp.refresh(token.reveal());
    });
    const token = await slow.token();
    expect(idp.accepts(token.reveal())).toBe(true);
  });
});

describe('row 20: a new refresh token that cannot be stored', () => {
  it('goes to the vault, from where the next run reads it', async () => {
    const stage = await play(world.engines);
    const { keeper, idp, stored } = await consent(stage);
    stage.time.advance(LIFETIME * 1000);
    const token = await (await keeper({ tokens: { put: broken } })).token();
    expect(idp.accepts(token.reveal())).toBe(true);
    expect(logged(stage, 'alarm.tokens-not-stored').length).toBeGreaterThan(0);
    expect((await stored())?.refreshToken.reveal()).toBe('refresh-0');
    stage.time.advance(LIFETIME * 1000);
    expect(idp.accepts((await (await keeper()).token()).reveal())).toBe(true);
    expect((await stored())?.refreshToken.reveal()).toBe('refresh-2');
    expect(idp.revoked).toBe(false);
  });

  it('that no place takes is a consent to be given anew, said at once', async () => {
    const stage = await play(world.engines);
    const { keeper } = await consent(stage);
    stage.time.advance(LIFETIME * 1000);
    const run = await keeper({ tokens: { put: broken }, vault: { put: broken } });
    expect(await failureOf(run.token())).toMatchObject({
      kind: 'consent-needed',
      message: expect.stringMatching(/authorise again/),
    });
  });

  it('is stored before it is used', async () => {
    const stage = await play(world.engines);
    const { keeper, stored } = await consent(stage);
    stage.time.advance(LIFETIME * 1000);
    const token = await (await keeper()).token();
    expect((await stored())?.accessToken.reveal()).toBe(token.reveal());
  });
});

describe('row 21: answers that differ from the last', () => {
  it('without a refresh token keep the one there was', async () => {
    const stage = await play(world.engines);
    const moods = { chance: { next: () => 0.5 }, failures: 0, silence: 1 };
    const { keeper, refreshes, stored } = await consent(stage, new IdentityProvider(stage.time, moods));
    for (let round = 0; round < 3; round++) {
      stage.time.advance(LIFETIME * 1000);
      await (await keeper()).token();
    }
    expect(refreshes).toEqual(['refresh-0', 'refresh-0', 'refresh-0']);
    expect((await stored())?.refreshToken.reveal()).toBe('refresh-0');
  });

  it('with a life too short to be kept are used all the same', async () => {
    const stage = await play(world.engines);
    const { keeper } = await consent(stage);
    stage.time.advance(LIFETIME * 1000);
    const grant = { accessToken: new Secret('brief'), expiresIn: 20, refreshToken: null, scopes: null };
    expect((await (await keeper({}, async () => grant)).token()).reveal()).toBe('brief');
  });

  it('that get lost are asked for again in the next run', async () => {
    const stage = await play(world.engines);
    const { keeper } = await consent(stage);
    stage.time.advance(LIFETIME * 1000);
    const lost = await keeper({}, () => Promise.reject(new Failure('outcome-unknown', 'lost')));
    expect(await failureOf(lost.token())).toMatchObject({ kind: 'transient' });
    expect((await (await keeper()).token()).reveal()).toBe('access-1');
  });

  it('that end the consent say so', async () => {
    const stage = await play(world.engines);
    const { keeper, idp } = await consent(stage);
    idp.revoked = true;
    stage.time.advance(LIFETIME * 1000);
    expect(await failureOf((await keeper()).token())).toMatchObject({ kind: 'consent-needed' });
  });
});

describe('the vault', () => {
  it('follows a changed refresh token, at most once in ten minutes, and serves when the table lost it', async () => {
    const stage = await play(world.engines);
    const { keeper, credential, idp } = await consent(stage);
    let writes = 0;
    const counting = {
      vault: {
        put: async (...all: Parameters<Vault['put']>) => {
          writes += 1;
          await stage.calm.vault.put(...all);
        },
      },
    };
    for (let minute = 0; minute < 40; minute += 5) {
      stage.time.advance(5 * MINUTE);
      await (await keeper(counting)).token();
    }
    expect(writes).toBe(4);
    const row = tokensKey(credential.company, credential.id);
    await stage.dynamo.transact([{ table: stage.places.connections, remove: row }]);
    // The vault's copy is one behind at most; here it is the last one.
    stage.time.advance(10 * MINUTE);
    const token = await (await keeper()).token().catch((error: Failure) => error);
    const copied = (await stage.calm.vault.get(credential.company, credential.id))!.reveal().refresh!;
    expect(copied.token).toMatch(/^refresh-\d+$/);
    expect(token instanceof Failure ? idp.revoked : idp.accepts(token.reveal())).toBe(true);
  });
});
