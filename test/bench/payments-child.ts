import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadBank } from '../../shared/banks/connectors.ts';
import { Failure } from '../../shared/domain/failure.ts';
import { parseMoney } from '../../shared/domain/money.ts';
import type { OrderGroup, OrderPayment } from '../../shared/domain/order-file.ts';
import { differences } from '../../shared/flows/payments/verify.ts';

/**
 * Renders one large KPC batch and holds it against its order, as a submission does, in a process of its own: the number
 * of payments comes as an argument, the figures go to stdout as JSON.
 */
export interface BatchFigures {
  readonly payments: number;
  /** Of the rendered file. */
  readonly bytes: number;
  readonly renderMilliseconds: number;
  /** Reading the bytes back and comparing every payment. */
  readonly checkMilliseconds: number;
  /** Resident memory in bytes with the order in hand, and at its highest above that. */
  readonly orderMemory: number;
  readonly peakMemory: number;
}

const TODAY = '2026-09-16';
const PAYER = {
  name: 'Lísková & spol. s.r.o.',
  iban: null,
  number: '5017482301',
  bankCode: '5500',
  bic: null,
};

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const count = Number(process.argv[2]);
const { connect } = await loadBank('raiffeisen');
const unreachable = (): never => {
  throw new Failure('unsupported', 'Rendering calls no bank');
};
const connector = connect({
  environment: 'simulated',
  config: { clientId: 'bench' },
  secrets: {},
  origin: 'https://localhost',
  call: unreachable,
} as Parameters<typeof connect>[0]);
const groups: OrderGroup[] = [groupOf(count)];
collectGarbage();
const before = process.memoryUsage.rss();
const started = performance.now();
const rendered = connector.render!({
  id: 'pay_01benchmark00000000000000',
  serial: 1,
  format: 'kpc',
  createdAt: `${TODAY}T08:00:00.000Z`,
  today: TODAY,
  groups,
});
const renderedAt = performance.now();
const differing = await differences(groups, 'kpc', rendered);
const checkedAt = performance.now();
if (differing.length > 0) throw new Error(differing.join('; '));
const figures: BatchFigures = {
  payments: count,
  bytes: rendered.document.bytes.length,
  renderMilliseconds: Math.round(renderedAt - started),
  checkMilliseconds: Math.round(checkedAt - renderedAt),
  orderMemory: before,
  peakMemory: process.resourceUsage().maxRSS * 1024 - before,
};
console.log(JSON.stringify(figures));

function groupOf(payments: number): OrderGroup {
  const all = Array.from({ length: payments }, (_, at) => paymentOf(at));
  return {
    id: null,
    kind: 'credit-transfer',
    priority: 'normal',
    payer: PAYER,
    currency: 'CZK',
    date: TODAY,
    sum: { minor: all.reduce((sum, { amount }) => sum + amount.minor, 0n), currency: 'CZK' },
    declared: { sum: null, count: null },
    payments: all,
  };
}

function paymentOf(at: number): OrderPayment {
  const symbols = { variableSymbol: String(at + 1), constantSymbol: '0308', specificSymbol: null };
  return {
    amount: parseMoney(`${100 + (at % 900)}.${String(at % 100).padStart(2, '0')}`, 'CZK'),
    creditor: { name: 'Dodavatel s.r.o.', iban: null, number: '19-2000145399', bankCode: '0800', bic: null },
    ...symbols,
    rawSymbols: symbols,
    message: `Úhrada faktury ${at + 1}`,
    endToEndId: null,
    instructionId: null,
  };
}
