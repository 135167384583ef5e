import { isoInstant } from '../../domain/dates.ts';
import type { Clock, Log } from '../../domain/ports.ts';
import type { Account, Connection, Credential } from '../../domain/records.ts';
import type { Accounts } from '../../store/accounts.ts';
import { ALARM_AFTER } from '../effects.ts';

/** Without a complete pull for so long an account is stale: longer than a night or a day of maintenance. */
const STALE_MS = 36 * 3_600_000;

/** The accounts of a connection that the schedule pulls. */
export const pulled = (connection: Connection, accounts: readonly Account[]): Account[] =>
  accounts.filter((one) => one.connection === connection.id && one.active && one.settings.enabled);

/** Since when an account waits for a complete pull; not longer than its connection can be used. Epoch milliseconds. */
export function waitingSince({ freshAt, createdAt }: Account, credential: Credential | null): number {
  return Math.max(Date.parse(freshAt ?? createdAt), Date.parse(credential?.provenAt ?? createdAt));
}

export const isStale = (account: Account, credential: Credential | null, now: number): boolean =>
  now - waitingSince(account, credential) > STALE_MS;

/**
 * Tells of accounts that should be pulled and were not, completely, for too long; once until a pull ends it
 * (`account.fresh`). One whose pulls fail was told as `account.failing` before.
 */
export async function tellStale(
  ports: { readonly clock: Clock; readonly log: Log; readonly accounts: Accounts },
  connection: Connection,
  credential: Credential,
  accounts: readonly Account[],
): Promise<void> {
  if (connection.status !== 'active') return;
  const now = ports.clock.now();
  for (const account of pulled(connection, accounts)) {
    if (account.staleSince !== undefined || account.failures >= ALARM_AFTER) continue;
    if (!isStale(account, credential, now)) continue;
    const since = isoInstant(waitingSince(account, credential));
    ports.log.error('alarm.account-stale', { account: account.id, connection: connection.id, at: since });
    const event = {
      type: 'account.stale',
      subject: account.id,
      data: { connection: connection.id, since },
    } as const;
    await ports.accounts.markStale(account, since, event);
  }
}
