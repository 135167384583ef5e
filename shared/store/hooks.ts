import type { Hook, Usage } from '../domain/hook.ts';
import type { Dynamo, Item, Write } from './dynamo.ts';
import { hookKey, hookPointerKey, type Places } from './keys.ts';

/** Hooks of a company. */
export interface Hooks {
  add(hook: Hook): Promise<void>;
  get(company: string, id: string): Promise<Hook | null>;
  /** The hook a message names, read through the pointer and again under its company. */
  find(id: string): Promise<Hook | null>;
  list(company: string): Promise<Hook[]>;
  remove(hook: Pick<Hook, 'company' | 'id'>): Promise<void>;
  /**
   * The write that belongs to an order a hook brought. It fails when another order was counted since the hook was
   * read, or the hook is gone.
   */
  count(hook: Hook, usage: Usage, at: string): Write;
}

/** Partition nobody has: a hook that does not exist costs two reads like one that does. */
const NOBODY = 'nobody';

export function createHooks(dynamo: Dynamo, places: Places): Hooks {
  const table = places.connections;
  const get = async (company: string, id: string): Promise<Hook | null> =>
    hookOf(await dynamo.get(table, hookKey(company, id)));

  return {
    get,

    add: (hook) =>
      dynamo.transact([
        { table, put: { ...hook, ...hookKey(hook.company, hook.id) }, when: 'absent' },
        { table, put: { ...hookPointerKey(hook.id), company: hook.company }, when: 'absent' },
      ]),

    async find(id) {
      const pointer = await dynamo.get(table, hookPointerKey(id));
      return get(String(pointer?.['company'] ?? NOBODY), id);
    },

    async list(company) {
      const items = await dynamo.queryAll({ table, pk: company, prefix: 'hook#' });
      return items.map((item) => hookOf(item)!);
    },

    remove: ({ company, id }) =>
      dynamo.transact([
        { table, remove: hookKey(company, id) },
        { table, remove: hookPointerKey(id) },
      ]),

    count: ({ company, id, revision }, usage, at) => ({
      table,
      update: hookKey(company, id),
      set: { usage, lastOrderAt: at, revision: revision + 1 },
      when: { equals: { revision } },
    }),
  };
}

/** The record without the attributes of the table. */
function hookOf(item: Item | null): Hook | null {
  if (!item) return null;
  const { pk: _pk, sk: _sk, ...hook } = item;
  return hook as unknown as Hook;
}
