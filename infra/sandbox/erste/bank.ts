import type { PlainDate } from '../../../shared/domain/dates.ts';
import { pragueDay, pragueInstant } from '../prague.ts';
import type { Issue } from '../raiffeisen/issues.ts';
import { requestLog } from '../request-log.ts';
import { instead, scenarios, spoiled } from '../scenarios.ts';
import type { SandboxBank, SandboxClock, SandboxRequest, SandboxResponse } from '../types.ts';
import type { Misbehaviour } from '../types.ts';
import { answered, DIALECT, PaymentRefusal, Refusal, refused } from './answers.ts';
import { openBooks, type Booking, type Books } from './books.ts';
import type { Settings } from './call.ts';
import { accountIds } from './ids.ts';
import {
  IDENTITY_OPERATIONS,
  openIdentity,
  type Identity,
  type IdentityLevers,
} from './identity/identity.ts';
import { paymentBook, type PaymentLevers } from './payment-book.ts';
import { unheardOf } from './payments.ts';
import { USERS } from './portfolio.ts';
import { entryReferenceOf } from './record.ts';
import { route, type Target } from './routes.ts';
import { signingPages } from './signing.ts';
import { subscriptions, type NoticeMessage } from './subscriptions.ts';

/** A movement as the transaction list tells of it. */
export interface BookedMovement {
  readonly entryReference: string;
  readonly date: PlainDate;
  readonly minor: bigint;
}

/** The bank, with the levers of its users, of its portal and of tests. */
export interface ErsteBank extends SandboxBank {
  readonly id: 'erste';
  readonly books: Books;
  readonly identity: IdentityLevers;
  readonly payments: PaymentLevers;
  /** What is booked on days [from, to] in Prague and visible by now. */
  booked(iban: string, from: PlainDate, to: PlainDate): readonly BookedMovement[];
  /** Statements listed by now that end on days [from, to]. */
  issued(iban: string, from: PlainDate, to: PlainDate): readonly Issue[];
  /** Books a movement. @returns its `entryReference` and what the bank would send to subscribers */
  book(booking: Booking): { readonly entryReference: string; readonly messages: readonly NoticeMessage[] };
  /** Sends such messages over HTTP. @returns the status of each answer */
  send(messages: readonly NoticeMessage[]): Promise<readonly number[]>;
  /** Every account has another id from now on. */
  renumberAccounts(): void;
  /** The bank signs its messages with a new key. */
  renewKey(): void;
  /** The bank drops every subscription to its messages. */
  forgetSubscriptions(): void;
  /** The portal disables the WEB-API-key, or enables it again. */
  disableKey(disabled: boolean): void;
  /** An ended token is told as `400 BAD_REQUEST` by the balance, as its contract has it. */
  muddleBalances(on: boolean): void;
  readonly settings: Settings;
  /** Forgets the calls counted in this hour. */
  rest(): void;
}

export interface ErsteOptions {
  readonly seed: string;
  readonly clock: SandboxClock;
  readonly application: {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly webApiKey: string;
    readonly redirectUris?: readonly string[];
  };
  /** Calls an hour; the bank does not tell its own number. */
  readonly hourly?: number;
  /** False: the company has no account here. */
  readonly open?: boolean;
  /** Says who a token speaks for, in place of the identity provider: for tests in which tokens are not the subject. */
  readonly bearer?: Identity['bearer'];
}

const HOUR = 3_600_000;

/**
 * The simulated Česká spořitelna: accounts written from the bank's reference "Production Accounts API V3" (2024-11-21),
 * payments from what is known of Premium Payments API v1 (see `payments.ts`).
 */
