import { Secret } from '../domain/secret.ts';
import type { Tokens } from '../domain/records.ts';
import { ConditionFailed, type Dynamo, type Item } from './dynamo.ts';
import { tokensKey, type Places } from './keys.ts';
import type { Seal } from './seal.ts';

/** The working copy of a consent's tokens: sealed in the table, written under the credential's lease before use. */
export interface TokenStore {
  get(company: string, credential: string): Promise<Tokens | null>;
  /**
   * @param previous the version that stands in the table, `null` for none
   * @returns false when another one stands there
   */
  put(tokens: Tokens, previous: number | null): Promise<boolean>;
  /** Notes which refresh token the vault was given; does nothing when the tokens changed meanwhile. */
  markVaulted(tokens: Tokens, vaulted: NonNullable<Tokens['vaulted']>): Promise<void>;
  /** Erases the tokens for good: a run that still holds them cannot write them back. */
  end(company: string, credential: string): Promise<void>;
}

/** What stays is a version that no tokens ever had, so that nobody's `put` finds what it expects. */
const ENDED: Item = {
  version: 0,
  sealed: undefined,
  accessUntil: undefined,
  refreshVersion: undefined,
  vaulted: undefined,
};

export function createTokens(dynamo: Dynamo, places: Places, seal: Seal): TokenStore {
  const table = places.connections;
  const contextOf = ({
    company,
    credential,
    version,
  }: Pick<Tokens, 'company' | 'credential' | 'version'>) => ['tokens', company, credential, String(version)];

  return {
    async get(company, credential) {
      const item = await dynamo.get(table, tokensKey(company, credential));
      if (item?.['sealed'] === undefined) return null;
      const version = Number(item['version']);
      const sealed = await seal.open(String(item['sealed']), contextOf({ company, credential, version }));
      const { accessToken, refreshToken } = JSON.parse(sealed.reveal()) as Record<string, string>;
      return {
        company,
        credential,
        version,
        accessToken: new Secret(accessToken!),
        accessUntil: Number(item['accessUntil']),
        refreshToken: new Secret(refreshToken!),
        refreshVersion: Number(item['refreshVersion']),
        vaulted: (item['vaulted'] ?? null) as Tokens['vaulted'],
      };
    },

    async put(tokens, previous) {
      const { company, credential, version, accessUntil, refreshVersion, vaulted } = tokens;
      const text = JSON.stringify({
        accessToken: tokens.accessToken.reveal(),
        refreshToken: tokens.refreshToken.reveal(),
      });
      const sealed = await seal.close(new Secret(text), contextOf(tokens));
      const set: Item = { version, accessUntil, refreshVersion, sealed, vaulted };
      try {
        // A transaction, because its token lets a repeat after a lost answer pass its own condition.
        await dynamo.transact([
          { table, update: tokensKey(company, credential), set, when: { equals: { version: previous } } },
        ]);
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed) return false;
        throw error;
      }
    },

    async markVaulted({ company, credential, version }, vaulted) {
      try {
        const update = tokensKey(company, credential);
        await dynamo.update({ table, update, set: { vaulted }, when: { equals: { version } } });
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },

    end: (company, credential) =>
      dynamo.transact([{ table, update: tokensKey(company, credential), set: ENDED }]),
  };
}
