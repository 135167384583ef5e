import { gzipSync } from 'node:zlib';
import type { Misbehaviour, SandboxClock, SandboxResponse } from './types.ts';

/** How a bank words the refusals a test can ask for. */
export interface Dialect {
  tooManyRequests(): SandboxResponse;
  blockedCertificate(): SandboxResponse;
  noRights(): SandboxResponse;
  invalidRequest(): SandboxResponse;
}

export interface Scenarios {
  add(misbehaviour: Misbehaviour): void;
  clear(): void;
  /** The misbehaviour for the next request of an operation; counts it as used. */
  next(operation: string): Misbehaviour | null;
}

/** The misbehaviours waiting for their requests, first asked first served. */
export function scenarios(): Scenarios {
  let waiting: { misbehaviour: Misbehaviour; skip: number; left: number }[] = [];
  return {
    add: (misbehaviour) => {
      waiting.push({ misbehaviour, skip: misbehaviour.skip ?? 0, left: misbehaviour.times ?? 1 });
    },
    clear: () => {
      waiting = [];
    },
    next: (operation) => {
      const matching = waiting.filter(
        ({ misbehaviour }) => (misbehaviour.operation ?? operation) === operation,
      );
      const ready = matching.find(({ skip }) => skip === 0);
      // Every scenario still waiting its turn lets this request pass.
      for (const one of matching) if (one !== ready && one.skip > 0) one.skip -= 1;
      if (!ready) return null;
      ready.left -= 1;
      waiting = waiting.filter(({ left }) => left > 0);
      return ready.misbehaviour;
    },
  };
}

/** The answer given instead of the bank's, or `null` where the bank does its work. */
export function instead(
  misbehaviour: Misbehaviour,
  clock: SandboxClock,
  dialect: Dialect,
): SandboxResponse | null {
  switch (misbehaviour.kind) {
    case 'status-503':
      return page(503, 'Service Unavailable');
    case 'html-200':
      return page(200, 'Probíhá plánovaná údržba / Scheduled maintenance');
    case 'status-429':
      return tooMany(misbehaviour.retryAfter, clock, dialect.tooManyRequests());
    case 'json-error-200':
      return { ...dialect.invalidRequest(), status: 200 };
    case 'garbage-json':
      return body(200, 'application/json', '{"accounts":[{"accountId":38871');
    case 'unknown-shape-500':
      return body(500, 'application/json', '{"httpCode":"500","httpMessage":"Internal Server Error"}');
    case 'redirect':
      return {
        ...page(302, 'Found'),
        headers: { location: misbehaviour.location ?? 'https://elsewhere.invalid/' },
      };
    case 'gzip-bomb':
      return bomb(misbehaviour.mebibytes ?? 1024);
    case 'giant-body':
      return { ...body(200, 'application/json', ' '.repeat(65_536)), delivery: { kind: 'endless' } };
    case 'blocked-certificate':
      return dialect.blockedCertificate();
    case 'no-rights':
      return dialect.noRights();
    case 'invalid-request-400':
      return dialect.invalidRequest();
    default:
      return null;
  }
}

/** The bank's own answer, sent in a way nobody wants. */
export function spoiled(misbehaviour: Misbehaviour, response: SandboxResponse): SandboxResponse {
  const half = Math.floor(response.body.length / 2);
  switch (misbehaviour.kind) {
    case 'drop':
      return { ...response, delivery: { kind: 'drop' } };
    case 'drip':
      return { ...response, delivery: { kind: 'drip', bytesPerSecond: misbehaviour.bytesPerSecond ?? 1 } };
    case 'stall':
      return { ...response, delivery: { kind: 'stall', after: misbehaviour.after ?? half } };
    case 'delay':
      return { ...response, delivery: { kind: 'delay', milliseconds: misbehaviour.milliseconds ?? 1000 } };
    case 'truncate': {
      const { after = half, framing = 'length' } = misbehaviour;
      return { ...response, delivery: { kind: 'truncate', after, framing } };
    }
    default:
      return response;
  }
}

function tooMany(
  retryAfter: { seconds: number; form: 'seconds' | 'date' } | undefined,
  clock: SandboxClock,
  response: SandboxResponse,
): SandboxResponse {
  if (!retryAfter) return response;
  const { seconds, form } = retryAfter;
  const value = form === 'seconds' ? String(seconds) : new Date(clock.now() + seconds * 1000).toUTCString();
  return { ...response, headers: { ...response.headers, 'retry-after': value } };
}

const MEMBER_MEBIBYTES = 16;

/** Gzip members of blanks, one after the other (RFC 1952 allows it): about a thousandth of what they unpack to. */
function bomb(mebibytes: number): SandboxResponse {
  const member = gzipSync(Buffer.alloc(MEMBER_MEBIBYTES * 2 ** 20, 0x20));
  const members = Array.from({ length: Math.ceil(mebibytes / MEMBER_MEBIBYTES) }, () => member);
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: Buffer.concat(members),
  };
}

function page(status: number, text: string): SandboxResponse {
  const html = `<!doctype html><html><head><title>${text}</title></head><body><h1>${text}</h1></body></html>`;
  return body(status, 'text/html;charset=UTF-8', html);
}

function body(status: number, type: string, text: string): SandboxResponse {
  return { status, headers: { 'content-type': type }, body: Buffer.from(text) };
}
