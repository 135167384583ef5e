import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';
import { expect, it } from 'vitest';
import { Failure } from '../../shared/domain/failure.ts';
import { Secret } from '../../shared/domain/secret.ts';
import { createLog } from '../../shared/http/redaction.ts';

const VALUE = 'canary-7f3a';
const secret = new Secret(VALUE);
const nested = { deep: [{ secret }], map: new Map([['key', secret]]), set: new Set([secret]) };

/** What console methods write for the arguments. */
function printed(...args: unknown[]): string {
  let text = '';
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      text += chunk.toString();
      done();
    },
  });
  const out = new Console({ stdout: stream, stderr: stream });
  out.log(...args);
  out.error(...args);
  out.dir(args, { depth: null, showHidden: true });
  out.table(args);
  return text;
}

/** What a log line of ours holds when somebody hands it the secret all the same. */
function logged(): string {
  let text = '';
  const log = createLog({ write: (line) => (text += line), level: 'info', now: () => 0 });
  log.info('test', { reason: secret as unknown as string, message: `${secret as unknown as string}` });
  return text;
}

it.each<[string, () => string]>([
  ['a template', () => `${secret as unknown as string}`],
  ['concatenation', () => 'secret: ' + (secret as unknown as string)],
  ['String()', () => String(secret)],
  ['toLocaleString', () => (secret as object).toLocaleString()],
  ['an array joined', () => [secret, secret].join()],
  ['JSON', () => JSON.stringify(nested)],
  ['inspect', () => inspect(nested, { depth: null, showHidden: true, getters: true })],
  ['inspect without its own printing', () => inspect(nested, { depth: null, customInspect: false })],
  ['format', () => format('%s %o %O %j', secret, secret, secret, secret)],
  ['the console', () => printed(secret, nested)],
  ['its properties', () => JSON.stringify([Object.entries(secret), Reflect.ownKeys(secret), { ...secret }])],
  ['a structured clone', () => JSON.stringify(structuredClone(secret))],
  ['an error', () => inspect(new Failure('transient', 'failed', {}, secret))],
  ['an error’s message', () => new Error(secret as unknown as string).message],
  ['the log', logged],
])('%s does not show it', (_, print) => {
  expect(print()).not.toContain('canary');
});

it('prints as [secret]', () => {
  expect(`${secret as unknown as string} ${inspect(secret)} ${JSON.stringify(secret)}`).toBe(
    '[secret] [secret] "[secret]"',
  );
});

it('reveals its value, of any type, to whoever asks by name', () => {
  expect(secret.reveal()).toBe(VALUE);
  const value = { keyPem: VALUE };
  expect(new Secret(value).reveal()).toBe(value);
});
