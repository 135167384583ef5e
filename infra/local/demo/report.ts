import type { Verdict } from '../../../shared/domain/continuity.ts';
import { addMoney, formatMoney, parseMoney } from '../../../shared/domain/money.ts';
import { count, table } from '../cli/text.ts';
import type { Connection, Manifest, Statement } from '../cli/types.ts';
import type { Held } from './collect.ts';
import type { PaidOrder } from './pay.ts';
import type { BankPlayed, Played } from './play.ts';

/** The figures, for machines and for people. */

export type Continuity = Readonly<Record<Verdict, number>>;

export function jsonReport({ banks, payments, events, findings, seconds }: Played) {
  return {
    banks: banks.map(bankReport),
    consents: banks
      .filter(({ manifest }) => manifest.consent !== null)
      .map(({ bank, connection: { authorised, validUntil, daysLeft } }) => ({
        bank,
        authorised,
        validUntil,
        daysLeft,
      })),
    payments: payments.map(({ bank, state, attempts, answerDropped, bankCopies }) => ({
      bank,
      state,
      attempts,
      answerDropped,
      bankCopies,
    })),
    events: events.length,
    seconds,
    findings,
  };
}

function bankReport({ bank, connection, held, secondPull }: BankPlayed) {
  const sum = (of: (one: Held) => number): number => held.reduce((total, one) => total + of(one), 0);
  return {
    bank,
    connection: connection.id,
    accounts: held.length,
    documents: sum(({ documents }) => documents),
    statements: sum(({ statements }) => statements.length),
    transactions: sum(({ transactions }) => transactions.length),
    balances: sum(({ balances }) => balances.length),
    continuity: continuityOf(held.flatMap(({ statements }) => statements)),
    secondPull,
    accountsDetail: held.map(accountReport),
  };
}

function accountReport({ account, documents, statements, transactions, balances }: Held) {
  return {
    account: account.id,
    number: account.number,
    bankCode: account.bankCode,
    iban: account.iban,
    currency: account.currency,
    active: account.active,
    documents,
    statements: statements.length,
    transactions: transactions.length,
    balances: balances.map(({ kind, amount }) => ({ kind, amount })),
    continuity: continuityOf(statements),
    ...turnoverOf(statements),
    statementsDetail: statements.map(
      ({ number, from, to, opening, credits, debits, closing, count, continuity, reconciles, formats }) => ({
        number,
        from,
        to,
        opening,
        credits,
        debits,
        closing,
        count,
        continuity,
        reconciles,
        formats,
      }),
    ),
  };
}

export function continuityOf(statements: readonly Statement[]): Continuity {
  const verdicts: Record<Verdict, number> = { first: 0, continuous: 0, gap: 0, mismatch: 0 };
  for (const { continuity } of statements) if (continuity !== null) verdicts[continuity] += 1;
  return verdicts;
}

interface Turnover {
  readonly opening: string | null;
  readonly credits: string | null;
  readonly debits: string | null;
  readonly closing: string | null;
}

/** From the first statement's opening to the last one's closing, with the sums of all statements between. */
function turnoverOf(statements: readonly Statement[]): Turnover {
  const read = statements.filter((one) => one.read);
  const sum = (amounts: readonly (string | null)[]): string | null => {
    const [first, ...others] = amounts.flatMap((amount, at) =>
      amount === null ? [] : [parseMoney(amount, read[at]!.currency)],
    );
    return first ? formatMoney(others.reduce(addMoney, first)) : null;
  };
  return {
    opening: read[0]?.opening ?? null,
    credits: sum(read.map(({ credits }) => credits)),
    debits: sum(read.map(({ debits }) => debits)),
    closing: read.at(-1)?.closing ?? null,
  };
}

