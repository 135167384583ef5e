import type { NewEvent } from '../domain/event.ts';
import type { ApiKey, Company, PaymentPolicy } from '../domain/records.ts';
import { ConditionFailed, type Dynamo, type Write } from './dynamo.ts';
import type { Feed } from './feed.ts';
import { apiKeyKey, apiKeyPointerKey, BOOTSTRAP_KEY, companyKey, type Places } from './keys.ts';

/** Companies and their API keys. */
export interface Companies {
  /** Makes the first company with its admin key. @returns false when a company exists already */
  bootstrap(company: Company, key: ApiKey): Promise<boolean>;
  get(id: string): Promise<Company | null>;
  /** Ids of all companies: whom the daily watch goes round. */
  all(): Promise<string[]>;
  /** @param key id of the key it is set with */
  setReturnUrls(company: string, returnUrls: readonly string[], key: string): Promise<void>;
  /** @param key id of the key it is set with */
  setPolicy(company: string, policy: PaymentPolicy, key: string): Promise<void>;
  addKey(key: ApiKey): Promise<void>;
  /** The key with this hash, read through the pointer and again under its company. */
  findKey(hash: string): Promise<ApiKey | null>;
  listKeys(company: string): Promise<ApiKey[]>;
  /** @returns the key as it stands now, `null` when the company has no such key */
  revokeKey(company: string, id: string, at: string): Promise<ApiKey | null>;
}

export function createCompanies(dynamo: Dynamo, feed: Feed, places: Places): Companies {
  const table = places.connections;

  const keyWrites = (key: ApiKey): Write[] => [
    { table, put: { ...key, ...apiKeyKey(key.company, key.id) }, when: 'absent' },
    {
      table,
      put: { ...apiKeyPointerKey(key.hash), company: key.company, key: key.id },
      when: 'absent',
    },
  ];

  return {
    async bootstrap(company, key) {
      const created: NewEvent = { type: 'company.created', subject: company.id, data: {} };
      try {
        await feed.commit(
          company.id,
          [
            { table, put: { ...BOOTSTRAP_KEY, company: company.id }, when: 'absent' },
            { table, put: { ...company, ...companyKey(company.id) }, when: 'absent' },
            ...keyWrites(key),
          ],
          [created],
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed) return false;
        throw error;
      }
    },

    async get(id) {
      return (await dynamo.get(table, companyKey(id))) as Company | null;
    },

    async all() {
      const items = await dynamo.queryAll({ table, pk: BOOTSTRAP_KEY.pk });
      return items.map((item) => String(item['company']));
    },

    async setReturnUrls(company, returnUrls, key) {
      const changed: NewEvent = { type: 'return-urls.changed', subject: company, data: { key } };
      const write: Write = {
        table,
        update: companyKey(company),
        set: { returnUrls },
        when: { exists: true },
      };
      await feed.commit(company, [write], [changed]);
    },

    async setPolicy(company, policy, key) {
      const changed: NewEvent = { type: 'payment-policy.changed', subject: company, data: { key } };
      const write: Write = { table, update: companyKey(company), set: { policy }, when: { exists: true } };
      await feed.commit(company, [write], [changed]);
    },

    async addKey(key) {
      await dynamo.transact(keyWrites(key));
    },

    async findKey(hash) {
      const pointer = await dynamo.get(table, apiKeyPointerKey(hash));
      if (!pointer) return null;
      const key = await dynamo.get(table, apiKeyKey(String(pointer['company']), String(pointer['key'])));
      return key && key['hash'] === hash ? (key as unknown as ApiKey) : null;
    },

    async listKeys(company) {
      return (await dynamo.queryAll({ table, pk: company, prefix: 'key#' })) as unknown as ApiKey[];
    },

    async revokeKey(company, id, at) {
      const key = (await dynamo.get(table, apiKeyKey(company, id))) as ApiKey | null;
      if (!key || key.revokedAt !== null) return key;
      await dynamo.update({
        table,
        update: apiKeyKey(company, id),
        set: { revokedAt: at },
        when: { exists: true },
      });
      return { ...key, revokedAt: at };
    },
  };
}
