import { textAt } from '../../domain/json.ts';
import { authorisationUrl, redeemCode, refreshGrant, revokeGrant } from '../../http/oauth.ts';
import type { OAuthServer, TokenRule } from '../../http/oauth.ts';
import type { BankCall } from '../../http/types.ts';
import type { ConsentAccess, GrantsConsent } from '../contract.ts';
import type { Config } from './config.ts';

const AGAIN = 'Authorise the connection again';

/** What this bank's token endpoint says beyond RFC 6749 (README.md, Quirks). */
const RULES: readonly TokenRule[] = [
  {
    // 7109, or words: seen in production instead of a bare `invalid_grant`.
    applies: ({ grant, status, body }) =>
      grant === 'refresh_token' &&
      (status === 400 || status === 401) &&
      (textAt(body, 'error_code') === '7109' || /expired/i.test(textAt(body, 'error_description') ?? '')),
    kind: 'consent-needed',
    message: `the consent has ended (at most 180 days after it was given). ${AGAIN}`,
  },
  {
    // The bank's own tutorial takes any 401 of a refresh for an ended consent.
    applies: ({ grant, status, error }) => grant === 'refresh_token' && status === 401 && error === null,
    kind: 'consent-needed',
    message: `the bank refuses to go on with the consent. ${AGAIN}; if that fails too, compare client_id and client_secret`,
  },
  {
    applies: ({ grant, status, error, body }) =>
      grant === 'refresh_token' &&
      status >= 400 &&
      status < 500 &&
      textAt(body, 'error_code') !== null &&
      error === null,
    kind: 'credential-refused',
    message:
      'the bank refuses the application. Compare client_id and client_secret with developers.erstegroup.com',
  },
];

/** Authorisation code with PKCE; the application's values travel in the body, no WEB-API-key with them. */
export function consents(
  call: BankCall,
  { clientId, clientSecret }: Config,
  { identity }: ConsentAccess,
): Required<GrantsConsent> {
  const server: OAuthServer = {
    call,
    identity,
    clientId,
    clientSecret,
    paths: { authorise: '/auth', token: '/token', revoke: '/revokeext' },
    rules: RULES,
  };
  return {
    // `offline` is what asks for a refresh token; `consent` shows the choice of accounts at a renewal as well.
    consentUrl: (request) => authorisationUrl(server, request, { access_type: 'offline', prompt: 'consent' }),
    exchangeCode: (answer) => redeemCode(server, answer),
    refreshTokens: (refreshToken) => refreshGrant(server, refreshToken),
    revokeTokens: (refreshToken) => revokeGrant(server, refreshToken),
  };
}
