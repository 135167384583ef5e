import type { SandboxResponse } from '../types.ts';
import { json, noContent } from './answers.ts';
import { accountOf, pageOf, visibleAccounts, type Call } from './call.ts';
import { decimal } from './movement.ts';
import { BIC } from './numbers.ts';
import type { Folder, SourceAccount } from './source.ts';

/** `getAccounts`: the accounts the certificate sees. */
export function getAccounts(call: Call): SandboxResponse {
  const page = pageOf(call, visibleAccounts(call));
  if (!page) return noContent();
  return json(200, { accounts: page.items.map(listed), ...page.paging });
}

function listed(account: SourceAccount): Record<string, unknown> {
  const fields = {
    accountId: account.accountId,
    accountName: account.name,
    friendlyName: account.friendlyName,
    accountNumberPrefix: account.prefix,
    accountNumber: account.number,
    iban: account.iban,
    bankCode: account.bankCode,
    bankBicCode: BIC,
    mainCurrency: account.mainCurrency,
    accountTypeId: account.type,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

/** `getBalance`: all currency folders of an account with their four balances. */
export function getBalance(call: Call): SandboxResponse {
  const account = accountOf(call, call.parameters['accountNumber'] ?? '');
  return json(200, {
    numberPart1: account.prefix,
    numberPart2: account.number,
    bankCode: account.bankCode,
    currencyFolders: call.source.folders(account.number).map(folderAnswer),
  });
}

/** CLAB: available without the credit line; CLBD: booked; CLAV: available with it; BLCK: blocked. */
function folderAnswer({ currency, status, balances }: Folder): Record<string, unknown> {
  if (balances === null) return { currency, status };
  const { booked, blocked, creditLine } = balances;
  const available = booked - blocked;
  const values = [
    ['CLAB', available],
    ['CLBD', booked],
    ['CLAV', available + creditLine],
    ['BLCK', blocked],
  ] as const;
  return {
    currency,
    status,
    balances: values.map(([balanceType, minor]) => ({
      balanceType,
      currency,
      value: decimal(minor, currency),
    })),
  };
}
