import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { codeOf, ExchangeError } from './exchange-error.ts';
import type { ClientIdentity } from './types.ts';

/** Whom we trust and who we are on a connection. There is no switch that weakens it. */
export interface Trust {
  readonly identity: ClientIdentity | null;
  /** PEM of the only CA to trust; `null` = the public ones. */
  readonly ca: string | null;
  /** Milliseconds until the secure connection must stand. */
  readonly timeout: number;
}

/**
 * TLS alerts (RFC 8446, 6.2) by which a server refuses the client's certificate, as OpenSSL names received ones.
 */
const REFUSED =
  /_ALERT_(BAD_CERTIFICATE|NO_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED)$/;
const HANDSHAKE_FAILURE = /_ALERT_HANDSHAKE_FAILURE$/;

/** Codes of a connection that merely broke. */
const BROKEN: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT']);

/** True for a refusal that a broken line would look like, too. */
export function isDoubtful({ stage, code }: ExchangeError): boolean {
  return stage === 'tls-client' && code !== null && BROKEN.has(code);
}

/** True for an error by which the server refused our certificate with a TLS alert. */
export function refusesCertificate(error: unknown): boolean {
  return REFUSED.test(codeOf(error) ?? '');
}

const unanswered = new WeakSet<object>();

/** True when the connection that broke with `error` never carried a byte of any answer. */
export function neverAnswered(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const info = (error as { socket?: { bytesRead?: number } }).socket;
  return unanswered.has(error) || info?.bytesRead === 0;
}

/**
 * Opens a TLS connection (1.2 or 1.3): chain, validity and host name of the server are always checked. Sessions are
 * not resumed, so each connection proves both sides anew.
 * @throws ExchangeError `dns`, `connect`, `tls-server` or `tls-client`, all before a byte of a request left
 */
export async function dial(host: string, port: number, trust: Trust): Promise<TLSSocket> {
  const socket = begin(host, port, trust);
  let connected = false;
  let serverShown = false;
  socket.once('connect', () => (connected = true));
  // Key material exists once the server has shown its certificate; the material itself is not looked at.
  socket.once('keylog', () => (serverShown = true));
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new ExchangeError('connect', false, 'ETIMEDOUT'));
      socket.destroy();
    }, trust.timeout);
    socket.once('error', (error) => {
      clearTimeout(timer);
      const stage = stageOf(error, connected, serverShown && trust.identity !== null);
      reject(new ExchangeError(stage, false, codeOf(error)));
    });
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  socket.on('error', (error) => {
    if (socket.bytesRead === 0) unanswered.add(error);
  });
  return socket.setKeepAlive(true, 60_000);
}

function begin(host: string, port: number, { identity, ca }: Trust): TLSSocket {
  try {
    return connect({
      host,
      port,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(ca === null ? {} : { ca }),
      ...(identity === null ? {} : { cert: identity.certificate, key: identity.key.reveal() }),
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      ALPNProtocols: ['http/1.1'],
    });
  } catch (error) {
    // OpenSSL takes neither the certificate nor the key we hold.
    throw new ExchangeError('tls-client', false, codeOf(error));
  }
}

type DialStage = 'dns' | 'connect' | 'tls-server' | 'tls-client';

function stageOf(error: unknown, connected: boolean, weWereShown: boolean): DialStage {
  if ((error as { syscall?: unknown }).syscall === 'getaddrinfo') return 'dns';
  if (!connected) return 'connect';
  const code = codeOf(error) ?? '';
  // After the server's own certificate, a bare "handshake failure" or a silent close (TLS 1.2) is about ours.
  if (REFUSED.test(code) || (weWereShown && HANDSHAKE_FAILURE.test(code))) return 'tls-client';
  if (BROKEN.has(code)) return weWereShown ? 'tls-client' : 'connect';
  return 'tls-server';
}

/** How long a server that refuses certificates without an alert gets to show it, in milliseconds. */
const SECOND_LOOK = 500;

/**
 * Some servers close without an alert when they dislike the client's certificate, under TLS 1.3 after a handshake
 * that looked complete, which could be any broken line. So a second connection is opened and nothing is said on it:
 * a server that closes that one too refuses us, one that waits for a request does not.
 */
export async function refusesSilently(host: string, port: number, trust: Trust): Promise<boolean> {
  let socket: TLSSocket;
  try {
    socket = await dial(host, port, { ...trust, timeout: Math.min(trust.timeout, SECOND_LOOK) });
  } catch (error) {
    return error instanceof ExchangeError && error.stage === 'tls-client';
  }
  return new Promise((resolve) => {
    const end = (refused: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(refused);
    };
    const timer = setTimeout(() => end(false), SECOND_LOOK);
    socket.once('close', () => end(true));
    socket.once('end', () => end(true));
    socket.resume();
  });
}
