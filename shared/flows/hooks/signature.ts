import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Verification } from '../../domain/hook.ts';
import type { Random } from '../../domain/ports.ts';
import { Secret } from '../../domain/secret.ts';

/** Proof that a message comes from who knows the hook's secret. Every comparison takes the same time. */

/** What came to a hook. */
export interface Message {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body as it came: what is signed is these bytes. */
  readonly bytes: Uint8Array;
}

export type Verdict = 'ok' | 'header-missing' | 'signature-wrong' | 'timestamp-off';

/** The three headers of Standard Webhooks 1.0. */
const STANDARD = {
  id: 'webhook-id',
  timestamp: 'webhook-timestamp',
  signature: 'webhook-signature',
} as const;
const STANDARD_PREFIX = 'whsec_';
/** Seconds a signed timestamp may differ from our clock, both ways. */
const TOLERANCE = 5 * 60;
const SECRET_BYTES = 32;

/** A new secret of 256 random bits; base64 behind `whsec_` where the standard wants it so. */
export function newHookSecret(kind: Verification['kind'], random: Random): Secret {
  const bytes = Buffer.from(random.bytes(SECRET_BYTES));
  return new Secret(
    kind === 'standard-webhooks' ? STANDARD_PREFIX + bytes.toString('base64') : bytes.toString('base64url'),
  );
}

/** The id of a Standard Webhooks message; it must not hold the full stop that parts it from the timestamp. */
export function messageId({ headers }: Pick<Message, 'headers'>): string | null {
  const id = headers[STANDARD.id];
  return id !== undefined && /^[\x21-\x2d\x2f-\x7e]{1,255}$/.test(id) ? id : null;
}

/** @param now epoch milliseconds */
export function verify(verification: Verification, secret: Secret, message: Message, now: number): Verdict {
  switch (verification.kind) {
    case 'standard-webhooks':
      return verifyStandard(secret, message, now);
    case 'hmac': {
      const given = message.headers[verification.header];
      if (given === undefined) return 'header-missing';
      const { prefix, encoding } = verification;
      const digest = hmac(Buffer.from(secret.reveal()), message.bytes);
      return verdictOf(
        given.startsWith(prefix) && same(decoded(given.slice(prefix.length), encoding), digest),
      );
    }
    case 'static': {
      const given = message.headers[verification.header];
      if (given === undefined) return 'header-missing';
      return verdictOf(same(hashOf(given), hashOf(secret.reveal())));
    }
  }
}

/** The headers a sender that knows the secret puts beside a body. */
export function signedHeaders(
  verification: Verification,
  secret: Secret,
  bytes: Uint8Array,
  { id, now }: { readonly id: string; readonly now: number },
): Record<string, string> {
  switch (verification.kind) {
    case 'standard-webhooks': {
      const timestamp = String(Math.floor(now / 1000));
      const signature = `v1,${standardDigest(secret, id, timestamp, bytes).toString('base64')}`;
      return { [STANDARD.id]: id, [STANDARD.timestamp]: timestamp, [STANDARD.signature]: signature };
    }
    case 'hmac': {
      const digest = hmac(Buffer.from(secret.reveal()), bytes);
      return { [verification.header]: verification.prefix + digest.toString(verification.encoding) };
    }
    case 'static':
      return { [verification.header]: secret.reveal() };
  }
}

/** Several signatures may stand beside each other while the sender changes its secret; one must be right. */
function verifyStandard(secret: Secret, message: Message, now: number): Verdict {
  const id = messageId(message);
  const timestamp = message.headers[STANDARD.timestamp];
  const signatures = message.headers[STANDARD.signature];
  if (id === null || timestamp === undefined || signatures === undefined) return 'header-missing';
  if (!/^\d{1,12}$/.test(timestamp)) return 'signature-wrong';
  const digest = standardDigest(secret, id, timestamp, message.bytes);
  const right = signatures
    .split(' ')
    .filter((one) => one.startsWith('v1,') && same(decoded(one.slice(3), 'base64'), digest));
  if (right.length === 0) return 'signature-wrong';
  return Math.abs(now / 1000 - Number(timestamp)) <= TOLERANCE ? 'ok' : 'timestamp-off';
}

function standardDigest(secret: Secret, id: string, timestamp: string, bytes: Uint8Array): Buffer {
  const key = Buffer.from(secret.reveal().slice(STANDARD_PREFIX.length), 'base64');
  return hmac(key, Buffer.from(`${id}.${timestamp}.`), bytes);
}

function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** The 32 bytes a signature stands for; none for a text that is not exactly that. */
function decoded(text: string, encoding: 'hex' | 'base64'): Buffer {
  const form = encoding === 'hex' ? /^[0-9a-fA-F]{64}$/ : /^[A-Za-z0-9+/]{43}=$/;
  return form.test(text) ? Buffer.from(text, encoding) : Buffer.alloc(0);
}

const same = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);
const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();
const verdictOf = (right: boolean): Verdict => (right ? 'ok' : 'signature-wrong');
