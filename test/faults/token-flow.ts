import { createHash } from 'node:crypto';
import type { TokenGrant } from '../../shared/banks/contract.ts';
import { isoInstant } from '../../shared/domain/dates.ts';
import { Failure } from '../../shared/domain/failure.ts';
import type { ConsentCredential, CredentialSecrets } from '../../shared/domain/records.ts';
import { Secret } from '../../shared/domain/secret.ts';
import { createTokenKeeper } from '../../shared/flows/tokens.ts';
import { createActor, virtualTime, type Actor, type Fault, type VirtualTime } from './actor.ts';
import { chance as chanceOf, type Chance } from './chance.ts';
import type { Engines } from './engines.ts';
import { IdentityProvider, LIFETIME } from './identity-provider.ts';
import { setStage, type Stage } from './stage.ts';

/**
 * The tokens of one consent under faults: pulls that meet, stores that fail, runs that die, and a bank that takes a
 * spent refresh token for theft (RFC 9700, 4.14.2).
 */

const START = Date.parse('2026-09-16T08:00:00Z');
const MINUTE = 60_000;
const LEASE = 2 * MINUTE;
const VAULT_PAUSE = 10 * MINUTE;
const FAULTS = ['throttle', 'conflict', 'lost', 'broken', 'kill', 'zombie'] as const;

export interface TokenSeedResult {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly faults: readonly string[];
  /** True when a run died holding the only copy of a refresh token: then the consent must be reported as gone. */
  readonly diedWithToken: boolean;
}

export async function runTokenSeed(engines: Engines, seed: number): Promise<TokenSeedResult> {
  const chance = chanceOf(seed * 13 + 5);
  const time = virtualTime(START);
  const places = await engines.open(`t${seed}`);
  try {
    const stage = await setStage(`t${seed}`, places, time, chance);
    const world = new World(stage, time, chance);
    await world.begin();
    for (let round = 0; round < 6; round++) {
      await world.round();
      time.advance(chance.pick([MINUTE, 5 * MINUTE, 20 * MINUTE]));
    }
    return { seed, ...(await world.end(engines)) };
  } finally {
    await engines.close(places);
  }
}

class World {
  private readonly violations: string[] = [];
  private readonly faults: string[] = [];
  private readonly vaultWrites: number[] = [];
  private readonly idp: IdentityProvider;
  private readonly credential: ConsentCredential;
  private readonly stage: Stage;
  private readonly time: VirtualTime;
  private readonly chance: Chance;
  private readonly runs: Promise<unknown>[] = [];
  private readonly asleep: Actor[] = [];
  private diedWithToken = false;
  private entered = 0;
  /** How far our clocks, which agree with each other, are from the bank's. */
  private readonly skew: number;

  constructor(stage: Stage, time: VirtualTime, chance: Chance) {
    this.stage = stage;
    this.time = time;
    this.chance = chance;
    this.idp = new IdentityProvider(time, { chance, failures: 0.08, silence: 0.2 });
    this.skew = chance.next() < 0.3 ? chance.pick([-5, 5]) * MINUTE : 0;
    const at = isoInstant(time.now());
    const id = `crd_consent`;
    this.credential = {
      id,
      company: stage.companies[0]!.id,
      kind: 'consent',
      fingerprint: createHash('sha256').update(id).digest('hex'),
      notBefore: at,
      notAfter: isoInstant(time.now() + 180 * 24 * 60 * MINUTE),
      grantedAt: at,
      scopes: [],
      warnings: [],
      provenAt: at,
      createdAt: at,
    };
  }

  async begin(): Promise<void> {
    const { vault } = this.stage.calm;
    const fields = { clientSecret: 'CANARY-CLIENT' };
    await vault.put(this.credential.company, this.credential.id, new Secret({ fields }));
    await this.run(createActor(this.time, null, this.skew), (keeper) => keeper.begin(this.idp.first()));
  }

  /** Several pulls at once; one of them, or two, in trouble. */
  async round(): Promise<void> {
    const pulls = 1 + this.chance.int(4);
    await Promise.all(Array.from({ length: pulls }, () => this.pull(this.actor(0.4))));
    if (this.asleep.length > 0 && this.chance.next() < 0.6) {
      this.time.advance(LEASE + MINUTE);
      if (this.chance.next() < 0.5) await this.pull(createActor(this.time, null, this.skew));
      for (const actor of this.asleep.splice(0)) actor.wake();
    }
  }

  private actor(probability: number): Actor {
    const { chance } = this;
    const fault: Fault | null =
      chance.next() < probability
        ? { kind: chance.pick(FAULTS), at: chance.int(9), moment: chance.pick(['before', 'after']) }
        : null;
    if (fault) this.faults.push(fault.kind);
    return createActor(this.time, fault, this.skew);
  }

