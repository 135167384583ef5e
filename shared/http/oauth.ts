import type { AuthorizationServer, Client, ClientAuth, CustomFetchOptions } from 'oauth4webapi';
import { Failure, type FailureKind } from '../domain/failure.ts';
import { Secret } from '../domain/secret.ts';
import { jsonOrNull, textAt } from '../domain/json.ts';
import type { BankCall, BankRequest, BankResponse } from './types.ts';

/**
 * A bank's authorisation server, spoken to through our own way out: `oauth4webapi` writes and reads the messages
 * (RFC 6749, 7009, 7636), the bank client sends them, so that deadlines, caps, logs and quotas hold here as well.
 */
export interface OAuthServer {
  readonly call: BankCall;
  /** Origin and base path of the identity provider. */
  readonly identity: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** Paths below `identity`. */
  readonly paths: { readonly authorise: string; readonly token: string; readonly revoke?: string };
  /** What this bank's refusals mean beyond RFC 6749; looked at first. */
  readonly rules?: readonly TokenRule[];
}

export type GrantType = 'authorization_code' | 'refresh_token';

/** A refusal of the token endpoint (RFC 6749, 5.2), with what a bank adds to it. */
export interface TokenRefusal {
  readonly grant: GrantType;
  readonly status: number;
  /** `null`: the answer has no error code of the RFC's form. */
  readonly error: string | null;
  /** The whole answer as JSON, `null` when it is none. */
  readonly body: unknown;
}

export interface TokenRule {
  applies(refusal: TokenRefusal): boolean;
  readonly kind: FailureKind;
  /** What happened and what to do. */
  readonly message: string;
}

/** What a token endpoint gave (RFC 6749, 5.1). */
export interface Granted {
  readonly accessToken: Secret;
  /** Seconds from now. */
  readonly expiresIn: number;
  readonly refreshToken: Secret | null;
  readonly scopes: readonly string[] | null;
}

/** Seconds an access token is held good for when the server does not tell; the shortest life seen at a bank. */
const UNTOLD_LIFE = 300;
const MAX_ANSWER = 64 * 1024;

/**
 * Address of the consent page (RFC 6749, 4.1.1; RFC 7636, 4.3). Pure. Spaces become `%20`, which every reader of
 * queries takes for one.
 * @param more parameters the bank has beyond the RFCs
 */
export function authorisationUrl(
  { identity, paths, clientId }: OAuthServer,
  request: { redirectUri: string; state: string; challenge: string | null; scopes: readonly string[] },
  more: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: request.redirectUri,
    scope: request.scopes.join(' '),
    state: request.state,
    ...(request.challenge === null
      ? {}
      : { code_challenge: request.challenge, code_challenge_method: 'S256' }),
    ...more,
  });
  return `${identity}${paths.authorise}?${query.toString().replaceAll('+', '%20')}`;
}

/**
 * Exchanges an authorisation code, once (RFC 6749, 4.1.3).
 * @throws Failure `rejected` when the code is refused, `credential-refused` when we are; `outcome-unknown` when the
 * answer was lost or makes no sense
 */
export function redeemCode(
  server: OAuthServer,
  { code, redirectUri, verifier }: { code: Secret; redirectUri: string; verifier: Secret | null },
): Promise<Granted> {
  return grant(server, 'authorization_code', {
    code: code.reveal(),
    redirect_uri: redirectUri,
    ...(verifier === null ? {} : { code_verifier: verifier.reveal() }),
  });
}

/**
 * Gets a fresh access token (RFC 6749, 6).
 * @throws Failure `consent-needed` when the refresh token is refused, `credential-refused` when we are;
 * `outcome-unknown` when the answer was lost or makes no sense: the refresh token may have been spent
 */
export function refreshGrant(server: OAuthServer, refreshToken: Secret): Promise<Granted> {
  return grant(server, 'refresh_token', { refresh_token: refreshToken.reveal() });
}

/**
 * Takes a token back (RFC 7009). A token the server does not know counts as taken back.
 * @throws Failure `unsupported` where the bank has no such endpoint
 */
export async function revokeGrant(server: OAuthServer, token: Secret): Promise<void> {
  const { revoke } = server.paths;
  if (revoke === undefined) throw new Failure('unsupported', 'The bank takes no tokens back.');
  const oauth = await import('oauth4webapi');
  const { as, client, authentication } = await parties(server);
  const told = listen(server, 'revoke', revoke);
  await oauth.revocationRequest(as, client, authentication, token.reveal(), {
    [oauth.customFetch]: told.fetch,
  });
  const { status, requestId } = told.answer();
  if (status >= 200 && status < 300) return;
  throw new Failure(
    'rejected',
    `revoke answered ${status}: the bank did not take the token back. Withdraw the consent at the bank.`,
    { operation: 'revoke', status, requestId },
  );
}

