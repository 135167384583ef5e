import { CliError, EXIT, type Problem } from './exit.ts';

/** The gateway's API, as the command line and the demo speak to it. */
export interface Client {
  readonly url: string;
  /** @throws CliError `unreachable`, `refused` (4xx) or `failed` (5xx) */
  call<T>(method: Method, path: string, options?: CallOptions): Promise<T>;
  /** Every item of a paged list, page by page. */
  pages<T>(path: string, query?: Query): AsyncGenerator<T, void>;
  /** A document's bytes; a link to the archive is followed without the key. */
  content(path: string, query?: Query): Promise<Content>;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Query = Readonly<Record<string, string | number | undefined>>;

export interface CallOptions {
  readonly query?: Query;
  readonly body?: unknown;
  /** A body that is a file, instead of JSON. */
  readonly file?: { readonly bytes: Uint8Array; readonly mediaType: string };
  /** The order's own key: the same key is never paid twice. */
  readonly idempotencyKey?: string;
}

export interface Content {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** As the gateway calls it; made of ids and digits. */
  readonly fileName: string | null;
  /** What a written format could not say, `rule=count`, by commas. */
  readonly losses: string | null;
}

/** API Gateway gives up after 30 seconds. */
const TIMEOUT_MS = 35_000;

/** @param key `null` for the routes that need none */
export function createClient(url: string, key: string | null): Client {
  async function send(method: Method, path: string, options: CallOptions): Promise<Response> {
    const { query, body, file, idempotencyKey } = options;
    const type = file?.mediaType ?? (body === undefined ? null : 'application/json');
    const content = file ? Buffer.from(file.bytes) : body === undefined ? null : JSON.stringify(body);
    const target = new URL(url.replace(/\/$/, '') + path);
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined) target.searchParams.set(name, String(value));
    }
    return reach(target, {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(type === null ? {} : { 'content-type': type }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      ...(content === null ? {} : { body: content }),
      redirect: 'manual',
    });
  }

  return {
    url,

    async call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
      const response = await send(method, path, options);
      const text = await response.text();
      if (!response.ok) throw refusal(response, text);
      return (text === '' ? null : parse(text, url)) as T;
    },

    async *pages<T>(path: string, query: Query = {}) {
      let cursor: string | undefined;
      do {
        const page: { items: readonly T[]; next: string | null } = await this.call('GET', path, {
          query: { limit: 500, ...query, cursor },
        });
        yield* page.items;
        cursor = page.next ?? undefined;
      } while (cursor !== undefined);
    },

    async content(path, query = {}) {
      let response = await send('GET', path, { query });
      const losses = response.headers.get('brana-losses');
      const link = response.status === 303 ? response.headers.get('location') : null;
      if (link !== null) response = await reach(new URL(link), { redirect: 'error' });
      if (!response.ok) throw refusal(response, await response.text());
      const disposition = response.headers.get('content-disposition') ?? '';
      return {
        bytes: new Uint8Array(await response.arrayBuffer()),
        mediaType: response.headers.get('content-type') ?? 'application/octet-stream',
        fileName: /filename="([\w.-]{1,200})"/.exec(disposition)?.[1] ?? null,
        losses,
      };
    },
  };
}

async function reach(target: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(target, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw new CliError(EXIT.unreachable, `${why(error)} at ${target.origin}. ${ADVICE}`);
  }
}

const ADVICE =
  'Is the gateway running (npm start), and is the address right (--url, BRANA_URL, or what "brana login" saved)?';

function why(error: unknown): string {
  const cause = (error as { cause?: { code?: unknown; message?: unknown } }).cause;
  const code = String(cause?.code ?? cause?.message ?? (error as Error).name);
  if (code === 'ECONNREFUSED') return 'Nothing listens';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'No such host';
  if (code === 'TimeoutError') return `No answer within ${TIMEOUT_MS / 1000} s`;
  if (/CERT|TLS|SSL/.test(code)) return `The server's certificate is not acceptable (${code})`;
  return `The connection broke (${code})`;
}

function parse(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CliError(EXIT.failed, `What answers at ${url} is no Brana gateway: the answer is not JSON.`);
  }
}

/** What the gateway, or whatever stands before it, said instead of doing it. */
function refusal(response: Response, text: string): CliError {
  const exit = response.status >= 500 ? EXIT.failed : EXIT.refused;
  const problem = problemIn(response, text);
  if (problem) return new CliError(exit, problem.detail, problem);
  return new CliError(
    exit,
    `${response.url} answered ${response.status} without a reason. Is it the address of a Brana gateway?`,
  );
}

function problemIn(response: Response, text: string): Problem | null {
  if (!response.headers.get('content-type')?.startsWith('application/problem+json')) return null;
  try {
    const problem = JSON.parse(text) as Partial<Problem> | null;
    return typeof problem?.detail === 'string' && typeof problem.title === 'string'
      ? (problem as Problem)
      : null;
  } catch {
    return null;
  }
}
