import type { Caller } from '../../shared/api/caller.ts';
import { notFound } from '../../shared/api/problem.ts';
import * as routes from '../../shared/api/routes/hooks.ts';
import { on, serve } from '../../shared/api/serve.ts';
import { acceptedView } from '../../shared/api/views.ts';
import { hookView, rehearsalView } from '../../shared/api/hook-views.ts';
import { dateIn } from '../../shared/domain/dates.ts';
import { HOOK_ZONE, type Hook } from '../../shared/domain/hook.ts';
import { createHook } from '../../shared/flows/hooks/create.ts';
import { receiveOrder } from '../../shared/flows/hooks/receive.ts';
import { rehearse } from '../../shared/flows/hooks/rehearse.ts';
import { createHooks } from '../../shared/store/hooks.ts';
import { createSeal } from '../../shared/store/seal.ts';
import { vaultClient } from '../../shared/store/vault.ts';
import { clock, log, openStore, random, setting } from '../compose.ts';
import { orderPorts } from '../order-ports.ts';

const store = openStore();
const ports = {
  ...orderPorts(store),
  accounts: store.accounts,
  hooks: createHooks(store.dynamo, store.places),
  seal: createSeal(vaultClient(), setting('DATA_KEY'), clock, random),
};

const today = (): string => dateIn(HOOK_ZONE, clock.now());
/** A key of a user looks after that user's hooks only, any other after the whole company's. */
const looksAfter = ({ user }: Caller, hook: Hook): boolean => user === null || hook.user === user;

/** @throws Problem 404 */
async function hookOf(caller: Caller, id: string | undefined): Promise<Hook> {
  const hook = id ? await ports.hooks.get(caller.company, id) : null;
  if (!hook || !looksAfter(caller, hook)) throw notFound('hook');
  return hook;
}

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

export const handler = serve({ log, authenticate: store.authenticate }, [
  on(routes.listHooks, async ({ caller }) => {
    const hooks = await ports.hooks.list(caller.company);
    return {
      body: {
        items: hooks.filter((hook) => looksAfter(caller, hook)).map((hook) => hookView(hook, today())),
      },
    };
  }),

  on(routes.createHook, async ({ caller, body }) => {
    const { hook, secret } = await createHook(ports, caller, body);
    return { body: { ...hookView(hook, today()), secret: secret.reveal() } };
  }),

  on(routes.deleteHook, async ({ caller, params }) => {
    await ports.hooks.remove(await hookOf(caller, params['id']));
    return {};
  }),

  on(routes.testHook, async ({ caller, params, body }) => {
    const hook = await hookOf(caller, params['id']);
    const message = { headers: lowerCase(body.headers ?? {}), bytes: Buffer.from(body.body) };
    return { body: rehearsalView(await rehearse(ports, hook, message)) };
  }),

  on(routes.receiveOrder, async ({ params, bytes, headers }) => {
    const { payment, replayed } = await receiveOrder(ports, params['hook'] ?? '', { bytes, headers });
    return {
      body: acceptedView(payment),
      headers: {
        location: `/payments/${payment.id}`,
        ...(replayed ? { 'idempotency-replayed': 'true' } : {}),
      },
    };
  }),
]);
