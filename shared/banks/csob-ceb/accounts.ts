import { czechIban } from '../../domain/account-number.ts';
import type { BankAccount } from '../../domain/model.ts';
import { parseOrderAccount } from '../../formats/order-party.ts';
import type { BankCall } from '../../http/types.ts';
import { readableOf, statementsIn, type Catalogues, type Listed } from './catalogue.ts';
import type { Config } from './config.ts';
import { manifest } from './manifest.ts';

/** Statements opened per account to learn its currency, and accounts looked at. */
const TRIES = 3;
const MAX_ACCOUNTS = 500;

/**
 * The accounts that have statements. Business Connector lists no accounts, only files: an account is found by the
 * newest statement of it that can be read, which tells its currency. One whose statements are not switched on for
 * download in the CEB portal, or have not come yet, cannot be seen.
 */
export async function listAccounts(
  catalogues: Catalogues,
  call: BankCall,
  config: Config,
): Promise<BankAccount[]> {
  const { statements } = await catalogues(null);
  const byNumber = new Map<string, Listed[]>();
  for (const statement of statements) {
    const same = byNumber.get(statement.account);
    if (same) same.push(statement);
    else byNumber.set(statement.account, [statement]);
  }
  const accounts: BankAccount[] = [];
  for (const [number, theirs] of [...byNumber].slice(0, MAX_ACCOUNTS)) {
    const currency = await currencyOf(number, theirs, call, config);
    if (currency !== null) accounts.push(accountOf(number, currency));
  }
  return accounts;
}

async function currencyOf(
  number: string,
  statements: readonly Listed[],
  call: BankCall,
  { origin }: Config,
): Promise<string | null> {
  const candidates = statements
    .toSorted((a, b) => (a.day < b.day ? 1 : -1))
    .flatMap(({ files }) => {
      const readable = readableOf(files).find(({ state }) => state === 'ready');
      return readable ? [readable] : [];
    });
  for (const file of candidates.slice(0, TRIES)) {
    const found = await statementsIn(file, call, origin);
    const currency = found.find(({ account }) => account.number === number)?.account.currency;
    if (currency) return currency;
  }
  return null;
}

function accountOf(number: string, currency: string): BankAccount {
  const account = parseOrderAccount(number);
  return {
    handle: number,
    iban: account && czechIban({ ...account, bankCode: manifest.bankCode }),
    number,
    bankCode: manifest.bankCode,
    bic: manifest.bic,
    currency,
    name: null,
    active: true,
  };
}
