import { Failure, type FailureKind } from '../../domain/failure.ts';
import { at, jsonOrNull, textAt } from '../../domain/json.ts';
import type { BankResponse } from '../../http/types.ts';
import { printable } from '../answers.ts';

interface Rule {
  /** `null` = whatever the status. */
  readonly status: number | null;
  readonly code: RegExp;
  readonly kind: FailureKind;
  readonly field?: string;
  /** What happened and what to do. */
  readonly message: string;
}

const KEY =
  'Compare it with your application on developers.erstegroup.com, correct the connection and prove it again';
const CONSENT = 'Authorise the connection again';

/** Errors of the bank's contract (error tables of Accounts API v3, every resource). */
const RULES: readonly Rule[] = [
  {
    status: 401,
    code: /^SCA_REQUIRED$/,
    kind: 'consent-needed',
    message: `the bank wants the user to authenticate anew. ${CONSENT}`,
  },
  {
    status: 403,
    code: /^TOKEN_INVALID$/,
    kind: 'consent-needed',
    message: `the bank refuses a token it gave just now: the consent has ended or was withdrawn. ${CONSENT}`,
  },
  {
    status: 403,
    code: /^KEY_UNAUTHORIZED$/,
    kind: 'credential-refused',
    message: `the bank does not know the WEB-API-key, or not for this product. ${KEY}`,
  },
  {
    status: 412,
    code: /^KEY_DISABLED$/,
    kind: 'credential-refused',
    message:
      'the bank has disabled the WEB-API-key. Ask the bank, or make a new key, and prove the connection again',
  },
  {
    status: 403,
    code: /^CERTIFICATE_INVALID$/,
    kind: 'credential-refused',
    message:
      'the bank wants a certificate, which only its product for licensed providers does. ' +
      'Subscribe the application to Premium Accounts API on developers.erstegroup.com',
  },
  {
    status: 400,
    code: /^DT01$/,
    kind: 'rejected',
    field: 'date',
    message: 'the bank takes no such dates: they are days in UTC, and none may lie ahead. Ask for other days',
  },
  {
    status: 400,
    code: /^MAX_TRANSACTIONS_EXCEEDED$/,
    kind: 'rejected',
    message: 'one day has more movements than the bank gives. Read that day from its statement',
  },
  {
    status: 400,
    code: /^AG01$/,
    kind: 'rejected',
    message:
      'the user who gave the consent has no right to this account. Let the bank grant it, or switch the account off',
  },
  {
    status: 400,
    code: /^NOTIFICATION_COUNT_LIMIT_EXCEEDED$/,
    kind: 'rejected',
    message: 'the account has its ten notifications already. Remove those nobody uses',
  },
  {
    status: null,
    code: /^ID_NOT_FOUND$/,
    kind: 'rejected',
    message:
      'the bank does not know the account or the document, or the user has no right to it. List the accounts again',
  },
  {
    status: 404,
    code: /^(PAGE_NOT_FOUND|NOT_FOUND|PARAMETER_MISSING)$/,
    kind: 'rejected',
    message: 'the bank has nothing of the kind. Ask for something else, or report it',
  },
  {
    status: 400,
    code: /^(PARAMETER_INVALID|BAD_REQUEST|FIELD_INVALID|FIELD_MISSING)$/,
    kind: 'rejected',
    message: 'the bank does not take a value of the request. Compare the account’s settings, or report it',
  },
  {
    status: 405,
    code: /^METHOD_NOT_ALLOWED$/,
    kind: 'rejected',
    message: 'the bank does not have this operation. Report it',
  },
];

const UNKNOWN: Pick<Rule, 'kind' | 'message'> & { field?: string } = {
  kind: 'transient',
  message: 'the bank’s contract does not know this answer. It is tried again by itself',
};

/**
 * The failure an answer means that is no success: an error status, or an error object under status 200. Of several
 * errors the first one that is known decides. Whatever the contract does not have is `transient`.
 */
export function failureOf(response: BankResponse, operation: string): Failure {
  const { status, requestId } = response;
  const codes = codesOf(response);
  const rule = codes.flatMap((code) => RULES.find((one) => fits(one, status, code)) ?? [])[0] ?? UNKNOWN;
  const code = codes.find((one) => 'code' in rule && rule.code.test(one)) ?? codes[0];
  const shown = code === undefined ? undefined : printable(code);
  const told = shown === undefined ? `${status}` : `${status} ${shown}`;
  return new Failure(rule.kind, `${operation} answered ${told}: ${rule.message}.`, {
    operation,
    status,
    requestId,
    ...(shown === undefined ? {} : { code: shown }),
    ...(rule.field === undefined ? {} : { field: rule.field }),
  });
}

const fits = (rule: Rule, status: number, code: string): boolean =>
  rule.code.test(code) && (rule.status === null || rule.status === status || status === 200);

/** The bank's error codes in an answer, in their order; none in an answer of another form. */
export function codesOf({ body }: BankResponse): string[] {
  return errorsIn(jsonOrNull(body)).flatMap((error) => textAt(error, 'error') ?? []);
}

/** True when the bank says this. */
export const says = (response: BankResponse, status: number | null, code: string): boolean =>
  (status === null || response.status === status) &&
  response.status >= 400 &&
  codesOf(response).includes(code);

/** True for an error object where a document was expected. */
export const isErrorBody = (body: unknown): boolean => errorsIn(body).length > 0;

function errorsIn(body: unknown): readonly unknown[] {
  const errors = at(body, 'errors');
  return Array.isArray(errors) ? errors : [];
}