  /** A pull that uses its token at the bank right away, as a connector does. */
  private async pull(actor: Actor): Promise<void> {
    const done = this.run(actor, async (keeper, deadline) => {
      const token = await keeper.token();
      if (actor.clock.now() > deadline) return;
      if (!this.idp.accepts(token.reveal()) && !this.idp.revoked) {
        // The bank refuses it: a clock was wrong. One more, as a connector asks for.
        const second = await keeper.token(token);
        if (!this.idp.accepts(second.reveal()) && !this.idp.revoked)
          this.violations.push('a token the bank does not know was used twice');
      }
    });
    this.runs.push(done);
    const how = await Promise.race([done.then(() => null), actor.stopped]);
    if (how === 'asleep') this.asleep.push(actor);
  }

  /** One run under the credential's lease. @returns the failure it ended with */
  private async run(
    actor: Actor,
    work: (keeper: ReturnType<typeof createTokenKeeper>, deadline: number) => Promise<void>,
  ): Promise<Failure | null> {
    const ports = this.stage.ports(actor);
    const { company, id, fingerprint } = this.credential;
    const deadline = actor.clock.now() + LEASE - MINUTE;
    let carried: string | null = null;
    actor.stopped.then(
      () => {
        // Whoever dies or sleeps between the bank's answer and the store holds the only copy.
        if (carried !== null) this.diedWithToken = true;
      },
      () => undefined,
    );
    try {
      const entry = await ports.gate.enter(fingerprint, `run ${++this.entered}`, LEASE);
      if (entry.state !== 'open') return new Failure('transient', 'Another run holds the lease');
      const secrets = (await ports.vault.get(company, id)) as Secret<CredentialSecrets>;
      const tokens: typeof ports.tokens = {
        ...ports.tokens,
        put: async (fresh, previous) => {
          const stored = await ports.tokens.put(fresh, previous);
          carried = null;
          return stored;
        },
      };
      const vault: typeof ports.vault = {
        ...ports.vault,
        put: async (...all) => {
          this.vaultWrites.push(actor.clock.now());
          await ports.vault.put(...all);
          carried = null;
        },
      };
      const refresh = (token: Secret): Promise<TokenGrant> =>
        actor.effect('bank', 'token', () => {
          // The bank client begins no call behind its run's deadline, which lies before the lease's end.
          if (actor.clock.now() > deadline)
            return Promise.reject(new Failure('transient', 'The run’s time is over'));
          const grant = this.idp.refresh(token.reveal());
          carried = grant.refreshToken?.reveal() ?? null;
          return Promise.resolve(grant);
        });
      try {
        await work(
          createTokenKeeper({ ...ports, tokens, vault }, this.credential, secrets, refresh),
          deadline,
        );
      } finally {
        await ports.gate.leave(entry.lease, {}, null);
      }
      return null;
    } catch (error) {
      return error instanceof Failure ? error : null;
    }
  }

  async end(engines: Engines): Promise<Omit<TokenSeedResult, 'seed'>> {
    for (const actor of this.asleep.splice(0)) actor.wake();
    this.time.advance(LEASE + LIFETIME * 1000);
    let last: Failure | null = null;
    for (let round = 0; round < 8; round++) {
      last = await this.run(createActor(this.time, null, this.skew), async (keeper) => {
        const token = await keeper.token();
        // The bank refuses what an ended consent gave.
        if (this.idp.revoked) await keeper.token(token);
      });
      if (last?.kind !== 'transient') break;
      this.time.advance(LEASE);
    }
    const lost = this.idp.revoked;
    if (lost && !this.diedWithToken)
      this.violations.push('the consent was lost though no run died with its token');
    if (lost !== (last?.kind === 'consent-needed')) {
      this.violations.push(
        `the consent is ${lost ? 'lost' : 'good'} and the run says ${last?.message ?? 'nothing'}`,
      );
    }
    await this.secretsStaySealed(engines);
    return { violations: this.violations, faults: this.faults, diedWithToken: this.diedWithToken };
  }

  private async secretsStaySealed(engines: Engines): Promise<void> {
    const tables = await Promise.all(
      Object.values(this.stage.places).map((table) => engines.dump(table as string)),
    );
    const text = JSON.stringify(tables) + this.stage.lines.join('\n');
    for (const secret of ['refresh-', 'access-', 'CANARY-CLIENT']) {
      if (text.includes(secret)) this.violations.push(`5: "${secret}" stands in a table or a log`);
    }
    const close = this.vaultWrites.filter((at, n) => n > 0 && at - this.vaultWrites[n - 1]! < VAULT_PAUSE);
    // A table that fails makes the vault be written sooner, and so does a run that is cut off before it notes the copy.
    const alarms = this.stage.lines.filter((line) => line.includes('alarm.tokens-not-stored')).length;
    if (close.length > alarms + this.faults.length)
      this.violations.push(`the vault was written ${close.length} times too soon, with ${alarms} alarms`);
  }
}
