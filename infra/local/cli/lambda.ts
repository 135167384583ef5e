import { createHash, createHmac } from 'node:crypto';
import { CliError, EXIT } from './exit.ts';

/**
 * Invokes a function of a deployed stack through IAM: one signed request (AWS Signature Version 4), so that no further
 * SDK client is needed for something done once.
 */

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface Target {
  readonly region: string;
  readonly functionName: string;
  readonly credentials: Credentials;
  /** Another endpoint than AWS's own. */
  readonly endpoint?: string | undefined;
}

/** @returns the function's result @throws CliError when AWS refuses or the function fails */
export async function invokeFunction(target: Target, event: unknown, now: number): Promise<unknown> {
  const { region, functionName, endpoint = `https://lambda.${region}.amazonaws.com` } = target;
  const url = new URL(`/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`, endpoint);
  const body = JSON.stringify(event);
  const headers = sign({ method: 'POST', url, body, service: 'lambda', ...target, now });
  const response = await fetch(url, { method: 'POST', body, headers, redirect: 'error' }).catch(
    (error: Error) => {
      throw new CliError(
        EXIT.unreachable,
        `AWS Lambda cannot be reached at ${url.origin} (${error.message}).`,
      );
    },
  );
  const text = await response.text();
  if (!response.ok) {
    const { Message, message } = parse(text) as { Message?: string; message?: string };
    throw new CliError(
      EXIT.refused,
      `AWS refused to invoke ${functionName} in ${region} (${response.status}): ${Message ?? message ?? 'no reason'}. ` +
        'Check stage, region and the credentials you deployed with.',
    );
  }
  if (response.headers.has('x-amz-function-error')) {
    throw new CliError(
      EXIT.failed,
      `${functionName} failed. Its log says why: npx serverless logs -f admin-bootstrap`,
    );
  }
  return parse(text);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return {};
  }
}

interface Unsigned {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
  readonly service: string;
  readonly region: string;
  readonly credentials: Credentials;
  /** Epoch milliseconds. */
  readonly now: number;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Headers that sign a request without a query (AWS Signature Version 4, "Create a signed AWS API request"). */
export function sign({
  method,
  url,
  body,
  service,
  region,
  credentials,
  now,
}: Unsigned): Record<string, string> {
  const time = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const day = time.slice(0, 8);
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const headers: Record<string, string> = {
    host: url.host,
    'x-amz-date': time,
    ...(sessionToken ? { 'x-amz-security-token': sessionToken } : {}),
  };
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const request = [method, url.pathname, '', lines, names.join(';'), sha256(body)].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n');
  const key = [region, service, 'aws4_request'].reduce(hmac, hmac(`AWS4${secretAccessKey}`, day));
  const signature = hmac(key, toSign).toString('hex');
  const { host: _, ...sent } = headers;
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  };
}
