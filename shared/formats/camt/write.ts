import type { PlainDate } from '../../domain/dates.ts';
import type { Statement, Transaction } from '../../domain/model.ts';
import { addMoney, type Money } from '../../domain/money.ts';
import { FormatError } from '../errors.ts';
import type { Written } from '../stream.ts';
import { branch, isDateTime, leaf } from '../xml-write.ts';
import { groupBatches, type EntryGroup } from './write-batches.ts';
import { accountId, codeOf, institution, writeDetails } from './write-details.ts';
import { amount, decimal, fit, indicator, lose, type CamtVersion, type Draft } from './write-fields.ts';

/**
 * Writer of camt.053.001.02 (ČBA standard 2.3) and .08 the way Czech banks write them: PRCD and CLBD, symbols in one
 * `Strd` each, the message in `AddtlTxInf`. Elements stand in the order of the ISO 20022 message definition.
 */
export interface CamtWriteOptions {
  readonly version: CamtVersion;
  /** `MsgId`, up to 35 characters; unique among what the receiver gets. */
  readonly messageId: string;
  /** `CreDtTm`, ISO 8601. */
  readonly createdAt: string;
  /** `AddtlStmtInf` of every statement, up to 500 characters. */
  readonly note?: string;
}

/**
 * Writes statements as one camt.053 document in UTF-8. Totals and count are those of the items written. What the
 * message cannot say is listed as a loss, field by field.
 * @throws FormatError `no-statement`, `message-id`, `created-at`, `note`, `account-missing`, `balance-missing`, `currency-differs`,
 * `currency-unknown`, `amount-too-long`
 */
export function writeCamt053(statements: readonly Statement[], options: CamtWriteOptions): Written {
  const { version, messageId, createdAt } = options;
  if (statements.length === 0) throw new FormatError('no-statement', 'There is no statement to write');
  checkOptions(options);
  const draft: Draft = { version, losses: [] };
  const header = branch('GrpHdr', leaf('MsgId', messageId), leaf('CreDtTm', createdAt));
  const reports = statements.map((statement, at) =>
    writeStatement(draft, statement, options, `statement ${at + 1}`),
  );
  const xml =
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.${version}">` +
    branch('BkToCstmrStmt', header, ...reports) +
    '</Document>\n';
  return { bytes: new TextEncoder().encode(xml), losses: draft.losses };
}

function checkOptions({ messageId, createdAt, note }: CamtWriteOptions): void {
  if (!/^(?=\S)[^\p{Cc}\p{Surrogate}\uFFFE\uFFFF]{1,35}$/u.test(messageId)) {
    throw new FormatError('message-id', 'A message id has 1 to 35 characters: give another one');
  }
  if (!isDateTime(createdAt)) {
    throw new FormatError(
      'created-at',
      `"${createdAt.slice(0, 40)}" is no ISO 8601 time: give YYYY-MM-DDThh:mm:ssZ`,
    );
  }
  // Max500Text counts characters, not code units.
  if (note !== undefined && !/^[^\p{Cc}\p{Surrogate}\uFFFE\uFFFF]{1,500}$/u.test(note)) {
    throw new FormatError('note', 'A note has 1 to 500 characters: shorten it, or leave it out');
  }
}

function writeStatement(
  draft: Draft,
  statement: Statement,
  { createdAt, note }: CamtWriteOptions,
  position: string,
): string {
  const { account, transactions } = statement;
  checkCurrencies(statement, position);
  leaveOut(draft, statement, position);
  const id = accountId(draft, account, `${position}, account`);
  if (id === '') {
    const message = `The ${position} has neither an IBAN nor a number of its account, which camt.053 demands`;
    throw new FormatError('account-missing', message, position);
  }
  const groups = groupBatches(draft, transactions, position);
  const number = numberOf(draft, statement.number, position);
  const agent = institution(draft, { ...account, bic: null }, `${position}, bank`);
  return branch(
    'Stmt',
    leaf('Id', idOf(statement, createdAt)),
    leaf('ElctrncSeqNb', number),
    leaf('LglSeqNb', number),
    leaf('CreDtTm', createdAt),
    periodOf(statement),
    branch('Acct', branch('Id', id), leaf('Ccy', account.currency), branch('Svcr', agent)),
    ...balancesOf(draft, statement, createdAt, position),
    summaryOf(draft, groups, currencyOf(statement), position),
    ...groups.map((group) => writeEntry(draft, group, position)),
    leaf('AddtlStmtInf', note ?? null),
  );
}

/** The account's currency, or that of what there is. */
function currencyOf({ account, opening, closing, transactions }: Statement): string {
  const [first] = transactions;
  return account.currency ?? opening?.currency ?? closing?.currency ?? first?.amount.currency ?? 'XXX';
}

function checkCurrencies(statement: Statement, position: string): void {
  const { opening, closing, transactions } = statement;
  const currency = currencyOf(statement);
  const all = [opening, closing, ...transactions.map(({ amount: money }) => money)];
  const other = all.find((money) => money !== null && money.currency !== currency);
  if (!other) return;
  const message = `The ${position} is in ${currency} and has an amount in ${other.currency}: write them apart`;
  throw new FormatError('currency-differs', message, position);
}

