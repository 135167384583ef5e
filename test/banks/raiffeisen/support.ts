import type { AccountRef, Connector, StatementRef } from '../../../shared/banks/contract.ts';
import { bank } from '../../../shared/banks/raiffeisen/index.ts';
import { Failure } from '../../../shared/domain/failure.ts';
import type { Environment } from '../../../shared/domain/model.ts';
import { Secret } from '../../../shared/domain/secret.ts';
import { createBankClient } from '../../../shared/http/client.ts';
import { createQuota } from '../../../shared/http/quota.ts';
import type { ExchangeRequest } from '../../../shared/http/types.ts';
import { capturingLog, seededRandom, virtualClock } from '../../http/support.ts';

export interface Answer {
  readonly status?: number;
  readonly type?: string;
  /** Printed as JSON unless it is text or bytes already. */
  readonly body?: unknown;
}

export interface Asked {
  readonly method: string;
  /** Path below the bank's base. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly json: Readonly<Record<string, unknown>>;
}

export const CLIENT_ID = 'test-client-id';
export const CLIENT_SECRET = 'canary-client-secret';

/** The connector before the real client and a bank that answers in memory. */
export function bankThat(
  answer: (asked: Asked, number: number) => Answer,
  { environment = 'production', secret = false }: { environment?: Environment; secret?: boolean } = {},
): { connector: Required<Connector>; requests: ExchangeRequest[]; asked: Asked[] } {
  const requests: ExchangeRequest[] = [];
  const asked: Asked[] = [];
  const clock = virtualClock();
  const { hosts, quota } = bank.manifest;
  const { origin, base } = hosts[environment];
  const call = createBankClient({
    exchange: async (request) => {
      requests.push(request);
      const question = questionOf(request, base);
      asked.push(question);
      const { status = 200, type = 'application/json;charset=UTF-8', body } = answer(question, asked.length);
      return {
        status,
        headers: status === 204 ? {} : { 'content-type': type },
        body: status === 204 ? new Uint8Array() : bytesOf(body),
      };
    },
    clock,
    random: seededRandom(),
    log: capturingLog(),
    quota: createQuota({ policy: quota, clock, usage: {}, notBefore: null }),
    manifestQuota: quota,
    origin: origin ?? 'https://simulated.example',
    base,
    identity: null,
    ca: null,
    deadline: clock.now() + 3_600_000,
  });
  const secrets = secret ? { clientSecret: new Secret(CLIENT_SECRET) } : {};
  const connector = bank.connect({
    environment,
    origin: 'https://simulated.example',
    config: { clientId: CLIENT_ID },
    secrets,
    call,
  });
  return { connector: connector as Required<Connector>, requests, asked };
}

function questionOf({ method, url, headers, body }: ExchangeRequest, base: string): Asked {
  const { pathname, searchParams } = new URL(url);
  const isJson = headers['content-type'] === 'application/json';
  const json = isJson ? (JSON.parse(Buffer.from(body ?? []).toString()) as Record<string, unknown>) : {};
  return { method, path: pathname.slice(base.length), query: Object.fromEntries(searchParams), json };
}

function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
}

export const account: AccountRef = {
  handle: '6760653036',
  number: '6760653036',
  iban: 'CZ8255000000006760653036',
  currency: 'CZK',
  settings: {},
};

export const window = { from: '2026-11-16', to: '2026-11-21' };

export const statement: StatementRef = {
  id: 'st-1',
  number: '194/2026',
  from: '2026-11-20',
  to: '2026-11-20',
  currency: 'CZK',
  formats: ['camt.053', 'mt940', 'pdf'],
};

export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const thrown = await promise.then(
    (value) => value,
    (error: unknown) => error,
  );
  if (thrown instanceof Failure) return thrown;
  throw new Error(`expected a Failure, got ${JSON.stringify(thrown)}`);
}
