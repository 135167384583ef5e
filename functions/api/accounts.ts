import { connectionNotActive, notFound } from '../../shared/api/problem.ts';
import { cursorOf, sortKeyOf } from '../../shared/api/paging.ts';
import * as routes from '../../shared/api/routes/accounts.ts';
import { on, serve } from '../../shared/api/serve.ts';
import { accountView, pullView } from '../../shared/api/views.ts';
import { manifestOf } from '../../shared/banks/catalog.ts';
import { dateIn } from '../../shared/domain/dates.ts';
import { askedWindow } from '../../shared/flows/back-fill.ts';
import { changeSettings } from '../../shared/flows/settings.ts';
import type { PullMessage } from '../../shared/flows/pull/message.ts';
import { requestPull } from '../../shared/flows/pull/request.ts';
import { requireOwn, visibleAccount, visibleAccounts } from '../../shared/flows/visible.ts';
import { createQueue, queueClient } from '../../shared/store/queues.ts';
import { clock, log, openStore, random, setting } from '../compose.ts';

const store = openStore();
const queue = createQueue<PullMessage>(queueClient(), setting('PULL_QUEUE_URL'), clock, random);

export const handler = serve({ log, authenticate: store.authenticate }, [
  on(routes.listAccounts, async ({ caller, query }) => {
    const accounts = await visibleAccounts(store, caller);
    const wanted = accounts.filter(
      ({ connection }) => query.connection === undefined || connection === query.connection,
    );
    return { body: { items: wanted.map(accountView) } };
  }),

  on(routes.getAccount, async ({ caller, params }) => ({
    body: accountView(await visibleAccount(store, caller, params['id'])),
  })),

  on(routes.changeAccount, async ({ caller, params, body }) => {
    const account = requireOwn(caller, await visibleAccount(store, caller, params['id']));
    return { body: accountView(await changeSettings(store.accounts, account, body)) };
  }),

  on(routes.createPull, async ({ caller, params, body }) => {
    const account = await visibleAccount(store, caller, params['id']);
    const { timeZone } = await manifestOf(account.bank);
    const window = askedWindow(body, dateIn(timeZone, clock.now()));
    const connection = await store.connections.get(caller.company, account.connection);
    if (!connection || connection.status !== 'active' || connection.credential === null) {
      throw connectionNotActive(
        connection,
        'Upload its certificate first (PUT /connections/{id}/certificate).',
      );
    }
    const ledger = store.ledgerOf(caller.company, account.id);
    const ready = { ...connection, credential: connection.credential };
    const pull = await requestPull(
      { clock, random, dynamo: store.dynamo, queue },
      ledger,
      account,
      ready,
      window,
    );
    return { body: pullView(pull), headers: { location: `/accounts/${account.id}/pulls/${pull.id}` } };
  }),

  on(routes.listPulls, async ({ caller, params, query }) => {
    const account = await visibleAccount(store, caller, params['id']);
    const ledger = store.ledgerOf(caller.company, account.id);
    const { items, next } = await ledger.pulls(query.limit, sortKeyOf(query.cursor, 'pull#'));
    return { body: { items: items.map(pullView), next: cursorOf(next) } };
  }),

  on(routes.getPull, async ({ caller, params }) => {
    const account = await visibleAccount(store, caller, params['id']);
    const pull = await store.ledgerOf(caller.company, account.id).pull(params['pullId'] ?? '');
    if (!pull) throw notFound('pull');
    return { body: pullView(pull) };
  }),
]);
