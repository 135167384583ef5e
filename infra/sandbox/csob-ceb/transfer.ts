import type { SandboxRequest, SandboxResponse } from '../types.ts';
import type { Imports } from './imports.ts';
import type { Listing } from './listing.ts';

/** Files in and out: plain HTTPS at the addresses the service handed out. */

const plain = (status: number, text: string): SandboxResponse => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: Buffer.from(`<html><body>${text}</body></html>`),
});

export function download(request: SandboxRequest, listing: Listing): SandboxResponse {
  if (!request.clientCertificate) return plain(401, 'Unauthorized');
  const bytes = listing.open(request.query.get('id') ?? '');
  if (bytes === null) return plain(400, 'Bad Request');
  if (bytes === 'gone') return plain(404, 'Not Found');
  return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: bytes };
}

/** Extended codes come under status 200, as text. */
const told = (status: string, fileId = ''): SandboxResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify({ Status: status, ExtFileUrl: '', NewFileId: fileId })),
});

export function upload(request: SandboxRequest, imports: Imports): SandboxResponse {
  if (!request.clientCertificate) return plain(401, 'Unauthorized');
  const part = partOf(request);
  if (part === 'wrong-type') return told('454');
  if (part === null) return plain(400, 'Bad Request');
  if (!/\.(kpc|abo|xml|txt|p7m)$/i.test(part.name)) return told('451');
  const fileId = imports.store(request.query.get('id') ?? '', part.bytes);
  return fileId === null ? plain(403, 'Forbidden') : told('201', fileId);
}

/**
 * The one part of the form, exactly as the manual prints it.
 * @returns `null` when it is not laid out so
 */
function partOf({
  headers,
  body,
}: SandboxRequest): { readonly name: string; readonly bytes: Uint8Array } | 'wrong-type' | null {
  const boundary = /^multipart\/form-data; ?boundary=([\w-]{1,70})$/.exec(headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) return 'wrong-type';
  const text = Buffer.from(body).toString('latin1');
  const begin = `--${boundary}\r\n`;
  const end = `\r\n--${boundary}--\r\n`;
  const gap = text.indexOf('\r\n\r\n');
  if (!text.startsWith(begin) || !text.endsWith(end) || gap < 0) return null;
  const lines = text.slice(begin.length, gap).split('\r\n');
  const field = (name: string): string =>
    lines.find((line) => line.toLowerCase().startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
  const name = /^form-data; name="fileupload"; filename="([\x20-\x7e]{1,250})"$/.exec(
    field('content-disposition'),
  )?.[1];
  const content = Buffer.from(body).subarray(gap + 4, body.length - end.length);
  const stands =
    field('content-type') === 'application/octet-stream' &&
    field('content-length') === String(content.length);
  return name !== undefined && stands ? { name, bytes: content } : null;
}
