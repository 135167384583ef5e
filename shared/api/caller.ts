import { createHash } from 'node:crypto';
import type { Clock, Random } from '../domain/ports.ts';
import type { ApiKey, Scope } from '../domain/records.ts';
import { Problem } from './problem.ts';

/** Who calls: the company comes from the key and from nowhere else. */
export interface Caller {
  readonly company: string;
  readonly key: string;
  readonly scopes: readonly Scope[];
  readonly user: string | null;
}

/** Milliseconds a key is trusted without a look at the table: a revoked key dies within a minute. */
const TRUST_MS = 60_000;
const CACHE_LIMIT = 1_000;
const PREFIX = 'brana_';

export type FindKey = (hash: string) => Promise<ApiKey | null>;
export type Authenticate = (authorization: string | undefined, scope: Scope) => Promise<Caller>;

/**
 * Reads `Authorization: Bearer brana_…`.
 * @throws Problem 401 without a valid key, 403 when the key lacks the scope
 */
export function createAuthenticate(find: FindKey, clock: Clock): Authenticate {
  const cache = new Map<string, { key: ApiKey; until: number }>();

  async function keyOf(hash: string): Promise<ApiKey | null> {
    const cached = cache.get(hash);
    if (cached && cached.until > clock.now()) return cached.key;
    cache.delete(hash);
    const key = await find(hash);
    if (!key || key.revokedAt !== null) return null;
    if (cache.size >= CACHE_LIMIT) cache.clear();
    cache.set(hash, { key, until: clock.now() + TRUST_MS });
    return key;
  }

  return async (authorization, scope) => {
    const secret = /^Bearer (brana_[A-Za-z0-9_-]{43})$/.exec(authorization ?? '')?.[1];
    const key = secret ? await keyOf(hashOf(secret)) : null;
    if (!key) {
      throw new Problem({
        status: 401,
        code: 'unauthenticated',
        title: 'API key missing or not valid',
        detail:
          'Send a valid key as "Authorization: Bearer brana_…". An admin key can make a new one: POST /keys.',
      });
    }
    if (!key.scopes.includes(scope)) {
      throw new Problem({
        status: 403,
        code: 'scope-missing',
        title: 'The API key may not do this',
        detail: `This needs the scope "${scope}". An admin key can make a key that has it: POST /keys.`,
      });
    }
    return { company: key.company, key: key.id, scopes: key.scopes, user: key.user };
  };
}

/** A new API key: 256 random bits, shown once. */
export function newApiKey(random: Random): { secret: string; hash: string; prefix: string } {
  const secret = PREFIX + Buffer.from(random.bytes(32)).toString('base64url');
  return { secret, hash: hashOf(secret), prefix: secret.slice(0, PREFIX.length + 6) };
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/**
 * Whether the caller sees what belongs to `owner` (`null` = the whole company). A user's key sees the company's and
 * that user's own; a key of no user sees another's only with the scope `admin`.
 */
export function maySee(caller: Caller, owner: string | null): boolean {
  if (owner === null || owner === caller.user) return true;
  return caller.user === null && caller.scopes.includes('admin');
}
