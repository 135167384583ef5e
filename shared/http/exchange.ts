import { createHash } from 'node:crypto';
import type { Agent, Dispatcher } from 'undici';
import { ACCEPT_ENCODING, readBody } from './body.ts';
import { codeOf, ExchangeError } from './exchange-error.ts';
import { dial, isDoubtful, neverAnswered, refusesCertificate, refusesSilently, type Trust } from './tls.ts';
import type { Exchange, ExchangeRequest, ExchangeResponse } from './types.ts';

/** Agents kept open at once; a worker speaks for one credential at a time. */
const MAX_AGENTS = 4;
const KEEP_ALIVE = 10_000;

export interface ClosableExchange extends Exchange {
  /** Closes idle connections now and the others when they are done. */
  close(): Promise<void>;
}

interface Line {
  readonly agent: Agent;
  readonly trust: Trust;
}

/**
 * The real way out: one request, one whole answer, over TLS 1.2 or 1.3 with the server always checked. It follows no
 * redirect, repeats nothing and waits no longer than its limits. undici is loaded with the first request, so code
 * that never talks to a bank does not pay for it.
 * @throws ExchangeError for whatever is not a whole answer
 */
export function createExchange(): ClosableExchange {
  const lines = new Map<string, Line>();

  async function lineFor(request: ExchangeRequest): Promise<Line> {
    const key = lineKey(request);
    const { Agent } = await import('./agent.ts');
    const line = lines.get(key) ?? openLine(Agent, request);
    // Re-inserted, so that the first one in the map is the one unused for longest.
    lines.delete(key);
    lines.set(key, line);
    for (const [oldest, { agent }] of lines) {
      if (lines.size <= MAX_AGENTS) break;
      lines.delete(oldest);
      void agent.close();
    }
    return line;
  }

  async function exchange(request: ExchangeRequest): Promise<ExchangeResponse> {
    const url = new URL(request.url);
    if (url.protocol !== 'https:') throw new TypeError('an exchange needs an https URL');
    const line = await lineFor(request);
    const deadline = AbortSignal.timeout(request.limits.total);
    const signal = request.signal ? AbortSignal.any([deadline, request.signal]) : deadline;
    let answer: Dispatcher.ResponseData;
    try {
      answer = await send(line.agent, url, request, signal);
    } catch (error) {
      throw await whileSending(error, url, line.trust);
    }
    const headers = flatten(answer.headers);
    try {
      checkFraming(answer.statusCode, headers);
      const encoding = answer.statusCode === 204 ? '' : (headers['content-encoding'] ?? '');
      const body = await readBody(answer.body, encoding, request.limits.maxBytes);
      return { status: answer.statusCode, headers, body };
    } catch (error) {
      answer.body.on('error', () => {}).destroy();
      throw whileReading(error);
    }
  }

  const close = async () => {
    const open = [...lines.values()];
    lines.clear();
    await Promise.all(open.map(({ agent }) => agent.close()));
  };
  return Object.assign(exchange, { close });
}

function lineKey({ identity, ca, limits }: ExchangeRequest): string {
  const hash = createHash('sha256');
  for (const part of [
    identity?.certificate ?? '',
    identity?.key.reveal() ?? '',
    ca ?? '',
    String(limits.connect),
  ]) {
    hash.update(`${part.length}:${part}`);
  }
  return hash.digest('base64');
}

function openLine(AgentClass: typeof Agent, { identity, ca, limits }: ExchangeRequest): Line {
  const trust: Trust = { identity, ca, timeout: limits.connect };
  const agent = new AgentClass({
    // A credential's callers go one by one.
    connections: 1,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE,
    connect: ({ hostname, port }, callback) => {
      dial(bare(hostname), Number(port || 443), trust).then(
        (socket) => callback(null, socket),
        (error: Error) => callback(error, null),
      );
    },
  });
  return { agent, trust };
}

/** Host without the brackets of an IPv6 literal. */
const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');

function send(
  agent: Agent,
  url: URL,
  request: ExchangeRequest,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  return agent.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: request.method as Dispatcher.HttpMethod,
    headers: { 'accept-encoding': ACCEPT_ENCODING, ...request.headers },
    body: request.body,
    headersTimeout: request.limits.headers,
    bodyTimeout: request.limits.bodyIdle,
    signal,
  });
}

/**
 * A 2xx body that ends only with the connection cannot be told from a cut one (RFC 9112, 8), so it is refused.
 */
function checkFraming(status: number, headers: Readonly<Record<string, string>>): void {
  const framed = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
  if (status >= 200 && status < 300 && status !== 204 && !framed) {
    throw new ExchangeError('body', true, 'NO_LENGTH');
  }
}

async function whileSending(error: unknown, url: URL, trust: Trust): Promise<ExchangeError> {
  const confirmed = () => refusesSilently(bare(url.hostname), Number(url.port || 443), trust);
  if (error instanceof ExchangeError) {
    return isDoubtful(error) && !(await confirmed())
      ? new ExchangeError('connect', false, error.code)
      : error;
  }
  const code = codeOf(error);
  if (isTimeout(error)) return new ExchangeError('timeout', true, code);
  if (isNoHttp(error)) return new ExchangeError('headers', true, code);
  const refused =
    refusesCertificate(error) || (trust.identity !== null && neverAnswered(error) && (await confirmed()));
  return new ExchangeError(refused ? 'tls-client' : 'sent', true, code);
}

function whileReading(error: unknown): ExchangeError {
  if (error instanceof ExchangeError) return error;
  return new ExchangeError(isTimeout(error) ? 'timeout' : 'body', true, codeOf(error));
}

function isNoHttp(error: unknown): boolean {
  return (error as Error).name === 'HTTPParserError' || codeOf(error) === 'UND_ERR_HEADERS_OVERFLOW';
}

function isTimeout(error: unknown): boolean {
  const { name } = error as { name?: string };
  return (
    name === 'TimeoutError' ||
    name === 'AbortError' ||
    /^UND_ERR_(HEADERS|BODY)_TIMEOUT$/.test(codeOf(error) ?? '')
  );
}

function flatten(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
