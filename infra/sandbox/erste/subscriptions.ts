import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { SandboxResponse } from '../types.ts';
import { uuidOf } from '../raiffeisen/ids.ts';
import type { Movement } from '../raiffeisen/movement.ts';
import { answered, Refusal } from './answers.ts';
import { accountOf, type Call } from './call.ts';
import { toRecord } from './record.ts';

/** Where the bank sends word of movements of an account. */
export interface Subscription {
  readonly notificationUrl: string;
  readonly notificationId: string;
}

/** A notification as it goes over the wire. */
export interface NoticeMessage {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Subscriptions {
  of(iban: string): readonly Subscription[];
  add(iban: string, url: string): Subscription;
  /** @returns false when there is none such */
  remove(iban: string, id: string): boolean;
  /** What the bank sends for a movement, one message for each subscription. */
  messages(iban: string, accountId: string, movement: Movement, now: number): readonly NoticeMessage[];
  /** The public keys by which messages are checked. */
  keys(): readonly Record<string, unknown>[];
  /** The bank's new key of the year; the old one is published no more. */
  renewKey(): void;
  /** The bank drops every subscription, as it may when a consent ends. */
  forget(): void;
}

const MOST = 10;

export function subscriptions(seed: string): Subscriptions {
  const kept = new Map<string, Subscription[]>();
  let made = 0;
  let nonces = 0;
  let key: { readonly kid: string; readonly privateKey: KeyObject; readonly publicKey: KeyObject } | null =
    null;

  const current = (): NonNullable<typeof key> => {
    made += key ? 0 : 1;
    key ??= { kid: String(12_000_000 + made), ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
    return key;
  };
  const of = (iban: string): Subscription[] => kept.get(iban) ?? [];

  /** RFC 7515 compact form; the bank's header names no key. */
  function fingerprint(notificationBody: unknown, now: number): string {
    nonces += 1;
    const payload = {
      notificationBody,
      nonce: uuidOf(`${seed}|nonce|${nonces}`),
      timestamp: String(Math.floor(now / 1000)),
    };
    const signed = [{ alg: 'RS512' }, payload].map((part) => base64url(JSON.stringify(part))).join('.');
    return `${signed}.${sign('sha512', Buffer.from(signed), current().privateKey).toString('base64url')}`;
  }

  return {
    of,
    add: (iban, notificationUrl) => {
      made += 1;
      const subscription = { notificationUrl, notificationId: uuidOf(`${seed}|${iban}|${made}`) };
      kept.set(iban, [...of(iban), subscription]);
      return subscription;
    },
    remove: (iban, id) => {
      const left = of(iban).filter(({ notificationId }) => notificationId !== id);
      const found = left.length < of(iban).length;
      kept.set(iban, left);
      return found;
    },
    messages: (iban, accountId, movement, now) =>
      of(iban).map(({ notificationUrl, notificationId }) => {
        const transaction = toRecord(movement);
        // As in the bank's own sample, the signed body is the transaction alone.
        return {
          url: notificationUrl,
          headers: { 'content-type': 'application/json', fingerprint: fingerprint(transaction, now) },
          body: JSON.stringify({ accountId, notificationId, transaction }),
        };
      }),
    keys: () => {
      const { kid, publicKey } = current();
      return [{ ...publicKey.export({ format: 'jwk' }), use: 'sig', kid }];
    },
    renewKey: () => void (key = null),
    forget: () => kept.clear(),
  };
}

const base64url = (text: string): string => Buffer.from(text).toString('base64url');

export function createNotification(call: Call): SandboxResponse {
  const iban = accountOf(call, 400).key.account.iban;
  const url = urlIn(call);
  if (call.subscriptions.of(iban).length >= MOST)
    throw new Refusal(400, { error: 'NOTIFICATION_COUNT_LIMIT_EXCEEDED' });
  return answered(200, { ...call.subscriptions.add(iban, url), accountId: call.parameters['id'] });
}

/** The bank wants HTTPS on port 443; a simulated one takes the local gateway's address as well. */
function urlIn({ request }: Call): string {
  let url: unknown;
  try {
    const body: unknown = JSON.parse(Buffer.from(request.body).toString('utf8'));
    url = (body as { notificationUrl?: unknown } | null)?.notificationUrl;
  } catch {
    throw new Refusal(400, { error: 'PARAMETER_INVALID', scope: 'body' });
  }
  if (url === undefined) throw new Refusal(400, { error: 'FIELD_MISSING', scope: 'notificationUrl' });
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : null;
  const local = parsed !== null && ['localhost', '127.0.0.1'].includes(parsed.hostname);
  if (parsed && (local || (parsed.protocol === 'https:' && parsed.port === ''))) return String(url);
  throw new Refusal(400, { error: 'FIELD_INVALID', scope: 'notificationUrl' });
}

export function getNotifications(call: Call): SandboxResponse {
  const iban = accountOf(call, 400).key.account.iban;
  const accountId = call.parameters['id'];
  return answered(200, {
    notifications: call.subscriptions.of(iban).map((one) => ({ ...one, accountId })),
  });
}

export function deleteNotification(call: Call): SandboxResponse {
  const iban = accountOf(call, 400).key.account.iban;
  if (call.subscriptions.remove(iban, call.parameters['notification'] ?? ''))
    return { status: 204, headers: {}, body: new Uint8Array() };
  throw new Refusal(400, { error: 'ID_NOT_FOUND', scope: 'notificationId' });
}
