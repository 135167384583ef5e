import * as routes from '../../shared/api/routes/events.ts';
import { on, serve } from '../../shared/api/serve.ts';
import { visibleEvents } from '../../shared/flows/visible.ts';
import { log, openStore } from '../compose.ts';

const store = openStore();

export const handler = serve({ log, authenticate: store.authenticate }, [
  on(routes.listEvents, async ({ caller, query }) => {
    const { events, last } = await store.feed.read(caller.company, query.after, query.limit);
    return { body: { items: await visibleEvents(store, caller, events), next: last } };
  }),
]);
