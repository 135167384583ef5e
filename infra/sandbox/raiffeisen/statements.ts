import { isPlainDate } from '../../../shared/domain/dates.ts';
import type { SandboxResponse } from '../types.ts';
import { badDate, json, noContent, notFound } from './answers.ts';
import { accountOf, bodyOf, languageOf, pageOf, textOf, type Call } from './call.ts';
import {
  DOCUMENT_FORMATS,
  STATEMENT_LINES,
  type DocumentFormat,
  type SourceStatement,
  type StatementLine,
} from './source.ts';

/**
 * `getStatements`: statements of an account, newest first. A currency, a line and limits on the statement's last day
 * narrow the list; without a line all lines are listed. Paging stands in the query.
 */
export function getStatements(call: Call): SandboxResponse {
  const body = bodyOf(call);
  const accountNumber = textOf(body, 'accountNumber', { required: true }) ?? '';
  const currency = textOf(body, 'currency');
  const line = textOf(body, 'statementLine', { allowed: STATEMENT_LINES }) as StatementLine | null;
  const from = dayOf(body, 'dateFrom');
  const to = dayOf(body, 'dateTo');
  if (from !== null && to !== null && from > to) throw badDate("'dateFrom' must not be later than 'dateTo'.");
  const account = accountOf(call, accountNumber);
  const asked = call.source
    .statements(account.number)
    .filter(
      (statement) =>
        (currency === null || statement.currency === currency) &&
        (line === null || statement.lines.includes(line)) &&
        (from === null || statement.to >= from) &&
        (to === null || statement.to <= to),
    );
  const page = pageOf(call, asked);
  if (!page) return noContent();
  return json(200, {
    statements: page.items.map((statement) => listed(statement, account.accountId)),
    ...page.paging,
  });
}

function dayOf(body: Readonly<Record<string, unknown>>, name: string): string | null {
  const text = textOf(body, name);
  if (text !== null && !isPlainDate(text)) throw badDate(`'${name}' is not a date.`);
  return text;
}

function listed(statement: SourceStatement, accountId: number): Record<string, unknown> {
  return {
    statementId: statement.id,
    accountId,
    statementNumber: statement.number,
    dateFrom: statement.from,
    dateTo: statement.to,
    currency: statement.currency,
    statementFormats: statement.formats.map((format) => format.toUpperCase()),
  };
}

const MEDIA_TYPES: Readonly<Record<DocumentFormat, string>> = {
  pdf: 'application/pdf',
  xml: 'application/xml',
  MT940: 'text/mt940',
};

/** `downloadStatement`: one file of one statement; 204 where the statement is not offered in that format. */
export async function downloadStatement(call: Call): Promise<SandboxResponse> {
  const language = languageOf(call);
  const body = bodyOf(call);
  const accountNumber = textOf(body, 'accountNumber', { required: true }) ?? '';
  const statementId = textOf(body, 'statementId', { required: true }) ?? '';
  const format = textOf(body, 'statementFormat', {
    required: true,
    allowed: DOCUMENT_FORMATS,
  }) as DocumentFormat;
  const currency = textOf(body, 'currency');
  const account = accountOf(call, accountNumber);
  const statement = call.source.statements(account.number).find(({ id }) => id === statementId);
  if (!statement || (currency !== null && currency !== statement.currency)) throw notFound('The statement');
  const document = await call.source.document(statementId, format, language);
  if (!document) return noContent();
  return { status: 200, headers: { 'content-type': MEDIA_TYPES[format] }, body: document };
}
