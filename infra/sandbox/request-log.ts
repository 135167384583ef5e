import type { LoggedRequest, SandboxBank, SandboxRequest, SandboxResponse } from './types.ts';

/** The requests a simulated bank was asked, oldest first. */
export interface RequestLog {
  /** @param at the bank's epoch milliseconds when it came */
  add(
    request: SandboxRequest,
    response: SandboxResponse,
    facts: Pick<LoggedRequest, 'at' | 'operation'> &
      Partial<Pick<LoggedRequest, 'requestId' | 'certificate'>>,
  ): void;
  readonly select: SandboxBank['requests'];
}

export function requestLog(): RequestLog {
  const all: LoggedRequest[] = [];
  return {
    add: ({ method, path, query }, { status }, facts) =>
      void all.push({
        requestId: null,
        certificate: null,
        ...facts,
        method,
        path,
        query: query.toString(),
        status,
      }),
    select: ({ operation, certificate } = {}) =>
      all.filter(
        (one) =>
          (operation === undefined || one.operation === operation) &&
          (certificate === undefined || one.certificate === certificate),
      ),
  };
}
