import type { AcceptPorts } from '../shared/flows/payments/accept.ts';
import type { PaymentMessage } from '../shared/flows/payments/message.ts';
import { createQueue, queueClient } from '../shared/store/queues.ts';
import { openArchive } from './archive.ts';
import { clock, log, random, setting, type Store } from './compose.ts';

/** What the functions that take orders share. */
export const orderPorts = ({ payments, connections, companies }: Store): AcceptPorts => ({
  clock,
  random,
  log,
  payments,
  connections,
  companies,
  archive: openArchive(),
  queue: createQueue<PaymentMessage>(queueClient(), setting('PAYMENT_QUEUE_URL'), clock, random),
});
