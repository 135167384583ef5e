import * as routes from '../../shared/api/routes/authorisation.ts';
import { notFound } from '../../shared/api/problem.ts';
import { on, serve } from '../../shared/api/serve.ts';
import { accountView, authorisationView, connectionView, credentialView } from '../../shared/api/views.ts';
import { confirmAuthorisation } from '../../shared/flows/consent/confirm.ts';
import { keepSecrets } from '../../shared/flows/consent/secrets.ts';
import { startAuthorisation } from '../../shared/flows/consent/start.ts';
import { credentialsOf, requireOwn, visibleConnection } from '../../shared/flows/visible.ts';
import { clock, log, openStore } from '../compose.ts';
import { consentPorts, publicUrl } from '../consent-ports.ts';

const store = openStore();
const ports = consentPorts(store);

/** API Gateway gives up after thirty seconds; the bank gets what is left after our own writes. */
const BANK_TIME_MS = 22_000;

export const handler = serve({ log, authenticate: store.authenticate }, [
  on(routes.putSecrets, async ({ caller, params, body }) => {
    const connection = requireOwn(caller, await visibleConnection(store, caller, params['id']));
    return { body: credentialView(await keepSecrets(ports, connection, body.secrets)) };
  }),

  on(routes.startAuthorisation, async ({ caller, params, body, domainName }) => {
    const connection = requireOwn(caller, await visibleConnection(store, caller, params['id']));
    const { authorisation, url } = await startAuthorisation(
      ports,
      caller,
      connection,
      body,
      publicUrl({ domainName }),
    );
    const { expiresAt, redirectUri } = authorisation;
    return { body: { url, expiresAt, redirectUri } };
  }),

  on(routes.getAuthorisation, async ({ caller, params }) => {
    const connection = requireOwn(caller, await visibleConnection(store, caller, params['id']));
    const authorisation = await ports.authorisations.get(connection.company, connection.id);
    if (!authorisation) throw notFound('authorisation');
    return { body: authorisationView(authorisation) };
  }),

  on(routes.confirmAuthorisation, async ({ caller, params, body }) => {
    const connection = requireOwn(caller, await visibleConnection(store, caller, params['id']));
    const deadline = clock.now() + BANK_TIME_MS;
    const confirmed = await confirmAuthorisation(ports, caller, connection, body.accounts, deadline);
    return {
      body: {
        connection: connectionView(confirmed.connection, await credentialsOf(store, [confirmed.connection])),
        credential: credentialView(confirmed.credential),
        accounts: confirmed.accounts.map(accountView),
      },
    };
  }),

  on(routes.getReturnUrls, async ({ caller }) => ({
    body: { returnUrls: (await store.companies.get(caller.company))?.returnUrls ?? [] },
  })),

  on(routes.putReturnUrls, async ({ caller, body }) => {
    requireOwn(caller, { user: null });
    await store.companies.setReturnUrls(caller.company, body.returnUrls, caller.key);
    return { body: { returnUrls: body.returnUrls } };
  }),
]);
