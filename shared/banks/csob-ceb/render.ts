import { accountOfIban } from '../../domain/account-number.ts';
import type { OrderGroup, OrderPayment } from '../../domain/order-file.ts';
import { partyIban } from '../../formats/order-party.ts';
import type { Written } from '../../formats/stream.ts';
import { writeZps } from '../../formats/zps/writer.ts';
import type { OrderToRender, RenderedOrder } from '../contract.ts';
import { checkDays, KPC, PAIN_001, plainId, refusal, renderFile, type FileKinds } from '../order-files.ts';
import { manifest } from './manifest.ts';

const FILES: FileKinds = {
  kpc: KPC,
  'pain.001': PAIN_001,
  zps: { mediaType: 'text/plain', extension: 'txt', write: zps },
};

/** Longest file name of an upload (the manual; the schema has 250). */
const MAX_NAME = 50;

/**
 * The file of an order: a KPC (ABO) for domestic payments, a pain.001.001.03 ("XML SEPA") for SEPA, a TXT ZPS for
 * foreign ones. No two orders have the same bytes, which the bank would refuse for 30 days: of a KPC's header the bank
 * reads only the first four letters, and a TXT ZPS carries the order's id in a field that the bank does not process.
 * @throws Failure `rejected` naming what the format or the bank does not take; its field is a JSON pointer from the
 * groups
 */
export function renderOrder(order: OrderToRender): RenderedOrder {
  checkSequence(order);
  const rendered = renderFile(manifest, order, FILES);
  if (rendered.document.name.length > MAX_NAME)
    throw refusal(`The name of the file would be longer than ${MAX_NAME} characters`);
  return rendered;
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

function zps({ groups, today, id }: OrderToRender): Written {
  checkDays(groups, today);
  for (const [at, { payer }] of groups.entries()) {
    if (accountOfIban(partyIban(payer) ?? '')?.bankCode !== manifest.bankCode) {
      throw refusal('The account that pays is not kept by this bank', `/${at}/payer`);
    }
  }
  return writeZps(groups, { id: plainId(id) });
}
