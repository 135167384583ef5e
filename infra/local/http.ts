import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import {
  createServer,
  validateHeaderName,
  validateHeaderValue,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { InvocationError, type Print } from './lambda.ts';
import { createRouter, type Match } from './routes.ts';
import type { Stack } from './stack.ts';

/** The front of the gateway: HTTP requests to API Gateway HTTP API events (payload format 2.0), results to answers. */

const MEGABYTE = 1_048_576;
/** API Gateway's cap on a request's body. */
const MAX_BODY = 10 * MEGABYTE;
/** Lambda's cap on an event and on a result, as JSON. */
const MAX_PAYLOAD = 6 * MEGABYTE;

/** Media types API Gateway hands over as text; every other body is base64. */
const TEXT = /^(text\/.*|application\/(json|xml|javascript|vnd\.api\+json))$/;

/** Runs a route's function. Rejects with an InvocationError when it failed. */
export type Invoke = (functionName: string, event: unknown, requestId: string) => Promise<unknown>;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
}

/** API Gateway's own answers carry a `message` and no detail. */
function ownAnswer(status: number, message: string): Answer {
  const headers = { 'content-type': 'application/json' };
  return { status, headers, body: Buffer.from(JSON.stringify({ message })) };
}

const NOT_FOUND = ownAnswer(404, 'Not Found');
const BAD_REQUEST = ownAnswer(400, 'Bad Request');
const TOO_LARGE = ownAnswer(413, 'Request Entity Too Large');
const FAILED = ownAnswer(500, 'Internal Server Error');

/** Makes the HTTP server of a stack's routes; it does not listen yet. */
export function createFront(stack: Stack, invoke: Invoke, print: Print): Server {
  const route = createRouter(stack.routes);

  async function answer(request: IncomingMessage, requestId: string): Promise<Answer> {
    const url = splitUrl(request.url ?? '/');
    let match: Match | null;
    try {
      match = route(request.method ?? '', url.path);
    } catch {
      return BAD_REQUEST;
    }
    if (!match) return NOT_FOUND;
    const body = await readBody(request);
    if (!body) return TOO_LARGE;
    const event = eventOf(request, { ...url, match, body, requestId, stack });
    if (Buffer.byteLength(JSON.stringify(event)) > MAX_PAYLOAD) return TOO_LARGE;
    const name = match.route.function;
    try {
      return answerOf(await invoke(name, event, requestId));
    } catch (error) {
      // The caller learns nothing of it. A function's own failure is in the log already.
      if (!(error instanceof InvocationError)) {
        const errorMessage = `the function's result is no answer: ${(error as Error).message}`;
        print(
          JSON.stringify({
            level: 'ERROR',
            event: 'gateway.bad-result',
            function: name,
            requestId,
            errorMessage,
          }),
        );
      }
      return FAILED;
    }
  }

  return createServer((request, response) => {
    const requestId = randomUUID();
    answer(request, requestId)
      .then((given) => send(request, response, given, requestId))
      // The caller went away in the middle.
      .catch(() => response.destroy());
  });
}

function splitUrl(url: string): { path: string; query: string } {
  const at = url.indexOf('?');
  return at < 0 ? { path: url, query: '' } : { path: url.slice(0, at), query: url.slice(at + 1) };
}

/** @returns the whole body, or `null` when it is longer than API Gateway takes */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY) return null;
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop early must not close the connection: the answer is still to be sent on it.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

interface Parts {
  readonly path: string;
  readonly query: string;
  readonly match: Match;
  readonly body: Buffer;
  readonly requestId: string;
  readonly stack: Stack;
}

function eventOf(request: IncomingMessage, parts: Parts): APIGatewayProxyEventV2 {
  const { match, body, path, query, stack } = parts;
  const { cookie, ...others } = request.headers;
  const headers = Object.fromEntries(
    Object.entries(others).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  );
  const parameters = joinRepeated(new URLSearchParams(query));
  const host = headers['host'] ?? '';
  const now = new Date();
  const binary = body.length > 0 && !isText(headers, body);
  return {
    version: '2.0',
    routeKey: match.route.routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookie === undefined ? {} : { cookies: cookie.split('; ') }),
    headers,
    ...(query === '' ? {} : { queryStringParameters: parameters }),
    ...(Object.keys(match.parameters).length === 0 ? {} : { pathParameters: match.parameters }),
    requestContext: {
      accountId: stack.accountId,
      apiId: 'local',
      domainName: host,
      domainPrefix: host.split('.')[0] ?? '',
      http: {
        method: request.method ?? '',
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: parts.requestId,
      routeKey: match.route.routeKey,
      stage: '$default',
      time: logTime(now),
      timeEpoch: now.getTime(),
    },
    ...(body.length === 0 ? {} : { body: body.toString(binary ? 'base64' : 'utf8') }),
    isBase64Encoded: binary,
  };
}

function isText(headers: Readonly<Record<string, string | undefined>>, body: Buffer): boolean {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return TEXT.test(type) && headers['content-encoding'] === undefined && isUtf8(body);
}

/** A parameter given twice is one text with a comma. */
function joinRepeated(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name).join(',')]));
}

/**
 * What API Gateway makes of a function's result: its own form when there is a status, else JSON.
 * @throws Error when it is no answer
 */
function answerOf(result: unknown): Answer {
  const text = JSON.stringify(result);
  if (Buffer.byteLength(text) > MAX_PAYLOAD) throw new Error('it is larger than 6 MB');
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) {
    return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(text) };
  }
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded } = result as Structured;
  if (!Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599)
    throw new Error(`status ${statusCode}`);
  const lowered = Object.entries(headers).map(
    ([name, value]) => [name.toLowerCase(), String(value)] as const,
  );
  for (const [name, value] of lowered) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
  return {
    status: statusCode,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      ...Object.fromEntries(lowered),
      ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}),
    },
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  };
}
type Structured = APIGatewayProxyStructuredResultV2 & { statusCode: number };

function send(request: IncomingMessage, response: ServerResponse, answer: Answer, requestId: string): void {
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  response.setHeader('apigw-requestid', requestId);
  const bodiless = answer.status === 204 || answer.status === 304;
  if (!bodiless) response.setHeader('content-length', answer.body.length);
  response.writeHead(answer.status);
  response.end(request.method === 'HEAD' || bodiless ? undefined : answer.body);
  // A caller that still sends a refused body reads the answer when it is done.
  request.resume();
}

/** `21/Nov/2026:09:16:19 +0000`, the form of API Gateway's `time`. */
function logTime(at: Date): string {
  return at.toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) (\S+) GMT$/, '$1/$2/$3:$4 +0000');
}
