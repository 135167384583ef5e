import type { Dialect } from '../scenarios.ts';
import type { SandboxRequest, SandboxResponse } from '../types.ts';
import { gatewayRefused, Refusal, refused } from './answers.ts';
import type { Rights } from './call.ts';
import type { Operation } from './routes.ts';

/** How this bank words its refusals. */
export const DIALECT: Dialect = {
  tooManyRequests: () =>
    refused(429, 'TOO_MANY_REQUESTS', 'User has sent too many requests in a given amount of time.'),
  blockedCertificate: () =>
    refused(401, 'INVALID_REQUEST', "The client's certificate is in an invalid state."),
  noRights: () => refused(403, 'INSUFFICIENT_RIGHTS', 'No access rights to perform the operation.'),
  invalidRequest: () => refused(400, 'DT01', 'Invalid input.'),
};

const EVERYTHING: Rights = { accounts: null, operations: null };

/** The two operations the contract opens to callers without a certificate. */
const ANONYMOUS: readonly Operation[] = ['getFxRatesList', 'getFxRates'];

/** What the bank knows about certificates, by serial. A certificate it never heard of may do everything. */
export interface Certificates {
  block(serial: string): void;
  unblock(serial: string): void;
  restrict(serial: string, rights: Partial<Rights>): void;
  /**
   * The rights a request comes with.
   * @throws Refusal 401 without a certificate or with a blocked one, 403 for an operation it has no right to
   */
  admit(request: SandboxRequest, operation: Operation): Rights;
}

export function certificates(): Certificates {
  const blocked = new Set<string>();
  const rights = new Map<string, Rights>();
  return {
    block: (serial) => void blocked.add(serial),
    unblock: (serial) => void blocked.delete(serial),
    restrict: (serial, narrowed) => void rights.set(serial, { ...EVERYTHING, ...narrowed }),
    admit: (request, operation) => {
      if (ANONYMOUS.includes(operation)) return EVERYTHING;
      const serial = request.clientCertificate?.serial;
      if (serial === undefined) {
        throw new Refusal(refused(401, 'UNAUTHORISED', "Certificate's serial number is missing."));
      }
      if (blocked.has(serial)) throw new Refusal(DIALECT.blockedCertificate());
      const granted = rights.get(serial) ?? EVERYTHING;
      if (granted.operations?.includes(operation) === false) throw new Refusal(DIALECT.noRights());
      return granted;
    },
  };
}

/**
 * The headers every operation demands.
 * @throws Refusal in the form of the gateway (IBM API Connect), which answers before the bank sees the request
 */
export function checkHeaders(headers: Readonly<Record<string, string>>, clientIds: readonly string[]): void {
  const clientId = headers['x-ibm-client-id'];
  if (clientId === undefined || !clientIds.includes(clientId)) {
    throw new Refusal(gatewayRefused(401, 'Unauthorized', 'Invalid client id or secret.'));
  }
  if (!/^[a-zA-Z0-9\-_:]{1,60}$/.test(headers['x-request-id'] ?? '')) {
    const more = "Header 'X-Request-Id' is required and must match [a-zA-Z0-9\\-_:]{1,60}.";
    throw new Refusal(gatewayRefused(400, 'Bad Request', more));
  }
  if ((headers['psu-ip-address'] ?? '').length > 39) {
    const more = "Header 'PSU-IP-Address' is longer than 39 characters.";
    throw new Refusal(gatewayRefused(400, 'Bad Request', more));
  }
}

/** The gateway's answer to a path or method it has no operation for. */
export function unrouted(status: 404 | 405): SandboxResponse {
  return status === 404
    ? gatewayRefused(404, 'Not Found', 'No resources match requested URI')
    : gatewayRefused(405, 'Method Not Allowed', 'The method is not allowed for the requested URL');
}
