import { signPayment } from '../../shared/api/routes/payments.ts';
import { on, serve } from '../../shared/api/serve.ts';
import { signingPage } from '../../shared/flows/payments/sign.ts';
import { visiblePayment } from '../../shared/flows/visible.ts';
import { bankPorts } from '../bank-ports.ts';
import { clock, log, openStore } from '../compose.ts';
import { publicUrl } from '../public-url.ts';

const store = openStore();
const ports = { ...bankPorts(store), payments: store.payments, connections: store.connections };

/** API Gateway gives up after thirty seconds. */
const BANK_TIME_MS = 22_000;
/** The page behind the bank's. It is the same for every order, so that it can be registered at a bank. */
const RETURN_PATH = '/signed';

export const handler = serve({ log, authenticate: store.authenticate }, [
  on(signPayment, async ({ caller, params, domainName }) => {
    const payment = await visiblePayment(store, caller, params['id']);
    const returnTo = publicUrl({ domainName }) + RETURN_PATH;
    return { body: await signingPage(ports, payment, returnTo, clock.now() + BANK_TIME_MS) };
  }),
]);
