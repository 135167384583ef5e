import type { Dialect } from '../scenarios.ts';
import type { SandboxResponse } from '../types.ts';

export function answered(status: number, value: unknown): SandboxResponse {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(value)),
  };
}

export interface Told {
  readonly error: string;
  readonly scope?: string;
}

/** A refusal in the bank's form, `{"status", "errors": [{"error", "scope"}]}`. */
export const refused = (status: number, ...errors: readonly Told[]): SandboxResponse =>
  answered(status, { status, errors });

/** Thrown by a check; carries the answer to give. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly response: SandboxResponse;

  constructor(status: number, ...errors: readonly Told[]) {
    super(`refused with status ${status}`);
    this.response = refused(status, ...errors);
  }
}

/** A refusal of the payments API itself, in the form of the Czech standard: without the status. */
export class PaymentRefusal extends Refusal {
  override readonly response: SandboxResponse;

  constructor(status: number, ...errors: readonly Told[]) {
    super(status, ...errors);
    this.response = answered(status, { errors });
  }
}

/** How this bank words the refusals a test can ask for; what bars a caller here is a disabled key. */
export const DIALECT: Dialect = {
  tooManyRequests: () => refused(429, { error: 'REQUEST_QUOTA_EXCEEDED' }),
  blockedCertificate: () => refused(412, { error: 'KEY_DISABLED' }),
  noRights: () => refused(400, { error: 'AG01', scope: 'User has no valid rights' }),
  invalidRequest: () => refused(400, { error: 'PARAMETER_INVALID', scope: 'size' }),
};
