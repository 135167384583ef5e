import { pragueDateTime } from '../prague.ts';
import type { SandboxClock, SandboxRequest, SandboxResponse } from '../types.ts';
import type { Imports } from './imports.ts';
import type { Listing } from './listing.ts';
import { allIn, textIn, validate } from './schema.ts';
import { answer, clientFault, element, fault, MessageError, readEnvelope, tag, type Read } from './soap.ts';

/** Codes with which the bank refuses a certificate. */
export type Refusal = '1002' | '1011' | '1012';

export interface Service {
  handle(operation: string, request: SandboxRequest): SandboxResponse;
  /** What the bank refuses the certificate with from now on; `null` takes it again. */
  refuse(serial: string, code: Refusal | null): void;
  /** Forgets the calls it counted. */
  rest(): void;
}

const SPAN = 20 * 60_000;
const CALLS = 30;
const TEXTS: Readonly<Record<string, string>> = {
  '1000': 'General error',
  '1002': 'Contract has no access to Business Connector',
  '1011': 'Certificate is not registered or contract is not active',
  '1012': 'Certificate is blocked',
  '1101': 'Too many calls',
};

/** The SOAP service: counts, checks who calls, and answers by the schemas. */
export function openService(options: {
  readonly clock: SandboxClock;
  readonly contract: string;
  readonly listing: Listing;
  readonly imports: Imports;
}): Service {
  const { clock, contract, listing, imports } = options;
  const handlers = handlersOf(clock, listing, imports);
  const calls = new Map<string, number[]>();
  const refused = new Map<string, Refusal>();
  let tickets = 0;
  const ticket = (): string => `CBAPIceb-${String((tickets += 1)).padStart(8, '0')}`;
  const faulty = (code: string): SandboxResponse => fault(code, TEXTS[code] ?? 'Error', ticket());

  /** A call that is refused counts as well, so that who goes on calling stays blocked. */
  function isTooMany(caller: string): boolean {
    const now = clock.now();
    const recent = [...(calls.get(caller) ?? []).filter((at) => at > now - SPAN), now];
    calls.set(caller, recent);
    return recent.length > CALLS;
  }

  return {
    handle(operation, request) {
      const serial = request.clientCertificate?.serial;
      if (serial === undefined) return faulty('1011');
      let message: Read;
      try {
        message = readEnvelope(request.body);
        validate(operation, message);
      } catch (error) {
        if (!(error instanceof MessageError)) throw error;
        return clientFault(error.message);
      }
      const number = textIn(message, 'ContractNumber')!;
      if (isTooMany(`${number}|${serial}`)) return faulty('1101');
      const refusal = number === contract ? refused.get(serial) : '1011';
      if (refusal !== undefined) return faulty(refusal);
      return answer(operation, handlers[operation]!(message, hostOf(request)), ticket());
    },
    refuse: (serial, code) => void (code === null ? refused.delete(serial) : refused.set(serial, code)),
    rest: () => calls.clear(),
  };
}

type Handler = (message: Read, host: string) => string;

/** The three operations; each gives the content of its response. */
function handlersOf(
  clock: SandboxClock,
  listing: Listing,
  imports: Imports,
): Readonly<Record<string, Handler>> {
  return {
    GetDownloadFileList_v4: (message, host) =>
      tag('QueryTimestamp', pragueDateTime(clock.now())) + listing.list(message, host),

    StartUploadFileList_v3: (message, host) =>
      element(
        'FileList',
        ...allIn(message, 'FileList', 'ImportFileDetail').map((file) => {
          const [name = '', hash = '', format = '', mode = ''] = ['Filename', 'Hash', 'Format', 'Mode'].map(
            (field) => textIn(file, field)!,
          );
          const separator = textIn(file, 'Separator') ?? '';
          const token = imports.announce(
            { name, hash, format, separator, mode },
            Number(textIn(file, 'Size')),
          );
          const address = `https://${host}/ExtFileHubUp/v2/upload?id=${token}`;
          return element(
            'FileUrl',
            tag('Filename', name),
            tag('Hash', hash),
            tag('Status', token === null ? 'R' : 'U'),
            token === null ? '' : tag('Url', address),
          );
        }),
      ),

    FinishUploadFileList_v2: (message) => {
      const guid = textIn(message, 'ClientAppGuid')!;
      const files = allIn(message, 'FileList', 'FileId').map((file) => {
        const [name = '', hash = '', fileId = ''] = ['Filename', 'Hash', 'NewFileId'].map((field) =>
          textIn(file, field)!,
        );
        const taken = imports.finish({ name, hash, fileId, guid });
        return element(
          'FileStatus',
          tag('Filename', name),
          tag('Hash', hash),
          tag('Status', taken ? 'I' : 'R'),
        );
      });
      return element('FileList', ...files);
    },
  };
}

/** The bank prints its own name into addresses: here the one it was called by. */
const hostOf = ({ headers }: SandboxRequest): string => headers['host'] ?? 'localhost:1';
