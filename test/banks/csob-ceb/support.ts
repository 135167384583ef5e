import type {
  AccountRef,
  Connector,
  OrderToRender,
  SentOrder,
  StepResult,
} from '../../../shared/banks/contract.ts';
import { bank as csob } from '../../../shared/banks/csob-ceb/index.ts';
import { Failure } from '../../../shared/domain/failure.ts';
import type { OrderGroup, OrderPayment } from '../../../shared/domain/order-file.ts';
import type { Progress } from '../../../shared/domain/payment.ts';
import { Secret } from '../../../shared/domain/secret.ts';
import { NOBODY } from '../../../shared/formats/order-party.ts';
import { createBankClient } from '../../../shared/http/client.ts';
import { createQuota } from '../../../shared/http/quota.ts';
import type { ExchangeRequest, ExchangeResponse } from '../../../shared/http/types.ts';
import { createHash } from 'node:crypto';
import { csobCebBank, type CsobCebBank } from '../../../infra/sandbox/csob-ceb/bank.ts';
import { exchangeInMemory } from '../../faults/bank-exchange.ts';
import { capturingLog, seededRandom, virtualClock } from '../../http/support.ts';

export const ORIGIN = 'https://localhost:1';
export const GUID = '0b9c1f52-6d3e-4a87-b1c4-2e5f60718293';
export const MINUTE = 60_000;
export const DAY = 86_400_000;

export interface Desk {
  readonly bank: CsobCebBank;
  readonly clock: ReturnType<typeof virtualClock>;
  /** What went over the line, in order. */
  readonly sent: { readonly request: ExchangeRequest; readonly response: ExchangeResponse | null }[];
  /** A connector as one run has it: with a memory of its own, on the quota they all share. */
  connector(config?: Readonly<Record<string, string>>): Required<Connector>;
}

type Answering = (request: ExchangeRequest, number: number) => ExchangeResponse | null;

/**
 * The connector before the real client and the simulated bank, called in memory.
 * @param answering gives an answer of its own to a request, or `null` to let the bank answer
 */
export function openDesk(answering: Answering = () => null): Desk {
  const clock = virtualClock();
  const bank = csobCebBank({ seed: 'desk', clock });
  const sent: Desk['sent'] = [];
  const { quota: policy } = csob.manifest;
  const quota = createQuota({ policy, clock, usage: {}, notBefore: null });
  const random = seededRandom();
  return {
    bank,
    clock,
    sent,
    connector: (config = {}) => {
      const call = createBankClient({
        exchange: async (request) => {
          const response = answering(request, sent.length + 1) ?? (await exchangeInMemory(bank, request));
          sent.push({ request, response });
          return response;
        },
        clock,
        random,
        log: capturingLog(),
        quota,
        manifestQuota: policy,
        origin: ORIGIN,
        base: csob.manifest.hosts.simulated.base,
        identity: { certificate: 'certificate of the company', key: new Secret('key') },
        ca: null,
        deadline: clock.now() + 3_600_000,
      });
      return csob.connect({
        environment: 'simulated',
        origin: ORIGIN,
        config: { contractNumber: bank.contract, clientAppGuid: GUID, ...config },
        secrets: {},
        call,
      }) as Required<Connector>;
    },
  };
}

/** An answer in XML, as the service gives it. */
export const soap = (status: number, body: string): ExchangeResponse => ({
  status,
  headers: { 'content-type': 'text/xml; charset=utf-8' },
  body: Buffer.from(body),
});

