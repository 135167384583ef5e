import type { Route } from './route.ts';
import * as activity from './routes/activity.ts';
import * as accounts from './routes/accounts.ts';
import * as authorisation from './routes/authorisation.ts';
import * as catalog from './routes/catalog.ts';
import * as connections from './routes/connections.ts';
import * as credential from './routes/credential.ts';
import * as documents from './routes/documents.ts';
import * as events from './routes/events.ts';
import * as hooks from './routes/hooks.ts';
import * as keys from './routes/keys.ts';
import * as ledger from './routes/ledger.ts';
import * as notices from './routes/notices.ts';
import * as payments from './routes/payments.ts';

const groups = [
  catalog,
  keys,
  connections,
  credential,
  authorisation,
  activity,
  accounts,
  notices,
  ledger,
  documents,
  payments,
  hooks,
  events,
];

/** Every route of the API. A function imports its own group instead: schemas cost time at a cold start. */
export const ROUTES: readonly Route[] = groups.flatMap((group) =>
  Object.values(group as Record<string, unknown>).filter(isRoute),
);

function isRoute(value: unknown): value is Route {
  return typeof value === 'object' && value !== null && 'key' in value && 'scope' in value;
}
