import * as routes from '../../shared/api/routes/connections.ts';
import { on, serve } from '../../shared/api/serve.ts';
import { connectionView } from '../../shared/api/views.ts';
import { changeConnection, createConnection, deleteConnection } from '../../shared/flows/connections.ts';
import {
  credentialsOf,
  requireOwn,
  visibleConnection,
  visibleConnections,
} from '../../shared/flows/visible.ts';
import { clock, log, openStore, random, onLambda } from '../compose.ts';

const store = openStore();
const ports = {
  ...store,
  clock,
  random,
  simulated: !onLambda && process.env['BRANA_SIMULATED'] !== undefined,
};

export const handler = serve({ log, authenticate: store.authenticate }, [
  on(routes.listConnections, async ({ caller }) => {
    const connections = await visibleConnections(store, caller);
    const credentials = await credentialsOf(store, connections);
    return { body: { items: connections.map((one) => connectionView(one, credentials)) } };
  }),

  on(routes.createConnection, async ({ caller, body }) => ({
    body: connectionView(await createConnection(ports, caller, body), new Map()),
  })),

  on(routes.getConnection, async ({ caller, params }) => {
    const connection = await visibleConnection(store, caller, params['id']);
    return { body: connectionView(connection, await credentialsOf(store, [connection])) };
  }),

  on(routes.changeConnection, async ({ caller, params, body }) => {
    const connection = requireOwn(caller, await visibleConnection(store, caller, params['id']));
    const changed = await changeConnection(ports, connection, body);
    return { body: connectionView(changed, await credentialsOf(store, [changed])) };
  }),

  on(routes.deleteConnection, async ({ caller, params }) => {
    await deleteConnection(ports, requireOwn(caller, await visibleConnection(store, caller, params['id'])));
    return {};
  }),
]);
