import { createHash } from 'node:crypto';
import { ExchangeError } from '../../shared/http/exchange-error.ts';
import type { ExchangeRequest, ExchangeResponse } from '../../shared/http/types.ts';
import type { SandboxBank } from '../../infra/sandbox/types.ts';

/** Hands a request to a simulated bank in memory, and does to its answer what the line would have done. */
export async function exchangeInMemory(
  bank: SandboxBank,
  request: ExchangeRequest,
): Promise<ExchangeResponse> {
  const url = new URL(request.url);
  const certificate = request.identity?.certificate ?? null;
  const fingerprint = certificate && createHash('sha256').update(certificate).digest('hex');
  const response = await bank.handle({
    method: request.method,
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: request.body ?? new Uint8Array(),
    clientCertificate: fingerprint === null ? null : { serial: fingerprint.slice(0, 16), fingerprint },
  });
  switch (response.delivery?.kind) {
    case undefined:
    case 'delay':
      break;
    case 'drop':
      throw new ExchangeError('sent', true, 'UND_ERR_SOCKET');
    case 'drip':
    case 'stall':
      throw new ExchangeError('timeout', true, 'UND_ERR_BODY_TIMEOUT');
    case 'truncate':
      throw new ExchangeError('body', true, 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH');
    case 'endless':
      throw new ExchangeError('too-large', true, null);
  }
  if (response.headers['content-encoding'] === 'gzip') throw new ExchangeError('too-large', true, null);
  return { status: response.status, headers: response.headers, body: response.body };
}
