import middy from '@middy/core';
import httpErrorHandler from '@middy/http-error-handler';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { config, type output, type ZodMiniType } from 'zod/mini';
import english from 'zod/v4/locales/en.js';
import { printable } from '../domain/failure.ts';
import type { Log } from '../domain/ports.ts';
import type { Authenticate, Caller } from './caller.ts';
import { notFound, Problem } from './problem.ts';
import type { Route } from './route.ts';

// zod/mini comes without words: findings would all read "Invalid input".
config(english());

/** Largest request body in bytes. */
const BODY_LIMIT = 5 * 1024 * 1024;
/** Longest query in characters. */
const QUERY_LIMIT = 4_096;
/** Longest id in a path; ours are shorter, and DynamoDB fails at a key of more than 1 024 bytes. */
const ID_LIMIT = 200;

/** A request whose every part was validated. */
export interface Request<Query, Body> {
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  /** `null` for a body that is a file. */
  readonly body: Body;
  /** The body as it came, with its media type. */
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly requestId: string;
  /** Host the request came to. */
  readonly domainName: string;
}

export interface Answer {
  readonly status?: number;
  /** JSON, or bytes with a media type of their own. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Bound {
  readonly route: Route;
  readonly handle: (request: Request<unknown, unknown>) => Promise<Answer>;
}

/** Joins a route and its handler, typed by the route's schemas. */
export function on<Query extends ZodMiniType, Body extends ZodMiniType>(
  route: Route<Query, Body>,
  handle: (request: Request<output<Query>, output<Body>>) => Promise<Answer>,
): Bound {
  return { route: route as unknown as Route, handle: handle as Bound['handle'] };
}

/** The Lambda handler of a group of routes: a plain map from route key to handler, middy's error handler around it. */
export function serve(
  ports: { log: Log; authenticate: Authenticate },
  bound: readonly Bound[],
): (event: APIGatewayProxyEventV2, context: unknown) => Promise<APIGatewayProxyStructuredResultV2> {
  const byKey = new Map(bound.map((one) => [one.route.key, one]));

  /** @param known takes the key, for the log, once it is known to be one */
  async function handle(
    event: APIGatewayProxyEventV2,
    known: { apiKey?: string },
  ): Promise<APIGatewayProxyStructuredResultV2> {
    const found = byKey.get(event.routeKey);
    if (!found)
      throw problemOf(404, 'not-found', 'Not found', 'There is no such route; GET /openapi.json lists them.');
    const { route } = found;
    const caller = route.scope
      ? await ports.authenticate(event.headers['authorization'], route.scope)
      : ({ company: '', key: '', scopes: [], user: null } as const);
    if (caller.key !== '') known.apiKey = caller.key;
    const params = paramsOf(event);
    const query = validated(route.query, queryOf(event), '/query');
    const bytes = bytesOf(event);
    const mediaType = mediaTypeOf(event);
    const isFile = route.files?.some((type) => type === mediaType || type === '*/*') ?? false;
    const answer = await found.handle({
      caller,
      params,
      query,
      body: isFile ? null : validated(route.body, jsonOf(bytes, route.body !== undefined), ''),
      bytes,
      mediaType,
      headers: event.headers,
      requestId: event.requestContext.requestId,
      domainName: event.requestContext.domainName,
    });
    return render(answer, route);
  }

  const logged = async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    const requestId = event.requestContext.requestId;
    const known: { apiKey?: string } = {};
    try {
      const answer = await handle(event, known);
      const { routeKey: route } = event;
      ports.log.info('api.answered', { route, status: answer.statusCode, requestId, ...known });
      return { ...answer, headers: { ...answer.headers, 'x-request-id': requestId } };
    } catch (error) {
      const problem = error instanceof Problem ? error : unforeseen(ports.log, event, error);
      ports.log.info('api.refused', {
        route: event.routeKey,
        status: problem.statusCode,
        code: problem.fields.code,
        requestId,
        ...known,
      });
      problem.headers['x-request-id'] = requestId;
      throw problem;
    }
  };

  return middy()
    .use(httpErrorHandler({ logger: false }))
    .handler(logged as never) as never;
}

