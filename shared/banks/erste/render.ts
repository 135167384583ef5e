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
import type { OrderToRender, RenderedOrder } from '../contract.ts';
import { notOffered } from '../offers.ts';
import { manifest } from './manifest.ts';

/**
 * The file of an order, for a person to upload in George or Business 24: a KPC by the bank's form 3-2267 for domestic
 * payments, a pain.001.001.03 for SEPA. No two orders have the same bytes: a KPC carries our serial in its header, a
 * pain.001 the order's id as `MsgId`.
 * @throws Failure `rejected` naming what the format or the bank does not take; its field is a JSON pointer from the
 * groups
 */
export function renderOrder(order: OrderToRender): RenderedOrder {
  const { maxPayments, maxBytes } = manifest.payments!;
  const count = order.groups.reduce((total, { payments }) => total + payments.length, 0);
  if (count > maxPayments)
    throw refusal(`The bank takes ${maxPayments} payments in a file, here are ${count}`);
  const missing = notOffered(manifest.payments!, order.format, order.groups);
  if (missing) throw refusal(missing.what, missing.pointer);
  const isKpc = order.format === 'kpc';
  const { bytes, losses } = asRefusal(() => (isKpc ? kpc(order) : pain001(order)));
  if (bytes.length > maxBytes!)
    throw refusal(`The file has ${bytes.length} bytes, the bank takes ${maxBytes}: split the order`);
  const [mediaType, extension] = isKpc ? ['text/plain', 'kpc'] : ['application/xml', 'xml'];
  return { document: { bytes, mediaType, name: `${order.id}.${extension}` }, losses };
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
  for (const [at, { date }] of groups.entries()) {
    if (date !== null && date < today)
      throw refusal(`${date} has gone by: give today or a later day`, `/${at}/date`);
  }
  const messageId = id.replace(/[^A-Za-z0-9]/g, '-');
  return writePain001(groups, { version: '03', messageId, createdAt, initiator: payerOf(groups) });
}

/** Who pays, in letters of SEPA: the bank knows the name of its client, but the schema wants one. */
function payerOf([first]: readonly OrderGroup[]): string {
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

function refusal(what: string, field: string | null = null): Failure {
  const message = `${what}. Correct the order and submit it anew.`;
  return new Failure('rejected', message, { operation: 'render', ...(field === null ? {} : { field }) });
}
