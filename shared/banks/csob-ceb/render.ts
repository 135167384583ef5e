import { accountOfIban } from '../../domain/account-number.ts';
import type { PlainDate } from '../../domain/dates.ts';
import { Failure } from '../../domain/failure.ts';
import type { OrderGroup, OrderPayment } from '../../domain/order-file.ts';
import { FormatError } from '../../formats/errors.ts';
import { checkOrder } from '../../formats/kpc/check.ts';
import { kpcDialect } from '../../formats/kpc/dialects.ts';
import { writeKpc } from '../../formats/kpc/writer.ts';
import { partyIban } from '../../formats/order-party.ts';
import { groupByPayer } from '../../formats/order-stream.ts';
import { writePain001 } from '../../formats/pain001/writer.ts';
import type { Written } from '../../formats/stream.ts';
import { writeZps } from '../../formats/zps/writer.ts';
import type { OrderToRender, RenderedOrder } from '../contract.ts';
import { notOffered } from '../offers.ts';
import { manifest } from './manifest.ts';

interface FileKind {
  readonly mediaType: string;
  readonly extension: string;
  /** @throws FormatError, Failure `rejected` */
  write(order: OrderToRender): Written;
}

const FILES: Readonly<Record<OrderToRender['format'], FileKind>> = {
  kpc: { mediaType: 'text/plain', extension: 'kpc', write: kpc },
  'pain.001': { mediaType: 'application/xml', extension: 'xml', write: pain001 },
  zps: { mediaType: 'text/plain', extension: 'txt', write: zps },
};

/** Longest file name of an upload (the manual; the schema has 250). */
const MAX_NAME = 50;

/**
 * The file of an order: a KPC (ABO) for domestic payments, a pain.001.001.03 ("XML SEPA") for SEPA, a TXT ZPS for
 * foreign ones. No two orders have the same bytes, which the bank would refuse for 30 days: a KPC carries our serial in
 * its header, of which the bank reads only the first four letters; a pain.001 the order's id as `MsgId`; a TXT ZPS the
 * same in a field that the bank does not process.
 * @throws Failure `rejected` naming what the format or the bank does not take; its field is a JSON pointer from the
 * groups
 */
export function renderOrder(order: OrderToRender): RenderedOrder {
  checkLimits(order);
  checkSequence(order);
  const { write, mediaType, extension } = FILES[order.format];
  const name = `${order.id.replace(/[^A-Za-z0-9_-]/g, '-')}.${extension}`;
  if (name.length > MAX_NAME)
    throw refusal(`The name of the file would be longer than ${MAX_NAME} characters`);
  const { bytes, losses } = asRefusal(() => write(order));
  return { document: { bytes, mediaType, name }, losses };
}

function checkLimits({ groups, format }: OrderToRender): void {
  const { maxPayments } = manifest.payments!;
  const count = groups.reduce((total, { payments }) => total + payments.length, 0);
  if (count > maxPayments) {
    throw refusal(`${maxPayments} payments are taken in a file, here are ${count}`, null, 'Split the order');
  }
  const missing = notOffered(manifest.payments!, format, groups);
  if (missing) throw refusal(missing.what, missing.pointer);
}

/**
 * The bank's protocol names a payment by its place in the file, so the file must have the payments in the order's own
 * sequence. The writers put together what one payer pays on one day, in one kind of order; where that would move a
 * payment, the order is refused.
 */
function checkSequence({ groups, format }: OrderToRender): void {
  // A line for each payment, one behind the other: nothing is put together.
  if (format === 'zps') return;
  const met = new Set<string>();
  let last: string | null = null;
  for (const [at, group] of groups.entries()) {
    for (const payment of group.payments) {
      const bundle = bundleOf(group, payment, format === 'kpc' ? '' : String(at));
      if (bundle === last) continue;
      if (met.has(bundle)) {
        const what = 'The payments of one payer, day and priority do not stand together';
        throw refusal(what, `/${at}`, 'Sort them, or divide the order');
      }
      met.add(bundle);
      last = bundle;
    }
  }
  const priorities = groups.map(({ priority }) => priority);
  const runs = priorities.filter((priority, at) => priority !== priorities[at - 1]);
  if (format === 'kpc' && new Set(runs).size < runs.length) {
    throw refusal('The groups of one priority do not stand together', '', 'Sort them, or divide the order');
  }
}

function bundleOf(group: OrderGroup, { payer = group.payer }: OrderPayment, slot: string): string {
  const account = partyIban(payer) ?? `${payer.number}/${payer.bankCode}`;
  return [slot, group.priority, group.date ?? '', account].join('|');
}

function kpc({ groups, today, serial }: OrderToRender): Written {
  const dialect = kpcDialect(manifest.bankCode!)!;
  for (const [at, group] of groups.entries()) {
    const findings = groupByPayer(group).flatMap((part) => checkOrder(part, dialect, today));
    const error = findings.find(({ severity }) => severity === 'error');
    if (error) throw refusal(error.message, `/${at}${error.pointer}`);
  }
  return writeKpc(groups, dialect, { createdOn: today, serial: String(serial) });
}

function pain001({ groups, today, id, createdAt }: OrderToRender): Written {
  checkDays(groups, today);
  return writePain001(groups, {
    version: '03',
    messageId: plainId(id),
    createdAt,
    initiator: nameOf(groups),
  });
}

function zps({ groups, today, id }: OrderToRender): Written {
  checkDays(groups, today);
  for (const [at, { payer }] of groups.entries()) {
    const iban = partyIban(payer);
    if (accountOfIban(iban ?? '')?.bankCode !== manifest.bankCode) {
      throw refusal('The account that pays is not kept by this bank', `/${at}/payer`);
    }
  }
  return writeZps(groups, { id: plainId(id) });
}

function checkDays(groups: readonly OrderGroup[], today: PlainDate): void {
  for (const [at, { date }] of groups.entries()) {
    if (date !== null && date < today) throw refusal(`${date} has gone by`, `/${at}/date`);
  }
}

/** The order's id in letters that every format has. */
const plainId = (id: string): string => id.replace(/[^A-Za-z0-9]/g, '-');

/** Who pays: the bank knows the name of its client, but the schema wants one. */
function nameOf([first]: readonly OrderGroup[]): string {
  return first?.payer.name ?? (first && partyIban(first.payer)) ?? manifest.name;
}

function asRefusal<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw refusal(error.message, error.position);
  }
}

function refusal(
  what: string,
  field: string | null = null,
  advice = 'Correct the order and submit it anew',
): Failure {
  return new Failure('rejected', `${what}. ${advice}.`, {
    operation: 'render',
    ...(field === null ? {} : { field }),
  });
}
