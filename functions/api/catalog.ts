import { manifests } from '../../shared/banks/catalog.ts';
import { isoInstant } from '../../shared/domain/dates.ts';
import { openApiDocument } from '../../shared/api/openapi.ts';
import type { Route } from '../../shared/api/route.ts';
import * as routes from '../../shared/api/routes.ts';
import { on, serve } from '../../shared/api/serve.ts';
import { clock, log, openStore } from '../compose.ts';
import { VERSION } from '../version.ts';

const { authenticate } = openStore();

export const handler = serve({ log, authenticate }, [
  on(routes.health, async () => ({ body: { status: 'ok', time: isoInstant(clock.now()) } })),
  on(routes.openapi, async () => ({
    body: openApiDocument(Object.values(routes) as unknown as Route[], VERSION),
  })),
  on(routes.banks, async () => ({ body: { items: await manifests() } })),
]);
