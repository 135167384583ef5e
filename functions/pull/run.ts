import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { printable } from '../../shared/domain/failure.ts';
import { parsePullMessage, type PullMessage } from '../../shared/flows/pull/message.ts';
import { runPulls } from '../../shared/flows/pull/run.ts';
import { createQueue, queueClient } from '../../shared/store/queues.ts';
import { bankPorts } from '../bank-ports.ts';
import { openArchive } from '../archive.ts';
import { clock, log, openStore, random, setting } from '../compose.ts';

const store = openStore();
const ports = {
  ...bankPorts(store),
  accounts: store.accounts,
  connections: store.connections,
  feed: store.feed,
  ledgerOf: store.ledgerOf,
  archive: openArchive(),
  queue: createQueue<PullMessage>(queueClient(), setting('PULL_QUEUE_URL'), clock, random),
};

/** Takes messages of the pull queue. A message that fails goes back alone; the others of its batch are done. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const deadline = clock.now() + context.getRemainingTimeInMillis();
  const batchItemFailures: { itemIdentifier: string }[] = [];
  for (const record of event.Records) {
    try {
      await runPulls(ports, parsePullMessage(record.body), deadline);
    } catch (error) {
      log.error('alarm.pull', printable(error));
      batchItemFailures.push({ itemIdentifier: record.messageId });
    }
  }
  return { batchItemFailures };
}
