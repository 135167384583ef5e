import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AccountRef, Capability, Connector } from '../../shared/banks/contract.ts';
import { BANKS, manifestOf } from '../../shared/banks/catalog.ts';
import { addDays, dateIn } from '../../shared/domain/dates.ts';
import { FAILURE_KINDS, type Failure, type FailureKind } from '../../shared/domain/failure.ts';
import type { BankAccount } from '../../shared/domain/model.ts';
import { Secret } from '../../shared/domain/secret.ts';
import { readFileAs } from '../../shared/formats/files.ts';
import { recognise } from '../../shared/formats/recognise.ts';
import { createAuthority } from '../../infra/sandbox/pki/authority.ts';
import type { MisbehaviourKind } from '../../infra/sandbox/types.ts';
import {
  allStatements,
  allTransactions,
  consented,
  failureOf,
  openBench,
  PKCE,
  refOf,
  type Bench,
  type Twist,
} from './bench.ts';

/** What a declared capability means a connector has. */
const METHODS: Partial<Record<Capability, readonly (keyof Connector)[]>> = {
  accounts: ['accounts'],
  balances: ['balances'],
  transactions: ['transactions'],
  statements: ['statements', 'download'],
  advices: ['advices', 'downloadAdvice'],
  rates: ['rates'],
  proof: ['prove'],
  payments: ['render', 'step'],
  'order-files': ['render'],
  'payments-experimental': ['render', 'step', 'orderStatus', 'signingPage'],
  'payment-status': ['orderStatus'],
  'payment-search': ['findOrder'],
  consent: ['consentUrl', 'exchangeCode', 'refreshTokens'],
  revocation: ['revokeTokens'],
  notices: ['subscribe', 'unsubscribe', 'verifyNotice'],
};

/** Every way a simulated bank misbehaves that one call can meet, and the kind it must become. */
const MISBEHAVIOURS: readonly { misbehaviour: MisbehaviourKind; kind: FailureKind; twist?: Twist }[] = [
  { misbehaviour: { kind: 'status-503' }, kind: 'transient' },
  { misbehaviour: { kind: 'status-429' }, kind: 'rate-limited' },
  {
    misbehaviour: { kind: 'status-429', retryAfter: { seconds: 90, form: 'seconds' } },
    kind: 'rate-limited',
  },
  { misbehaviour: { kind: 'status-429', retryAfter: { seconds: 90, form: 'date' } }, kind: 'rate-limited' },
  { misbehaviour: { kind: 'html-200' }, kind: 'transient' },
  { misbehaviour: { kind: 'unknown-shape-500' }, kind: 'transient' },
  { misbehaviour: { kind: 'redirect', location: 'http://169.254.169.254/latest/' }, kind: 'transient' },
  { misbehaviour: { kind: 'drop' }, kind: 'transient' },
  { misbehaviour: { kind: 'truncate', framing: 'length' }, kind: 'transient' },
  { misbehaviour: { kind: 'truncate', framing: 'chunked' }, kind: 'transient' },
  { misbehaviour: { kind: 'stall' }, kind: 'transient', twist: { limits: { total: 200 } } },
  { misbehaviour: { kind: 'drip' }, kind: 'transient', twist: { limits: { total: 200 } } },
  { misbehaviour: { kind: 'garbage-json' }, kind: 'protocol' },
  { misbehaviour: { kind: 'gzip-bomb', mebibytes: 256 }, kind: 'protocol' },
  { misbehaviour: { kind: 'giant-body' }, kind: 'protocol' },
  { misbehaviour: { kind: 'json-error-200' }, kind: 'rejected' },
  { misbehaviour: { kind: 'invalid-request-400' }, kind: 'rejected' },
  { misbehaviour: { kind: 'no-rights' }, kind: 'rejected' },
  { misbehaviour: { kind: 'blocked-certificate' }, kind: 'credential-refused' },
];

