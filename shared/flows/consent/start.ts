import type { Caller } from '../../api/caller.ts';
import { conflict, unprocessable } from '../../api/problem.ts';
import type { Authorisation } from '../../domain/authorisation.ts';
import { isoInstant } from '../../domain/dates.ts';
import { newId } from '../../domain/id.ts';
import type { Random } from '../../domain/ports.ts';
import type { Connection } from '../../domain/records.ts';
import { hashOf } from '../../store/authorisations.ts';
import type { ConsentPorts } from './ports.ts';
import { addCandidate, consentRulesOf, knownFields } from './secrets.ts';

/** How long link and callback are taken. */
export const AUTHORISATION_MS = 10 * 60_000;

export interface AuthorisationRequest {
  /** Days the consent is to be good for; the bank's longest when absent. */
  readonly validityDays?: number | undefined;
  readonly returnUrl?: string | undefined;
}

/** 256 random bits as a browser can carry them. */
export const secretText = (random: Random): string => Buffer.from(random.bytes(32)).toString('base64url');

/** The bank's own callback path: one per bank, so that no answer of one is ever taken for another's (RFC 9700, 4.4). */
export const callbackPath = (bank: string): string => `/callbacks/${bank}`;

/**
 * Starts an authorisation of a connection.
 * @param publicUrl address of this gateway as the bank and browsers know it, without a slash at its end
 * @returns the one-time link for the person who has the rights at the bank; it is shown once
 * @throws Problem 409 without secrets or at a bank without consents, 422 for a validity or return URL that is not allowed
 */
export async function startAuthorisation(
  ports: Pick<ConsentPorts, 'clock' | 'random' | 'connections' | 'companies' | 'vault' | 'authorisations'>,
  caller: Caller,
  connection: Connection,
  request: AuthorisationRequest,
  publicUrl: string,
): Promise<{ authorisation: Authorisation; url: string }> {
  const { manifest, rules } = await consentRulesOf(connection);
  const { validityDays = rules.maxDays, returnUrl = null } = request;
  if (validityDays > rules.maxDays) {
    const detail = `${manifest.name} gives consents of at most ${rules.maxDays} days`;
    throw unprocessable('validity-too-long', detail, [{ pointer: '/validityDays', detail }]);
  }
  if (returnUrl !== null) await checkReturnUrl(ports, connection.company, returnUrl);
  const now = ports.clock.now();
  const link = secretText(ports.random);
  const authorisation: Authorisation = {
    id: newId('aut', now, ports.random),
    company: connection.company,
    connection: connection.id,
    bank: connection.bank,
    credential: await candidateOf(ports, connection),
    startedBy: { key: caller.key, user: caller.user },
    state: 'waiting',
    linkHash: hashOf(link),
    cookieHash: null,
    stateHash: null,
    sealed: null,
    redirectUri: publicUrl + callbackPath(connection.bank),
    returnUrl,
    validityDays,
    accounts: null,
    reason: null,
    expiresAt: isoInstant(now + AUTHORISATION_MS),
    createdAt: isoInstant(now),
    revision: 1,
  };
  await ports.authorisations.start(authorisation);
  return { authorisation, url: `${publicUrl}/authorise/${link}` };
}

/** The list is matched exactly: no prefix, no other query (RFC 9700, 4.1). @throws Problem 422 */
async function checkReturnUrl(
  { companies }: Pick<ConsentPorts, 'companies'>,
  company: string,
  returnUrl: string,
): Promise<void> {
  const allowed = (await companies.get(company))?.returnUrls ?? [];
  if (allowed.includes(returnUrl)) return;
  const detail = 'This address is not on the company’s list: PUT /return-urls adds it';
  throw unprocessable('return-url-not-allowed', detail, [{ pointer: '/returnUrl', detail }]);
}

/** The credential the consent will belong to: a fresh one, with the secrets that were given. */
async function candidateOf(
  ports: Pick<ConsentPorts, 'clock' | 'random' | 'connections' | 'vault'>,
  connection: Connection,
): Promise<string> {
  const { company, candidate } = connection;
  const standing = candidate === null ? null : await ports.connections.credential(company, candidate);
  if (standing?.kind === 'consent' && standing.grantedAt === null) return standing.id;
  const fields = await knownFields(ports, connection);
  if (Object.keys(fields).length === 0) {
    throw conflict('no-secrets', 'The bank’s secrets are missing: PUT /connections/{id}/secrets.');
  }
  return (await addCandidate(ports, connection, fields)).id;
}
