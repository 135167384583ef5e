import { createHash } from 'node:crypto';
import type { BankAccount } from '../domain/model.ts';
import type { Manifest } from '../banks/contract.ts';
import { isoInstant } from '../domain/dates.ts';
import type { Clock } from '../domain/ports.ts';
import type { Account, Connection } from '../domain/records.ts';
import type { Accounts } from '../store/accounts.ts';
import { defaultSettings } from './settings.ts';

/**
 * Brings the list of accounts up to date with what the bank shows. An account is the same as long as bank,
 * environment, number and currency agree (and the user, for a user's connection), so a renewed certificate or
 * consent finds the accounts it had, with their frozen scope, whatever the bank calls them now. One that is no longer
 * shown by a bank that lists all of them is marked, never deleted.
 */
export async function updateAccounts(
  ports: { clock: Clock; accounts: Accounts },
  connection: Connection,
  manifest: Manifest,
  listed: readonly BankAccount[],
): Promise<Account[]> {
  const known = new Map(
    (await ports.accounts.list(connection.company)).map((account) => [account.id, account]),
  );
  const found: Account[] = [];
  for (const shown of listed) {
    const id = accountId(connection, shown);
    const standing = known.get(id);
    if (standing) found.push(await refresh(ports.accounts, connection, standing, shown));
    else found.push(await add(ports, connection, manifest, id, shown));
  }
  if (manifest.accountList === 'seen') return found;
  const ids = new Set(found.map(({ id }) => id));
  for (const account of known.values()) {
    if (account.connection !== connection.id || ids.has(account.id) || !account.active) continue;
    await ports.accounts.refresh(account, { active: false });
  }
  return found;
}

/** `acc_` and a hash of what never changes about the account. */
function accountId(connection: Connection, { number, bankCode, currency }: BankAccount): string {
  const { company, bank, environment, user } = connection;
  const identity = [company, bank, environment, user ?? '', number, bankCode ?? '', currency].join('|');
  return `acc_${createHash('sha256').update(identity).digest('hex').slice(0, 26)}`;
}

async function add(
  ports: { clock: Clock; accounts: Accounts },
  connection: Connection,
  manifest: Manifest,
  id: string,
  shown: BankAccount,
): Promise<Account> {
  const account: Account = {
    id,
    company: connection.company,
    connection: connection.id,
    bank: connection.bank,
    environment: connection.environment,
    user: connection.user,
    handle: shown.handle,
    iban: shown.iban,
    number: shown.number,
    bankCode: shown.bankCode,
    bic: shown.bic,
    currency: shown.currency,
    name: shown.name,
    active: shown.active,
    scope: id,
    settings: defaultSettings(manifest, shown.active),
    sync: { transactions: null, statements: null, resume: null },
    lastPull: null,
    freshAt: null,
    slot: null,
    failures: 0,
    balancesHash: null,
    fence: 0,
    revision: 1,
    createdAt: isoInstant(ports.clock.now()),
  };
  const added = await ports.accounts.add(account, {
    type: 'account.discovered',
    subject: id,
    data: { connection: connection.id, bank: connection.bank, currency: shown.currency },
  });
  return added ? account : ((await ports.accounts.get(account.company, id)) ?? account);
}

async function refresh(
  accounts: Accounts,
  connection: Connection,
  standing: Account,
  { handle, name, active }: BankAccount,
): Promise<Account> {
  const set = { handle, name, active, connection: connection.id };
  const same =
    standing.handle === handle &&
    standing.name === name &&
    standing.active === active &&
    standing.connection === connection.id;
  if (!same) await accounts.refresh(standing, set);
  return { ...standing, ...set };
}
