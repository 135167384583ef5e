import type { Adapter } from 'oidc-provider';
import type { SandboxClock } from '../../types.ts';

/** What the identity provider remembers, in memory. */
export interface IdentityStore {
  adapterFor(model: string): Adapter;
  /** Ends everything of a model that exists by now. */
  end(model: string): void;
}

interface Kept {
  /** With its instants as the bank's clock has them. */
  readonly payload: Record<string, unknown>;
  /** The bank's epoch milliseconds; `Infinity` for what never ends. */
  readonly until: number;
}

/** Members of a payload that are instants in epoch seconds. */
const INSTANTS = ['iat', 'exp', 'iiat', 'loginTs', 'authTime', 'consumed'];

/**
 * The store under `oidc-provider`, which reads the machine's clock. Instants go in as the bank's and come out as the
 * machine's, shifted by what the two clocks differ at that moment: so a virtual day later the provider finds its tokens
 * a day older, and what has ended by the bank's clock is not found at all.
 * @param lookUp what a model has beyond the store: the registered application
 */
export function identityStore(
  clock: SandboxClock,
  lookUp: (model: string, id: string) => Record<string, unknown> | undefined,
): IdentityStore {
  const kept = new Map<string, Kept>();
  const ahead = (): number => Math.round((clock.now() - Date.now()) / 1000);

  function find(key: string): Record<string, unknown> | undefined {
    const found = kept.get(key);
    if (!found) return undefined;
    if (found.until > clock.now()) return shifted(found.payload, -ahead());
    kept.delete(key);
    return undefined;
  }

  const adapterFor = (model: string): Adapter => {
    const keyOf = (id: string): string => `${model}:${id}`;
    const findBy = async (name: string, value: string): Promise<Record<string, unknown> | undefined> => {
      for (const [key, { payload }] of kept)
        if (key.startsWith(`${model}:`) && payload[name] === value) return find(key);
      return undefined;
    };
    return {
      upsert: async (id, payload, expiresIn) => {
        const until = expiresIn === undefined ? Infinity : clock.now() + expiresIn * 1000;
        kept.set(keyOf(id), { payload: shifted(payload, ahead()), until });
      },
      find: async (id) => lookUp(model, id) ?? find(keyOf(id)),
      findByUid: (uid) => findBy('uid', uid),
      findByUserCode: (code) => findBy('userCode', code),
      consume: async (id) => {
        const found = kept.get(keyOf(id));
        if (found) found.payload['consumed'] = Math.floor(clock.now() / 1000);
      },
      destroy: async (id) => void kept.delete(keyOf(id)),
      revokeByGrantId: async (grantId) => {
        for (const [key, { payload }] of kept) if (payload['grantId'] === grantId) kept.delete(key);
      },
    };
  };

  return {
    adapterFor,
    end: (model) => {
      for (const key of kept.keys()) if (key.startsWith(`${model}:`)) kept.delete(key);
    },
  };
}

function shifted(payload: Record<string, unknown>, seconds: number): Record<string, unknown> {
  const copy = { ...payload };
  for (const name of INSTANTS) {
    const value = copy[name];
    if (typeof value === 'number') copy[name] = value + seconds;
  }
  return copy;
}
