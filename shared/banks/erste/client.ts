import { Secret } from '../../domain/secret.ts';
import type { BankCall, BankRequest, BankResponse } from '../../http/types.ts';
import type { ConsentAccess } from '../contract.ts';
import { jsonReader } from '../answers.ts';
import type { Config } from './config.ts';
import { failureOf, isErrorBody, says } from './errors.ts';

/** What an operation of this bank needs beyond what all of them share. */
export type Ask = Pick<BankRequest, 'operation' | 'method' | 'path'> &
  Partial<Pick<BankRequest, 'target' | 'query' | 'accept' | 'maxBytes'>> & {
    /** JSON. */
    readonly body?: string | Uint8Array;
    /** Beside those that every operation has. */
    readonly headers?: Readonly<Record<string, string>>;
    /** Errors by which this operation, beside `403 TOKEN_INVALID`, says that the token has ended. */
    readonly stale?: { readonly status: number; readonly code: string };
  };

/** One call with key and token. @returns the bank's answer, whatever its status */
export type Client = (ask: Ask) => Promise<BankResponse>;

export const JSON_TYPE = 'application/json';

/**
 * The headers every operation wants. A token the bank refuses is replaced once and the call repeated once: here the
 * normal sign of an ended token is 403, not 401. What the bank says to the second one stands.
 */
export function createClient(call: BankCall, { webApiKey }: Config, consent: ConsentAccess): Client {
  const send = (ask: Ask, token: Secret): Promise<BankResponse> => {
    const { headers, stale: _, accept = [JSON_TYPE], ...rest } = ask;
    return call({
      ...rest,
      accept,
      headers: {
        ...headers,
        'WEB-API-key': webApiKey,
        Authorization: new Secret(`Bearer ${token.reveal()}`),
        ...(rest.body === undefined ? {} : { 'Content-Type': JSON_TYPE }),
      },
      // Removing twice removes once.
      read: ask.method !== 'POST',
    });
  };
  return async (ask) => {
    const token = await consent.token();
    const response = await send(ask, token);
    if (!isStale(response, ask)) return response;
    return send(ask, await consent.token(token));
  };
}

function isStale(response: BankResponse, { stale }: Ask): boolean {
  if (says(response, 403, 'TOKEN_INVALID')) return true;
  return stale !== undefined && says(response, stale.status, stale.code);
}

/** The answer under 200 or 204. @throws Failure for any other status */
export function succeeded(response: BankResponse, operation: string): BankResponse {
  if (response.status === 200 || response.status === 204) return response;
  throw failureOf(response, operation);
}

/**
 * Reads a JSON answer.
 * @throws Failure `protocol` when it is no JSON; what {@link failureOf} says of an error object under 200
 */
export const readJson = jsonReader(isErrorBody, failureOf);
