import type { Bank } from '../contract.ts';
import { openAccounts, prove } from './accounts.ts';
import { consents } from './auth.ts';
import { balancesOf } from './balances.ts';
import { createClient } from './client.ts';
import { readConfig } from './config.ts';
import { manifest } from './manifest.ts';
import { notices } from './notices.ts';
import { openPayments } from './payments.ts';
import { renderOrder } from './render.ts';
import { openStatements } from './statements.ts';
import { transactionPage } from './transactions.ts';

/** Česká spořitelna (Erste Group), Premium Accounts API v3: OAuth consent and WEB-API-key, no certificate. */
export const bank: Bank = {
  manifest,
  connect(access) {
    const { call, consent } = access;
    // Nothing but rendering an order goes without a consent.
    if (!consent) return { render: renderOrder };
    const config = readConfig(access);
    const client = createClient(call, config, consent);
    const accounts = openAccounts(client);
    const statements = openStatements(accounts);
    const payments = openPayments(client, access.environment);
    return {
      accounts: () => accounts.list(),
      balances: (account) => balancesOf(accounts, account),
      transactions: (account, window, cursor) => transactionPage(accounts, account, window, cursor),
      statements: statements.list,
      download: statements.download,
      prove: () => prove(client),
      render: renderOrder,
      step: payments.create,
      orderStatus: payments.status,
      signingPage: payments.signingPage,
      ...consents(call, config, consent),
      ...notices(call, config, accounts),
    };
  },
};
