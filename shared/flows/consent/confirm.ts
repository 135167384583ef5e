import type { Caller } from '../../api/caller.ts';
import { conflict, Problem, unprocessable } from '../../api/problem.ts';
import { manifestOf } from '../../banks/catalog.ts';
import type { Authorisation } from '../../domain/authorisation.ts';
import { isoInstant } from '../../domain/dates.ts';
import { Failure, printable } from '../../domain/failure.ts';
import { newId } from '../../domain/id.ts';
import type { BankAccount } from '../../domain/model.ts';
import type { Account, Connection, ConsentCredential } from '../../domain/records.ts';
import { noPassage, problemOf } from '../bank-problem.ts';
import { updateAccounts } from '../discover.ts';
import { atGate } from '../gateway.ts';
import type { ConsentPorts } from './ports.ts';
import { eraseRetired, retiring } from './retire.ts';

/** How long a run that is on under the old consent is waited for; after that the daily round erases it. */
const BUSY_MS = 5_000;

/**
 * Puts a granted consent into use: the second half of an authorisation, which only somebody of the starter's company
 * (and user) can do, having looked at whose accounts they are. So nobody can bring accounts of theirs into another's
 * company by a link they opened themselves. Of the consent before, nothing is kept (`retire.ts`).
 * @param handles of the accounts that are to be pulled, as the authorisation lists them
 * @throws Problem 403 for another user, 409 when there is nothing to confirm, 422 for an account that is not listed
 */
export async function confirmAuthorisation(
  ports: ConsentPorts,
  caller: Caller,
  connection: Connection,
  handles: readonly string[],
  deadline: number,
): Promise<{ connection: Connection; credential: ConsentCredential; accounts: readonly Account[] }> {
  const authorisation = await ports.authorisations.get(connection.company, connection.id);
  const candidate =
    connection.candidate === null
      ? null
      : await ports.connections.credential(connection.company, connection.candidate);
  if (
    authorisation?.state !== 'granted' ||
    candidate?.kind !== 'consent' ||
    authorisation.credential !== candidate.id
  ) {
    throw conflict(
      'nothing-to-confirm',
      'No consent waits for confirmation: POST /connections/{id}/authorisation.',
    );
  }
  const { user } = authorisation.startedBy;
  if (user !== null && caller.user !== user) {
    throw new Problem({
      status: 403,
      code: 'other-user',
      title: 'Another user started this',
      detail: `The user "${user}" started this authorisation and confirms it.`,
    });
  }
  const shown =
    authorisation.accounts ?? (await listAgain(ports, authorisation, connection, candidate, deadline));
  const unknown = handles.filter((handle) => !shown.some((one) => one.handle === handle));
  if (unknown.length > 0) {
    throw unprocessable(
      'unknown-account',
      'GET /connections/{id}/authorisation lists the accounts.',
      unknown.map((handle) => ({
        pointer: `/accounts/${handles.indexOf(handle)}`,
        detail: 'The bank does not show this account',
      })),
    );
  }
  const confirmed = await activate(ports, authorisation, connection, candidate, shown, new Set(handles));
  await eraseRetired(ports, confirmed.connection, Math.min(deadline, ports.clock.now() + BUSY_MS)).catch(
    // The new consent is in use whatever becomes of the old one; the daily round erases it.
    (error: unknown) =>
      ports.log.warn('consent.not-erased', { connection: connection.id, ...printable(error) }),
  );
  return confirmed;
}

/** The bank did not list the accounts when the consent was given. @throws Problem 409 once they are known */
async function listAgain(
  ports: ConsentPorts,
  authorisation: Authorisation,
  connection: Connection,
  candidate: ConsentCredential,
  deadline: number,
): Promise<readonly BankAccount[]> {
  const manifest = await manifestOf(connection.bank);
  const holder = newId('aut', ports.clock.now(), ports.random);
  const passage = await atGate(ports, candidate, { manifest, holder, deadline }, async ({ connect }) =>
    (await connect(connection)).connector.accounts!(),
  ).catch((error: unknown) => {
    throw error instanceof Failure ? problemOf(manifest, error, ports.clock.now()) : error;
  });
  if (passage.state !== 'done') throw noPassage(manifest, passage, ports.clock.now());
  await ports.authorisations.change(authorisation, { accounts: passage.value });
  throw conflict(
    'look-first',
    'The accounts are known only now: GET /connections/{id}/authorisation shows them; then confirm.',
  );
}

async function activate(
  ports: ConsentPorts,
  authorisation: Authorisation,
  connection: Connection,
  candidate: ConsentCredential,
  shown: readonly BankAccount[],
  chosen: ReadonlySet<string>,
): Promise<{ connection: Connection; credential: ConsentCredential; accounts: readonly Account[] }> {
  const { id, bank } = connection;
  const now = isoInstant(ports.clock.now());
  const credential = await ports.connections.changeCredential(candidate, { provenAt: now });
  const events = [
    { type: 'credential.current', subject: id, data: { bank, credential: credential.id } } as const,
    ...(connection.status === 'paused'
      ? [{ type: 'connection.resumed', subject: id, data: { bank } } as const]
      : []),
  ];
  const set = {
    credential: credential.id,
    candidate: null,
    status: 'active',
    pause: null,
    ...retiring(connection, connection.credential),
  } as const;
  const active = await ports.connections.change(connection, set, events);
  if (!active) throw conflict('changed-meanwhile', 'The connection changed in this moment; confirm again.');
  await ports.authorisations.change(authorisation, { state: 'confirmed' });
  const manifest = await manifestOf(bank);
  const found = await updateAccounts(ports, active, manifest, shown);
  const accounts: Account[] = [];
  for (const account of found) {
    const wanted = chosen.has(account.handle);
    const { settings } = account;
    accounts.push(
      settings.enabled === wanted
        ? account
        : await ports.accounts.changeSettings(account, { ...settings, enabled: wanted && account.active }),
    );
  }
  return { connection: active, credential, accounts };
}
