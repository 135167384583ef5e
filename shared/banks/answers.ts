import { Failure } from '../domain/failure.ts';
import { parseJson } from '../domain/json.ts';
import type { BankDocument } from '../domain/model.ts';
import type { BankResponse } from '../http/types.ts';

/** The answer's bytes as they came, under a speaking name that is harmless in any file system. */
export const documentOf = (
  { body, mediaType }: Pick<BankResponse, 'body' | 'mediaType'>,
  name: string,
): BankDocument => ({ bytes: body, mediaType, name: name.replace(/[^\w.-]+/g, '-') });

/** A code of a bank as it may stand in a message or a record. */
export const printable = (code: string): string => code.replace(/[^\w .-]/g, '').slice(0, 60);

/** A complete answer of the right type that is not what the contract says. */
export function unreadable(operation: string, what: string, { status, requestId }: BankResponse): Failure {
  const message = `The answer of ${operation} ${what}. It is kept; compare it with the bank’s contract and report it.`;
  return new Failure('protocol', message, { operation, status, requestId });
}

/**
 * Reads JSON answers of a bank that may put an error object under status 200.
 * @returns a reader that throws Failure `protocol` for what is no JSON, and what `failureOf` says of an error object
 */
export const jsonReader =
  (
    isErrorBody: (body: unknown) => boolean,
    failureOf: (response: BankResponse, operation: string) => Failure,
  ) =>
  (response: BankResponse, operation: string): unknown => {
    let body: unknown;
    try {
      body = parseJson(response.body);
    } catch {
      throw unreadable(operation, 'is no JSON', response);
    }
    if (isErrorBody(body)) throw failureOf(response, operation);
    return body;
  };
