import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Clock, Random } from '../domain/ports.ts';
import { Secret } from '../domain/secret.ts';
import type { CredentialSecrets } from '../domain/records.ts';
import { createRetry, isNamed } from './retry.ts';

/** The vault: one secret per credential in Secrets Manager. */
export interface Vault {
  put(company: string, credential: string, secrets: Secret<CredentialSecrets>): Promise<void>;
  /**
   * The secrets of a credential, `null` when there are none. A value read before serves for ten minutes while the
   * vault cannot be reached; there is no other fallback.
   */
  get(company: string, credential: string): Promise<Secret<CredentialSecrets> | null>;
  /** Removes the secrets of a credential at once, with all their versions. */
  remove(company: string, credential: string): Promise<void>;
}

type VaultCommand = CreateSecretCommand | DeleteSecretCommand | GetSecretValueCommand | PutSecretValueCommand;
/** Sends one Secrets Manager command; the port that the fault harness wraps. */
export type SendToVault = (command: VaultCommand) => Promise<unknown>;

export function vaultClient(): SendToVault {
  const client = new SecretsManagerClient({ maxAttempts: 1 });
  return (command) => client.send(command as GetSecretValueCommand);
}

const CACHE_MS = 10 * 60_000;

export function createVault(send: SendToVault, prefix: string, clock: Clock, random: Random): Vault {
  const cache = new Map<string, { value: Secret<CredentialSecrets>; until: number }>();
  const nameOf = (company: string, credential: string): string => `${prefix}${company}/${credential}`;

  const retry = createRetry(clock, random);

  return {
    async put(company, credential, secrets) {
      const name = nameOf(company, credential);
      const text = JSON.stringify(secrets.reveal());
      try {
        await retry(() => send(new CreateSecretCommand({ Name: name, SecretString: text })));
      } catch (error) {
        if (!isNamed(error, 'ResourceExistsException')) throw error;
        await retry(() => send(new PutSecretValueCommand({ SecretId: name, SecretString: text })));
      }
      cache.delete(name);
    },

    async get(company, credential) {
      const name = nameOf(company, credential);
      try {
        const answer = (await retry(() => send(new GetSecretValueCommand({ SecretId: name })))) as {
          SecretString?: string;
        };
        const value = new Secret(parse(name, answer.SecretString ?? ''));
        cache.set(name, { value, until: clock.now() + CACHE_MS });
        return value;
      } catch (error) {
        if (isNamed(error, 'ResourceNotFoundException')) return null;
        const cached = cache.get(name);
        if (cached && cached.until > clock.now()) return cached.value;
        throw error;
      }
    },

    async remove(company, credential) {
      const name = nameOf(company, credential);
      cache.delete(name);
      try {
        await retry(() =>
          send(new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true })),
        );
      } catch (error) {
        if (!isNamed(error, 'ResourceNotFoundException')) throw error;
      }
    },
  };
}

/** The parser's own error would print the beginning of the secret. */
function parse(name: string, text: string): CredentialSecrets {
  try {
    return JSON.parse(text) as CredentialSecrets;
  } catch {
    throw new Error(`The secret ${name} was changed by hand and is no JSON: upload the certificate again`);
  }
}
