import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { Clock, Random } from '../domain/ports.ts';
import { Secret } from '../domain/secret.ts';
import { createRetry } from './retry.ts';
import type { SendToVault } from './vault.ts';

/**
 * Seals secrets that stand in a table, because they are needed at every request or change more often than the vault may
 * be written: AES-256-GCM with the stack's data key, a versioned secret in Secrets Manager.
 */
export interface Seal {
  /** @param context what the secret belongs to; only with the same it opens again */
  close(secret: Secret, context: readonly string[]): Promise<string>;
  /** @throws Error for a text that was sealed for another context, with another stack's key, or changed */
  open(sealed: string, context: readonly string[]): Promise<Secret>;
}

interface DataKey {
  readonly version: string;
  readonly bytes: Buffer;
}

const FORM = 'v1';
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** How long new secrets are sealed with the version read last; a rotated key is in use after that. */
const CURRENT_MS = 10 * 60_000;

/** @param name name or ARN of the data key in Secrets Manager */
export function createSeal(send: SendToVault, name: string, clock: Clock, random: Random): Seal {
  const retry = createRetry(clock, random);
  const versions = new Map<string, DataKey>();
  let current: { readonly key: DataKey; readonly until: number } | null = null;

  async function fetchKey(version?: string): Promise<DataKey> {
    const command = { SecretId: name, ...(version === undefined ? {} : { VersionId: version }) };
    const answer = (await retry(() => send(new GetSecretValueCommand(command)))) as {
      SecretString?: string;
      VersionId?: string;
    };
    const key = { version: answer.VersionId ?? '', bytes: derived(answer.SecretString ?? '') };
    versions.set(key.version, key);
    return key;
  }

  async function currentKey(): Promise<DataKey> {
    if (!current || current.until <= clock.now()) {
      current = { key: await fetchKey(), until: clock.now() + CURRENT_MS };
    }
    return current.key;
  }

  return {
    async close(secret, context) {
      const { version, bytes } = await currentKey();
      const nonce = random.bytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, bytes, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(additional(version, context));
      const text = Buffer.concat([cipher.update(secret.reveal(), 'utf8'), cipher.final()]);
      return [FORM, version, encoded(nonce), encoded(text), encoded(cipher.getAuthTag())].join('.');
    },

    async open(sealed, context) {
      const [form, version = '', nonce = '', text = '', tag = ''] = sealed.split('.');
      if (form !== FORM) throw new Error('A sealed secret has a form this version does not know');
      const { bytes } = versions.get(version) ?? (await fetchKey(version));
      const decipher = createDecipheriv(CIPHER, bytes, decoded(nonce), { authTagLength: TAG_BYTES });
      decipher.setAAD(additional(version, context));
      decipher.setAuthTag(decoded(tag));
      try {
        const opened = Buffer.concat([decipher.update(decoded(text)), decipher.final()]);
        return new Secret(opened.toString('utf8'));
      } catch {
        throw new Error('A sealed secret does not open: it was changed, or sealed for something else');
      }
    },
  };
}

/** The data key is a long random text; the cipher wants 32 bytes of it (HKDF, RFC 5869). */
function derived(text: string): Buffer {
  if (text.length < 32) throw new Error('The data key of the stack is too short: it must have 32 characters');
  return Buffer.from(hkdfSync('sha256', text, '', `brana seal ${FORM}`, 32));
}

const additional = (version: string, context: readonly string[]): Buffer =>
  Buffer.from(JSON.stringify([FORM, version, ...context]));
const encoded = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const decoded = (text: string): Buffer => Buffer.from(text, 'base64url');
