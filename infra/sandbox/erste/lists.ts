import { createHash } from 'node:crypto';
import type { SandboxResponse } from '../types.ts';
import type { Issue } from '../raiffeisen/issues.ts';
import { absolute, decimal } from '../raiffeisen/movement.ts';
import { domestic } from '../raiffeisen/numbers.ts';
import { pragueDateTime } from '../prague.ts';
import { answered, Refusal } from './answers.ts';
import { accountOf, daysOf, paged, type Call } from './call.ts';
import { BANK } from './portfolio.ts';
import { toRecord, toRemark } from './record.ts';
import { COMPOSERS } from './statement-files.ts';

const DAY = 86_400_000;
/** Days an unattended consent sees; what is older is left out without a word. */
const HISTORY = 90;
/** After so long a file is fetched from the archive. */
const ARCHIVED_AFTER = 40 * DAY;
const MAX = { accounts: 999, transactions: 200, statements: 100 };

export function getAccounts(call: Call): SandboxResponse {
  const accounts = call.visible.map(({ key: { account, folder } }) => ({
    id: call.ids.idOf(account.iban),
    identification: {
      iban: account.iban,
      other: `${domestic({ ...account, bankCode: BANK.code })}/${BANK.code}`,
    },
    currency: folder.currency,
    servicer: { bankCode: BANK.code, countryCode: 'CZ', bic: BANK.bic },
    ...(account.friendlyName === null ? {} : { nameI18N: account.friendlyName }),
    productI18N: 'Firemní účet ČS',
    ownersNames: [account.owner],
    relationship: { isOwner: false },
    suitableScope: { AISP: 'siblings.accounts', PISP: 'siblings.payments' },
  }));
  return paged(call, 'accounts', accounts, MAX.accounts);
}

export function getBalance(call: Call): SandboxResponse {
  const ledger = accountOf(call);
  const { currency, creditLine } = ledger.key.folder;
  const booked = ledger.balance(call.now);
  const balance = (code: string, minor: bigint) => ({
    type: { codeOrProprietary: { code } },
    amount: { value: decimal(absolute(minor), currency), currency },
    creditDebitIndicator: minor < 0n ? 'DBIT' : 'CRDT',
    date: { dateTime: pragueDateTime(call.now).replace(/\.\d+/, '') },
  });
  return answered(200, { balances: [balance('CLAV', booked + creditLine), balance('CLBD', booked)] });
}

export function getTransactions(call: Call): SandboxResponse {
  const ledger = accountOf(call);
  const { from, to } = daysOf(call);
  const first = Math.max(Date.parse(from), call.now - HISTORY * DAY);
  const last = Date.parse(to) + DAY - 1;
  const rows = [
    ...ledger
      .visible(first, last, call.now)
      .map((movement) => ({ at: movement.bookedAt, minor: movement.minor, row: toRecord(movement) })),
    ...call.books
      .remarks(ledger, first, Math.min(last, call.now))
      .map((remark) => ({ at: remark.at, minor: 0n, row: toRemark(remark) })),
  ];
  const { query } = call.request;
  const sign = query.get('order') === 'ASC' ? 1 : -1;
  const byAmount = query.get('sort') === 'amount';
  rows.sort((a, b) => sign * (byAmount ? Number(absolute(a.minor) - absolute(b.minor)) : a.at - b.at));
  return paged(
    call,
    'transactions',
    rows.map(({ row }) => row),
    MAX.transactions,
    call.settings.maxRows,
  );
}

/** Ids change with the account's; only what is in the statement stays. */
const statementIdOf = (issue: Issue, accountId: string): string =>
  createHash('sha256').update(`${issue.id}|${accountId}`).digest('hex').slice(0, 16);

/** A current account of the retail channel has fewer formats than one of the corporate one. */
const formatsOf = ({ currency }: Issue): readonly string[] =>
  currency === 'EUR' ? ['pdf', 'abo-standard'] : Object.keys(COMPOSERS);

export function getStatements(call: Call): SandboxResponse {
  const ledger = accountOf(call);
  const { from, to } = daysOf(call);
  const format = call.request.query.get('format');
  const listed = call.books
    .issues(ledger)
    .filter((issue) => issue.from >= from && issue.to <= to)
    .filter((issue) => format === null || formatsOf(issue).includes(format))
    .map((issue) => ({
      accountStatementId: statementIdOf(issue, call.parameters['id'] ?? ''),
      year: Number(issue.to.slice(0, 4)),
      month: Number(issue.to.slice(5, 7)),
      sequenceNumber: Number(issue.number.split('/')[0]),
      period: issue.period === 'daily' ? 'DAY' : 'MONTH',
      dateFrom: issue.from,
      dateTo: issue.to,
      formats: formatsOf(issue).map((name) => ({
        format: name,
        availability: call.now - issue.listedAt > ARCHIVED_AFTER ? 'ARCHIVED' : 'IMMEDIATE',
      })),
    }));
  return paged(call, 'accountStatements', listed.reverse(), MAX.statements);
}

export function downloadStatement(call: Call): SandboxResponse {
  const ledger = accountOf(call);
  const { id = '', statement = '' } = call.parameters;
  const issue = call.books.issues(ledger).find((one) => statementIdOf(one, id) === statement);
  if (!issue) throw new Refusal(404, { error: 'ID_NOT_FOUND', scope: 'accountStatementId' });
  const format = call.request.query.get('format');
  if (format === null) throw new Refusal(404, { error: 'PARAMETER_MISSING', scope: 'format' });
  const composer = formatsOf(issue).includes(format) ? COMPOSERS[format] : undefined;
  if (!composer) throw new Refusal(400, { error: 'PARAMETER_INVALID', scope: 'format' });
  const bytes = composer.compose(issue);
  const { downloads } = call.settings;
  const wrapped = downloads === 'mixed' ? !['pdf', 'abo-standard'].includes(format) : downloads === 'json';
  if (wrapped) return answered(200, { data: Buffer.from(bytes).toString('base64') });
  return { status: 200, headers: { 'content-type': composer.mediaType }, body: bytes };
}
