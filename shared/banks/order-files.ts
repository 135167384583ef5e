import type { PlainDate } from '../domain/dates.ts';
import { Failure } from '../domain/failure.ts';
import type { OrderGroup } from '../domain/order-file.ts';
import { writeCobsPayment } from '../formats/cobs/writer.ts';
import { FormatError } from '../formats/errors.ts';
import { checkOrder } from '../formats/kpc/check.ts';
import { kpcDialect } from '../formats/kpc/dialects.ts';
import { writeKpc } from '../formats/kpc/writer.ts';
import { fitText } from '../formats/letters.ts';
import { partyIban } from '../formats/order-party.ts';
import { groupByPayer } from '../formats/order-stream.ts';
import { writePain001 } from '../formats/pain001/writer.ts';
import type { Written } from '../formats/stream.ts';
import type { Manifest, OrderToRender, RenderedOrder } from './contract.ts';
import { notOffered, rulesOf } from './offers.ts';

/**
 * Orders as files: what is the same at every bank. No two orders have the same bytes: a KPC carries our serial in its
 * header, a pain.001 the order's id as `MsgId`.
 */

/** A format as a file: how it is written, its media type and the end of its name. */
export interface FileKind {
  readonly mediaType: string;
  readonly extension: string;
  /** @throws FormatError, Failure `rejected` */
  write(order: OrderToRender, manifest: Manifest): Written;
}

export type FileKinds = Readonly<Partial<Record<OrderToRender['format'], FileKind>>>;

/** Domestic payments (form of the Czech banks' ABO), in the bank's dialect. */
export const KPC: FileKind = { mediaType: 'text/plain', extension: 'kpc', write: kpc };
/** One payment of the Czech Open Banking Standard, under the order's id. */
export const COBS: FileKind = {
  mediaType: 'application/json',
  extension: 'json',
  write: ({ groups, today, id }) => {
    checkDays(groups, today);
    return writeCobsPayment(groups, plainId(id));
  },
};
/** ISO 20022 pain.001.001.03. */
export const PAIN_001: FileKind = { mediaType: 'application/xml', extension: 'xml', write: pain001 };

/**
 * Renders an order by the bank's limits and offers. Pure.
 * @param files the formats the bank takes, by our names
 * @throws Failure `rejected` naming what the format or the bank does not take; its field is a JSON pointer from the
 * groups
 */
export function renderFile(manifest: Manifest, order: OrderToRender, files: FileKinds): RenderedOrder {
  const { groups, format, id } = order;
  const rules = rulesOf(manifest, format);
  const { maxPayments, maxBytes } = rules;
  const count = groups.reduce((total, { payments }) => total + payments.length, 0);
  if (count > maxPayments) {
    const most = maxPayments === 1 ? 'one payment' : `${maxPayments} payments`;
    const what = `The bank takes ${most} at once, here are ${count}`;
    throw refusal(what, null, 'Split the order');
  }
  const missing = notOffered(rules, format, groups);
  if (missing) throw refusal(missing.what, missing.pointer);
  const { write, mediaType, extension } = files[format]!;
  const { bytes, losses } = asRefusal(() => write(order, manifest));
  if (maxBytes !== null && bytes.length > maxBytes) {
    throw refusal(`The file has ${bytes.length} bytes, the bank takes ${maxBytes}`, null, 'Split the order');
  }
  const name = `${id.replace(/[^A-Za-z0-9_-]/g, '-')}.${extension}`;
  return { document: { bytes, mediaType, name }, losses };
}

function kpc({ groups, today, serial }: OrderToRender, { bankCode }: Manifest): Written {
  const dialect = kpcDialect(bankCode!)!;
  for (const [at, group] of groups.entries()) {
    const findings = groupByPayer(group).flatMap((part) => checkOrder(part, dialect, today));
    const error = findings.find(({ severity }) => severity === 'error');
    if (error) throw refusal(error.message, `/${at}${error.pointer}`);
  }
  return writeKpc(groups, dialect, { createdOn: today, serial: String(serial) });
}

function pain001({ groups, today, id, createdAt }: OrderToRender, { name }: Manifest): Written {
  checkDays(groups, today);
  const [first] = groups;
  // Who pays: the bank knows the name of its client, but the schema wants one.
  const payer = first?.payer.name ?? (first && partyIban(first.payer)) ?? name;
  return writePain001(groups, {
    version: '03',
    messageId: plainId(id),
    createdAt,
    initiator: fitText(payer, 70, 'epc').text,
  });
}

/** @throws Failure `rejected` for a day that is over */
export function checkDays(groups: readonly OrderGroup[], today: PlainDate): void {
  for (const [at, { date }] of groups.entries()) {
    if (date !== null && date < today)
      throw refusal(`${date} has gone by: give today or a later day`, `/${at}/date`);
  }
}

/** The order's id in letters that every format has. */
export const plainId = (id: string): string => id.replace(/[^A-Za-z0-9]/g, '-');

export function refusal(
  what: string,
  field: string | null = null,
  advice = 'Correct the order and submit it anew',
): Failure {
  return new Failure('rejected', `${what}. ${advice}.`, {
    operation: 'render',
    ...(field === null ? {} : { field }),
  });
}

function asRefusal<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw refusal(error.message, error.position);
  }
}
