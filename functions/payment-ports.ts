import type { PaymentMessage } from '../shared/flows/payments/message.ts';
import type { PaymentPorts } from '../shared/flows/payments/ports.ts';
import { createQueue, queueClient } from '../shared/store/queues.ts';
import { bankPorts } from './bank-ports.ts';
import { openArchive } from './archive.ts';
import { clock, openStore, random, setting } from './compose.ts';

/** What the functions that bring payments to banks need. */
export function paymentPorts(): PaymentPorts {
  const store = openStore();
  return {
    ...bankPorts(store),
    payments: store.payments,
    accounts: store.accounts,
    connections: store.connections,
    ledgerOf: store.ledgerOf,
    archive: openArchive(),
    queue: createQueue<PaymentMessage>(queueClient(), setting('PAYMENT_QUEUE_URL'), clock, random),
  };
}
