import { newApiKey, type Caller } from '../../shared/api/caller.ts';
import { conflict, notFound, unprocessable } from '../../shared/api/problem.ts';
import * as routes from '../../shared/api/routes/keys.ts';
import { on, serve } from '../../shared/api/serve.ts';
import { keyView } from '../../shared/api/views.ts';
import { isoInstant } from '../../shared/domain/dates.ts';
import { newId } from '../../shared/domain/id.ts';
import type { ApiKey } from '../../shared/domain/records.ts';
import { clock, log, openStore, random } from '../compose.ts';

const { authenticate, companies } = openStore();

/** The keys a caller looks after: a key of a user that user's only, any other the whole company's. */
async function keysOf({ company, user }: Caller): Promise<ApiKey[]> {
  return (await companies.listKeys(company)).filter((key) => user === null || key.user === user);
}

export const handler = serve({ log, authenticate }, [
  on(routes.listKeys, async ({ caller }) => ({
    body: { items: (await keysOf(caller)).map(keyView) },
  })),

  on(routes.createKey, async ({ caller, body }) => {
    if (caller.user !== null && body.user !== caller.user) {
      throw unprocessable('other-user', `A key of the user "${caller.user}" makes keys for that user only.`);
    }
    const now = clock.now();
    const { secret, hash, prefix } = newApiKey(random);
    const key = {
      id: newId('key', now, random),
      company: caller.company,
      name: body.name,
      hash,
      prefix,
      scopes: [...new Set(body.scopes)],
      user: body.user ?? null,
      createdAt: isoInstant(now),
      revokedAt: null,
    };
    await companies.addKey(key);
    return { body: { ...keyView(key), secret } };
  }),

  on(routes.revokeKey, async ({ caller, params }) => {
    if (params['id'] === caller.key) {
      throw conflict(
        'own-key',
        'A key cannot revoke itself: make another admin key and revoke this one with it.',
      );
    }
    const key = (await keysOf(caller)).find(({ id }) => id === params['id']);
    if (!key) throw notFound('API key');
    await companies.revokeKey(caller.company, key.id, isoInstant(clock.now()));
    return {};
  }),
]);
