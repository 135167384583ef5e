import type { Bank } from '../contract.ts';
import { listAccounts, prove } from './accounts.ts';
import { balancesOf } from './balances.ts';
import { batchStatus } from './batch-status.ts';
import { createClient } from './client.ts';
import { readConfig } from './config.ts';
import { manifest } from './manifest.ts';
import { upload } from './payments.ts';
import { exchangeRates } from './rates.ts';
import { renderOrder } from './render.ts';
import { downloadStatement, statementList } from './statements.ts';
import { transactionPage } from './transactions.ts';

/** Raiffeisenbank a.s. (CZ), Premium API: certificate and ClientID, no consent, no token. */
export const bank: Bank = {
  manifest,
  connect(access) {
    const config = readConfig(access);
    const client = createClient(access.call, config);
    return {
      accounts: () => listAccounts(client),
      balances: (account) => balancesOf(client, account),
      transactions: (account, window, cursor) => transactionPage(client, account, window, cursor),
      statements: (account, window, cursor) => statementList(client, account, window, cursor),
      download: (account, statement, format) => downloadStatement(client, account, statement, format),
      rates: (date, currency) => exchangeRates(client, date, currency),
      prove: () => prove(client),
      render: renderOrder,
      step: (order) => upload(access.call, config, order),
      orderStatus: (order) => batchStatus(client, order),
    };
  },
};
