import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import type { SandboxClock, SandboxRequest, SandboxResponse } from '../../types.ts';
import { inMemory } from './in-memory.ts';
import { consentPage, errorPage, loginPage, type Choice } from './pages.ts';
import type { IdentityStore } from './store.ts';

/** The application registered on the bank's portal. */
export interface Application {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Exact addresses a consent may lead back to; more may be registered later. */
  readonly redirectUris: string[];
  readonly scopes: readonly string[];
}

/** What somebody allowed. */
export interface Consent {
  readonly user: string;
  readonly ibans: ReadonlySet<string>;
  /** False when the application did not ask for offline access. */
  readonly offline: boolean;
  /** The bank's epoch milliseconds. */
  readonly until: number;
}

/** How the provider behaves; changed by levers at any time. */
export interface Behaviour {
  rotates: boolean;
  accessSeconds: number;
  consentDays: number;
}

export interface ProviderOptions {
  /** `https://host:port` */
  readonly origin: string;
  /** Path the provider is mounted under. */
  readonly base: string;
  readonly clock: SandboxClock;
  readonly store: IdentityStore;
  readonly application: Application;
  readonly behaviour: Behaviour;
  readonly users: readonly { readonly id: string; readonly name: string }[];
  readonly accounts: readonly Choice[];
  /** Consents by grant. */
  readonly consents: Map<string, Consent>;
}

export interface RunningProvider {
  handle(request: SandboxRequest): Promise<SandboxResponse>;
  /** Grant and scopes of a token that is good; `null` for any other. */
  bearer(token: string): Promise<{ readonly grant: string; readonly scopes: readonly string[] } | null>;
}

const DAY = 86_400_000;
const CONSENT_PATH = '/consent';

/**
 * The authorisation server of the bank: `oidc-provider` with the bank's paths, lifetimes and pages. It is loaded when
 * the first browser or token request comes.
 */
export async function startProvider(options: ProviderOptions): Promise<RunningProvider> {
  const { origin, base } = options;
  const { default: OidcProvider } = await import('oidc-provider');
  const provider = new OidcProvider(origin + base, configurationOf(options));
  provider.proxy = true;
  const callback = provider.callback();
  const listener = (request: IncomingMessage, reply: ServerResponse): void => {
    const path = (request.url ?? '/').slice(base.length);
    const work = path.startsWith(`${CONSENT_PATH}/`)
      ? interact(provider, options, request, reply)
      : callback(mounted(request, path), reply);
    work.catch((error: unknown) => {
      console.error('The simulated identity provider failed:', error);
      reply.destroy();
    });
  };
  const exchange = inMemory(listener);
  return {
    handle: (request) =>
      exchange({ ...request, headers: { ...request.headers, 'x-forwarded-proto': 'https' } }),
    bearer: async (token) => {
      const found = await provider.AccessToken.find(token);
      return found ? { grant: found.grantId, scopes: (found.scope ?? '').split(' ') } : null;
    },
  };
}

/** As a router mounts it: the provider finds its base from what is missing. */
function mounted(request: IncomingMessage, path: string): IncomingMessage {
  const { url } = request;
  return Object.assign(request, { originalUrl: url, url: path });
}

function configurationOf(options: ProviderOptions): Record<string, unknown> {
  const { base, store, application, behaviour, consents, clock } = options;
  const remaining = (grant: string): number =>
    Math.max(1, Math.floor(((consents.get(grant)?.until ?? 0) - clock.now()) / 1000));
  const consentSeconds = (): number => (behaviour.consentDays * DAY) / 1000;
  return {
    adapter: store.adapterFor,
    scopes: [...application.scopes],
    extraParams: ['access_type'],
    pkce: { required: () => false },
    routes: { revocation: '/revokeext' },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      revocation: { enabled: true, allowedPolicy: () => true },
    },
    clientAuthMethods: ['client_secret_post'],
    jwks: { keys: [signingKey()] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    // Neither token ends with the browser's session.
    expiresWithSession: () => false,
    rotateRefreshToken: () => behaviour.rotates,
    issueRefreshToken: (_context: unknown, _client: unknown, code: { grantId: string }) =>
      consents.get(code.grantId)?.offline ?? false,
    ttl: {
      AccessToken: () => behaviour.accessSeconds,
      AuthorizationCode: 60,
      // Counted from the consent, whatever was refreshed in between.
      RefreshToken: (_context: unknown, token: { grantId: string }) => remaining(token.grantId),
      Grant: consentSeconds,
      Interaction: 600,
      Session: 600,
    },
    interactions: {
      url: (_context: unknown, { uid }: { uid: string }) => `${base}${CONSENT_PATH}/${uid}`,
    },
    renderError: (
      context: { type: string; body: string },
      { error, error_description: description }: { error: string; error_description?: string },
    ) => {
      context.type = 'html';
      context.body = errorPage(error, description ?? '');
    },
  };
}

function signingKey(): Record<string, unknown> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256' };
}

/** What the provider keeps of the application, as it asks its store for it. */
export function clientOf({ clientId, clientSecret, redirectUris }: Application): Record<string, unknown> {
  return {
    client_id: clientId,
    client_secret: clientSecret,
    client_name: clientId,
    redirect_uris: [...redirectUris],
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'client_secret_post',
    id_token_signed_response_alg: 'ES256',
  };
}

/** A user before the pages of the bank: log in, choose accounts, allow or deny. */
async function interact(
  provider: Provider,
  { application, users, accounts, behaviour, consents, clock }: ProviderOptions,
  request: IncomingMessage,
  reply: ServerResponse,
): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, reply);
  const finish = (result: Readonly<Record<string, unknown>>): Promise<void> =>
    provider.interactionFinished(request, reply, result);
  const scopes = (params['scope'] ?? application.scopes.join(' ')).split(' ');
  if (request.method !== 'POST') {
    const html =
      prompt.name === 'login' ? loginPage(users) : consentPage(application.clientId, scopes, accounts);
    reply.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    return void reply.end(html);
  }
  const form = await formOf(request);
  const denied = { error: 'access_denied', error_description: 'The user refused.' };
  if (form.get('action') === 'deny') return finish(denied);
  const user = users.find(({ id }) => id === form.get('user'));
  if (prompt.name === 'login')
    return finish(user ? { login: { accountId: user.id, remember: false } } : denied);
  const ibans = new Set(form.getAll('account'));
  if (!session || ibans.size === 0) return finish(denied);
  const grant = new provider.Grant({ accountId: session.accountId, clientId: application.clientId });
  for (const scope of scopes) if (application.scopes.includes(scope)) grant.addOIDCScope(scope);
  const grantId = await grant.save();
  consents.set(grantId, {
    user: session.accountId,
    ibans,
    offline: params['access_type'] === 'offline',
    until: clock.now() + behaviour.consentDays * DAY,
  });
  return finish({ consent: { grantId } });
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
