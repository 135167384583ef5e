import { requestLog } from '../../request-log.ts';
import { spoiled, instead, type Dialect, type Scenarios } from '../../scenarios.ts';
import type { LoggedRequest, SandboxClock, SandboxRequest, SandboxResponse } from '../../types.ts';
import { answered } from '../answers.ts';
import type { Choice } from './pages.ts';
import { clientOf, startProvider, type Application, type Behaviour, type Consent } from './provider.ts';
import type { RunningProvider } from './provider.ts';
import { identityStore } from './store.ts';

/** How the bank words the end of a consent at its token endpoint; all four were met. */
export type RefusalForm = 'invalid_grant' | '7109' | 'expired' | 'bare-401';

/** What users and operators of the bank can do to consents, and tests to the token endpoint. */
export interface IdentityLevers {
  /** Registers one more redirect address with the application. */
  register(redirectUri: string): void;
  /** Whether every refresh gives a new refresh token and a spent one, used again, ends the consent. */
  rotate(on: boolean): void;
  /** Lifetimes of what is given from now on. */
  lifetimes(lives: { readonly accessSeconds?: number; readonly consentDays?: number }): void;
  /** Token answers come without a refresh token. */
  withholdRefreshTokens(on: boolean): void;
  /** Tokens are good for these scopes only, whatever was asked for; `null` = for all. */
  narrow(scopes: readonly string[] | null): void;
  /** The user withdraws every consent in internet banking. */
  withdraw(): void;
  /** Every consent reaches its end now. */
  expire(): void;
  /** Every access token ends now; consents go on. */
  endAccess(): void;
  refuseAs(form: RefusalForm): void;
  /** Requests to the identity provider so far, oldest first: operations `authorise`, `token`, `revoke`, `consent`. */
  visits(operation?: string): readonly LoggedRequest[];
}

/** Who a token speaks for. */
export interface Bearer {
  readonly user: string;
  readonly ibans: ReadonlySet<string>;
  readonly scopes: readonly string[];
}

export interface Identity {
  readonly levers: IdentityLevers;
  /** `null` for a path that is not the provider's. */
  handle(request: SandboxRequest): Promise<SandboxResponse> | null;
  bearer(token: string): Promise<Bearer | null>;
}

export const IDENTITY_OPERATIONS: readonly string[] = ['authorise', 'consent', 'token', 'revoke'];
export const IDENTITY_BASE = '/api/psd2/fl/oidc/v1';

export function openIdentity(options: {
  readonly clock: SandboxClock;
  readonly application: Application;
  readonly users: readonly { readonly id: string; readonly name: string }[];
  readonly accounts: readonly Choice[];
  /** Misbehaviours asked for by one of {@link IDENTITY_OPERATIONS}. */
  readonly waiting: Scenarios;
  readonly dialect: Dialect;
}): Identity {
  const { clock, application, users, accounts, waiting, dialect } = options;
  const behaviour: Behaviour = { rotates: true, accessSeconds: 300, consentDays: 180 };
  const consents = new Map<string, Consent>();
  const store = identityStore(clock, (model, id) =>
    model === 'Client' && id === application.clientId ? clientOf(application) : undefined,
  );
  const log = requestLog();
  let running: Promise<RunningProvider> | null = null;
  let withheld = false;
  let narrowed: readonly string[] | null = null;
  let form: RefusalForm = 'invalid_grant';

  const provider = (host: string): Promise<RunningProvider> => {
    running ??= startProvider({
      origin: `https://${host}`,
      base: IDENTITY_BASE,
      clock,
      store,
      application,
      behaviour,
      users,
      accounts,
      consents,
    });
    return running;
  };

  async function serve(request: SandboxRequest, operation: string): Promise<SandboxResponse> {
    const response = await (await provider(request.headers['host'] ?? 'localhost')).handle(request);
    return operation === 'token' ? reworded(request, response) : response;
  }

  /** Token answers as the levers want them. */
  function reworded({ body: sent }: SandboxRequest, response: SandboxResponse): SandboxResponse {
    const body = JSON.parse(Buffer.from(response.body).toString('utf8')) as Record<string, unknown>;
    const refreshing =
      new URLSearchParams(Buffer.from(sent).toString()).get('grant_type') === 'refresh_token';
    if (response.status !== 200)
      return refreshing && body['error'] === 'invalid_grant' ? REFUSALS[form] : response;
    if (withheld) delete body['refresh_token'];
    if (narrowed) body['scope'] = narrowed.join(' ');
    return { ...response, body: Buffer.from(JSON.stringify(body)) };
  }

  async function answer(request: SandboxRequest, operation: string): Promise<SandboxResponse> {
    const misbehaviour = waiting.next(operation);
    if (!misbehaviour) return serve(request, operation);
    const replaced = instead(misbehaviour, clock, dialect);
    const served = (misbehaviour.afterwards ?? replaced === null) ? await serve(request, operation) : null;
    return replaced ?? spoiled(misbehaviour, served!);
  }

  async function logged(request: SandboxRequest, operation: string): Promise<SandboxResponse> {
    const at = clock.now();
    const response = await answer(request, operation);
    log.add(request, response, { at, operation });
    return response;
  }

  function forget(): void {
    consents.clear();
    for (const model of ['Grant', 'RefreshToken', 'AccessToken', 'AuthorizationCode', 'Session'])
      store.end(model);
  }

  return {
    handle: (request) => {
      const operation = operationOf(request.path);
      return operation === null ? null : logged(request, operation);
    },
    bearer: async (token) => {
      const found = running && (await (await running).bearer(token));
      const consent = found && consents.get(found.grant);
      if (!found || !consent || consent.until <= clock.now()) return null;
      return { ...consent, scopes: narrowed ?? found.scopes };
    },
    levers: {
      register: (redirectUri) => void application.redirectUris.push(redirectUri),
      rotate: (on) => void (behaviour.rotates = on),
      lifetimes: (lives) => void Object.assign(behaviour, lives),
      withholdRefreshTokens: (on) => void (withheld = on),
      narrow: (scopes) => void (narrowed = scopes),
      withdraw: forget,
      expire: () => {
        forget();
        form = form === 'invalid_grant' ? '7109' : form;
      },
      endAccess: () => store.end('AccessToken'),
      refuseAs: (wanted) => void (form = wanted),
      visits: (operation) => log.select(operation === undefined ? {} : { operation }),
    },
  };
}

/** What the provider's token endpoint says of an ended consent. */
const REFUSALS: Readonly<Record<RefusalForm, SandboxResponse>> = {
  invalid_grant: answered(400, { error: 'invalid_grant', error_description: 'grant request is invalid' }),
  '7109': answered(400, { error_code: '7109', error_description: 'Invalid refresh token' }),
  expired: answered(400, { error: 'invalid_request', error_description: 'Refresh token has expired' }),
  'bare-401': answered(401, {}),
};

function operationOf(path: string): string | null {
  if (!path.startsWith(`${IDENTITY_BASE}/`)) return null;
  const rest = path.slice(IDENTITY_BASE.length);
  if (rest === '/token') return 'token';
  if (rest === '/revokeext') return 'revoke';
  return rest.startsWith('/consent/') ? 'consent' : 'authorise';
}
