import type { Secret } from '../../domain/secret.ts';
import type { BankCall, BankRequest, BankResponse } from '../../http/types.ts';
import { jsonReader } from '../answers.ts';
import type { Config } from './config.ts';
import { failureOf, isErrorBody } from './errors.ts';

/** What an operation of this bank needs beyond what all of them share. */
export type Ask = Pick<BankRequest, 'operation' | 'method' | 'path'> &
  Partial<Pick<BankRequest, 'query' | 'headers' | 'accept' | 'anonymous' | 'maxBytes'>> & {
    /** Sent as JSON. */
    readonly json?: unknown;
  };

/** One read. @returns the answer under 200, `null` for 204 ("empty content"). @throws Failure for any other status */
export type Client = (ask: Ask) => Promise<BankResponse | null>;

export const JSON_TYPE = 'application/json';
export const REQUEST_ID = 'X-Request-Id';

/** The headers by which the bank's gateway knows our application. */
export const applicationHeaders = ({ clientId, clientSecret }: Config): Record<string, string | Secret> => ({
  'X-IBM-Client-Id': clientId,
  ...(clientSecret === null ? {} : { 'X-IBM-Client-Secret': clientSecret }),
});

/** The headers every operation of the bank wants, and its statuses. */
export function createClient(call: BankCall, config: Config): Client {
  return async ({ json, headers, accept = [JSON_TYPE], ...rest }) => {
    const response = await call({
      ...rest,
      accept,
      headers: {
        ...applicationHeaders(config),
        ...(json === undefined ? {} : { 'Content-Type': JSON_TYPE }),
        ...headers,
      },
      requestIdHeader: REQUEST_ID,
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      read: true,
    });
    if (response.status === 204) return null;
    if (response.status !== 200) throw failureOf(response, rest.operation);
    return response;
  };
}

/**
 * Reads a JSON answer.
 * @throws Failure `protocol` when it is no JSON; what {@link failureOf} says of an error object under 200
 */
export const readJson = jsonReader(isErrorBody, failureOf);
