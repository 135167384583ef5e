import type { AccountRef, Connector, StatementRef } from '../../../shared/banks/contract.ts';
import { bank } from '../../../shared/banks/erste/index.ts';
import { Secret } from '../../../shared/domain/secret.ts';
import { createBankClient } from '../../../shared/http/client.ts';
import { createQuota } from '../../../shared/http/quota.ts';
import type { ExchangeRequest } from '../../../shared/http/types.ts';
import { capturingLog, seededRandom, virtualClock } from '../../http/support.ts';

export interface Answer {
  readonly status?: number;
  readonly type?: string;
  /** `null` leaves the header out. */
  readonly date?: string | null;
  /** Printed as JSON unless it is text or bytes already. */
  readonly body?: unknown;
}

export interface Asked {
  readonly method: string;
  /** Path below the bank's base. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const IBAN = 'CZ6508000000192000145399';
export const OTHER = 'CZ1708000000002108589434';

export const account: AccountRef = {
  handle: `${IBAN}-CZK`,
  number: '19-2000145399',
  iban: IBAN,
  currency: 'CZK',
  settings: {},
};

export const window = { from: '2026-11-16', to: '2026-11-21' };

export const statement: StatementRef = {
  id: 'DAY-2026-11-20-2026-11-20-41',
  number: '41/2026',
  from: '2026-11-20',
  to: '2026-11-20',
  currency: 'CZK',
  formats: ['camt.053', 'gpc', 'pdf'],
};

/** One page of a list. */
export const page = (name: string, items: readonly unknown[], more: Record<string, unknown> = {}) => ({
  pageNumber: 0,
  pageCount: items.length > 0 ? 1 : 0,
  pageSize: 200,
  [name]: items,
  ...more,
});

export const listed = (id: string, iban = IBAN, currency = 'CZK') => ({
  id,
  identification: { iban },
  currency,
  servicer: { bankCode: '0800', countryCode: 'CZ', bic: 'GIBACZPX' },
});

export const errors = (status: number, ...codes: string[]): Answer => ({
  status,
  body: { status, errors: codes.map((error) => ({ error })) },
});

/** `Date` of the answers unless they say otherwise: a Saturday noon in Prague. */
export const DATE = 'Sat, 21 Nov 2026 11:00:00 GMT';

/**
 * The connector before the real client and a bank that answers in memory. The account list is answered here unless
 * `answer` does.
 */
export function bankThat(answer: (asked: Asked, number: number) => Answer | null): {
  readonly connector: Required<Connector>;
  readonly asked: Asked[];
  /** Tokens handed out, and those the bank was said to have refused. */
  readonly tokens: { given: number; readonly refused: string[] };
  readonly log: ReturnType<typeof capturingLog>;
} {
  const asked: Asked[] = [];
  const tokens = { given: 1, refused: [] as string[] };
  const clock = virtualClock();
  const log = capturingLog();
  const { hosts, quota } = bank.manifest;
  const { origin, base, identity } = hosts.production;
  const call = createBankClient({
    exchange: async (request) => {
      const question = questionOf(request, base);
      asked.push(question);
      const given = answer(question, asked.length) ?? DEFAULTS[question.path] ?? { status: 500 };
      const { status = 200, type = 'application/json', date = DATE, body } = given;
      return {
        status,
        headers: { 'content-type': type, ...(date === null ? {} : { date }) },
        body: status === 204 ? new Uint8Array() : bytesOf(body),
      };
    },
    clock,
    random: seededRandom(),
    log,
    quota: createQuota({ policy: quota, clock, usage: {}, notBefore: null }),
    manifestQuota: quota,
    origin: origin!,
    base,
    identityProvider: { origin: identity!.origin!, base: identity!.base },
    identity: null,
    ca: null,
    deadline: clock.now() + 3_600_000,
  });
  const connector = bank.connect({
    environment: 'production',
    origin: origin!,
    config: { clientId: 'test-client-id' },
    secrets: { clientSecret: new Secret('canary-secret'), webApiKey: new Secret('canary-key') },
    call,
    consent: {
      identity: identity!.origin! + identity!.base,
      token: async (refused) => {
        if (refused) {
          tokens.refused.push(refused.reveal());
          tokens.given += 1;
        }
        return new Secret(`token-${tokens.given}`);
      },
    },
  });
  return { connector: connector as Required<Connector>, asked, tokens, log };
}

const DEFAULTS: Readonly<Record<string, Answer>> = {
  '/my/accounts': { body: page('accounts', [listed('ID-1')]) },
};

function questionOf({ method, url, headers, body }: ExchangeRequest, base: string): Asked {
  const { pathname, searchParams } = new URL(url);
  return {
    method,
    path: pathname.startsWith(base) ? pathname.slice(base.length) : pathname,
    query: Object.fromEntries(searchParams),
    headers,
    body: Buffer.from(body ?? []).toString(),
  };
}

function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
}

export { failureOf } from '../raiffeisen/support.ts';
