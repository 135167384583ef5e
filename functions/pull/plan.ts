import { planPulls } from '../../shared/flows/pull/plan.ts';
import type { PullMessage } from '../../shared/flows/pull/message.ts';
import { createQueue, queueClient } from '../../shared/store/queues.ts';
import { isoInstant } from '../../shared/domain/dates.ts';
import { clock, log, openStore, random, setting } from '../compose.ts';

const { accounts, connections } = openStore();
const queue = createQueue<PullMessage>(queueClient(), setting('PULL_QUEUE_URL'), clock, random);

const HOUR_MS = 3_600_000;

/**
 * Invoked by the schedule. The slot is the full hour of the time the schedule was due, so that one fired twice, or
 * late, plans one slot.
 */
export async function handler(event: { time?: unknown }): Promise<{ messages: number; accounts: number }> {
  const due = typeof event.time === 'string' ? Date.parse(event.time) : Number.NaN;
  const slot = isoInstant(Math.floor((Number.isNaN(due) ? clock.now() : due) / HOUR_MS) * HOUR_MS);
  return planPulls({ accounts, connections, queue, clock, log }, slot);
}
