import { Failure } from '../domain/failure.ts';
import { Secret } from '../domain/secret.ts';
import type { BankRequest, ClientIdentity, ExchangeRequest, Limits } from './types.ts';

/** Where a credential's requests go, and as whom. */
export interface Line {
  /** `https://host[:port]`, from the manifest (a simulated bank's from the local runner). */
  readonly origin: string;
  /** Path before every request's own, from the manifest. */
  readonly base: string;
  readonly identity: ClientIdentity | null;
  /** PEM of the only CA to trust; `null` = the public ones. */
  readonly ca: string | null;
  /** Where the bank's identity provider is, at banks with one. */
  readonly identityProvider?: { readonly origin: string; readonly base: string };
}

/** The host a request goes to. @throws Failure `unsupported` when the bank has no such host */
export function hostOf(line: Line, { host, operation }: BankRequest): { origin: string; base: string } {
  if (host === undefined) return line;
  if (line.identityProvider) return line.identityProvider;
  throw new Failure('unsupported', `${operation} was not called: the bank has no identity provider`, {
    operation,
  });
}

/**
 * A connector's request as an exchange takes it: address, headers, bytes.
 * @throws Failure `rejected` when the path is not the one it looks like (a value such as `..` in it)
 */
export function outgoing(
  line: Line,
  request: BankRequest,
  requestId: string,
  limits: Limits,
): ExchangeRequest {
  const { identity, ca } = line;
  const { origin, base } = hostOf(line, request);
  const { method, body = null, anonymous = false } = request;
  const url = addressOf(origin, base, request);
  return {
    method,
    url: url.href,
    headers: headersOf(request, requestId),
    body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
    identity: anonymous ? null : identity,
    ca,
    limits,
  };
}

function addressOf(origin: string, base: string, { operation, path, target, query = {} }: BankRequest): URL {
  const wanted = target ?? base + path;
  const address = origin + wanted;
  const url = URL.canParse(address) ? new URL(address) : null;
  const reached = url && (target === undefined ? url.pathname : url.pathname + url.search);
  if (!url || url.origin !== new URL(origin).origin || reached !== wanted) {
    const message = `${operation} was not called: a value in its path would lead elsewhere. Correct the value.`;
    throw new Failure('rejected', message, { operation });
  }
  if (target === undefined) {
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  }
  return url;
}

function headersOf({ accept, headers = {}, requestIdHeader }: BankRequest, requestId: string) {
  const all: Record<string, string> = { accept: accept.join(', '), 'user-agent': 'brana' };
  for (const [name, value] of Object.entries(headers)) {
    all[name.toLowerCase()] = value instanceof Secret ? value.reveal() : value;
  }
  if (requestIdHeader !== undefined) all[requestIdHeader.toLowerCase()] = requestId;
  return all;
}
