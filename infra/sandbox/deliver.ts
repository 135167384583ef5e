import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { SandboxResponse } from './types.ts';

/** Smaller bodies are not worth compressing. */
const GZIP_FROM = 1024;

/** Sends an answer the way its delivery hint says; without one, whole and at once. */
export function deliver(request: IncomingMessage, reply: ServerResponse, response: SandboxResponse): void {
  const { delivery, cookies } = response;
  if (delivery?.kind === 'drop') return void request.socket.destroy();
  if (cookies) reply.setHeader('set-cookie', cookies);
  const { headers, body } = compressed(request, response);
  const length = body.length;
  const whole = (): void => {
    const { status } = response;
    reply.writeHead(status, status === 204 ? headers : { ...headers, 'content-length': length });
    reply.end(body);
  };
  switch (delivery?.kind) {
    case undefined:
      return whole();
    case 'delay':
      return void setTimeout(whole, delivery.milliseconds);
    case 'truncate': {
      const framing = delivery.framing === 'length' ? { 'content-length': length } : {};
      reply.writeHead(response.status, { ...headers, ...framing });
      // At least the last byte stays behind, or nothing would be missing.
      const sent = body.subarray(0, Math.max(0, Math.min(delivery.after, length - 1)));
      return flushed(reply, sent, () => request.socket.destroy());
    }
    case 'stall':
      reply.writeHead(response.status, { ...headers, 'content-length': length });
      return flushed(reply, body.subarray(0, Math.min(delivery.after, length - 1)), () => undefined);
    case 'drip':
      reply.writeHead(response.status, { ...headers, 'content-length': length });
      return drip(reply, body, delivery.bytesPerSecond);
    case 'endless':
      reply.writeHead(response.status, headers);
      return repeat(reply, body);
  }
}

function compressed(request: IncomingMessage, { headers, body, delivery }: SandboxResponse) {
  const accepted = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  // A hint counts bytes as sent, so a body with one goes as it is.
  if (!accepted || delivery || body.length < GZIP_FROM || headers['content-encoding'] !== undefined) {
    return { headers, body };
  }
  return {
    headers: { ...headers, 'content-encoding': 'gzip', vary: 'accept-encoding' },
    body: gzipSync(body),
  };
}

/** Headers and these bytes are on the line before `then` runs. */
function flushed(reply: ServerResponse, bytes: Uint8Array, then: () => void): void {
  if (bytes.length > 0) return void reply.write(bytes, then);
  reply.flushHeaders();
  setImmediate(then);
}

function drip(reply: ServerResponse, body: Uint8Array, bytesPerSecond: number): void {
  let at = 0;
  const timer = setInterval(() => {
    reply.write(body.subarray(at, at + bytesPerSecond));
    at += bytesPerSecond;
    if (at >= body.length) reply.end();
  }, 1000);
  reply.flushHeaders();
  reply.once('close', () => clearInterval(timer));
}

function repeat(reply: ServerResponse, body: Uint8Array): void {
  const more = (): void => {
    while (!reply.destroyed && reply.write(body));
  };
  reply.on('drain', more);
  more();
}
