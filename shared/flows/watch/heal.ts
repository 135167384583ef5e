import { Problem } from '../../api/problem.ts';
import type { Connection, Credential } from '../../domain/records.ts';
import { prove, type CredentialPorts } from '../certificates.ts';

/** Milliseconds one look at the bank may take. */
export const LOOK_MS = 25_000;

/**
 * Looks, by the cheapest call and once a day, whether the bank accepts again what is not in use: a certificate that a
 * person has unblocked, or one that was uploaded while the bank was down. Only the bank's yes puts it into use; a no
 * changes nothing and is no news.
 * @returns whether the connection is in use again
 */
export async function heal(ports: CredentialPorts, { company, id }: Connection): Promise<boolean> {
  // Read again: the round itself, or an operator, may have changed it.
  const connection = await ports.connections.get(company, id);
  if (!connection || connection.status === 'active') return false;
  for (const credential of await hopeful(ports, connection)) {
    try {
      await prove(ports, connection, credential, ports.clock.now() + LOOK_MS);
      ports.log.info('watch.healed', { connection: connection.id, credential: credential.id });
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      ports.log.info('watch.not-healed', { connection: connection.id, code: error.fields.code });
    }
  }
  return false;
}

/** What may be shown to the bank, the newer first; a consent that waits for its confirmation is not, and the gate lets
 * nothing pass that is out of date. */
async function hopeful(
  { connections }: CredentialPorts,
  { company, candidate, credential }: Connection,
): Promise<Credential[]> {
  const shown: Credential[] = [];
  for (const id of [candidate, credential]) {
    const one = id === null ? null : await connections.credential(company, id);
    const unconfirmed = id === candidate && one?.kind === 'consent';
    if (one && !unconfirmed) shown.push(one);
  }
  return shown;
}