async function grant(
  server: OAuthServer,
  type: GrantType,
  parameters: Record<string, string>,
): Promise<Granted> {
  const oauth = await import('oauth4webapi');
  const { as, client, authentication } = await parties(server);
  const told = listen(server, 'token', server.paths.token);
  // The callback's own parameters (state, issuer) were checked by the flow before anything was asked for.
  const response = await oauth.genericTokenEndpointRequest(as, client, authentication, type, parameters, {
    [oauth.customFetch]: told.fetch,
  });
  const answer = told.answer();
  if (answer.status !== 200) throw refusal(answer, type, server.rules ?? []);
  try {
    const body = await oauth.processGenericTokenEndpointResponse(as, client, response);
    return {
      accessToken: new Secret(body.access_token),
      expiresIn: body.expires_in ?? UNTOLD_LIFE,
      refreshToken: body.refresh_token === undefined ? null : new Secret(body.refresh_token),
      scopes: body.scope === undefined ? null : body.scope.split(' ').filter((scope) => scope !== ''),
    };
  } catch {
    // The library's words quote the body, which may hold a token.
    throw senseless(answer);
  }
}

async function parties(server: OAuthServer): Promise<{
  as: AuthorizationServer;
  client: Client;
  authentication: ClientAuth;
}> {
  const { ClientSecretPost } = await import('oauth4webapi');
  const { identity, paths, clientId, clientSecret } = server;
  return {
    as: {
      issuer: identity,
      token_endpoint: identity + paths.token,
      ...(paths.revoke === undefined ? {} : { revocation_endpoint: identity + paths.revoke }),
    },
    client: { client_id: clientId },
    authentication: ClientSecretPost(clientSecret.reveal()),
  };
}

/** The bank client in the shape of `fetch`, and the answer it got. */
function listen(server: OAuthServer, operation: 'token' | 'revoke', path: string) {
  let answer: BankResponse | null = null;
  return {
    fetch: async (_url: string, { body, headers }: CustomFetchOptions<'POST', URLSearchParams>) => {
      answer = await server.call(messageOf(operation, path, body, headers));
      return asFetched(answer);
    },
    answer: (): BankResponse => {
      if (answer) return answer;
      throw new Failure('outcome-unknown', `${operation} was not answered. Ask again.`, { operation });
    },
  };
}

function messageOf(
  operation: 'token' | 'revoke',
  path: string,
  body: URLSearchParams,
  headers: Record<string, string>,
): BankRequest {
  return {
    operation,
    method: 'POST',
    host: 'identity',
    path,
    headers: { 'Content-Type': headers['content-type'] ?? 'application/x-www-form-urlencoded' },
    body: body.toString(),
    // A revocation answers with nothing at all (RFC 7009, 2.2).
    accept: operation === 'token' ? ['application/json'] : ['application/json', '*/*'],
    // Spends a code or a refresh token.
    read: false,
    maxBytes: MAX_ANSWER,
  };
}

function asFetched({ status, headers, body }: BankResponse): Response {
  const type = headers['content-type'] ?? '';
  const bare = status === 204 || status === 205 || status === 304;
  return new Response(bare ? null : Uint8Array.from(body), { status, headers: { 'content-type': type } });
}

/** RFC 6749, 5.2. */
const RULES: readonly TokenRule[] = [
  {
    applies: ({ grant, error }) => grant === 'refresh_token' && error === 'invalid_grant',
    kind: 'consent-needed',
    message: 'the consent has ended or was withdrawn. Authorise the connection again',
  },
  {
    applies: ({ error }) => error === 'invalid_grant',
    kind: 'rejected',
    message:
      'the bank refuses the code: spent, too old or for another address. Start the authorisation again',
  },
  {
    applies: ({ error }) => error === 'invalid_client' || error === 'unauthorized_client',
    kind: 'credential-refused',
    message:
      'the bank refuses the client id or its secret. Compare them with your application at the bank and correct the connection',
  },
  {
    applies: ({ error }) => error === 'invalid_scope',
    kind: 'rejected',
    message: 'the application may not ask for these rights. Add them to your application at the bank',
  },
  {
    applies: ({ error }) => error === 'invalid_request' || error === 'unsupported_grant_type',
    kind: 'rejected',
    message:
      'the bank does not take the request. Compare the redirect address registered at the bank with the gateway’s, then report this',
  },
];

function refusal(answer: BankResponse, grant: GrantType, own: readonly TokenRule[]): Failure {
  const { status, requestId } = answer;
  const body = jsonOrNull(answer.body);
  const error = textAt(body, 'error');
  const rule = [...own, ...RULES].find((one) => one.applies({ grant, status, error, body }));
  if (!rule) return senseless(answer);
  const code = error?.replace(/[^\w .-]/g, '').slice(0, 60);
  const told = code === undefined ? `${status}` : `${status} ${code}`;
  return new Failure(rule.kind, `token answered ${told}: ${rule.message}.`, {
    operation: 'token',
    status,
    requestId,
    ...(code === undefined ? {} : { code }),
  });
}

function senseless({ status, requestId }: BankResponse): Failure {
  const message =
    `token answered ${status} with something no token endpoint says; what was sent may have been spent. ` +
    'It is asked again with the next run; if this stays, authorise the connection again.';
  return new Failure('outcome-unknown', message, { operation: 'token', status, requestId });
}
