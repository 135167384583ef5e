import type { OrderToRender, RenderedOrder } from '../../banks/contract.ts';
import { dateIn, isoInstant, type PlainDate } from '../../domain/dates.ts';
import { Failure } from '../../domain/failure.ts';
import { newId } from '../../domain/id.ts';
import { groupsFromJson } from '../../domain/order-json.ts';
import type { OrderGroup } from '../../domain/order-file.ts';
import type { Attempt, PaymentDocument } from '../../domain/payment.ts';
import { FormatError } from '../../formats/errors.ts';
import { changePayment } from './change.ts';
import { isLate, redated } from './lapse.ts';
import type { PaymentPorts } from './ports.ts';
import { differences } from './verify.ts';
import type { PaymentRun } from './work.ts';

/** Attempts of which nothing left that are remembered. */
const IDLE_ATTEMPTS = 5;

/** What rendering needs of a run: no bank. */
export interface RenderRun extends Pick<PaymentRun, 'manifest' | 'rules' | 'connector' | 'payment'> {
  readonly ports: Pick<PaymentPorts, 'clock' | 'random' | 'log' | 'payments' | 'archive'>;
}

/** An order whose bytes are archived; nothing is written of it yet. */
export interface Prepared {
  readonly set: { readonly documents: readonly PaymentDocument[]; readonly executionDate: PlainDate };
  /** The attempts before, and the fresh one. */
  readonly attempts: readonly Attempt[];
  readonly attempt: Attempt;
  /** Why it goes for another day, where it does. */
  readonly reason: string | null;
}

/**
 * Renders an order for a fresh attempt, once, and archives it. One whose day went by before anything was sent
 * (`lapse.ts`) is rendered anew for the next day the bank can do.
 * @param step the attempt's first
 * @returns `null` when it cannot be rendered and was rejected for it
 */
export async function prepared(run: RenderRun, step: string): Promise<Prepared | null> {
  const { ports, payment, rules, manifest } = run;
  const now = isoInstant(ports.clock.now());
  const late = isLate(payment, dateIn(manifest.timeZone, ports.clock.now()));
  const standing = late ? undefined : payment.documents.find(({ kind }) => kind === 'rendered');
  const documents: PaymentDocument[] = payment.documents.filter(
    (one) => one.kind !== 'rendered' || one === standing,
  );
  let executionDate = payment.executionDate;
  let fileName = payment.attempts.at(-1)?.fileName ?? '';
  let hash = standing?.sha256;
  if (hash === undefined) {
    const ordered = await groupsOf(run);
    const groups = late ? redated(ordered, rules, manifest.timeZone, ports.clock.now()) : ordered;
    executionDate = groups[0]?.date ?? executionDate;
    const made = await renderOrRefuse(run, groups, now);
    if (!made) return null;
    const { bytes, mediaType, name } = made.document;
    hash = await ports.archive.keep(payment.company, 'order', bytes, mediaType);
    fileName = name;
    documents.push({ kind: 'rendered', sha256: hash, mediaType, at: now });
  }
  const attempt: Attempt = {
    id: newId('att', ports.clock.now(), ports.random),
    startedAt: now,
    hash,
    fileName,
    progress: { step, data: {} },
    endedAt: null,
    outcome: null,
  };
  const reason = late
    ? `${payment.executionDate} went by before it could be sent; it goes for ${executionDate}`
    : null;
  return { set: { documents, executionDate }, attempts: worthKeeping(payment.attempts), attempt, reason };
}

/** Of attempts of which nothing left only the last few: a bank that is down for days makes hundreds. */
function worthKeeping(attempts: readonly Attempt[]): Attempt[] {
  const idle = attempts.filter(({ outcome }) => outcome === 'not-sent').slice(0, -IDLE_ATTEMPTS);
  return attempts.filter((attempt) => !idle.includes(attempt));
}

/** Renders, and holds what was rendered against the order, read back by our own reader. */
async function renderOrRefuse(
  run: RenderRun,
  groups: readonly OrderGroup[],
  createdAt: string,
): Promise<RenderedOrder | null> {
  const { ports, payment, manifest, connector } = run;
  const today = dateIn(manifest.timeZone, ports.clock.now());
  const format = payment.format as OrderToRender['format'];
  try {
    const made = connector.render!({
      id: payment.id,
      serial: payment.serial,
      format,
      createdAt,
      today,
      groups,
    });
    const found = await differences(groups, format, made);
    if (found.length === 0) return made;
    ports.log.error('alarm.payment', { payment: payment.id, kind: 'protocol', reason: found[0] });
    await reject(run, `The rendered file differs: ${found[0]}`);
  } catch (error) {
    const refused = error instanceof FormatError || (error instanceof Failure && error.kind === 'rejected');
    if (!refused) throw error;
    await reject(run, error.message);
  }
  return null;
}

async function reject(run: RenderRun, reason: string): Promise<void> {
  run.payment = await changePayment(
    run.ports,
    run.payment,
    {},
    { to: 'rejected', source: 'gateway', reason },
  );
}

/** The payments of the order, from the archive. */
export async function groupsOf({
  ports,
  payment,
}: Pick<RenderRun, 'ports' | 'payment'>): Promise<OrderGroup[]> {
  const { sha256 } = payment.documents.find(({ kind }) => kind === 'order')!;
  const bytes = await ports.archive.read(payment.company, 'order', sha256);
  if (!bytes) throw new Error('The archive has lost the order');
  return groupsFromJson(bytes);
}
