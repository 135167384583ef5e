import { Failure } from '../../domain/failure.ts';
import { dateIn, isoInstant } from '../../domain/dates.ts';
import type {
  Connector,
  Manifest,
  OrderFileFormat,
  OrderFormat,
  PaymentRules,
} from '../../banks/contract.ts';
import { formatFor } from '../../banks/offers.ts';
import type { OrderGroup, OrderPayment } from '../../domain/order-file.ts';
import { kindOf, type PaymentKind } from '../../domain/payment-kind.ts';
import { FormatError } from '../../formats/errors.ts';
import { checkOrder } from '../../formats/kpc/check.ts';
import { kpcDialect } from '../../formats/kpc/dialects.ts';
import { checkPayments } from './check-payment.ts';
import { executionOf, type Execution } from './execution.ts';
import type { Draft, OrderFinding } from './order.ts';

/** An order that can be carried out. */
export interface ValidOrder {
  /** With the day of execution in every group. */
  readonly groups: readonly OrderGroup[];
  readonly format: OrderFileFormat;
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
  const offered = formatOf(draft, judge, findings);
  const format = offered?.format ?? null;
  const dated = draft.groups.map(({ group }, at) => datedGroup(group, draft.pointerOf(at), judge, findings));
  const groups = dated.map(({ group }) => group);
  groups.forEach((group, at) => checkGroup(group, draft.pointerOf(at), offered, judge, findings));
  const count = groups.reduce((sum, { payments }) => sum + payments.length, 0);
  if (count === 0 && findings.length === 0)
    findings.push({ pointer: '/payments', detail: 'The order has no payment' });
  if (count > judge.rules.maxPayments) {
    const detail = `${judge.manifest.name} takes ${judge.rules.maxPayments} payments in an order; here are ${count}: divide it`;
    findings.push({ pointer: '/payments', detail });
  }
  if (findings.length === 0 && format === 'kpc') checkKpc(groups, draft, judge, findings, warnings);
  if (findings.length === 0 && format !== null)
    tryRendering(groups, format, draft, judge, findings, warnings);
  const execution = dated[0]?.execution;
  if (findings.length > 0 || format === null || !execution) return findings;
  return { groups, format, execution, warnings };
}

/**
 * The format of the order's one kind and currency.
 *
 * A domestic payment is made from an account in crowns: one number may stand for accounts in several currencies, and the
 * clearing's format cannot say which. SEPA and foreign payments are made from an account in any currency.
 */
function formatOf(
  { groups, pointerOf }: Draft,
  { rules, manifest }: Judge,
  findings: OrderFinding[],
): OrderFormat | null {
  const [first] = groups.flatMap(({ group }) => group.payments);
  if (!first) return null;
  const kind = kindOf(first);
  const { currency } = groups[0]!.group;
  groups.forEach(({ group }, at) => {
    if (group.currency !== currency) {
      findings.push({ pointer: pointerOf(at), detail: 'An order has one currency: divide it' });
    }
    if (kind === 'domestic' && group.payerCurrency !== undefined && group.payerCurrency !== 'CZK') {
      const detail = `Domestic payments are made from an account in CZK, and this one is in ${group.payerCurrency}`;
      findings.push({ pointer: `${pointerOf(at)}/account`, detail });
    }
    group.payments.forEach((payment, index) =>
      checkKind(payment, group.currency, kind, `${pointerOf(at)}/payments/${index}`, findings),
    );
  });
  const format = formatFor(rules, kind, currency);
  if (format) return format;
  const known = rules.formats.map(
    (one) => `${one.kinds.join(', ')} (${one.currencies?.join(', ') ?? 'any currency'})`,
  );
  const detail = `No ${kind} payments in ${currency} go to ${manifest.name} through Brana; it takes: ${known.join('; ')}`;
  findings.push({ pointer: `${pointerOf(0)}/payments/0/currency`, detail });
  return null;
}

/** A payment must be what the first one is, in the currency of its group. */
function checkKind(
  payment: OrderPayment,
  currency: string,
  kind: PaymentKind,
  pointer: string,
  findings: OrderFinding[],
): void {
  if (payment.amount.currency !== currency) {
    const detail = `An order has one currency, here ${currency}: send this payment apart`;
    findOnce(findings, { pointer: `${pointer}/currency`, detail });
  } else if (kindOf(payment) !== kind) {
    const detail = `This is a ${kindOf(payment)} payment, the first one is ${kind}: send it apart`;
    findings.push({ pointer, detail });
  }
}

/** Adds a finding unless its place has one already. */
function findOnce(findings: OrderFinding[], finding: OrderFinding): void {
  if (!findings.some(({ pointer }) => pointer === finding.pointer)) findings.push(finding);
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

function checkGroup(
  group: OrderGroup,
  pointer: string,
  format: OrderFormat | null,
  { manifest }: Judge,
  findings: OrderFinding[],
): void {
  const find = (at: string, detail: string): void => findOnce(findings, { pointer: pointer + at, detail });
  if (group.kind !== 'credit-transfer') find('', 'Only payments are taken, no collections');
  if (format && !format.priorities.includes(group.priority)) {
    find('/priority', `${manifest.name} takes here: ${format.priorities.join(', ')}`);
  }
  checkPayments(group, format?.format ?? null, find);
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
  format: OrderFileFormat,
  { pointerOf }: Draft,
  { connector, manifest, now, id, serial }: Judge,
  findings: OrderFinding[],
  warnings: OrderFinding[],
): void {
  // Renderers count the groups; a caller knows the payments by where they stand in the request.
  const placed = (pointer: string): string => pointer.replace(/^\/(\d+)/, (_, at) => pointerOf(Number(at)));
  try {
    const { losses } = connector.render!({
      id,
      serial,
      format,
      createdAt: isoInstant(now),
      today: dateIn(manifest.timeZone, now),
      groups,
    });
    for (const { position, message } of losses) warnings.push({ pointer: placed(position), detail: message });
  } catch (error) {
    const refused = error instanceof FormatError || (error instanceof Failure && error.kind === 'rejected');
    if (!refused) throw error;
    const pointer = error instanceof FormatError ? (error.position ?? '') : (error.detail.field ?? '');
    findings.push({ pointer: placed(pointer), detail: error.message });
  }
}
