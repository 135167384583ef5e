import { formatMoney, type Money } from '../../../../shared/domain/money.ts';
import { fileView } from '../../../../shared/formats/view.ts';
import type { ReadFile } from '../../../../shared/formats/files.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit.ts';
import { FILE_OPTIONS, readBankFile } from '../file-input.ts';
import { table } from '../text.ts';

/** `brana inspect FILE`: what a bank file is, its totals and its warnings. */
export const inspect: Command = {
  name: 'inspect',
  summary: 'Say what a bank file is, its totals and its warnings',
  args: 'FILE',
  options: FILE_OPTIONS,
  takes: { least: 1, most: 1 },
  notes: 'FILE "-" is stdin. Exit code 1 when a statement does not reconcile or an item could not be read.',
  async run({ args, options }) {
    const name = args[0] ?? '-';
    const file = await readBankFile(name, options);
    const view = fileView(name, file);
    const { confidence, evidence } = file.recognised;
    const sound =
      file.quarantined.length === 0 &&
      file.statements.every(
        ({ reconciles, quarantined }) => reconciles !== false && quarantined.length === 0,
      );
    return {
      json: { ...view, confidence, evidence },
      text: textOf(name, file),
      exit: sound ? EXIT.ok : EXIT.off,
    };
  },
};

function textOf(name: string, { recognised, statements, orders, warnings, quarantined }: ReadFile): string {
  const { format, version, dialect, encoding, confidence, evidence } = recognised;
  const what = [format, version, dialect && `bank ${dialect}`, encoding].filter(Boolean).join(', ');
  const notes = [
    ...[...warnings, ...quarantined].map((one) => ({ of: 'file', ...one })),
    ...statements.flatMap((statement, at) =>
      [...statement.warnings, ...statement.quarantined].map((one) => ({ of: `statement ${at + 1}`, ...one })),
    ),
  ];
  return [
    `${name}: ${what} (confidence ${confidence.toFixed(2)})`,
    ...evidence.map((one) => `  ${one}`),
    ...(statements.length > 0 ? ['', statementTable(statements)] : []),
    ...(orders.length > 0 ? ['', orderTable(orders)] : []),
    '',
    notes.length === 0 ? 'No warnings.' : `${notes.length} warnings:`,
    ...notes.map(
      ({ of, rule, position, message }) =>
        `  ${of}${position === null ? '' : `, ${position}`}: ${rule}: ${message}`,
    ),
  ].join('\n');
}

const amount = (money: Money | null): string => (money ? formatMoney(money) : '');

function statementTable(statements: ReadFile['statements']): string {
  const columns = [
    { title: 'ACCOUNT' },
    { title: 'NUMBER' },
    { title: 'FROM' },
    { title: 'TO' },
    { title: 'OPENING', right: true },
    { title: 'CREDITS', right: true },
    { title: 'DEBITS', right: true },
    { title: 'CLOSING', right: true },
    { title: 'CUR' },
    { title: 'ITEMS', right: true },
    { title: 'SUMS' },
  ];
  const rows = statements.map((s) => [
    s.account.iban ?? [s.account.number, s.account.bankCode].filter(Boolean).join('/'),
    s.number ?? '',
    s.from ?? '',
    s.to ?? '',
    amount(s.opening),
    amount(s.credits),
    amount(s.debits),
    amount(s.closing),
    s.account.currency ?? '',
    String(s.count),
    s.reconciles === null ? 'cannot be told' : s.reconciles ? 'right' : 'WRONG',
  ]);
  return table(columns, rows);
}

function orderTable(orders: ReadFile['orders']): string {
  const columns = [
    { title: 'PAYER' },
    { title: 'DATE' },
    { title: 'KIND' },
    { title: 'PAYMENTS', right: true },
    { title: 'SUM', right: true },
    { title: 'CUR' },
  ];
  const rows = orders.map(({ payer, date, kind, payments, sum, currency }) => [
    payer.iban ?? [payer.number, payer.bankCode].filter(Boolean).join('/'),
    date ?? '',
    kind,
    String(payments.length),
    formatMoney(sum),
    currency,
  ]);
  return table(columns, rows);
}
