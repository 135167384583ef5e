import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { ExchangeError } from './exchange-error.ts';

/** What we ask for and can undo. */
export const ACCEPT_ENCODING = 'gzip, br, deflate';

function decoderFor(encoding: string) {
  switch (encoding.trim().toLowerCase()) {
    case '':
    case 'identity':
      return null;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    case 'deflate':
      return createInflate();
    default:
      throw new ExchangeError('body', true, 'UNKNOWN_ENCODING');
  }
}

/**
 * Reads a body to its end, decompressing on the way and counting what comes *out*: memory stays at the cap however
 * small the compressed form was.
 * @throws ExchangeError `too-large` over the cap, `body` for an encoding we did not ask for; what the stream or the
 * decoder throws for a body that is cut off or damaged
 */
export async function readBody(stream: Readable, encoding: string, maxBytes: number): Promise<Uint8Array> {
  const decoder = decoderFor(encoding);
  // Errors come out of the iteration below; the callback only keeps them from being thrown twice.
  const source: Readable = decoder === null ? stream : pipeline(stream, decoder, () => {});
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new ExchangeError('too-large', true, null);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
