import { manifestOf } from '../banks/catalog.ts';
import { Failure, printable } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import type { Connection, ConsentCredential } from '../domain/records.ts';
import { deleteConnection } from './connections.ts';
import { eraseConsent, usersOf } from './consent/retire.ts';
import { atGate } from './gateway.ts';
import { subscriptionsOf, unlessFailing, unsubscribe, type NoticePorts } from './notices/switch.ts';

/** Time for the bank; whoever deletes a connection waits no longer for it. */
const BANK_MS = 12_000;
const LOOK_AGAIN_MS = 1_000;

/**
 * Deletes a connection, and leaves the bank first: notices are unsubscribed, consents given back, as well as that can be
 * done in a few seconds. What the bank does not hear is told in the log and stops nothing. Of a consent that no other
 * connection goes by, tokens and secrets are erased; a certificate may serve another connection and stays in the vault.
 * @param deadline epoch milliseconds
 */
export async function removeConnection(
  ports: NoticePorts,
  connection: Connection,
  deadline: number,
): Promise<void> {
  const end = Math.min(deadline, ports.clock.now() + BANK_MS);
  const { credential, candidate, retired = [] } = connection;
  const consents = await consentsOf(ports, connection, [credential, candidate]);
  for (const consent of consents.filter(({ grantedAt }) => grantedAt !== null)) {
    await giveBack(ports, connection, consent, end);
  }
  for (const { subscription } of await subscriptionsOf(ports, connection))
    await ports.notices.remove(subscription);
  // Those that others took the place of are not given back, see there.
  for (const consent of [...consents, ...(await consentsOf(ports, connection, retired))])
    await eraseConsent(ports, consent);
  await deleteConnection(ports, connection);
}

/** Those of the credentials that are consents and serve no other connection. */
async function consentsOf(
  { connections }: NoticePorts,
  { company, id }: Connection,
  credentials: readonly (string | null)[],
): Promise<ConsentCredential[]> {
  const own: ConsentCredential[] = [];
  for (const one of new Set(credentials)) {
    const consent = one === null ? null : await connections.credential(company, one);
    if (consent?.kind !== 'consent') continue;
    const users = await usersOf(connections, consent);
    if (users.every((user) => user === id)) own.push(consent);
  }
  return own;
}

/** Under the credential's lease, so that no run that is on refreshes what is given back. */
async function giveBack(
  ports: NoticePorts,
  connection: Connection,
  consent: ConsentCredential,
  deadline: number,
): Promise<void> {
  const { clock, log } = ports;
  const manifest = await manifestOf(connection.bank);
  const holder = newId('del', clock.now(), ports.random);
  const standing = consent.id === connection.credential ? await subscriptionsOf(ports, connection) : [];
  try {
    for (;;) {
      const passage = await atGate(ports, consent, { manifest, holder, deadline }, async ({ connect }) => {
        const { connector, keeper } = await connect(connection);
        for (const { account, subscription } of standing)
          await unlessFailing(ports, { account: account.id }, () =>
            unsubscribe(connector, account, subscription),
          );
        const token = await keeper?.refreshToken();
        if (token) await connector.revokeTokens?.(token);
      });
      if (passage.state === 'done') return log.info('consent.revoked', { connection: connection.id });
      if (passage.state === 'silent' || clock.now() + LOOK_AGAIN_MS >= deadline)
        throw new Failure('transient', 'The bank could not be asked in time');
      await clock.sleep(LOOK_AGAIN_MS);
    }
  } catch (error) {
    // One that has ended needs no giving back.
    if (error instanceof Failure && error.kind === 'consent-needed') return;
    const why = error instanceof Failure ? { kind: error.kind, reason: error.message } : printable(error);
    log.error('alarm.consent-not-revoked', { connection: connection.id, ...why });
  }
}