export function textReport(played: Played): string {
  const { banks, payments, events, findings, seconds } = played;
  return [
    ...banks.flatMap((bank) => [bankText(bank, played.fromFiles), '']),
    ...(payments.length === 0 ? [] : [paymentTable(payments), '']),
    `Events: ${events.length}${findings.length === 0 ? ', in order, none missing' : ''}.`,
    ...(findings.length === 0
      ? [played.fromFiles ? 'All as in the files.' : 'All as the simulated banks booked it.']
      : ['', 'Something is off:', ...findings.map((finding) => `  ${finding}`)]),
    `Took ${seconds.toFixed(1)} s.`,
  ].join('\n');
}

function bankText({ manifest, connection, held, secondPull }: BankPlayed, fromFiles: boolean): string {
  const { newTransactions, writes } = secondPull;
  return [
    `${manifest.name}, connection ${connection.code}`,
    accessText(manifest, connection),
    '',
    accountTable(held),
    ...(fromFiles ? ['', statementTable(held)] : []),
    '',
    `Pulled again an hour later: ${count(newTransactions, 'new transaction')}, ${count(writes, 'item')} written.`,
  ].join('\n');
}

/** How long the bank lets us in, and what to do about it. */
function accessText({ consent }: Manifest, { validUntil, daysLeft, freshness }: Connection): string {
  const what = consent ? 'Consent' : 'Certificate';
  const warning = freshness.state === 'expiring' ? `. Expiring: ${freshness.detail}` : '';
  return `${what} until ${validUntil}, ${daysLeft} days left${warning}`;
}

function paymentTable(payments: readonly PaidOrder[]): string {
  const rows = payments.map(({ id, bank, state, attempts, answerDropped, bankCopies }) => [
    id,
    bank,
    state,
    attempts,
    answerDropped ? 'lost, found again' : 'came',
    bankCopies,
  ]);
  const columns = [
    { title: 'ORDER' },
    { title: 'BANK' },
    { title: 'STATE' },
    { title: 'ATTEMPTS', right: true },
    { title: "BANK'S ANSWER" },
    { title: 'AT THE BANK', right: true },
  ];
  return table(columns, rows);
}

function accountTable(held: readonly Held[]): string {
  const rows = held.map(({ account, documents, statements, transactions, balances }) => {
    const { opening, credits, debits, closing } = turnoverOf(statements);
    const { gap, mismatch } = continuityOf(statements);
    const broken = [gap > 0 ? count(gap, 'gap') : '', mismatch > 0 ? `${mismatch} mismatched` : ''];
    return [
      account.bankCode === null ? account.number : `${account.number}/${account.bankCode}`,
      account.currency,
      documents,
      statements.length,
      transactions.length,
      balances.length,
      opening,
      credits,
      debits,
      closing,
      account.active
        ? broken.filter(Boolean).join(', ') || (statements.length > 0 ? 'continuous' : '')
        : 'closed',
    ];
  });
  const numbers = [
    'DOCUMENTS',
    'STATEMENTS',
    'TRANSACTIONS',
    'BALANCES',
    'OPENING',
    'CREDITS',
    'DEBITS',
    'CLOSING',
  ];
  const columns = [
    { title: 'ACCOUNT' },
    { title: 'CUR' },
    ...numbers.map((title) => ({ title, right: true })),
    { title: '' },
  ];
  return table(columns, rows);
}

function statementTable(held: readonly Held[]): string {
  const rows = held.flatMap(({ account, statements }) =>
    statements.map((one) => [
      account.number,
      one.number,
      one.from,
      one.to,
      one.opening,
      one.credits,
      one.debits,
      one.closing,
      one.currency,
      one.count,
      one.read ? one.continuity : 'kept, not read',
    ]),
  );
  const amounts = ['OPENING', 'CREDITS', 'DEBITS', 'CLOSING'].map((title) => ({ title, right: true }));
  const columns = [
    { title: 'ACCOUNT' },
    { title: 'STATEMENT', right: true },
    { title: 'FROM' },
    { title: 'TO' },
    ...amounts,
    { title: 'CUR' },
    { title: 'ITEMS', right: true },
    { title: 'CONTINUITY' },
  ];
  return table(columns, rows);
}
