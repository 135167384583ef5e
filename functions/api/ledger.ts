import { cursorOf, sortKeyOf } from '../../shared/api/paging.ts';
import * as routes from '../../shared/api/routes/ledger.ts';
import { on, serve } from '../../shared/api/serve.ts';
import { balanceView, statementView, transactionView } from '../../shared/api/views.ts';
import { hintsOf } from '../../shared/domain/hints.ts';
import { visibleAccount } from '../../shared/flows/visible.ts';
import { log, openStore } from '../compose.ts';

const store = openStore();

/** The whole ledger, where the caller names no days. */
const span = ({ from, to }: { from?: string | undefined; to?: string | undefined }) => ({
  from: from ?? '1900-01-01',
  to: to ?? '9999-12-30',
});

export const handler = serve({ log, authenticate: store.authenticate }, [
  on(routes.listTransactions, async ({ caller, params, query }) => {
    const account = await visibleAccount(store, caller, params['id']);
    const after = sortKeyOf(query.cursor, 'transaction#');
    const ledger = store.ledgerOf(caller.company, account.id);
    const { items, next } = await ledger.transactions(span(query), query.limit, after);
    return { body: { items: items.map(transactionView), next: cursorOf(next) } };
  }),

  on(routes.listBalances, async ({ caller, params }) => {
    const account = await visibleAccount(store, caller, params['id']);
    const known = await store.ledgerOf(caller.company, account.id).balances();
    return { body: { at: known?.at ?? null, items: (known?.balances ?? []).map(balanceView) } };
  }),

  on(routes.listStatements, async ({ caller, params, query }) => {
    const account = await visibleAccount(store, caller, params['id']);
    const after = sortKeyOf(query.cursor, 'statement#');
    const ledger = store.ledgerOf(caller.company, account.id);
    const { items, next } = await ledger.statements(span(query), query.limit, after);
    const hints = hintsOf(await store.connections.get(caller.company, account.connection));
    return {
      body: { items: items.map((one) => statementView(account.id, one, hints)), next: cursorOf(next) },
    };
  }),
]);
