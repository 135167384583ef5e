import * as routes from '../../shared/api/routes/authorisation.ts';
import { deleteConnection } from '../../shared/api/routes/connections.ts';
import { getNotices, putNotices } from '../../shared/api/routes/notices.ts';
import { notFound } from '../../shared/api/problem.ts';
import { on, serve } from '../../shared/api/serve.ts';
import { accountView, authorisationView, connectionView, credentialView } from '../../shared/api/views.ts';
import { confirmAuthorisation } from '../../shared/flows/consent/confirm.ts';
import { keepSecrets } from '../../shared/flows/consent/secrets.ts';
import { startAuthorisation } from '../../shared/flows/consent/start.ts';
import { renewNotices, switchOff, switchOn } from '../../shared/flows/notices/switch.ts';
import { removeConnection } from '../../shared/flows/removal.ts';
import { credentialsOf, requireOwn, visibleAccount, visibleConnection } from '../../shared/flows/visible.ts';
import { createNotices, type Subscription } from '../../shared/store/notices.ts';
import { log, openStore } from '../compose.ts';
import { bankDeadline } from '../bank-ports.ts';
import { consentPorts, publicUrl } from '../consent-ports.ts';

const store = openStore();
const ports = { ...consentPorts(store), notices: createNotices(store.dynamo, store.places) };

/** Its address stays unsaid: whoever knows it can knock there. */
const noticesView = (standing: Subscription | null) => ({
  on: standing !== null && standing.bankId !== null,
  since: standing?.since ?? null,
});

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
    const deadline = bankDeadline();
    const confirmed = await confirmAuthorisation(ports, caller, connection, body.accounts, deadline);
    await renewNotices(ports, confirmed.connection, deadline);
    return {
      body: {
        connection: connectionView(confirmed.connection, await credentialsOf(store, [confirmed.connection])),
        credential: credentialView(confirmed.credential),
        accounts: confirmed.accounts.map(accountView),
      },
    };
  }),

  on(deleteConnection, async ({ caller, params }) => {
    const connection = requireOwn(caller, await visibleConnection(store, caller, params['id']));
    await removeConnection(ports, connection, bankDeadline());
    return {};
  }),

  on(getNotices, async ({ caller, params }) => {
    const account = await visibleAccount(store, caller, params['id']);
    return { body: noticesView(await ports.notices.get(account.company, account.id)) };
  }),

  on(putNotices, async ({ caller, params, body, domainName }) => {
    const account = requireOwn(caller, await visibleAccount(store, caller, params['id']));
    const deadline = bankDeadline();
    if (body.on)
      return { body: noticesView(await switchOn(ports, account, publicUrl({ domainName }), deadline)) };
    await switchOff(ports, account, deadline);
    return { body: noticesView(null) };
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
