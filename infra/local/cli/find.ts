import type { Client } from './client.ts';
import { usageError } from './exit.ts';
import type { Account, Connection, List } from './types.ts';

/** Connections and accounts as people name them. */

/** @throws CliError when nothing, or more than one thing, is called so */
export async function findConnection(client: Client, text: string): Promise<Connection> {
  const { items } = await client.call<List<Connection>>('GET', '/connections');
  const found = items.find(({ id, code }) => id === text || code.toLowerCase() === text.toLowerCase());
  if (found) return found;
  const codes = items.map(({ code }) => code).join(', ');
  throw usageError(
    codes === ''
      ? 'There is no connection yet. Make one: brana connect --help'
      : `There is no connection "${text}"; there are: ${codes}.`,
  );
}

/** @throws CliError when nothing, or more than one thing, is called so */
export async function findAccount(client: Client, text: string): Promise<Account> {
  const { items } = await client.call<List<Account>>('GET', '/accounts');
  const found = items.filter((account) => isCalled(account, text));
  const [account, ...others] = found;
  if (account && others.length === 0) return account;
  if (account) {
    const names = found.map((one) => `  ${one.id}  ${labelOf(one)}`).join('\n');
    throw usageError(
      `"${text}" may be any of these; add the currency (${text}:CZK) or use the id:\n${names}`,
    );
  }
  throw usageError(`There is no account "${text}". "brana accounts" lists them.`);
}

function isCalled(account: Account, text: string): boolean {
  const [, name = '', currency] = /^(.*?)(?:[:\s]([A-Za-z]{3}))?$/.exec(text.trim()) ?? [];
  if (currency !== undefined && currency.toUpperCase() !== account.currency) return false;
  const { id, iban, number, bankCode } = account;
  const wanted = name.replace(/\s+/g, '').toUpperCase();
  return [id, iban, number, `${number}/${bankCode}`].some((one) => one?.toUpperCase() === wanted);
}

/** `19-2000145399/0800 CZK` */
export function labelOf({ number, bankCode, currency }: Account): string {
  return `${number}${bankCode === null ? '' : `/${bankCode}`} ${currency}`;
}
