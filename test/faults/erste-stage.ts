import { ersteBank, type ErsteBank } from '../../infra/sandbox/erste/bank.ts';
import { IDENTITY_BASE } from '../../infra/sandbox/erste/identity/identity.ts';
import { PORTFOLIO } from '../../infra/sandbox/erste/portfolio.ts';
import type { SandboxRequest, SandboxResponse } from '../../infra/sandbox/types.ts';
import type { TokenGrant } from '../../shared/banks/contract.ts';
import type { Places } from '../../shared/store/keys.ts';
import { localNumber } from '../../shared/domain/account-number.ts';
import { Secret } from '../../shared/domain/secret.ts';
import type { VirtualTime } from './actor.ts';
import type { Chance } from './chance.ts';
import { build, type PayBank, type Stage } from './stage.ts';

/** Our ids as the bank has them, whose letters are fewer. */
const written = (id: string): string => id.replace('_', '-');
const ours = (id: string): string => id.replace('-', '_');

/** A stage with Erste's experimental payments. Tokens are not the subject here: whoever holds one may pay. */
export function setErsteStage(
  seed: string,
  places: Places,
  time: VirtualTime,
  chance: Chance,
): Promise<Stage<PayBank & { readonly erste: ErsteBank }>> {
  const application = { clientId: 'harness', clientSecret: 'any', webApiKey: `CANARY-KEY-${seed}-0` };
  const scopes = ['siblings.accounts', 'siblings.payments'];
  const ibans = new Set(PORTFOLIO.map(({ iban }) => iban));
  const bearer = () => Promise.resolve({ user: 'harness', ibans, scopes });
  const erste = ersteBank({ seed, clock: time, application, bearer });
  const { payments } = erste;
  const bank = {
    ...erste,
    erste,
    // The companies of a seed have keys of their own; the bank knows one application.
    handle: async (request: SandboxRequest) =>
      request.path === `${IDENTITY_BASE}/token`
        ? refreshed(time)
        : erste.handle({ ...request, headers: { ...request.headers, 'web-api-key': application.webApiKey } }),
    orders: () => payments.orders().map((order) => ({ ...order, id: ours(order.id) })),
    orderOf: (id: string) => payments.orderOf(written(id)),
    sign: (order: string) => payments.sign(written(order)),
  };
  return build(seed, places, time, chance, {
    id: 'erste',
    bank,
    config: { clientId: application.clientId, payments: 'experimental' },
    formats: ['camt.053'],
    modes: ['transactions', 'both'],
    folders: PORTFOLIO.map(({ prefix, number, iban, folders: [folder] }) => [
      `${iban}-${folder!.currency}`,
      localNumber({ prefix, number, bankCode: '0800' }),
      folder!.currency,
    ]),
    consent: { grant: grantOf(time), scopes },
  });
}

const HOUR_SECONDS = 3_600;

const grantOf = (time: VirtualTime): TokenGrant => ({
  accessToken: new Secret(`CANARY-TOKEN-${time.now()}`),
  expiresIn: HOUR_SECONDS,
  refreshToken: new Secret('CANARY-REFRESH'),
  scopes: null,
});

/** What the identity provider says to a refresh. */
function refreshed(time: VirtualTime): SandboxResponse {
  const body = { access_token: `CANARY-TOKEN-${time.now()}`, token_type: 'Bearer', expires_in: HOUR_SECONDS };
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
  };
}
