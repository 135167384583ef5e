import { isValidAccountNumber, isValidIban } from '../../domain/account-number.ts';
import { bankOfCode } from '../../domain/bank-codes.ts';
import { Failure } from '../../domain/failure.ts';
import { dateIn, isoInstant } from '../../domain/dates.ts';
import type { Connector, Manifest, OrderFormat, PaymentRules } from '../../banks/contract.ts';
import type { Counterparty, Symbols } from '../../domain/model.ts';
import type { OrderGroup } from '../../domain/order-file.ts';
import { FormatError } from '../../formats/errors.ts';
import { checkOrder } from '../../formats/kpc/check.ts';
import { kpcDialect, WITHOUT_MODULO_11 } from '../../formats/kpc/dialects.ts';
import { domesticAccountOf } from '../../formats/order-party.ts';
import { executionOf, type Execution } from './execution.ts';
import type { Draft, OrderFinding } from './order.ts';

/** An order that can be carried out. */
export interface ValidOrder {
  /** With the day of execution in every group. */
  readonly groups: readonly OrderGroup[];
  readonly format: OrderFormat['format'];
  readonly execution: Execution;
  /** What will be changed on the way to the bank, in words. */
  readonly warnings: readonly OrderFinding[];
}

export interface Judge {
  readonly manifest: Manifest;
  readonly rules: PaymentRules;
  readonly connector: Connector;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Id and serial the order would get. */
  readonly id: string;
  readonly serial: number;
}

/**
 * Judges an order before anything leaves: amounts, accounts, bank codes, symbols, days and the bank's limits, and at
 * last the rendering itself. Every finding at once, each with its JSON pointer.
 */
export function validate(draft: Draft, judge: Judge): ValidOrder | readonly OrderFinding[] {
  const findings: OrderFinding[] = [...draft.findings];
  const warnings: OrderFinding[] = [];
  const format = formatOf(draft, judge, findings);
  const dated = draft.groups.map(({ group }, at) => datedGroup(group, draft.pointerOf(at), judge, findings));
  const groups = dated.map(({ group }) => group);
  groups.forEach((group, at) => checkGroup(group, draft.pointerOf(at), judge, findings));
  const count = groups.reduce((sum, { payments }) => sum + payments.length, 0);
  if (count === 0 && findings.length === 0)
    findings.push({ pointer: '/payments', detail: 'The order has no payment' });
  if (count > judge.rules.maxPayments) {
    const detail = `${judge.manifest.name} takes ${judge.rules.maxPayments} payments in an order; here are ${count}: divide it`;
    findings.push({ pointer: '/payments', detail });
  }
  if (findings.length === 0 && format === 'kpc') checkKpc(groups, draft, judge, findings, warnings);
  if (findings.length === 0 && format !== null) tryRendering(groups, format, judge, findings, warnings);
  const execution = dated[0]?.execution;
  if (findings.length > 0 || format === null || !execution) return findings;
  return { groups, format, execution, warnings };
}

/** The bank's format for the order's currency. */
function formatOf(
  { groups, pointerOf }: Draft,
  { rules, manifest }: Judge,
  findings: OrderFinding[],
): OrderFormat['format'] | null {
  const currencies = [...new Set(groups.map(({ group }) => group.currency))];
  const found = currencies.map((currency) => rules.formats.find((one) => one.currencies.includes(currency)));
  const [first] = found;
  groups.forEach(({ group }, at) => {
    if (rules.formats.some((one) => one.currencies.includes(group.currency))) return;
    const known = rules.formats.flatMap((one) => one.currencies).join(', ');
    const detail = `Orders in ${group.currency} do not go to ${manifest.name} through Brana; it takes: ${known}`;
    findings.push({ pointer: `${pointerOf(at)}/payments/0/currency`, detail });
  });
  if (found.some((one) => one !== first))
    findings.push({ pointer: '', detail: 'An order has one currency: divide it' });
  return first?.format ?? null;
}

