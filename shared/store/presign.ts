import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { DocumentKind } from '../domain/records.ts';
import { archiveKey } from './archive.ts';

/** Seconds a link to a document lives. */
const LIFETIME = 60;

/** A short-lived link to an archived document, answered as an attachment under an ASCII file name. */
export function linkTo(
  client: S3Client,
  bucket: string,
  document: { company: string; kind: DocumentKind; sha256: string; fileName: string; mediaType: string },
): Promise<string> {
  const command = new GetObjectCommand({
    Bucket: bucket,
    Key: archiveKey(document.company, document.kind, document.sha256),
    ResponseContentDisposition: `attachment; filename="${document.fileName}"`,
    ResponseContentType: document.mediaType,
  });
  return getSignedUrl(client, command, { expiresIn: LIFETIME });
}
