import { newId } from '../../domain/id.ts';
import type { Connection, ConsentCredential } from '../../domain/records.ts';
import type { Connections } from '../../store/connections.ts';
import type { BankPorts } from '../gateway.ts';

/**
 * Consents that others took the place of: the one before a renewal, and one that nobody confirmed before the next was
 * started. Their tokens and secrets are erased here, as soon as no run uses them.
 *
 * They are not given back to the bank. Ending a token may end the whole grant behind it (RFC 7009, 2.1), and no bank
 * tells whether it keeps one grant for each consent or one for person and application: giving back the old consent could
 * end the new one, which somebody has just given for half a year. A refresh token that nobody has any more opens nothing;
 * the access token ends within minutes, the consent at the bank on its last day.
 */

export type RetirePorts = Pick<BankPorts, 'clock' | 'random' | 'log' | 'gate' | 'tokens' | 'vault'> & {
  readonly connections: Connections;
};

/** Longer than erasing takes; ends by itself should we die in it. */
const LEASE_MS = 15_000;
const LOOK_AGAIN_MS = 500;

/** What is to be written with the change by which a connection lets go of a consent, so that it is never forgotten. */
export const retiring = ({ retired = [] }: Connection, consent: string | null): Partial<Connection> =>
  consent === null ? {} : { retired: [...retired, consent] };

/**
 * Erases what is kept of the consents a connection let go of. One that a run uses beyond the deadline, and what fails,
 * stays for the daily round; so does what was erased, which that round erases once more (`strikeRetired`).
 * @param deadline epoch milliseconds until which a run that uses one is waited for
 * @returns those of which nothing is left
 * @throws what our own tables and the vault throw
 */
export async function eraseRetired(
  ports: RetirePorts,
  connection: Connection,
  deadline: number,
): Promise<string[]> {
  const { company, retired = [] } = connection;
  const erased: string[] = [];
  for (const consent of retired) {
    const gone = await eraseAlone(ports, company, consent, deadline);
    if (gone) erased.push(consent);
    ports.log.info('consent.retired', {
      connection: connection.id,
      credential: consent,
      outcome: gone ? 'erased' : 'in-use',
    });
  }
  return erased;
}

/**
 * The daily round's part: erases what could not be erased before, and once more what was, because a run that was held up
 * beyond its lease may have written to the vault. Then it is off the list.
 * @throws as {@link eraseRetired}
 */
export async function strikeRetired(ports: RetirePorts, connection: Connection): Promise<void> {
  const { id, company } = connection;
  if (!connection.retired?.length) return;
  const erased = await eraseRetired(ports, connection, ports.clock.now());
  // Read again: the round itself may have changed it. Changed in this very moment, it is struck off the next day.
  const standing = await ports.connections.get(company, id);
  if (!standing?.retired || erased.length === 0) return;
  const retired = standing.retired.filter((consent) => !erased.includes(consent));
  await ports.connections.change(standing, { retired }, []);
}

/**
 * Under the consent's lease: a run that has it goes on to its end, and none begins meanwhile. One that begins later finds
 * that its connection goes by another consent.
 * @returns false while a run uses it
 */
async function eraseAlone(
  ports: RetirePorts,
  company: string,
  consent: string,
  deadline: number,
): Promise<boolean> {
  const { clock, gate, connections } = ports;
  const credential = await connections.credential(company, consent);
  // What another connection goes by is that connection's to let go of.
  if (credential?.kind !== 'consent' || (await usersOf(connections, credential)).length > 0) return true;
  const holder = newId('del', clock.now(), ports.random);
  for (;;) {
    const entry = await gate.enter(credential.fingerprint, holder, LEASE_MS);
    if (entry.state === 'open') {
      await eraseConsent(ports, credential);
      await gate.leave(entry.lease, entry.lease.usage, null);
      return true;
    }
    if (entry.state === 'silent' || clock.now() + LOOK_AGAIN_MS >= deadline) return false;
    await clock.sleep(LOOK_AGAIN_MS);
  }
}

/** Ids of the connections that go by a consent, or are to. */
export async function usersOf(
  connections: Connections,
  { company, id }: Pick<ConsentCredential, 'company' | 'id'>,
): Promise<string[]> {
  const all = await connections.list(company);
  return all.filter((one) => one.credential === id || one.candidate === id).map((one) => one.id);
}

/** Erases tokens and secrets of a consent. The tokens first: behind that, no run copies any to the vault. */
export async function eraseConsent(
  { tokens, vault }: Pick<RetirePorts, 'tokens' | 'vault'>,
  { company, id }: Pick<ConsentCredential, 'company' | 'id'>,
): Promise<void> {
  await tokens.end(company, id);
  await vault.remove(company, id);
}
