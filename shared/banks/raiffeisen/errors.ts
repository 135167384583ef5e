import { Failure, type FailureKind } from '../../domain/failure.ts';
import { jsonOrNull, textAt } from '../../domain/json.ts';
import type { BankResponse } from '../../http/types.ts';
import { printable } from '../answers.ts';

interface Rule {
  readonly status: number;
  /** Matches the bank's `error` (some codes come with a sentence behind them); `null` = the status alone tells. */
  readonly code: RegExp | null;
  readonly kind: FailureKind;
  readonly field?: string;
  /** What happened and what to do. */
  readonly message: string;
}

const CERTIFICATE =
  'the bank refuses the certificate: blocked (it happens once a year), expired or unknown. ' +
  'Unblock it in internet banking under Settings, Certificate management, or upload a new one; then prove the connection again';
const CLIENT_ID =
  'the bank’s gateway refuses the ClientID or its secret. ' +
  'Compare them with your application on developers.rb.cz, correct the connection and prove it again';
const SUBSCRIPTION =
  'the application is not subscribed to the product. ' +
  'Subscribe it to Premium API on developers.rb.cz and prove the connection again';

/** Errors of the bank's contract (Swagger 1.1.20240910, responses of every operation). */
const RULES: readonly Rule[] = [
  { status: 401, code: /^(UNAUTHORISED|INVALID_REQUEST)$/, kind: 'credential-refused', message: CERTIFICATE },
  { status: 401, code: null, kind: 'credential-refused', message: CERTIFICATE },
  {
    status: 403,
    code: /^INSUFFICIENT_RIGHTS$/,
    kind: 'rejected',
    message:
      'the certificate has no right to this operation or account. Grant it in internet banking under Settings, Certificate management, or switch the account off',
  },
  {
    status: 400,
    code: /^DT01$/,
    kind: 'rejected',
    field: 'date',
    message: 'the bank takes no such dates; transactions reach back 90 days at most. Ask for a later window',
  },
  {
    status: 404,
    code: /^ID_NOT_FOUND$/,
    kind: 'rejected',
    message: 'the bank does not know the account, currency or document. List the accounts again and compare',
  },
  {
    status: 400,
    code: /^INVALID_BATCH_IMPORT_FORMAT$/,
    kind: 'rejected',
    field: 'format',
    message: 'the bank does not know the file format of the order. Choose another one',
  },
  {
    status: 400,
    code: /^BATCH_CONTENT_INVALID$/,
    kind: 'rejected',
    message: 'the order file does not match its format. Correct the order and submit it anew',
  },
  {
    status: 400,
    code: /^BATCH_ALREADY_IMPORTED$/,
    kind: 'rejected',
    message: 'the bank has imported this very file before. Compare with the batches in internet banking',
  },
  {
    status: 413,
    code: /^BATCH_CONTENT_SIZE_EXCEEDED/,
    kind: 'rejected',
    message: 'the order file is larger than 200 MB. Split the order',
  },
  {
    status: 415,
    code: null,
    kind: 'rejected',
    message: 'the bank refuses the type of the content. Report this: the gateway sent a wrong Content-Type',
  },
];

/**
 * The failure an answer means that is no success: an error status, or an error object under status 200. Its shape is
 * never relied upon: the bank's own `{error, error_description}`, the gateway's `{httpCode, httpMessage,
 * moreInformation}` or anything else, which is `transient`.
 */
export function failureOf(response: BankResponse, operation: string): Failure {
  return failed(response, operation, judge(response) ?? UNKNOWN_TO_READ);
}

/**
 * As {@link failureOf}, of an answer to an order: what nobody knows leaves open whether the bank took it, so it is
 * `outcome-unknown`. Only a status that the contract has for refusals, in the bank's own words, is one.
 */
export function refusalOf(response: BankResponse, operation: string): Failure {
  const refused = REFUSALS.has(response.status) && codeOf(response) !== null;
  return failed(response, operation, judge(response) ?? (refused ? UNKNOWN_REFUSAL : UNKNOWN_TO_SUBMIT));
}

type Judgement = Pick<Rule, 'kind' | 'message' | 'field'>;

const UNKNOWN_TO_READ: Judgement = {
  kind: 'transient',
  message: 'the bank’s contract does not know this answer. It is tried again by itself',
};
const UNKNOWN_TO_SUBMIT: Judgement = {
  kind: 'outcome-unknown',
  message:
    'the bank’s contract does not know this answer, so the order may be there or not. ' +
    'Look for it in internet banking under its name',
};
const UNKNOWN_REFUSAL: Judgement = {
  kind: 'rejected',
  message:
    'the bank refuses the order with a code its contract does not have. Ask the bank, then submit the order anew',
};
/** "Validation error", "no access rights" and "payload too large" of `importPayments`. */
const REFUSALS: ReadonlySet<number> = new Set([400, 403, 413]);

function failed(response: BankResponse, operation: string, { kind, message, field }: Judgement): Failure {
  const { status, requestId } = response;
  const code = codeOf(response);
  const shown = code === null ? {} : { code: printable(code) };
  const detail = { operation, status, requestId, ...shown, ...(field === undefined ? {} : { field }) };
  const told = shown.code === undefined ? `${status}` : `${status} ${shown.code}`;
  return new Failure(kind, `${operation} answered ${told}: ${message}.`, detail);
}

const codeOf = ({ body }: BankResponse): string | null => textAt(jsonOrNull(body), 'error');

/** True for an error object where a document was expected. */
export function isErrorBody(body: unknown): boolean {
  return textAt(body, 'error') !== null || textAt(body, 'httpCode') !== null;
}

/** What the contract says of an answer; `null` when it does not know it. */
function judge(response: BankResponse): Judgement | null {
  const { status } = response;
  const body = jsonOrNull(response.body);
  const code = codeOf(response);
  if (saysUnsubscribed(body)) return { kind: 'credential-refused', message: SUBSCRIPTION };
  const fits = (rule: Rule): boolean =>
    rule.code === null
      ? rule.status === status
      : code !== null && rule.code.test(code) && (rule.status === status || status === 200);
  if (status === 401 && textAt(body, 'httpCode') !== null)
    return { kind: 'credential-refused', message: CLIENT_ID };
  return RULES.find(fits) ?? null;
}

function saysUnsubscribed(body: unknown): boolean {
  const texts = ['error_description', 'moreInformation', 'httpMessage'].map(
    (name) => textAt(body, name) ?? '',
  );
  return texts.some((text) => /cannot consume this service/i.test(text));
}
