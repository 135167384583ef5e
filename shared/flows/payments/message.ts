import { PoisonMessage } from '../pull/message.ts';

/**
 * A message of the payment queue: look at this payment now. It carries no order and no instruction, what is to be done
 * stands in the payment itself; so a message that comes twice, late or never changes nothing but the time.
 */
export interface PaymentMessage {
  readonly version: 1;
  readonly company: string;
  readonly payment: string;
}

/** @throws PoisonMessage */
export function parsePaymentMessage(body: string): PaymentMessage {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new PoisonMessage('The message is not JSON');
  }
  const message = value as Partial<PaymentMessage> | null;
  if (message?.version === 1 && typeof message.company === 'string' && typeof message.payment === 'string') {
    return message as PaymentMessage;
  }
  throw new PoisonMessage('The message is not a payment message of version 1');
}
