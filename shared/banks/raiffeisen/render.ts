import type { PlainDate } from '../../domain/dates.ts';
import { Failure } from '../../domain/failure.ts';
import type { OrderGroup } from '../../domain/order-file.ts';
import { FormatError } from '../../formats/errors.ts';
import { checkOrder } from '../../formats/kpc/check.ts';
import { kpcDialect } from '../../formats/kpc/dialects.ts';
import { writeKpc } from '../../formats/kpc/writer.ts';
import { fitText } from '../../formats/letters.ts';
import { partyIban } from '../../formats/order-party.ts';
import { groupByPayer } from '../../formats/order-stream.ts';
import { writePain001 } from '../../formats/pain001/writer.ts';
import type { Written } from '../../formats/stream.ts';
import type { OrderToRender, PaymentRules, RenderedOrder } from '../contract.ts';
import { notOffered } from '../offers.ts';
import { manifest } from './manifest.ts';

/** A format as a file: how it is written, its media type and the end of its name. */
interface FileKind {
  readonly mediaType: string;
  readonly extension: string;
  /** @throws FormatError, Failure `rejected` */
  write(order: OrderToRender): Written;
}

const FILES: Readonly<Partial<Record<OrderToRender['format'], FileKind>>> = {
  kpc: { mediaType: 'text/plain', extension: 'kpc', write: kpc },
  'pain.001': { mediaType: 'application/xml', extension: 'xml', write: pain001 },
};

/**
 * The file of an order: a KPC for domestic payments, a pain.001.001.03 for SEPA and foreign ones. Two orders never have
 * the same bytes, which the bank would take for a repeat: a KPC carries our serial in its header, a pain.001 the order's
 * id as `MsgId`.
 * @throws Failure `rejected` naming what the format or the bank does not take; its field is a JSON pointer from the
 * groups
 */
export function renderOrder(order: OrderToRender): RenderedOrder {
  checkLimits(order, manifest.payments!);
  const { write, mediaType, extension } = FILES[order.format]!;
  const { bytes, losses } = asRefusal(() => write(order));
  const { maxBytes } = manifest.payments!;
  if (maxBytes !== null && bytes.length > maxBytes) {
    throw refusal(`The file has ${bytes.length} bytes, the bank takes ${maxBytes}`, null, 'Split the order');
  }
  return { document: { bytes, mediaType, name: `${order.id}.${extension}` }, losses };
}

function checkLimits({ groups, format }: OrderToRender, rules: PaymentRules): void {
  const count = groups.reduce((total, { payments }) => total + payments.length, 0);
  if (count > rules.maxPayments) {
    const limit = `The bank takes ${rules.maxPayments} payments in a file, here are ${count}`;
    throw refusal(limit, null, 'Split the order');
  }
  const missing = notOffered(rules, format, groups);
  if (missing) throw refusal(missing.what, missing.pointer);
}

function kpc(order: OrderToRender): Written {
  const { groups, today, serial } = order;
  const dialect = kpcDialect(manifest.bankCode!)!;
  for (const [at, group] of groups.entries()) {
    const findings = groupByPayer(group).flatMap((part) => checkOrder(part, dialect, today));
    const error = findings.find(({ severity }) => severity === 'error');
    if (error) throw refusal(error.message, `/${at}${error.pointer}`);
  }
  return writeKpc(groups, dialect, { createdOn: today, serial: String(serial) });
}

function pain001({ groups, today, id, createdAt }: OrderToRender): Written {
  for (const [at, { date }] of groups.entries()) checkDay(date, today, `/${at}/date`);
  return writePain001(groups, {
    version: '03',
    messageId: messageId(id),
    createdAt,
    initiator: nameOf(groups),
  });
}

function checkDay(date: PlainDate | null, today: PlainDate, pointer: string): void {
  if (date === null || date >= today) return;
  throw refusal(`${date} has gone by: give today or a later day`, pointer);
}

/** The id in letters that an ISO 20022 id may have. */
const messageId = (id: string): string => id.replace(/[^A-Za-z0-9]/g, '-');

/** Who pays, in letters of SEPA: the bank knows the name of its client, but the schema wants one. */
function nameOf([first]: readonly OrderGroup[]): string {
  const name = first?.payer.name ?? (first && partyIban(first.payer)) ?? manifest.name;
  return fitText(name, 70, 'epc').text;
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
  field: string | null,
  advice = 'Correct the order and submit it anew',
): Failure {
  const message = `${what}. ${advice}.`;
  return new Failure('rejected', message, {
    operation: 'importPayments',
    ...(field === null ? {} : { field }),
  });
}