const MANIFESTS = new Map(
  await Promise.all(Object.keys(BANKS).map(async (id) => [id, await manifestOf(id)] as const)),
);

/** What a bank means by a misbehaviour that another one means otherwise. */
const KINDS: Readonly<Record<string, Partial<Record<MisbehaviourKind['kind'], FailureKind>>>> = {
  // A right is one of the contract, not of an account: nothing goes on without it.
  'csob-ceb': { 'no-rights': 'consent-needed' },
};

describe.each(Object.keys(BANKS))('%s', (id) => {
  const offers = (capability: Capability): boolean => MANIFESTS.get(id)!.evidence[capability] !== undefined;
  const byCertificate = MANIFESTS.get(id)!.authentication === 'client-certificate';
  /** A test of what not every bank has. */
  const testOf = (capability: Capability) => test.runIf(offers(capability));
  let bench: Bench;
  let connector: Required<Connector>;
  let accounts: readonly BankAccount[];
  const refs = (): AccountRef[] => accounts.map((account) => refOf(account, bench.manifest));

  beforeAll(async () => {
    bench = await openBench(id);
    connector = bench.connect();
    accounts = await connector.accounts();
  });
  beforeEach(() => bench.subject.rest?.());
  afterEach(() => bench.subject.bank.behave());
  afterAll(() => bench?.stop());

  describe('capabilities', () => {
    test('the connector has what the manifest declares, and nothing else', () => {
      const declared = Object.keys(bench.manifest.evidence).flatMap(
        (name) => METHODS[name as Capability] ?? [],
      );
      expect(Object.keys(connector).sort()).toEqual([...new Set(declared)].sort());
    });

    test('proof', async () => {
      const before = bench.subject.bank.requests().length;
      await bench.connect().prove();
      expect(bench.subject.bank.requests().length - before, 'one call').toBe(1);
    });

    test('accounts: one per number and currency', () => {
      expect(accounts.length).toBeGreaterThan(1);
      const keys = accounts.map(({ number, currency }) => `${number} ${currency}`);
      expect(new Set(keys).size).toBe(keys.length);
      for (const { currency, handle, number } of accounts) {
        expect(currency).toMatch(/^[A-Z]{3}$/);
        expect(handle).not.toBe('');
        expect(number).toMatch(/^(\d{1,6}-)?\d{1,10}$|^.{5,34}$/);
      }
      expect(new Set(accounts.map(({ currency }) => currency)).size, 'several currencies').toBeGreaterThan(1);
    });

    testOf('balances')('balances of every account, in its currency, each kind once', async () => {
      for (const account of refs()) {
        const answer = await connector.balances(account);
        const { balances } = answer.parse();
        expect(answer.document.bytes.length).toBeGreaterThan(0);
        expect(new Set(balances.map(({ kind }) => kind)).size).toBe(balances.length);
        for (const { amount } of balances) expect(amount.currency).toBe(account.currency);
      }
      const active = refs()[accounts.findIndex((account) => account.active)]!;
      const kinds = (await connector.balances(active)).parse().balances.map(({ kind }) => kind);
      expect(kinds).toContain('booked');
    });

    testOf('transactions')('transactions: over all pages exactly what the bank has booked', async () => {
      let pages = 0;
      let count = 0;
      for (const account of refs()) {
        const read = await allTransactions(connector, account, bench.history);
        const rows = read.transactions.map((row) => ({
          reference: row.bankReference,
          date: row.bookingDate,
          minor: row.amount.minor,
        }));
        const byReference = (a: { reference: string | null }, b: { reference: string | null }) =>
          String(a.reference).localeCompare(String(b.reference));
        const truth = [...bench.subject.booked(account, bench.history)];
        expect(rows.sort(byReference)).toEqual(truth.sort(byReference));
        expect(read.quarantined).toEqual([]);
        pages = Math.max(pages, read.pages);
        count += rows.length;
      }
      expect(pages, 'at least one account has several pages').toBeGreaterThan(1);
      expect(count).toBeGreaterThan(0);
    });

    testOf('transactions')('transactions: an empty day', async () => {
      const { from, to } = bench.history;
      let met = 0;
      for (const account of refs()) {
        let day = from;
        while (day < to && bench.subject.booked(account, { from: day, to: day }).length > 0)
          day = addDays(day, 1);
        if (day === to) continue;
        const read = await allTransactions(connector, account, { from: day, to: day });
        expect(read).toMatchObject({ transactions: [], quarantined: [] });
        met += 1;
      }
      expect(met, 'accounts with an empty day').toBeGreaterThan(0);
    });

    test('statements: the list is complete, and offers only formats of the manifest', async () => {
      const formats = bench.manifest.statementFormats.map(({ format }) => format);
      let count = 0;
      for (const account of refs()) {
        const listed = await allStatements(connector, account, bench.history);
        const truth = bench.subject.statements(account, bench.history);
        expect(listed.map((statement) => statement.id).sort()).toEqual([...truth].sort());
        for (const statement of listed) {
          expect(formats).toEqual(expect.arrayContaining([...statement.formats]));
          expect(statement.from <= statement.to).toBe(true);
          expect(statement.currency).toBe(account.currency);
        }
        count += listed.length;
      }
      expect(count).toBeGreaterThan(0);
    });

    test('statements: every value of every account setting is taken', async () => {
      for (const { name, values } of bench.manifest.accountSettings) {
        for (const value of values) {
          const [account] = refs().map((ref) => ({ ...ref, settings: { ...ref.settings, [name]: value } }));
          const listed = await allStatements(connector, account!, bench.history);
          expect(listed.map((statement) => statement.id).sort()).toEqual(
            [...bench.subject.statements(account!, bench.history)].sort(),
          );
        }
      }
    });

    test('statements: each format of the manifest downloads as what it says', async () => {
      for (const { format } of bench.manifest.statementFormats) {
        let found = false;
        for (const account of refs()) {
          const listed = await allStatements(connector, account, bench.history);
          const statement = listed.find((candidate) => candidate.formats.includes(format));
          if (!statement) continue;
          const document = await connector.download(account, statement, format);
          // A text for people tells nothing of itself.
          expect(recognise(document!.bytes).format).toBe(format === 'txt' ? 'unknown' : format);
          expect(document!.name).toMatch(/^[\w.-]+$/);
          found = true;
          break;
        }
        expect(found, `a statement in ${format}`).toBe(true);
      }
    });

    test('statements: a statement the bank no longer has is rejected, a format it never had unsupported', async () => {
      const [account] = refs();
      const [statement] = await allStatements(connector, account!, bench.history);
      const gone = { ...statement!, id: 'no-such-statement' };
      const [{ format } = { format: '' }] = bench.manifest.statementFormats;
      expect((await failureOf(connector.download(account!, gone, format))).kind).toBe('rejected');
      expect((await failureOf(connector.download(account!, statement!, 'papyrus'))).kind).toBe('unsupported');
    });

    testOf('advices')('advices: whatever they tell of a day that is over was booked on it', async () => {
      let told = 0;
      const window = { ...bench.history, to: addDays(bench.history.to, -1) };
      for (const account of refs()) {
        const booked = new Map<string, number>();
        for (const { date, minor } of bench.subject.booked(account, window)) {
          booked.set(`${date} ${minor}`, (booked.get(`${date} ${minor}`) ?? 0) + 1);
        }
        const { advices, quarantined } = await connector.advices(account, window);
        expect(quarantined).toEqual([]);
        for (const advice of advices) {
          expect(advice.day >= window.from && advice.day <= window.to).toBe(true);
          const document = await connector.downloadAdvice(account, advice);
          expect(recognise(document!.bytes).format).toBe(advice.format);
          const hints = { bankCode: bench.manifest.bankCode! };
          const { statements } = await readFileAs(advice.format, document!.bytes, hints);
          for (const { amount, bookingDate } of statements.flatMap(({ transactions }) => transactions)) {
            const key = `${bookingDate} ${amount.minor}`;
            const left = booked.get(key) ?? 0;
            expect(left, key).toBeGreaterThan(0);
            booked.set(key, left - 1);
            told += 1;
          }
        }
      }
      expect(told).toBeGreaterThan(0);
    });

    testOf('rates')('rates: of all currencies or one, of today or a day', async () => {
      const anonymous = bench.subject.ratesAreOpen === true;
      const asking = bench.connect(anonymous ? { identity: null } : {});
      const { rates, quarantined } = await asking.rates(null, null);
      expect(rates.length).toBeGreaterThan(1);
      expect(quarantined).toEqual([]);
      const dealt = rates.filter(({ buy, sell }) => buy !== null && sell !== null);
      expect(dealt.length).toBeGreaterThan(1);
      for (const rate of dealt) expect(Number(rate.buy)).toBeLessThan(Number(rate.sell));
      const { from } = rates[0]!;
      const one = await asking.rates(null, from);
      expect(one.rates).toEqual(rates.filter((rate) => rate.from === from));
      const day = dateIn(bench.manifest.timeZone, bench.clock.now() - 3 * 86_400_000);
      expect((await asking.rates(day, null)).rates.length).toBeGreaterThan(1);
      expect((await failureOf(asking.rates(null, 'eur'))).kind).toBe('rejected');
      if (anonymous) expect((await failureOf(asking.prove())).kind).toBe('credential-refused');
    });
  });

  describe('failures', () => {
    const met = new Set<FailureKind>(['unsupported']);

    for (const { misbehaviour, kind: ordinary, twist } of MISBEHAVIOURS) {
      const { kind: name, ...more } = misbehaviour;
      const kind = KINDS[id]?.[name] ?? ordinary;
      test(`${name} ${Object.keys(more).length > 0 ? JSON.stringify(more) : ''} is ${kind}`, async () => {
        bench.subject.bank.misbehave({ ...misbehaviour, times: Infinity });
        const failure = await failureOf(bench.connect({ limits: { maxBytes: 1_000_000 }, ...twist }).prove());
        met.add(failure.kind);
        expect(failure.kind).toBe(kind);
        expect(failure.message, 'what happened, and what to do').toMatch(/\. \S.*\.$/);
        expect(failure.detail.operation).toBeTruthy();
        if (kind === 'rate-limited') expect(failure.detail.notBefore).toBeGreaterThan(bench.clock.now());
      });
    }

    test('a misbehaviour that passes is survived by every read', async () => {
      const [account] = refs();
      const { bank } = bench.subject;
      const fresh = bench.connect();
      for (const kind of ['status-503', 'html-200', 'drop', 'truncate'] as const) {
        bank.misbehave({ kind });
        await fresh.prove();
        if (offers('balances')) {
          bank.misbehave({ kind });
          await fresh.balances(account!);
        }
        if (offers('transactions')) {
          bank.misbehave({ kind });
          expect((await allTransactions(fresh, account!, bench.history)).transactions.length).toBe(
            bench.subject.booked(account!, bench.history).length,
          );
        }
        bank.misbehave({ kind });
        // A connector that keeps the list has it from a connection of its own.
        await allStatements(offers('transactions') ? fresh : bench.connect(), account!, bench.history);
      }
    });

    testOf('transactions')(
      'row 6: a bank that pages in circles costs one call per page asked for',
      async () => {
        const [account] = refs();
        const { bank } = bench.subject;
        bank.misbehave({ kind: 'repeat-page', times: Infinity });
        const fresh = bench.connect();
        const before = bank.requests().length;
        let cursor: string | null = null;
        for (let page = 0; page < 5; page++) {
          const { parse } = await fresh.transactions(account!, bench.history, cursor);
          try {
            cursor = parse().next;
          } catch (error) {
            // A bank that numbers its pages gives itself away.
            expect(error).toMatchObject({ kind: 'protocol' });
          }
          expect(cursor).not.toBeNull();
        }
        const asked = bank.requests().slice(before);
        expect(asked.filter(({ operation }) => operation === asked.at(-1)!.operation).length).toBe(5);
      },
    );

    test('a blocked certificate is credential-refused until it is unblocked', async () => {
      const fresh = bench.connect();
      bench.subject.block(true);
      expect((await failureOf(fresh.accounts())).kind).toBe('credential-refused');
      bench.subject.block(false);
      expect((await fresh.accounts()).length).toBe(accounts.length);
    });

    test.runIf(byCertificate)(
      'row 14: a certificate of a stranger is credential-refused in the handshake',
      async () => {
        const now = bench.clock.now();
        const stranger = createAuthority({
          commonName: 'Stranger',
          notBefore: now - 86_400_000,
          notAfter: now + 86_400_000,
        });
        const { certificatePem, keyPem } = stranger.issueClient({ commonName: 'x', organisation: 'x' });
        const identity = { certificate: certificatePem, key: new Secret(keyPem) };
        const before = bench.subject.bank.requests().length;
        expect((await failureOf(bench.connect({ identity }).prove())).kind).toBe('credential-refused');
        expect(bench.subject.bank.requests().length).toBe(before);
      },
    );

    test('a wrong value in any field of the connection is told', async () => {
      const { config, secrets, wrong = {}, unchecked = [] } = bench.subject;
      for (const { name, secret } of bench.manifest.fields.filter((field) => field.required)) {
        if (unchecked.includes(name)) continue;
        const value = wrong[name] ?? 'wrong';
        const twisted = bench.connect(
          secret ? { secrets: { ...secrets, [name]: value } } : { config: { ...config, [name]: value } },
        );
        // What the token endpoint alone looks at, it refuses before it touches the consent.
        const refresh = byCertificate ? null : bench.grant().refreshToken!;
        const told = await twisted.prove().then(
          () => refresh && failureOf(twisted.refreshTokens(refresh)),
          (error: Failure) => error,
        );
        expect(told?.kind, name).toBe('credential-refused');
      }
    });

    test('every kind a reading bank can give was met', () => {
      // Consents belong to banks with another authentication, unknown outcomes to payments.
      const elsewhere: FailureKind[] = ['consent-needed', 'outcome-unknown'];
      expect([...met].filter((kind) => !elsewhere.includes(kind)).sort()).toEqual(
        FAILURE_KINDS.filter((kind) => !elsewhere.includes(kind)).sort(),
      );
    });
  });

  describe.runIf(!byCertificate)('consent', () => {
    test('its page asks for what the manifest says, with state, challenge and the way back', () => {
      const { redirectUri } = bench.subject.consent!;
      const { scopes } = bench.manifest.consent!;
      const asked = {
        redirectUri,
        state: 'a+b c%20',
        challenge: PKCE.challenge,
        scopes: [...scopes, 'more'],
      };
      const { origin, pathname, search, searchParams } = new URL(bench.connect().consentUrl(asked));
      expect(origin).toBe(bench.subject.origin);
      expect(pathname.startsWith(bench.manifest.hosts.simulated.identity!.base)).toBe(true);
      expect(Object.fromEntries(searchParams)).toMatchObject({
        response_type: 'code',
        client_id: bench.subject.config['clientId'],
        redirect_uri: redirectUri,
        state: asked.state,
        scope: [...scopes, 'more'].join(' '),
        code_challenge: PKCE.challenge,
        code_challenge_method: 'S256',
      });
      expect(search, 'encoded once, for every reader').toContain(`${scopes.at(-1)}%20more`);
    });

    test('a denied one brings an error and no code', async () => {
      const { redirectUri, deny } = bench.subject.consent!;
      const { scopes } = bench.manifest.consent!;
      const url = bench.connect().consentUrl({ redirectUri, state: 's', challenge: PKCE.challenge, scopes });
      const callback = await deny(url);
      expect(callback.get('error')).toBe('access_denied');
      expect(callback.get('state')).toBe('s');
      expect(callback.has('code')).toBe(false);
    });

    test('a code is good once, for its own address and with its verifier', async () => {
      const { redirectUri, allow } = bench.subject.consent!;
      const { scopes } = bench.manifest.consent!;
      const fresh = bench.connect();
      const codeOf = async (): Promise<Secret> => {
        const asked = { redirectUri, state: 's', challenge: PKCE.challenge, scopes };
        return new Secret((await allow(fresh.consentUrl(asked))).get('code')!);
      };
      const verifier = new Secret(PKCE.verifier);
      const code = await codeOf();
      await fresh.exchangeCode({ code, redirectUri, verifier });
      const again = fresh.exchangeCode({ code, redirectUri, verifier });
      expect((await failureOf(again)).kind, 'replayed').toBe('rejected');
      const stolen = { code: await codeOf(), redirectUri, verifier: new Secret('x'.repeat(43)) };
      expect((await failureOf(fresh.exchangeCode(stolen))).kind, 'another verifier').toBe('rejected');
      const astray = { code: await codeOf(), redirectUri: `${redirectUri}/other`, verifier };
      expect((await failureOf(fresh.exchangeCode(astray))).kind, 'another address').toBe('rejected');
    });

    test('changed account ids change nothing about the accounts', async () => {
      bench.subject.consent!.renumber();
      const again = await bench.connect().accounts();
      expect(again).toEqual(accounts);
      // A session that knows the old ids looks once more.
      expect((await connector.balances(refs()[0]!)).parse().balances.length).toBeGreaterThan(0);
    });

    test('row 22: a withdrawn one is consent-needed, everywhere', async () => {
      const { consent } = bench.subject;
      const own = await consented(bench.connect(), consent!, bench.manifest);
      const fresh = bench.connect({
        token: (refused) =>
          refused === undefined
            ? Promise.resolve(own.accessToken)
            : fresh.refreshTokens(own.refreshToken!).then(({ accessToken }) => accessToken),
      });
      await fresh.prove();
      consent!.withdraw();
      expect((await failureOf(fresh.prove())).kind).toBe('consent-needed');
      expect((await failureOf(fresh.refreshTokens(own.refreshToken!))).kind).toBe('consent-needed');
      await bench.authorise();
      await bench.connect().prove();
    });
  });

  describe('quota', () => {
    test('any number of calls in a row keeps spacing and rates, and the bank never says 429', async () => {
      const { bank } = bench.subject;
      const fresh = bench.connect();
      const [account] = refs();
      const statements = await allStatements(fresh, account!, bench.history);
      bench.clock.advance(60_000);
      const before = bank.requests().length;
      for (let round = 0; round < 12; round++) {
        await (offers('balances') ? fresh.balances(account!) : fresh.prove());
        if (offers('transactions')) await fresh.transactions(account!, bench.history, null);
        const statement = statements[round % statements.length]!;
        await fresh.download(account!, statement, statement.formats[0]!);
      }
      const calls = bank.requests().slice(before);
      expect(calls.length).toBe(offers('transactions') ? 36 : 24);
      expect(calls.map(({ status }) => status)).not.toContain(429);
      for (const [index, call] of calls.entries()) {
        const rules = bench.manifest.quota.rules;
        const rule =
          rules.find(({ operations }) => operations.includes(call.operation ?? '')) ??
          rules.find(({ operations }) => operations.includes('*'))!;
        const previous = calls[index - 1];
        if (previous) expect(call.at - previous.at).toBeGreaterThanOrEqual(rule.spacing);
        const second = calls
          .slice(0, index + 1)
          .filter(({ at, operation }) => operation === call.operation && at > call.at - 1_000);
        expect(second.length).toBeLessThanOrEqual(rule.perSecond);
      }
    });

    test('row 7: a spent day stops before the bank is asked', async () => {
      const { quota } = bench.manifest;
      const small = { ...quota, rules: quota.rules.map((rule) => ({ ...rule, perDay: 3 })) };
      const fresh = bench.connect({ quota: small });
      for (let call = 0; call < 3; call++) await fresh.prove();
      const before = bench.subject.bank.requests().length;
      const failure = await failureOf(fresh.prove());
      expect(failure.kind).toBe('rate-limited');
      expect(failure.detail.notBefore).toBe(bench.clock.now() + quota.exhaustedBackoff);
      expect(bench.subject.bank.requests().length).toBe(before);
    });

    test('row 7: after a 429 nothing is sent with the credential until it is over', async () => {
      const { bank } = bench.subject;
      const fresh = bench.connect();
      bank.misbehave({ kind: 'status-429', retryAfter: { seconds: 600, form: 'date' } });
      const failure = await failureOf(fresh.prove());
      const before = bank.requests().length;
      const rates = offers('rates') ? [fresh.rates(null, null)] : [];
      for (const work of [fresh.prove(), fresh.accounts(), ...rates]) {
        expect((await failureOf(work)).detail.notBefore).toBe(failure.detail.notBefore);
      }
      expect(bank.requests().length).toBe(before);
      bench.clock.advance(failure.detail.notBefore! - bench.clock.now());
      await fresh.prove();
    });
  });

  describe('row 67: redaction', () => {
    test('row 67: no secret, account, name or amount in what was logged so far, nor in any failure', async () => {
      const printed = [...bench.lines];
      expect(printed.length).toBeGreaterThan(50);
      const [account] = refs();
      for (const { misbehaviour, twist } of MISBEHAVIOURS) {
        bench.subject.bank.misbehave({ ...misbehaviour, times: Infinity });
        const fresh = bench.connect({ limits: { maxBytes: 1_000_000 }, ...twist });
        const work: Promise<unknown> = offers('transactions')
          ? fresh.transactions(account!, bench.history, null).then((page) => page.parse())
          : fresh.statements(account!, bench.history, null);
        const failure = await work.then(
          () => null,
          (error: Error & { detail?: unknown }) => error,
        );
        bench.subject.bank.behave();
        if (failure) printed.push(failure.message, String(failure.stack), JSON.stringify(failure.detail));
      }
      const { certificate, consent } = bench.subject;
      const tokens = consent ? [bench.grant().accessToken, bench.grant().refreshToken!] : [];
      const secrets = [
        ...Object.values(bench.subject.secrets),
        ...Object.values(bench.subject.config),
        ...(certificate ? [certificate.passphrase] : []),
        ...tokens.map((token) => token.reveal()),
        ...(consent ? [PKCE.verifier] : []),
      ];
      const all = printed.concat(bench.lines).join('\n');
      for (const hidden of [...secrets, ...bench.subject.personal, 'PRIVATE KEY']) {
        expect(all.includes(hidden), hidden).toBe(false);
      }
    });

    test('a line tells operation, status, request id and duration', () => {
      const line = JSON.parse(bench.lines.find((one) => one.includes('"status":200'))!) as Record<
        string,
        unknown
      >;
      expect(line).toMatchObject({ level: 'info', event: 'bank.call', status: 200, attempt: 1 });
      const ids = bench.subject.bank.requests().flatMap(({ requestId }) => requestId ?? []);
      // Some banks have a header for it.
      if (ids.length > 0) expect(ids).toContain(line['requestId']);
      expect(new Set(ids).size, 'no request id twice').toBe(ids.length);
    });
  });
});
