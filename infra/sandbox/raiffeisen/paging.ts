import type { Misbehaviour, SandboxRequest, SandboxResponse } from '../types.ts';
import { json } from './answers.ts';
import type { BankSource } from './source.ts';

/** What the two misbehaviours of paging do before the bank looks at a request. */
export function bent(
  misbehaviour: Misbehaviour,
  request: SandboxRequest,
  parameters: Readonly<Record<string, string>>,
  source: BankSource,
): SandboxRequest {
  if (misbehaviour.kind === 'repeat-page') {
    const query = new URLSearchParams(request.query);
    query.set('page', '1');
    return { ...request, query };
  }
  if (misbehaviour.kind === 'shift-pages' && Number(request.query.get('page') ?? 1) > 1) {
    const { accountNumber = '', currencyCode = '' } = parameters;
    for (let row = 0; row < (misbehaviour.rows ?? 1); row += 1) source.bookNow?.(accountNumber, currencyCode);
  }
  return request;
}

/** A repeated page never says it is the last. */
export function neverLast(misbehaviour: Misbehaviour, response: SandboxResponse): SandboxResponse {
  if (misbehaviour.kind !== 'repeat-page' || response.status !== 200) return response;
  const list = JSON.parse(Buffer.from(response.body).toString('utf8')) as Record<string, unknown>;
  const flag = 'lastPage' in list ? { lastPage: false } : { last: false };
  return { ...response, body: json(200, { ...list, ...flag }).body };
}
