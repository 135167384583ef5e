import type { PlainDate } from '../../../shared/domain/dates.ts';
import { requestLog } from '../request-log.ts';
import { instead, scenarios, spoiled, type Dialect } from '../scenarios.ts';
import type { Misbehaviour, SandboxBank, SandboxClock, SandboxRequest, SandboxResponse } from '../types.ts';

import { PORTFOLIO, type CebAccount } from './accounts.ts';
import { openBooks, type Books, type CebStatement } from './books.ts';
import { openImports, type OrderLevers } from './imports.ts';
import { openListing, type Flaw } from './listing.ts';
import { OPERATIONS } from './schema.ts';
import { issuedSource, type Issued } from './issued.ts';
import { openService, type Refusal } from './service.ts';
import { clientFault, fault } from './soap.ts';
import { download, upload } from './transfer.ts';

/** The bank, with the levers of its customers in CEB and of tests. */
export interface CsobCebBank extends SandboxBank, OrderLevers {
  readonly id: 'csob-ceb';
  readonly contract: string;
  readonly books: Books;
  /** The truth, for tests and the demo. */
  readonly source: Issued;
  /** Statements that can be had by now, of days in [from, to]; `account` without its prefix. */
  issued(account: string, from: PlainDate, to: PlainDate): readonly CebStatement[];
  /** Refuses a certificate with a code of the manual; `null` takes it again. */
  refuseCertificate(serial: string, code: Refusal | null): void;
  /** Forgets the calls it counted in the last twenty minutes. */
  rest(): void;
  flaw(flaw: Flaw | null): void;
}

/** Contract of the simulated company. */
export const CONTRACT = '4471029';
/** A statement can be had ten minutes behind its making. */
const PREPARING = 10 * 60_000;

const DIALECT: Dialect = {
  tooManyRequests: () => fault('1101', 'Too many calls', 'CBAPIceb-asked-for'),
  blockedCertificate: () => fault('1012', 'Certificate is blocked', 'CBAPIceb-asked-for'),
  noRights: () => fault('1002', 'Contract has no access to Business Connector', 'CBAPIceb-asked-for'),
  invalidRequest: () => clientFault('The message does not follow its schema.'),
};

/**
 * The simulated ČSOB CEB Business Connector, written from the bank's WSDL and schemas (GetDownloadFileList_v4,
 * StartUploadFileList_v3, FinishUploadFileList_v2) and the implementation manual.
 */
export function csobCebBank(options: {
  readonly seed: string;
  readonly clock: SandboxClock;
  /** Another portfolio; with none the company has no account here. */
  readonly accounts?: readonly CebAccount[];
}): CsobCebBank {
  const { seed, clock, accounts = PORTFOLIO } = options;
  const books = openBooks(seed, clock, accounts);
  const imports = openImports(books, clock);
  const listing = openListing(books, imports, clock);
  const service = openService({ clock, contract: CONTRACT, listing, imports });
  const waiting = scenarios();
  const log = requestLog();

  function serve(operation: string, request: SandboxRequest): SandboxResponse {
    if (operation === 'downloadFile') return download(request, listing);
    if (operation === 'uploadFile') return upload(request, imports);
    return service.handle(operation, request);
  }

  function answer(operation: string | null, request: SandboxRequest): SandboxResponse {
    if (operation === null)
      return { status: 404, headers: { 'content-type': 'text/html' }, body: new Uint8Array() };
    const misbehaviour = waiting.next(operation);
    if (!misbehaviour) return serve(operation, request);
    const replaced = insteadHere(misbehaviour, clock);
    if (replaced && misbehaviour.afterwards !== true) return replaced;
    const served = serve(operation, request);
    return replaced ?? spoiled(misbehaviour, served);
  }

  const issued = (account: string, from: PlainDate, to: PlainDate): CebStatement[] =>
    accounts
      .filter(({ number }) => number === account)
      .flatMap((one) => books.statements(one))
      .filter(({ day, createdAt }) => day >= from && day <= to && createdAt + PREPARING <= clock.now());

  return {
    id: 'csob-ceb',
    contract: CONTRACT,
    books,
    issued,
    source: issuedSource(issued),
    refuseCertificate: service.refuse,
    rest: service.rest,
    flaw: listing.flaw,
    orders: imports.orders,
    orderOf: imports.orderOf,
    sign: imports.sign,
    discard: imports.discard,
    signAfter: imports.signAfter,
    refuse: imports.refuse,
    answerWith: imports.answerWith,
    misbehave: waiting.add,
    behave: waiting.clear,
    handle: async (request) => {
      const at = clock.now();
      imports.advance();
      const operation = operationOf(request);
      const response = answer(operation, request);
      log.add(request, response, { at, operation, certificate: request.clientCertificate?.serial ?? null });
      return response;
    },
    requests: log.select,
  };
}

/** The operation by path and, of the service, by the quoted `SOAPAction`; `null` for what is none. */
function operationOf({ method, path, headers }: SandboxRequest): string | null {
  if (method === 'GET' && path === '/ExtFileHubDown/v2/download') return 'downloadFile';
  if (method === 'POST' && path === '/ExtFileHubUp/v2/upload') return 'uploadFile';
  const isSoap = /^text\/xml; ?charset=utf-8$/i.test(headers['content-type'] ?? '');
  if (method !== 'POST' || path !== '/cebbc/api' || !isSoap) return null;
  const action = /^"(\w+)"$/.exec(headers['soapaction'] ?? '')?.[1] ?? '';
  return OPERATIONS.includes(action) ? action : null;
}

/** Misbehaviours in this bank's own form: errors under 200 are faults, garbage is cut XML. */
function insteadHere(misbehaviour: Misbehaviour, clock: SandboxClock): SandboxResponse | null {
  if (misbehaviour.kind === 'json-error-200')
    return clientFault('The message does not follow its schema.', 200);
  if (misbehaviour.kind === 'garbage-json') {
    const body = Buffer.from('<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/env');
    return { status: 200, headers: { 'content-type': 'text/xml; charset=utf-8' }, body };
  }
  return instead(misbehaviour, clock, DIALECT);
}
