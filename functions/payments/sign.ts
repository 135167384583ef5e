import { SIGNED_PATH } from '../../shared/api/pages.ts';
import { signPayment } from '../../shared/api/routes/payments.ts';
import { on, serve } from '../../shared/api/serve.ts';
import { signingPage } from '../../shared/flows/payments/sign.ts';
import { visiblePayment } from '../../shared/flows/visible.ts';
import { bankDeadline, bankPorts } from '../bank-ports.ts';
import { log, openStore } from '../compose.ts';
import { publicUrl } from '../public-url.ts';

const store = openStore();
const ports = { ...bankPorts(store), payments: store.payments, connections: store.connections };

export const handler = serve({ log, authenticate: store.authenticate }, [
  on(signPayment, async ({ caller, params, domainName }) => {
    const payment = await visiblePayment(store, caller, params['id']);
    const returnTo = publicUrl({ domainName }) + SIGNED_PATH;
    return { body: await signingPage(ports, payment, returnTo, bankDeadline()) };
  }),
]);
