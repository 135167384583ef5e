import type { SandboxResponse } from '../types.ts';

/** Error codes of the contract. */
export type ErrorCode =
  | 'INVALID_BATCH_IMPORT_FORMAT'
  | 'BATCH_CONTENT_INVALID'
  | 'BATCH_ALREADY_IMPORTED'
  | 'DT01'
  | 'UNAUTHORISED'
  | 'INVALID_REQUEST'
  | 'INSUFFICIENT_RIGHTS'
  | 'ID_NOT_FOUND'
  | 'TOO_MANY_REQUESTS';

export function json(status: number, value: unknown): SandboxResponse {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=UTF-8' },
    body: Buffer.from(JSON.stringify(value)),
  };
}

/** "Nonexisting page or empty content." */
export function noContent(): SandboxResponse {
  return { status: 204, headers: {}, body: new Uint8Array() };
}

/** A refusal in the bank's own words, `{"error", "error_description"}`. */
export function refused(status: number, error: ErrorCode, description: string): SandboxResponse {
  return json(status, { error, error_description: description });
}

/** A refusal by the gateway in front of the bank (IBM API Connect), which has another form. */
export function gatewayRefused(status: number, message: string, more: string): SandboxResponse {
  return json(status, { httpCode: String(status), httpMessage: message, moreInformation: more });
}

/** Thrown by a check; carries the answer to give. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly response: SandboxResponse;

  constructor(response: SandboxResponse) {
    super(`refused with status ${response.status}`);
    this.response = response;
  }
}

export function badRequest(more: string): Refusal {
  return new Refusal(gatewayRefused(400, 'Bad Request', more));
}

export function notFound(what: string): Refusal {
  return new Refusal(refused(404, 'ID_NOT_FOUND', `${what} was not found.`));
}

export function badDate(description: string): Refusal {
  return new Refusal(refused(400, 'DT01', description));
}
