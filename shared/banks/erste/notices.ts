import { Failure } from '../../domain/failure.ts';
import { at, parseJson, textAt } from '../../domain/json.ts';
import type { BankCall } from '../../http/types.ts';
import type { AccountRef, KeyShelf, Notice, ReceivesNotices } from '../contract.ts';
import type { Accounts } from './accounts.ts';
import { unreadable } from '../answers.ts';
import { JSON_TYPE, readJson, succeeded } from './client.ts';
import type { Config } from './config.ts';

const CREATE = 'createNotification';
const LIST = 'getNotifications';
const REMOVE = 'deleteNotification';
const KEYS = 'getCertificate';
/** The one algorithm the bank signs with; whatever else a header asks for is refused. */
const ALGORITHM = 'RS512';
const LONGEST_FINGERPRINT = 32 * 1024;

/**
 * Notices of booked movements. The bank signs what it sends, `{notificationBody, nonce, timestamp}` in the header
 * `fingerprint`; the signed body is not the sent one to the letter (the bank's own sample differs in a sign), so
 * neither is taken for data: a notice is a reason to pull.
 */
export function notices(call: BankCall, { webApiKey }: Config, accounts: Accounts): ReceivesNotices {
  const own = newShelf();

  /** The bank's keys of today, without a token; they change about once a year. */
  async function fetchKeys(shelf: KeyShelf): Promise<readonly PublicKey[]> {
    const response = await call({
      operation: KEYS,
      method: 'GET',
      path: '/.well-known/jwks',
      headers: { 'WEB-API-key': webApiKey },
      accept: [JSON_TYPE, 'application/jwk-set+json'],
      read: true,
    });
    const keys = at(readJson(succeeded(response, KEYS), KEYS), 'keys');
    if (!Array.isArray(keys)) throw unreadable(KEYS, 'has no list of keys', response);
    const usable = keys.filter((key) => (textAt(key, 'use') ?? 'sig') === 'sig').flatMap(publicKeyOf);
    shelf.put(JSON.stringify(usable));
    return usable;
  }

  async function signed(fingerprint: string, shelf: KeyShelf): Promise<Uint8Array> {
    const kept = shelf.get();
    const found = kept === null ? null : await verifiedBy(JSON.parse(kept) as PublicKey[], fingerprint);
    const payload = found ?? (await verifiedBy(await fetchKeys(shelf), fingerprint));
    if (payload) return payload;
    throw refused('its signature is none of the bank’s');
  }

  return {
    subscribe: async (account, url, shelf) => {
      if (shelf) await fetchKeys(shelf);
      return (await standing(accounts, account, url)) ?? (await create(accounts, account, url));
    },
    unsubscribe: async (account, id) => {
      try {
        await accounts.call(account, (accountId) => ({
          operation: REMOVE,
          method: 'DELETE',
          path: `/my/accounts/${accountId}/notification/${encodeURIComponent(id)}`,
        }));
      } catch (error) {
        // Gone already: removed before, or with the consent it belonged to.
        if (!(error instanceof Failure) || error.detail.code !== 'ID_NOT_FOUND') throw error;
      }
    },
    verifyNotice: async (notice, shelf = own) => readSigned(await signed(fingerprintOf(notice), shelf)),
  };
}

function newShelf(): KeyShelf {
  let kept: string | null = null;
  return { get: () => kept, put: (keys) => void (kept = keys) };
}

/** What makes a key, and nothing more of it: a key set's `alg` must not choose the algorithm. */
interface PublicKey {
  readonly kty: 'RSA';
  readonly n: string;
  readonly e: string;
}

function publicKeyOf(key: unknown): readonly PublicKey[] {
  const [n, e] = [textAt(key, 'n'), textAt(key, 'e')];
  return textAt(key, 'kty') !== 'RSA' || n === null || e === null ? [] : [{ kty: 'RSA', n, e }];
}

/** The notification that exists for the address already: a lost answer must not leave two. */
async function standing(accounts: Accounts, account: AccountRef, url: string): Promise<string | null> {
  const response = await accounts.call(account, (id) => ({
    operation: LIST,
    method: 'GET',
    path: `/my/accounts/${id}/notification/`,
  }));
  const list = at(readJson(response, LIST), 'notifications');
  if (!Array.isArray(list)) throw unreadable(LIST, 'has no list of notifications', response);
  const same = list.find((one) => textAt(one, 'notificationUrl') === url);
  return textAt(same, 'notificationId');
}

async function create(accounts: Accounts, account: AccountRef, url: string): Promise<string> {
  const response = await accounts.call(account, (id) => ({
    operation: CREATE,
    method: 'POST',
    path: `/my/accounts/${id}/notification`,
    body: JSON.stringify({ notificationUrl: url }),
  }));
  const notification = textAt(readJson(response, CREATE), 'notificationId');
  if (notification !== null) return notification;
  throw unreadable(CREATE, 'has no notificationId', response);
}

function fingerprintOf({ headers }: Notice): string {
  const fingerprint = headers['fingerprint'] ?? '';
  if (fingerprint === '') throw refused('it has no fingerprint');
  if (fingerprint.length <= LONGEST_FINGERPRINT) return fingerprint;
  throw refused('its fingerprint is too long');
}

/** The signed content; `null` when none of the keys made the signature. Every key is tried: the bank names none. */
async function verifiedBy(keys: readonly PublicKey[], fingerprint: string): Promise<Uint8Array | null> {
  const { compactVerify, importJWK } = await import('jose');
  for (const jwk of keys) {
    try {
      const key = await importJWK({ ...jwk }, ALGORITHM);
      return (await compactVerify(fingerprint, key, { algorithms: [ALGORITHM] })).payload;
    } catch {
      // Another key, or no signature at all.
    }
  }
  return null;
}

function readSigned(payload: Uint8Array): { nonce: string; signedAt: number } {
  let body: unknown;
  try {
    body = parseJson(payload);
  } catch {
    throw refused('what it signs is no JSON');
  }
  const nonce = textAt(body, 'nonce');
  const timestamp = textAt(body, 'timestamp') ?? '';
  if (nonce === null || nonce.length > 200) throw refused('it has no nonce');
  if (!/^\d{1,12}$/.test(timestamp)) throw refused('it has no timestamp in seconds');
  return { nonce, signedAt: Number(timestamp) * 1000 };
}

const refused = (why: string): Failure =>
  new Failure('rejected', `The notice is not the bank’s: ${why}. Nothing was done for it.`, {
    operation: 'verifyNotice',
  });