function datedGroup(
  group: OrderGroup,
  pointer: string,
  { rules, manifest, now }: Judge,
  findings: OrderFinding[],
): { group: OrderGroup; execution: Execution | null } {
  const execution = executionOf(group.date, group.priority, rules, manifest.timeZone, now);
  if (!execution) {
    const detail = `${group.date} is over; the first day left is ${dateIn(manifest.timeZone, now)}`;
    findings.push({ pointer: `${pointer}/executionDate`, detail });
    return { group, execution };
  }
  return { group: { ...group, date: execution.day }, execution };
}

function checkGroup(group: OrderGroup, pointer: string, judge: Judge, findings: OrderFinding[]): void {
  const find = (at: string, detail: string): void => void findings.push({ pointer: pointer + at, detail });
  if (group.kind !== 'credit-transfer') find('', 'Only payments are taken, no collections');
  if (!judge.rules.priorities.includes(group.priority)) {
    find('/priority', `${judge.manifest.name} takes here: ${judge.rules.priorities.join(', ')}`);
  }
  group.payments.forEach((payment, at) => {
    const here = `/payments/${at}`;
    checkCreditor(payment.creditor, (detail, field = '') => find(`${here}/creditor${field}`, detail));
    checkSymbols(payment.rawSymbols, (field, detail) => find(`${here}/${field}`, detail));
    if (payment.endToEndId !== null && !/^[\x20-\x7e]{1,35}$/.test(payment.endToEndId)) {
      find(`${here}/endToEndId`, 'An end-to-end id has 1 to 35 plain letters');
    }
  });
}

function checkCreditor(creditor: Counterparty, find: (detail: string, field?: string) => void): void {
  const { iban, number, bankCode } = creditor;
  if (iban === null && number === null) return find('Name the account: iban, or number and bankCode');
  if (iban !== null && !isValidIban(iban)) return find('This is no valid IBAN', '/iban');
  if (number === null) return;
  const account = domesticAccountOf(creditor);
  if (account === 'conflict') return find('IBAN and number name different accounts');
  const code = account?.bankCode ?? bankCode;
  if (account === null || (!isValidAccountNumber(account) && !WITHOUT_MODULO_11.has(code ?? ''))) {
    return find('This is no Czech account number (modulo 11)', '/number');
  }
  if (code === null || bankOfCode(code) === null) find('There is no bank of this code', '/bankCode');
}

const LONGEST = { variableSymbol: 10, constantSymbol: 4, specificSymbol: 10 } as const;

function checkSymbols(raw: Symbols, find: (field: string, detail: string) => void): void {
  for (const [field, most] of Object.entries(LONGEST)) {
    const value = raw[field as keyof Symbols];
    if (value !== null && !new RegExp(`^0*\\d{1,${most}}$`).test(value)) {
      find(field, `A symbol has up to ${most} digits`);
    }
  }
}

function checkKpc(
  groups: readonly OrderGroup[],
  { pointerOf }: Draft,
  { manifest, now }: Judge,
  findings: OrderFinding[],
  warnings: OrderFinding[],
): void {
  const dialect = manifest.bankCode === null ? null : kpcDialect(manifest.bankCode);
  if (!dialect) return;
  const today = dateIn(manifest.timeZone, now);
  groups.forEach((group, at) => {
    for (const { pointer, message, severity } of checkOrder(group, dialect, today)) {
      (severity === 'error' ? findings : warnings).push({
        pointer: pointerOf(at) + pointer,
        detail: message,
      });
    }
  });
}

/** What the checks above do not know is found by rendering: the bank's own letters, lengths and slots. */
function tryRendering(
  groups: readonly OrderGroup[],
  format: OrderFormat['format'],
  { connector, manifest, now, id, serial }: Judge,
  findings: OrderFinding[],
  warnings: OrderFinding[],
): void {
  try {
    const { losses } = connector.render!({
      id,
      serial,
      format,
      createdAt: isoInstant(now),
      today: dateIn(manifest.timeZone, now),
      groups,
    });
    for (const { position, message } of losses) warnings.push({ pointer: position, detail: message });
  } catch (error) {
    const refused = error instanceof FormatError || (error instanceof Failure && error.kind === 'rejected');
    if (!refused) throw error;
    const pointer = error instanceof FormatError ? (error.position ?? '') : (error.detail.field ?? '');
    findings.push({ pointer, detail: error.message });
  }
}
