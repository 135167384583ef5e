import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { Pool, type Dispatcher } from 'undici';
import { expect } from 'vitest';

/** A caller of the API over HTTP who checks of every answer what holds for all of them. */

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  /** The body as JSON; `null` where it is none. */
  readonly body: T;
  readonly bytes: Buffer;
}

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly bank?: string;
  readonly bankCode?: string;
  readonly bankRequestId?: string;
  readonly retryAfter?: number;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

export interface More {
  /** Sent as it stands instead of JSON. */
  readonly raw?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends one request, e.g. `call('POST /keys', { name: … })`. */
export type Call = <T = ProblemBody>(target: string, body?: unknown, more?: More) => Promise<Answer<T>>;

export interface Api {
  /** The API's own description, as it is served. */
  readonly document: OpenApi;
  /** A caller with a key; without one nothing is sent as `Authorization`. */
  as(key: string | null): Call;
  /** Every answer so far, status line, headers and body, for a search through all of them. */
  readonly seen: readonly string[];
  close(): Promise<void>;
}

export interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Readonly<Record<string, unknown>> }>>;
  };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
  readonly security: readonly unknown[];
}
export interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const PROBLEM_FIELDS = [
  ...['type', 'title', 'status', 'detail', 'code', 'errors'],
  ...['bank', 'bankCode', 'bankRequestId', 'retryAfter'],
];
/** What a stack trace, a path or a foreign error's name looks like. */
const INNARDS = /\\n\s*at |file:\/\/|node_modules|\.mjs|\bdist\/|TypeError|RangeError|Exception|\[object /;

/** Opens the API at `url`; reads its description first. */
export async function openApi(url: string): Promise<Api> {
  // Sends what it is told, as fetch would not: a GET with a body, a path nobody tidied up. A connection each: on a
  // busy machine a kept one may be closed from the other side in the very moment it is used again.
  const pool = new Pool(url, { pipelining: 0 });
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApi;
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajvFormats.default(ajv);
  ajv.addSchema(document, 'api');
  const seen: string[] = [];

  /** @throws when the body is not what the description says */
  const followsSchema = (body: unknown, ...path: readonly string[]): void => {
    const pointer = path.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/');
    const $ref = `api#/${pointer}`;
    const validate = ajv.getSchema($ref) ?? ajv.compile({ $ref });
    void validate(body);
    expect(validate.errors ?? [], pointer).toEqual([]);
  };

  function inspect(target: string, answer: Answer<unknown>): void {
    const { status, headers, body } = answer;
    const text = answer.bytes.toString('latin1');
    const shown = target.slice(0, 120);
    // What the front answers by itself has a message and nothing else, as API Gateway's own answers.
    if (!headers.has('x-request-id')) {
      expect([400, 404, 413], shown).toContain(status);
      return expect(body).toEqual({ message: expect.any(String) });
    }
    expect(headers.get('x-request-id')).toBe(headers.get('apigw-requestid'));
    if (status >= 400) return inspectProblem(shown, answer as Answer<ProblemBody>, text);
    expect(headers.get('cache-control'), shown).toBe('no-store');
    if (status === 303) return;
    const [path, operation] = operationOf(document, target);
    const declared = operation.responses[String(status)];
    expect(declared, `${shown} declares ${status}`).toBeDefined();
    const [type] = Object.keys(declared?.content ?? {});
    if (type === undefined) return expect(text, shown).toBe('');
    if (type !== 'application/json') return;
    expect(headers.get('content-type')).toBe(type);
    const method = target.split(' ')[0]!.toLowerCase();
    followsSchema(body, 'paths', path, method, 'responses', String(status), 'content', type, 'schema');
  }

  function inspectProblem(
    target: string,
    { status, headers, body }: Answer<ProblemBody>,
    text: string,
  ): void {
    expect(headers.get('content-type'), target).toBe('application/problem+json');
    followsSchema(body, 'components', 'schemas', 'Problem');
    expect(body, target).toMatchObject({ status, type: `urn:brana:problem:${body.code}` });
    expect(Object.keys(body).filter((name) => !PROBLEM_FIELDS.includes(name))).toEqual([]);
    // Nothing a caller sends may end in a failure of ours.
    expect(body.code, `${target}: ${text}`).not.toBe('internal');
    expect(body.title.length * body.detail.length, text).toBeGreaterThan(0);
    expect(text).not.toMatch(INNARDS);
    expect(headers.get('retry-after')).toBe(body.retryAfter === undefined ? null : String(body.retryAfter));
  }

  return {
    document,
    seen,
    close: () => pool.close(),
    as:
      (key) =>
      async <T>(target: string, body?: unknown, more: More = {}): Promise<Answer<T>> => {
        const [method = '', path = ''] = target.split(/ (.*)/s);
        const sent = more.raw ?? (body === undefined ? null : JSON.stringify(body));
        const response = await pool.request({
          method: method as Dispatcher.HttpMethod,
          path,
          headers: {
            ...(key === null ? {} : { authorization: `Bearer ${key}` }),
            ...(sent === null ? {} : { 'content-type': 'application/json' }),
            ...more.headers,
          },
          body: sent,
        });
        const bytes = Buffer.from(await response.body.arrayBuffer());
        const status = response.statusCode;
        const headers = new Headers(response.headers as Record<string, string>);
        seen.push([`${status} ${target}`, ...[...headers].flat(), bytes.toString('latin1')].join('\n'));
        const answer = { status, headers, bytes, body: jsonOf(headers, bytes) as T };
        inspect(target, answer);
        return answer;
      },
  };
}

function jsonOf(headers: Headers, bytes: Buffer): unknown {
  const isJson = /^application\/(problem\+)?json/.test(headers.get('content-type') ?? '');
  return isJson && bytes.length > 0 ? JSON.parse(bytes.toString('utf8')) : null;
}

/** The operation of the description a request belongs to, with its path template. */
function operationOf(document: OpenApi, target: string): [path: string, operation: Operation] {
  const [method = '', path = ''] = target.split(/[ ?]/);
  const segments = path.split('/');
  // A literal segment is worth more than a parameter.
  const fitting = Object.entries(document.paths)
    .filter(([template, methods]) => method.toLowerCase() in methods && fits(template.split('/'), segments))
    .sort(([a], [b]) => a.split('{').length - b.split('{').length);
  const [template, methods] = fitting[0] ?? [];
  if (template === undefined) throw new Error(`${target.slice(0, 120)} is in no path of /openapi.json`);
  return [template, methods![method.toLowerCase()]!];
}

const fits = (template: readonly string[], path: readonly string[]): boolean =>
  template.length === path.length && template.every((part, at) => part.startsWith('{') || part === path[at]);

/** Checks status and code of a refusal. @returns the problem */
export function refused(answer: Answer<unknown>, status: number, code: string): ProblemBody {
  const problem = answer.body as ProblemBody;
  expect({ status: answer.status, code: problem?.code }, JSON.stringify(problem)).toEqual({ status, code });
  return problem;
}

/** Checks the status of a success. @returns the body */
export function done<T>(answer: Answer<T>, status = 200): T {
  expect(answer.status, JSON.stringify(answer.body)).toBe(status);
  return answer.body;
}
