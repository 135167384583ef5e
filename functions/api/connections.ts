import { cursorOf, sortKeyOf } from '../../shared/api/paging.ts';
import { listActivity, putActivity } from '../../shared/api/routes/activity.ts';
import * as routes from '../../shared/api/routes/connections.ts';
import { invalid, on, serve } from '../../shared/api/serve.ts';
import { activityView, standingView } from '../../shared/api/views.ts';
import { manifestOf } from '../../shared/banks/catalog.ts';
import { recordedUntil } from '../../shared/domain/activity.ts';
import type { Connection } from '../../shared/domain/records.ts';
import { switchActivity } from '../../shared/flows/activity/switch.ts';
import { changeConnection, createConnection } from '../../shared/flows/connections.ts';
import {
  credentialsOf,
  requireOwn,
  visibleConnection,
  visibleConnections,
} from '../../shared/flows/visible.ts';
import { standingOf } from '../../shared/flows/watch/freshness.ts';
import { createActivityLog } from '../../shared/store/activity.ts';
import { createGate } from '../../shared/store/gate.ts';
import { clock, log, openStore, random, onLambda } from '../compose.ts';

const store = openStore();
const gate = createGate(store.dynamo, store.places, clock);
const activity = createActivityLog(store.dynamo, store.places, clock);
const ports = {
  ...store,
  clock,
  random,
  simulated: !onLambda && process.env['BRANA_SIMULATED'] !== undefined,
};

/** Connections as they stand, by everything that tells it. */
async function shown(connections: readonly Connection[]) {
  const [first] = connections;
  if (!first) return [];
  const [credentials, accounts] = await Promise.all([
    credentialsOf(store, connections),
    store.accounts.list(first.company),
  ]);
  return Promise.all(
    connections.map(async (one) => {
      const credential = credentials.get(one.credential ?? '') ?? null;
      const manifest = await manifestOf(one.bank);
      const standing = standingOf(manifest, one, credential, accounts, clock.now());
      const bankClock = credential && (await gate.skewOf(credential.fingerprint));
      const activityUntil = recordedUntil(one, clock.now());
      return standingView(one, credentials, { ...standing, bankClock, activityUntil });
    }),
  );
}

const answered = async (connection: Connection) => ({ body: (await shown([connection]))[0] });

export const handler = serve({ log, authenticate: store.authenticate }, [
  on(routes.listConnections, async ({ caller }) => {
    return { body: { items: await shown(await visibleConnections(store, caller)) } };
  }),

  on(routes.createConnection, async ({ caller, body }) =>
    answered(await createConnection(ports, caller, body)),
  ),

  on(routes.getConnection, async ({ caller, params }) =>
    answered(await visibleConnection(store, caller, params['id'])),
  ),

  on(routes.changeConnection, async ({ caller, params, body }) => {
    const connection = requireOwn(caller, await visibleConnection(store, caller, params['id']));
    return answered(await changeConnection(ports, connection, body));
  }),

  on(putActivity, async ({ caller, params, body }) => {
    const connection = requireOwn(caller, await visibleConnection(store, caller, params['id']));
    return answered(await switchActivity(ports, connection, body.days));
  }),

  on(listActivity, async ({ caller, query }) => {
    if (query.connection === undefined) {
      throw invalid([{ pointer: '/query/connection', detail: 'Missing: the id of a connection' }]);
    }
    const { company, id } = requireOwn(caller, await visibleConnection(store, caller, query.connection));
    const after = sortKeyOf(query.cursor, 'activity#');
    const page = await activity.page(company, id, query.limit, after);
    return { body: { items: page.items.map(activityView), next: cursorOf(page.next) } };
  }),
]);
