import type { Log, LogFields } from '../domain/ports.ts';

/**
 * The one list of field names that may be printed; what is not listed reaches no output. Never to be listed: names of
 * people, account numbers, IBANs, amounts, free texts of a bank, addresses with values in them, headers, bodies.
 */
// prettier-ignore
export const PRINTABLE: ReadonlySet<string> = new Set([
  // what ran, and for whom (our own ids)
  'function', 'route', 'flow', 'bank', 'environment', 'company', 'connection', 'credential', 'account', 'pull', 'payment', 'hook', 'apiKey',
  'slot', 'step', 'messageId', 'document', 'statement', 'fence', 'queue', 'table', 'parser', 'format', 'mode',
  'channel', 'version',
  // one exchange
  'operation', 'method', 'host', 'port', 'template', 'status', 'mediaType', 'bytes', 'requestId', 'attempt', 'stage',
  'skewSeconds', 'remainingDay', 'notBefore',
  // what came of it
  'kind', 'code', 'rule', 'error', 'outcome', 'verdict', 'from', 'to', 'page', 'pages', 'count', 'new', 'known',
  'accounts', 'documents', 'statements', 'transactions', 'newTransactions', 'newStatements', 'messages', 'items',
  'failures', 'days', 'writes', 'quarantined', 'milliseconds', 'deadline', 'state', 'until', 'hours', 'state', 'hours', 'until', 'due',
  // the message of a Failure, which is ours, and the place in our code where another error arose
  'reason', 'at',
]);

const REDACTED = '[redacted]';
const LONGEST = 300;

type Printed = Record<string, string | number | boolean | null>;

/** The fields as they may be printed: unlisted ones read `[redacted]`, long texts are cut, `undefined` is left out. */
export function redact(fields: LogFields): Printed {
  const printed: Printed = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    printed[name] = PRINTABLE.has(name) ? cut(value) : REDACTED;
  }
  return printed;
}

function cut(value: string | number | boolean | null): string | number | boolean | null {
  return typeof value === 'string' && value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
}

export const LOG_LEVELS = ['info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogOptions {
  /** Takes one line, without its line end. */
  write(line: string): void;
  /** The lowest level that is written. */
  readonly level: LogLevel;
  /** Epoch milliseconds. */
  now(): number;
}

/** A log of JSON lines: `time`, `level` and `event` first, then the redacted fields. */
export function createLog({ write, level, now }: LogOptions): Log {
  const at =
    (own: LogLevel) =>
    (event: string, fields: LogFields = {}) => {
      if (LOG_LEVELS.indexOf(own) < LOG_LEVELS.indexOf(level)) return;
      const head = { time: new Date(now()).toISOString(), level: own, event };
      // Twice: the first puts them in front, the second keeps a field of the same name from replacing them.
      write(JSON.stringify({ ...head, ...redact(fields), ...head }));
    };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

/**
 * An address as it may be logged: without user, query and fragment, and with every path segment that could be a value
 * (anything but lower-case words and versions such as `v2`) shown as `{}`.
 * @returns `invalid-url` for what is no absolute URL
 */
export function urlTemplate(url: string): string {
  if (!URL.canParse(url)) return 'invalid-url';
  const { protocol, host, pathname } = new URL(url);
  const segments = pathname
    .split('/')
    .map((part) => (/^([a-z][a-z-]{0,30}|v\d{1,2}|)$/.test(part) ? part : '{}'));
  return `${protocol}//${host}${segments.join('/')}`;
}
