import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import * as routes from '../../shared/api/routes/credential.ts';
import { on, serve } from '../../shared/api/serve.ts';
import { accountView, credentialView } from '../../shared/api/views.ts';
import { Secret } from '../../shared/domain/secret.ts';
import { requestCertificate } from '../../shared/flows/certificate-request.ts';
import { proveConnection, uploadCertificate } from '../../shared/flows/certificates.ts';
import { readRates } from '../../shared/flows/rates.ts';
import { requireOwn, visibleConnection } from '../../shared/flows/visible.ts';
import { bankDeadline, bankPorts } from '../bank-ports.ts';
import { log, openStore } from '../compose.ts';

const store = openStore();
const ports = {
  ...bankPorts(store),
  connections: store.connections,
  accounts: store.accounts,
  makeKey: async (modulusLength: number) => {
    const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength });
    return new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  },
};

export const handler = serve({ log, authenticate: store.authenticate }, [
  on(routes.uploadCertificate, async ({ caller, params, body }) => {
    const connection = requireOwn(caller, await visibleConnection(store, caller, params['id']));
    const uploaded = await uploadCertificate(
      ports,
      connection,
      {
        pfx: body.pfx === undefined ? undefined : Buffer.from(body.pfx, 'base64'),
        certificate: body.certificate,
        key: body.key === undefined ? undefined : new Secret(body.key),
        passphrase: new Secret(body.passphrase),
        secrets: body.secrets,
        reactivatedOn: body.reactivatedOn,
      },
      bankDeadline(),
    );
    return {
      body: {
        credential: credentialView(uploaded.credential),
        proven: uploaded.proven,
        reason: uploaded.reason,
        accounts: uploaded.accounts.map(accountView),
      },
    };
  }),

  on(routes.requestCertificate, async ({ caller, params, body }) => {
    const connection = requireOwn(caller, await visibleConnection(store, caller, params['id']));
    return { body: await requestCertificate(ports, connection, body.commonName) };
  }),

  on(routes.proveConnection, async ({ caller, params, body }) => {
    const connection = requireOwn(caller, await visibleConnection(store, caller, params['id']));
    const { credential, accounts } = await proveConnection(
      ports,
      connection,
      body.reactivatedOn,
      bankDeadline(),
    );
    return { body: { credential: credentialView(credential), accounts: accounts.map(accountView) } };
  }),

  on(routes.listRates, async ({ caller, params, query }) => {
    const connection = await visibleConnection(store, caller, params['id']);
    const { rates, quarantined } = await readRates(ports, connection, query, bankDeadline());
    return {
      body: {
        items: rates,
        quarantined: quarantined.map(({ rule, message, position }) => ({ rule, message, position })),
      },
    };
  }),
]);
