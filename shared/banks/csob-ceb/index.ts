import type { Bank } from '../contract.ts';
import { listAccounts } from './accounts.ts';
import { adviceList, createAdvices, downloadAdvice } from './advices.ts';
import { createCatalogues } from './catalogue.ts';
import { createClient } from './client.ts';
import { readConfig } from './config.ts';
import { createFiles } from './files.ts';
import { manifest } from './manifest.ts';
import { submitStep } from './payments.ts';
import { findOrder, orderStatus } from './protocol.ts';
import { exchangeRates } from './rates.ts';
import { renderOrder } from './render.ts';
import { downloadStatement, statementList } from './statements.ts';

/** ČSOB (CZ), CEB Business Connector: SOAP coordinates, files travel over plain HTTPS, a certificate on both. */
export const bank: Bank = {
  manifest,
  connect(access) {
    const { call } = access;
    const config = readConfig(access);
    const client = createClient(call);
    const files = createFiles(client, config);
    const catalogues = createCatalogues(files, call, config);
    const advices = createAdvices(files, call, config);
    return {
      accounts: () => listAccounts(catalogues, call, config),
      statements: (account, window) => statementList(catalogues, account, window),
      download: (_account, statement, format) =>
        downloadStatement(catalogues, call, config, statement, format),
      advices: (account, window) => adviceList(advices, account, window),
      downloadAdvice: (_account, advice) => downloadAdvice(advices, call, config, advice),
      rates: (date, currency) => exchangeRates(files, call, config, date, currency),
      prove: () => files.prove(),
      render: renderOrder,
      step: (order, progress) => submitStep(client, call, config, order, progress),
      orderStatus: (order) => orderStatus(files, call, config, order),
      findOrder: (order) => findOrder(files, call, config, order),
    };
  },
};
