import { isFinal, type PaymentRecord } from '../../../shared/domain/payment.ts';
import { acceptOrder, type Accepted } from '../../../shared/flows/payments/accept.ts';
import { draftOfJson, type OrderInput } from '../../../shared/flows/payments/order.ts';
import { sweepPayments } from '../../../shared/flows/payments/sweep.ts';
import { workOnPayment } from '../../../shared/flows/payments/work.ts';
import { createActor, type Fault } from '../../faults/actor.ts';
import type { PayPorts, Stage } from '../../faults/stage.ts';
import { accountOf, MINUTE } from '../pull/support.ts';

/** Ports of one run, with a fault at one of its effects if one is given. */
export const payPorts = (stage: Stage, fault: Fault | null = null): PayPorts =>
  stage.payPorts(createActor(stage.time, fault, 0));

let keys = 0;

/** An order of one domestic payment of the stage's first account. */
export async function anOrder(
  stage: Stage,
  change: Partial<OrderInput['payments'][0]> = {},
): Promise<OrderInput> {
  const account = await accountOf(stage);
  return {
    account: account.id,
    payments: [
      {
        amount: '1234.50',
        currency: account.currency,
        creditor: { name: 'Dodavatel s.r.o.', number: '19-2000145399', bankCode: '0800' },
        variableSymbol: '20260917',
        message: 'faktura',
        ...change,
      },
    ],
  };
}

export async function accept(
  stage: Stage,
  order: OrderInput,
  { key = `key ${++keys}`, ports = payPorts(stage) } = {},
): Promise<Accepted> {
  return acceptOrder(ports, {
    caller: { company: stage.companies[0]!.id, key: 'key_erp', user: 'eva' },
    source: 'api',
    hook: null,
    idempotencyKey: key,
    bytes: new TextEncoder().encode(JSON.stringify(order)),
    mediaType: 'application/json',
    draft: draftOfJson(order, await accountOf(stage)),
    alwaysApprove: false,
  });
}

/** Accepts a payment as {@link accept}. @returns its record */
export const accepted = async (stage: Stage, order: OrderInput): Promise<PaymentRecord> =>
  (await accept(stage, order)).payment;

/** Works on a payment once, as a message of the queue would. */
export async function work(
  stage: Stage,
  { company, id }: PaymentRecord,
  ports = payPorts(stage),
): Promise<PaymentRecord> {
  await workOnPayment(ports, { version: 1, company, payment: id }, stage.time.now() + 2 * MINUTE);
  return standing(stage, id);
}

export async function standing(stage: Stage, id: string): Promise<PaymentRecord> {
  return (await payPorts(stage).payments.get(stage.companies[0]!.id, id))!;
}

/** Lets time pass, the sweep running, until nothing is due within it. */
export async function pass(stage: Stage, minutes: number, step = 5): Promise<void> {
  const ports = payPorts(stage);
  for (let at = 0; at < minutes; at += step) {
    stage.time.advance(step * MINUTE);
    await sweepPayments(ports);
    for (const { message } of stage.payQueue.splice(0)) {
      const payment = await ports.payments.get(message.company, message.payment);
      if (payment && !isFinal(payment.state))
        await workOnPayment(ports, message, stage.time.now() + 2 * MINUTE);
    }
  }
}
