/** A form with one file, as the implementation manual prints it (RFC 7578). */
export interface Form {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/**
 * @param name of the file, ASCII without quotes
 * @param sha256 of the bytes, hex; the boundary is made of it, and no file holds its own hash
 */
export function formOf(bytes: Uint8Array, name: string, sha256: string): Form {
  const boundary = `brana-${sha256.slice(0, 40)}`;
  const head = [
    `--${boundary}`,
    `Content-Disposition: form-data; name="fileupload"; filename="${name}"`,
    'Content-Type: application/octet-stream',
    `Content-Length: ${bytes.length}`,
    '',
    '',
  ].join('\r\n');
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([Buffer.from(head, 'ascii'), bytes, Buffer.from(`\r\n--${boundary}--\r\n`, 'ascii')]),
  };
}