export function ersteBank(options: ErsteOptions): ErsteBank {
  const { seed, clock, application, hourly = 2_000, open = true } = options;
  const books = openBooks(seed, clock);
  const ids = accountIds(seed, clock);
  const subscribed = subscriptions(seed);
  const payments = paymentBook({ seed, clock, book: books.book });
  const signing = signingPages(seed, clock, payments);
  const settings: Settings = { maxRows: 10_000, downloads: 'mixed' };
  const waiting = scenarios();
  const waitingThere = scenarios();
  const log = requestLog();
  let counted = { hour: 0, calls: 0 };
  let disabled = false;
  let muddled = false;
  const identity = openIdentity({
    clock,
    application: {
      ...application,
      redirectUris: [...(application.redirectUris ?? [])],
      scopes: ['siblings.accounts', 'siblings.payments'],
    },
    users: USERS,
    accounts: open
      ? books.ledgers.map(({ key: { account } }) => ({
          iban: account.iban,
          name: account.friendlyName ?? account.owner,
        }))
      : [],
    waiting: waitingThere,
    dialect: DIALECT,
  });

  const bearerOf = options.bearer ?? identity.bearer;

  function checkKey({ headers }: SandboxRequest): void {
    if (headers['web-api-key'] !== application.webApiKey)
      throw new Refusal(403, { error: 'KEY_UNAUTHORIZED' });
    if (disabled) throw new Refusal(412, { error: 'KEY_DISABLED' });
  }

  function count(): void {
    const hour = Math.floor(clock.now() / HOUR);
    counted = { hour, calls: counted.hour === hour ? counted.calls + 1 : 1 };
    if (counted.calls > hourly) throw new Refusal(429, { error: 'REQUEST_QUOTA_EXCEEDED' });
  }

  /** IBANs the request may see. @throws Refusal for a token that is none */
  async function admit(
    { headers }: SandboxRequest,
    { operation, scope }: Target,
  ): Promise<ReadonlySet<string>> {
    const token = /^Bearer (\S+)$/.exec(headers['authorization'] ?? '')?.[1];
    const bearer = token === undefined ? null : await bearerOf(token);
    if (bearer?.scopes.includes(scope)) return bearer.ibans;
    if (bearer && scope === 'siblings.payments') throw new PaymentRefusal(403, { error: 'FORBIDDEN' });
    // Accounts just have nothing to show then.
    if (bearer) return new Set();
    if (muddled && operation.name === 'getBalance') throw new Refusal(400, { error: 'BAD_REQUEST' });
    throw new Refusal(403, { error: 'TOKEN_INVALID' });
  }

  async function serve(target: Target, request: SandboxRequest): Promise<SandboxResponse> {
    const { operation, parameters } = target;
    try {
      checkKey(request);
      count();
      const ibans = operation.open ? new Set<string>() : await admit(request, target);
      const visible = books.ledgers.filter(({ key }) => ibans.has(key.account.iban));
      const now = clock.now();
      const state = { books, ids, subscriptions: subscribed, payments, signing, settings };
      return operation.answer({ ...state, request, parameters, visible, now });
    } catch (error) {
      if (error instanceof Refusal) return error.response;
      throw error;
    }
  }

  async function answer(request: SandboxRequest, target: Target): Promise<SandboxResponse> {
    const misbehaviour = waiting.next(target.operation.name);
    if (!misbehaviour) return serve(target, request);
    const replaced = instead(misbehaviour, clock, DIALECT);
    const served =
      (misbehaviour.afterwards ?? replaced === null)
        ? await serve(target, bent(misbehaviour, request, target.parameters))
        : answered(200, {});
    return replaced ?? spoiled(misbehaviour, unheardOf(misbehaviour, served));
  }

  /** The two misbehaviours of paging. A bank that always gives the first page says so, as this one's sandbox does. */
  function bent(
    { kind, ...misbehaviour }: Misbehaviour,
    request: SandboxRequest,
    parameters: Record<string, string>,
  ): SandboxRequest {
    if (kind === 'repeat-page') {
      const query = new URLSearchParams(request.query);
      query.set('page', '0');
      return { ...request, query };
    }
    const iban = ids.ibanOf(parameters['id'] ?? '');
    if (kind === 'shift-pages' && iban !== null && Number(request.query.get('page') ?? 0) > 0) {
      const { rows = 1 } = misbehaviour as { rows?: number };
      for (let row = 0; row < rows; row += 1) books.book({ iban, minor: 100_00n });
    }
    return request;
  }

  return {
    id: 'erste',
    books,
    identity: identity.levers,
    payments,
    settings,
    booked: (iban, from, to) => {
      payments.advance();
      const [first, last] = [pragueInstant(from), pragueInstant(to, '23:59:59') + 999];
      return (books.ledgerOf(iban)?.visible(first, last, clock.now()) ?? []).map((movement) => ({
        entryReference: entryReferenceOf(movement),
        date: pragueDay(movement.bookedAt),
        minor: movement.minor,
      }));
    },
    issued: (iban, from, to) => {
      payments.advance();
      const ledger = books.ledgerOf(iban);
      return ledger ? books.issues(ledger).filter((issue) => issue.to >= from && issue.to <= to) : [];
    },
    book: (booking) => {
      const movement = books.book(booking);
      const messages = subscribed.messages(booking.iban, ids.idOf(booking.iban), movement, clock.now());
      return { entryReference: entryReferenceOf(movement), messages };
    },
    send: (messages) =>
      Promise.all(
        messages.map(async ({ url, headers, body }) => {
          const { status } = await fetch(url, { method: 'POST', headers, body, redirect: 'manual' });
          return status;
        }),
      ),
    renumberAccounts: ids.renumber,
    renewKey: subscribed.renewKey,
    forgetSubscriptions: subscribed.forget,
    disableKey: (off) => void (disabled = off),
    muddleBalances: (on) => void (muddled = on),
    rest: () => void (counted = { hour: 0, calls: 0 }),
    misbehave: (misbehaviour) => {
      // Those without an operation are meant for the API, which is another server than the identity provider.
      const there = IDENTITY_OPERATIONS.includes(misbehaviour.operation ?? '');
      (there ? waitingThere : waiting).add(misbehaviour);
    },
    behave: () => {
      waiting.clear();
      waitingThere.clear();
    },
    handle: async (request) => {
      payments.advance();
      const elsewhere = identity.handle(request) ?? signing.handle(request);
      if (elsewhere) return elsewhere;
      const at = clock.now();
      const target = route(request.method, request.path);
      const response =
        typeof target === 'number'
          ? refused(target, { error: target === 404 ? 'NOT_FOUND' : 'METHOD_NOT_ALLOWED' })
          : await answer(request, target);
      log.add(request, response, {
        at,
        operation: typeof target === 'number' ? null : target.operation.name,
      });
      return response;
    },
    requests: log.select,
  };
}