/** What of a statement has no place at all. */
function leaveOut(draft: Draft, statement: Statement, position: string): void {
  for (const { message } of statement.quarantined)
    lose(draft, 'item-left-out', `An item that could not be read is not written: ${message}`, position);
  const { credits, debits, count } = statement.declared;
  const differs = (said: Money | null, own: Money): boolean => said !== null && said.minor !== own.minor;
  if (
    differs(credits, statement.credits) ||
    differs(debits, statement.debits) ||
    (count ?? statement.count) !== statement.count
  ) {
    const message =
      'The totals the document declared are not those of its items; those of the items are written.';
    lose(draft, 'totals-recomputed', message, position);
  }
}

/** Ours, made of account and last day: nobody is told by it what the other fields do not say. */
function idOf({ account, to }: Statement, createdAt: string): string {
  return `${account.iban ?? account.number ?? ''}-${to ?? createdAt.slice(0, 10)}`.slice(-35);
}

/** Sequence numbers are digits: of `194/2026` the part before the year is written. */
function numberOf(draft: Draft, number: string | null, position: string): string | null {
  const written = fit(draft, number, 500, `${position}, number`);
  if (written === null || /^\d{1,18}$/.test(written)) return written;
  const digits = /^(\d{1,18})\D/.exec(written)?.[1] ?? null;
  const message = digits === null ? 'left out' : `written as ${digits}`;
  lose(
    draft,
    'number-shortened',
    `The number "${written.slice(0, 40)}" was ${message}: it must be digits.`,
    position,
  );
  return digits;
}

function periodOf({ from, to }: Statement): string {
  if (from === null || to === null) return '';
  return branch('FrToDt', leaf('FrDtTm', `${from}T00:00:00`), leaf('ToDtTm', `${to}T23:59:59`));
}

/** The previous closing balance (which is how Czech banks open) and the closing one. */
function balancesOf(draft: Draft, statement: Statement, createdAt: string, position: string): string[] {
  const { opening, closing, from, to, transactions } = statement;
  if (!opening && !closing) {
    const message = `The ${position} has no balance, which camt.053 demands: write it in another format`;
    throw new FormatError('balance-missing', message, position);
  }
  const day = from ?? to ?? transactions[0]?.bookingDate ?? createdAt.slice(0, 10);
  if (from === null || to === null) {
    lose(draft, 'period-composed', `Its balances need a date and are dated ${day}.`, `${position}, period`);
  }
  return [balance('PRCD', opening, from ?? day, position), balance('CLBD', closing, to ?? day, position)];
}

function balance(code: string, money: Money | null, date: PlainDate, position: string): string {
  if (!money) return '';
  return branch(
    'Bal',
    branch('Tp', branch('CdOrPrtry', leaf('Cd', code))),
    amount(money, `${position}, balance ${code}`),
    indicator(money.minor),
    branch('Dt', leaf('Dt', date)),
  );
}

function summaryOf(draft: Draft, groups: readonly EntryGroup[], currency: string, position: string): string {
  const amounts = groups.map(({ transactions }) => totalOf(transactions, currency).minor);
  const credits = amounts.filter((minor) => minor >= 0n);
  const debits = amounts.filter((minor) => minor < 0n);
  const sum = (of: readonly bigint[]): bigint => of.reduce((total, minor) => total + minor, 0n);
  const text = (minor: bigint): string => decimal({ minor, currency }, `${position}, totals`);
  const total = (name: string, of: readonly bigint[]): string =>
    branch(name, leaf('NbOfNtries', String(of.length)), leaf('Sum', text(sum(of))));
  const net = [text(sum(amounts)), indicator(sum(amounts))] as const;
  return branch(
    'TxsSummry',
    branch(
      'TtlNtries',
      leaf('NbOfNtries', String(amounts.length)),
      leaf('Sum', text(sum(credits) - sum(debits))),
      draft.version === '08'
        ? branch('TtlNetNtry', leaf('Amt', net[0]), net[1])
        : leaf('TtlNetNtryAmt', net[0]) + net[1],
    ),
    total('TtlCdtNtries', credits),
    total('TtlDbtNtries', debits),
  );
}

function totalOf(transactions: readonly Transaction[], currency: string): Money {
  return transactions.reduce((sum, one) => addMoney(sum, one.amount), { minor: 0n, currency });
}

function writeEntry(draft: Draft, { transactions, batch, first }: EntryGroup, statement: string): string {
  const [head] = transactions;
  if (!head) return '';
  const position = `${statement}, item ${first}`;
  const total = totalOf(transactions, head.amount.currency);
  const reference = batch ? batch.reference : head.bankReference;
  const details = transactions.map((transaction, at) =>
    writeDetails(draft, transaction, {
      batch: batch !== undefined,
      // Details have a direction of their own from version 04 on.
      debit: (draft.version === '02' ? total : transaction.amount).minor < 0n,
      position: `${statement}, item ${first + at}`,
    }),
  );
  return branch(
    'Ntry',
    // What becomes of a single movement's reference is told with its details.
    leaf(
      'NtryRef',
      fit(batch ? draft : { ...draft, losses: [] }, reference, 35, `${position}, batch reference`),
    ),
    amount(total, position),
    indicator(total.minor),
    leaf('RvslInd', head.reversal ? 'true' : null),
    draft.version === '08' ? branch('Sts', leaf('Cd', 'BOOK')) : leaf('Sts', 'BOOK'),
    branch('BookgDt', leaf('Dt', head.bookingDate)),
    branch('ValDt', leaf('Dt', head.valueDate)),
    batch ? '<BkTxCd/>' : codeOf(draft, head, position),
    branch('NtryDtls', ...details),
  );
}

export type { CamtVersion } from './write-fields.ts';
