import { manifests } from '../../shared/banks/catalog.ts';
import { isoInstant } from '../../shared/domain/dates.ts';
import * as routes from '../../shared/api/routes/catalog.ts';
import { on, serve } from '../../shared/api/serve.ts';
import { clock, log, openStore } from '../compose.ts';
import { publicUrl } from '../public-url.ts';
import { VERSION } from '../version.ts';

const { authenticate } = openStore();

export const handler = serve({ log, authenticate }, [
  on(routes.health, async ({ domainName }) => ({
    body: { status: 'ok', time: isoInstant(clock.now()), address: publicUrl({ domainName }) },
  })),
  on(routes.openapi, async () => {
    // Every schema of the API, for the one route that shows them all.
    const [{ openApiDocument }, { ROUTES }] = await Promise.all([
      import('../../shared/api/openapi.ts'),
      import('../../shared/api/routes.ts'),
    ]);
    return { body: openApiDocument(ROUTES, VERSION) };
  }),
  on(routes.banks, async () => ({ body: { items: await manifests() } })),
]);
