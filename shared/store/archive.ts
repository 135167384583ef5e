import { createHash } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, S3Client, type PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { Clock, Random } from '../domain/ports.ts';
import type { DocumentKind } from '../domain/records.ts';
import { createRetry, isNamed } from './retry.ts';

/**
 * The archive: documents exactly as the banks sent them, under keys made of their content, so a second put of the
 * same bytes is harmless and a file name can never become a path.
 */
export interface Archive {
  /** @returns the SHA-256 of the bytes, hex */
  keep(company: string, kind: DocumentKind, bytes: Uint8Array, mediaType: string): Promise<string>;
  /** `null` when there is no such document. */
  read(company: string, kind: DocumentKind, sha256: string): Promise<Uint8Array | null>;
}

/** Sends one S3 command; the port that the fault harness wraps. */
export type SendToArchive = (command: PutObjectCommand | GetObjectCommand) => Promise<unknown>;

/** The real client. Path style works everywhere, also on endpoints without wildcard names. */
export function archiveClient(): S3Client {
  return new S3Client({ maxAttempts: 1, forcePathStyle: true });
}

export const archiveKey = (company: string, kind: DocumentKind, sha256: string): string =>
  `${company}/${kind}/${sha256}`;

/** What can be had again expires by the bucket's life-cycle rule on this tag; statements stay. */
const RAW: Readonly<Record<DocumentKind, boolean>> = {
  statement: false,
  // Whatever it tells stands in the day's statement.
  advice: true,
  transactions: true,
  balances: true,
  order: false,
  converted: true,
};

/** @param lockYears years a statement cannot be removed (S3 Object Lock); 0 where the stage asks for none */
export function createArchive(
  send: SendToArchive,
  bucket: string,
  clock: Clock,
  random: Random,
  lockYears = 0,
): Archive {
  // Puts are idempotent by content and gets have no effect: both may be repeated.
  const retry = createRetry(clock, random);

  return {
    async keep(company, kind, bytes, mediaType) {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      try {
        await retry(() =>
          send(
            new PutObjectCommand({
              Bucket: bucket,
              Key: archiveKey(company, kind, sha256),
              Body: bytes,
              ContentType: mediaType,
              IfNoneMatch: '*',
              ...(RAW[kind] ? { Tagging: 'retention=raw' } : lockFor(lockYears, clock.now())),
            }),
          ),
        );
      } catch (error) {
        // The same bytes are there already: what was wanted.
        if (!isNamed(error, 'PreconditionFailed')) throw error;
      }
      return sha256;
    },

    async read(company, kind, sha256) {
      try {
        const answer = (await retry(() =>
          send(new GetObjectCommand({ Bucket: bucket, Key: archiveKey(company, kind, sha256) })),
        )) as { Body?: { transformToByteArray(): Promise<Uint8Array> } };
        return (await answer.Body?.transformToByteArray()) ?? null;
      } catch (error) {
        if (isNamed(error, 'NoSuchKey')) return null;
        throw error;
      }
    },
  };
}

/** Governance mode: an administrator with a right of its own can still carry out a court's order. */
function lockFor(
  years: number,
  now: number,
): Pick<PutObjectCommandInput, 'ObjectLockMode' | 'ObjectLockRetainUntilDate'> {
  if (years === 0) return {};
  const until = new Date(now);
  until.setUTCFullYear(until.getUTCFullYear() + years);
  return { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: until };
}
