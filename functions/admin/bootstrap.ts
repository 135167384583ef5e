import { newApiKey } from '../../shared/api/caller.ts';
import { isoInstant } from '../../shared/domain/dates.ts';
import { newId } from '../../shared/domain/id.ts';
import { clock, openStore, random } from '../compose.ts';

const { companies } = openStore();

/**
 * Makes the first company and its admin key; refuses when there is one. It has no route: it is invoked once through
 * IAM (or by the local runner), and its answer is the only place the key is ever shown.
 */
export async function handler(event: {
  name?: unknown;
}): Promise<{ company: { id: string; name: string }; key: string } | { error: string; message: string }> {
  const name = typeof event.name === 'string' ? event.name.trim() : '';
  if (name === '' || name.length > 200) {
    return {
      error: 'invalid-name',
      message: 'Give the company\'s name: {"name": "…"} of at most 200 characters.',
    };
  }
  const now = clock.now();
  const createdAt = isoInstant(now);
  const company = { id: newId('com', now, random), name, createdAt };
  const { secret, hash, prefix } = newApiKey(random);
  const made = await companies.bootstrap(company, {
    id: newId('key', now, random),
    company: company.id,
    name: 'first admin key',
    hash,
    prefix,
    scopes: ['read', 'pay', 'admin', 'match'],
    user: null,
    createdAt,
    revokedAt: null,
  });
  if (made) return { company: { id: company.id, name }, key: secret };
  return {
    error: 'already-bootstrapped',
    message: 'A company exists already. Its admin key makes further keys (POST /keys).',
  };
}
