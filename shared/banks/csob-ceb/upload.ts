import { Failure, type FailureDetail } from '../../domain/failure.ts';
import { parseJson, textOf } from '../../domain/json.ts';
import type { BankCall, BankResponse } from '../../http/types.ts';
import type { SentOrder } from '../contract.ts';
import { targetOf } from './download.ts';
import { formOf } from './multipart.ts';

const OPERATION = 'uploadFile';

/** Codes under which the bank refuses a file for good (HTTP 400, or the extended code in the answer). */
const REFUSALS: Readonly<Record<string, string>> = {
  '400': 'parameters are missing. Report it: the gateway sent something the bank did not expect',
  '450': 'the file is too large. Divide the order',
  '451': 'the bank does not take files of this extension. Report it with the name of the bank',
  '452': 'the bank does not take files of this type. Report it with the name of the bank',
  '453': 'the bank’s antivirus refuses the file. Ask its support',
  '454': 'the address or the content type was not what the bank expected. Report it',
};
const TIMEOUTS: readonly string[] = ['408', '455', '456'];
/** As the schema of the next step has it. */
const FILE_ID = /^[a-zA-Z0-9_%-]+={0,2}$/;
const MAX_FILE_ID = 2_048;

/** What became of an upload: the bank's id of the file, or `expired`: the address is good no longer. */
export type Uploaded = { readonly fileId: string } | 'expired';

/**
 * Brings the bytes to the address the bank gave. Nothing is imported by it, so it may be done again.
 * @throws Failure `rejected` for a file the bank will never take, `transient` for what may be repeated
 */
export async function uploadFile(
  call: BankCall,
  order: SentOrder,
  address: string,
  origin: string,
): Promise<Uploaded> {
  const { contentType, body } = formOf(order.document.bytes, order.document.name, order.sha256);
  const response = await call({
    operation: OPERATION,
    method: 'POST',
    path: '',
    target: targetOf(address, origin, OPERATION),
    accept: ['*/*'],
    headers: { 'Content-Type': contentType },
    body,
    read: false,
  });
  return judge(response);
}

function judge(response: BankResponse): Uploaded {
  const { status, body, requestId } = response;
  const fields = status === 200 || status === 201 ? fieldsOf(body) : new Map<string, string>();
  const code = fields.get('status') ?? String(status);
  const detail: FailureDetail = { operation: OPERATION, status, requestId, code: code.slice(0, 10) };
  if (status === 403) return 'expired';
  if (status === 401) {
    const message = `${OPERATION} answered 401: the bank refuses the certificate for the upload. Check in the CEB portal that it is registered for the contract, then prove the connection again.`;
    throw new Failure('credential-refused', message, detail);
  }
  const refused = Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : undefined;
  if (refused) throw new Failure('rejected', `${OPERATION} answered ${code}: ${refused}.`, detail);
  const fileId = fields.get('newfileid') ?? '';
  const stored = code === '200' || code === '201';
  if (stored && fileId.length <= MAX_FILE_ID && FILE_ID.test(fileId)) return { fileId };
  const why = TIMEOUTS.includes(code) ? 'the bank’s time ran out' : 'no id of the file came';
  throw new Failure(
    'transient',
    `${OPERATION} answered ${status}: ${why}. It is tried again by itself.`,
    detail,
  );
}

/** Fields of the answer by lower-case name: the bank's writing of them is not promised. */
function fieldsOf(bytes: Uint8Array): Map<string, string> {
  try {
    const value = parseJson(bytes);
    if (typeof value !== 'object' || value === null) return new Map();
    return new Map(
      Object.entries(value).flatMap(([name, field]) => {
        const text = textOf(field);
        return text === null ? [] : [[name.toLowerCase(), text]];
      }),
    );
  } catch {
    return new Map();
  }
}
