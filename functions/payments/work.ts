import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { printable } from '../../shared/domain/failure.ts';
import { parsePaymentMessage } from '../../shared/flows/payments/message.ts';
import { workOnPayment } from '../../shared/flows/payments/work.ts';
import { clock, log } from '../compose.ts';
import { paymentPorts } from '../payment-ports.ts';

const ports = paymentPorts();

/** Takes messages of the payment queue. A message that fails goes back alone; the others of its batch are done. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const deadline = clock.now() + context.getRemainingTimeInMillis();
  const batchItemFailures: { itemIdentifier: string }[] = [];
  for (const record of event.Records) {
    try {
      await workOnPayment(ports, parsePaymentMessage(record.body), deadline);
    } catch (error) {
      log.error('alarm.payment', printable(error));
      batchItemFailures.push({ itemIdentifier: record.messageId });
    }
  }
  return { batchItemFailures };
}