export function faultBody(code: string | null, faultcode = 's:Server'): string {
  const detail =
    code === null
      ? ''
      : `<detail><e:CEBBCError xmlns:e="http://ceb-bc.csob.cz/CEBBCWS/CEBBCError_v2"><e:Code>${code}</e:Code><e:TicketId>TICKET-7</e:TicketId></e:CEBBCError></detail>`;
  return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>${faultcode}</faultcode><faultstring>whatever</faultstring>${detail}</s:Fault></s:Body></s:Envelope>`;
}

/** A list of our own making, before the bank's files. */
export function listed(details: string): (request: ExchangeRequest) => ExchangeResponse | null {
  return ({ headers }) =>
    headers['soapaction'] === undefined
      ? null
      : soap(
          200,
          `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><b:GetDownloadFileListResponse_v4 xmlns:b="http://ceb-bc.csob.cz/CEBBCWS/GetDownloadFileList_v4"><b:QueryTimestamp>2026-11-21T10:00:00.855</b:QueryTimestamp><b:FileList>${details}</b:FileList><b:TicketId>T</b:TicketId></b:GetDownloadFileListResponse_v4></s:Body></s:Envelope>`,
        );
}

export const detail = (
  name: string,
  format: string,
  url: string,
  size: number,
  createdAt = '2026-11-21T01:35:00',
  type = 'VYPIS',
): string =>
  `<b:FileDetail><b:Url>${url}</b:Url><b:Filename>${name}</b:Filename><b:Type>${type}</b:Type><b:Format>${format}</b:Format><b:CreationDateTime>${createdAt}</b:CreationDateTime><b:Size>${size}</b:Size><b:Status>D</b:Status></b:FileDetail>`;

export const refOf = (handle: string, currency: string): AccountRef => ({
  handle,
  number: handle,
  iban: null,
  currency,
  settings: {},
});
export const CZK = refOf('274051905', 'CZK');
export const EUR = refOf('19-1177264030', 'EUR');

export function payment(minor: bigint, more: Partial<OrderPayment> = {}): OrderPayment {
  const symbols = { variableSymbol: '2600001', constantSymbol: null, specificSymbol: null };
  return {
    ...symbols,
    rawSymbols: symbols,
    amount: { minor, currency: 'CZK' },
    creditor: { ...NOBODY, number: '318870428', bankCode: '0800', name: 'Truhlářství Žďár' },
    message: 'Děkujeme',
    endToEndId: null,
    instructionId: null,
    ...more,
  };
}

export function group(payments: readonly OrderPayment[], more: Partial<OrderGroup> = {}): OrderGroup {
  const currency = payments[0]!.amount.currency;
  return {
    id: null,
    kind: 'credit-transfer',
    priority: 'normal',
    payer: { ...NOBODY, number: '274051905', bankCode: '0300' },
    currency,
    date: '2026-11-23',
    sum: { minor: payments.reduce((sum, { amount }) => sum + amount.minor, 0n), currency },
    declared: { sum: null, count: null },
    payments,
    ...more,
  };
}

export const toRender = (
  groups: readonly OrderGroup[],
  more: Partial<OrderToRender> = {},
): OrderToRender => ({
  id: 'pay_01KAJ9W3T5ZQ8Y2M4N6P7R1S0V',
  serial: 41,
  format: 'kpc',
  createdAt: '2026-11-21T10:00:00Z',
  today: '2026-11-21',
  groups,
  ...more,
});

/** An order as the flow hands it to a step. */
export function sentOf(connector: Required<Connector>, order: OrderToRender): SentOrder {
  const { document } = connector.render(order);
  return {
    id: order.id,
    document,
    sha256: createHash('sha256').update(document.bytes).digest('hex'),
    format: order.format,
    sentAt: order.createdAt,
    bankId: null,
    given: {},
  };
}

/** Steps until something other than progress. */
export async function submit(connector: Required<Connector>, order: SentOrder): Promise<StepResult> {
  let progress: Progress = { step: 'start', data: {} };
  for (let step = 0; step < 12; step++) {
    const result = await connector.step(order, progress);
    if (result.kind !== 'progress') return result;
    progress = result.progress;
  }
  throw new Error('the submission does not end');
}

export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const thrown = await work.then(
    (value) => value,
    (error: unknown) => error,
  );
  if (thrown instanceof Failure) return thrown;
  throw new Error('expected a Failure', { cause: thrown });
}

export const namesOf = (requests: CsobCebBank, operation: string): number =>
  requests.requests({ operation }).length;
