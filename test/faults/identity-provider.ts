import type { TokenGrant } from '../../shared/banks/contract.ts';
import { Failure } from '../../shared/domain/failure.ts';
import { Secret } from '../../shared/domain/secret.ts';
import type { VirtualTime } from './actor.ts';
import type { Chance } from './chance.ts';

/** Seconds an access token lives. */
export const LIFETIME = 300;

/** What a provider does now and then, as a share of its answers. */
export interface Moods {
  readonly chance: Pick<Chance, 'next'>;
  /** 503 before anything was done. */
  readonly failures: number;
  /** Answers without a new refresh token. */
  readonly silence: number;
}

const CALM: Moods = { chance: { next: () => 1 }, failures: 0, silence: 0 };

/**
 * A small identity provider on the virtual clock: every refresh gives another refresh token, and a spent one that comes
 * again ends the consent (RFC 9700, 4.14.2).
 */
export class IdentityProvider {
  revoked = false;
  rotations = 0;
  private current = 'refresh-0';
  private readonly issued = new Map<string, number>();
  private readonly time: VirtualTime;
  private readonly moods: Moods;

  constructor(time: VirtualTime, moods = CALM) {
    this.time = time;
    this.moods = moods;
  }

  first(): TokenGrant {
    return this.grant(new Secret(this.current));
  }

  refresh(token: string): TokenGrant {
    const { chance, failures, silence } = this.moods;
    if (chance.next() < failures) throw new Failure('transient', 'The bank answered 503');
    if (this.revoked || token !== this.current) {
      this.revoked = true;
      throw new Failure('consent-needed', 'The refresh token was used before: the consent is revoked');
    }
    if (chance.next() < silence) return this.grant(null);
    this.rotations += 1;
    this.current = `refresh-${this.rotations}`;
    return this.grant(new Secret(this.current));
  }

  accepts(token: string): boolean {
    return (this.issued.get(token) ?? 0) > this.time.now();
  }

  private grant(refreshToken: Secret | null): TokenGrant {
    const accessToken = `access-${this.issued.size}`;
    this.issued.set(accessToken, this.time.now() + LIFETIME * 1000);
    return { accessToken: new Secret(accessToken), expiresIn: LIFETIME, refreshToken, scopes: null };
  }
}
