import { Failure } from '../../domain/failure.ts';
import type { BankDocument } from '../../domain/model.ts';
import type { BankCall } from '../../http/types.ts';
import type { BankFile } from './files.ts';

const OPERATION = 'downloadFile';
const MAX_DOCUMENT = 64 * 1024 * 1024;

/**
 * Path and query of an address the bank handed out, to the letter.
 * @throws Failure `protocol` when it is not of the connection's own host: whoever is there would be shown our
 * certificate, which nobody but the bank may see
 */
export function targetOf(address: string, origin: string, operation: string): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url?.protocol === 'https:' && url.origin === origin && url.username === '' && url.password === '') {
    // Cut out of the text itself: parsing and printing again may write it in another way.
    const target = /^[a-z]+:\/\/[^/?#]+([/?][^#]*)$/i.exec(address)?.[1];
    if (target !== undefined) return target.startsWith('/') ? target : `/${target}`;
  }
  const message =
    'The bank gave an address for a file that is not on its own host; nothing was sent there. Report it to the bank.';
  throw new Failure('protocol', message, { operation });
}

/**
 * The bytes of a file that is ready.
 * @returns `null` when the bank no longer has them: it keeps files for 15 days
 * @throws Failure `transient` when the size is not the listed one
 */
export async function downloadFile(
  call: BankCall,
  file: BankFile,
  origin: string,
): Promise<BankDocument | null> {
  if (file.url === null) return null;
  const response = await call({
    operation: OPERATION,
    method: 'GET',
    path: '',
    target: targetOf(file.url, origin, OPERATION),
    // The bank does not tell the media types of its files.
    accept: ['*/*'],
    maxBytes: MAX_DOCUMENT,
    read: true,
  });
  const { status, body, mediaType, requestId } = response;
  if (status === 400 || status === 404) return null;
  if (status === 401) {
    const message = `${OPERATION} answered 401: the bank refuses the certificate for this file. Check in the CEB portal that it is registered for the contract, then prove the connection again.`;
    throw new Failure('credential-refused', message, { operation: OPERATION, status, requestId });
  }
  if (status !== 200) {
    const message = `${OPERATION} answered ${status}, which the bank’s manual does not know. It is tried again by itself.`;
    throw new Failure('transient', message, { operation: OPERATION, status, requestId });
  }
  if (body.length !== file.size) {
    const message = `${OPERATION} gave ${body.length} bytes of a file listed with ${file.size}. It is tried again by itself.`;
    throw new Failure('transient', message, { operation: OPERATION, status, requestId });
  }
  const type = mediaType === '' ? 'application/octet-stream' : mediaType;
  return { bytes: body, mediaType: type, name: file.name.replace(/[^\w.-]+/g, '-') };
}