/** What nobody foresaw: the caller learns the request id, the log the place. */
function unforeseen(log: Log, event: APIGatewayProxyEventV2, error: unknown): Problem {
  log.error('alarm.api', {
    route: event.routeKey,
    requestId: event.requestContext.requestId,
    ...printable(error),
  });
  return problemOf(
    500,
    'internal',
    'Brana failed',
    `The request was not carried out to its end. Try again; if it stays, look for request ${event.requestContext.requestId} in the log.`,
  );
}

const problemOf = (status: number, code: string, title: string, detail: string): Problem =>
  new Problem({ status, code, title, detail });

const decoded = (values: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value ?? '']));

/** @throws Problem 404 for an id nothing can have */
function paramsOf(event: APIGatewayProxyEventV2): Record<string, string> {
  const params = decoded(event.pathParameters ?? {});
  if (Object.values(params).some((id) => id.length > ID_LIMIT)) throw notFound('resource');
  return params;
}

function queryOf(event: APIGatewayProxyEventV2): Record<string, string> {
  if (event.rawQueryString.length > QUERY_LIMIT) {
    throw problemOf(414, 'query-too-long', 'Query too long', `The query may have ${QUERY_LIMIT} characters.`);
  }
  return decoded(event.queryStringParameters ?? {});
}

function bytesOf(event: APIGatewayProxyEventV2): Buffer {
  const text = event.body ?? '';
  const bytes = event.isBase64Encoded ? Buffer.from(text, 'base64') : Buffer.from(text);
  if (bytes.byteLength > BODY_LIMIT) {
    throw problemOf(413, 'body-too-large', 'Body too large', `A request body may have ${BODY_LIMIT} bytes.`);
  }
  return bytes;
}

/** The media type of the body without parameters. */
const mediaTypeOf = ({ headers }: APIGatewayProxyEventV2): string =>
  (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();

function jsonOf(bytes: Buffer, expected: boolean): unknown {
  if (bytes.byteLength === 0) return expected ? {} : undefined;
  if (!expected)
    throw problemOf(400, 'body-not-expected', 'Body not expected', 'Send this request without a body.');
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw problemOf(400, 'not-json', 'Body is not JSON', 'Send the body as JSON (application/json, UTF-8).');
  }
}

/** @throws Problem 400 that lists the findings by their JSON pointers (RFC 6901) */
function validated(schema: ZodMiniType | undefined, value: unknown, root: string): unknown {
  const unknownFields = (names: readonly string[], at: string): { pointer: string; detail: string }[] =>
    names.map((name) => ({ pointer: `${at}/${escaped(name)}`, detail: 'Unknown field' }));
  if (!schema) {
    const names = value && typeof value === 'object' ? Object.keys(value) : [];
    if (names.length > 0) throw invalid(unknownFields(names, root));
    return undefined;
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalid(
    result.error.issues.flatMap((issue) => {
      const pointer = [root, ...issue.path.map((part) => escaped(String(part)))].join('/');
      if (issue.code === 'unrecognized_keys') return unknownFields(issue.keys, pointer);
      return [{ pointer, detail: issue.message }];
    }),
  );
}

/** A name as a part of a JSON pointer; a long one, which is nobody's field, is cut. */
const escaped = (name: string): string => name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1');

/** A request that is not valid, with the findings. */
export const invalid = (errors: { pointer: string; detail: string }[]): Problem =>
  new Problem({
    status: 400,
    code: 'invalid-request',
    title: 'The request is not valid',
    detail: 'Correct the fields listed in "errors"; GET /openapi.json describes them.',
    errors,
  });

function render(answer: Answer, route: Route): APIGatewayProxyStructuredResultV2 {
  const statusCode = answer.status ?? route.status;
  const headers = { 'cache-control': 'no-store', ...answer.headers };
  if (answer.body === undefined) return { statusCode, headers };
  if (answer.body instanceof Uint8Array) {
    return { statusCode, headers, body: Buffer.from(answer.body).toString('base64'), isBase64Encoded: true };
  }
  return {
    statusCode,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(answer.body),
  };
}
