import type { PaymentMessage } from '../shared/flows/payments/message.ts';
import type { PaymentPorts } from '../shared/flows/payments/ports.ts';
import { archiveClient, createArchive } from '../shared/store/archive.ts';
import { createQueue, queueClient } from '../shared/store/queues.ts';
import { bankPorts } from './bank-ports.ts';
import { clock, openStore, random, setting } from './compose.ts';

/** What the functions that bring payments to banks need. */
export function paymentPorts(): PaymentPorts {
  const store = openStore();
  const s3 = archiveClient();
  return {
    ...bankPorts(store),
    payments: store.payments,
    accounts: store.accounts,
    connections: store.connections,
    ledgerOf: store.ledgerOf,
    archive: createArchive(
      (command) => s3.send(command as never),
      setting('ARCHIVE_BUCKET'),
      clock,
      random,
      Number(setting('ARCHIVE_LOCK_YEARS')),
    ),
    queue: createQueue<PaymentMessage>(queueClient(), setting('PAYMENT_QUEUE_URL'), clock, random),
  };
}
