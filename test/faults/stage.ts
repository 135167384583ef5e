import { createHash, randomBytes } from 'node:crypto';
import { raiffeisenBank, type RaiffeisenBank } from '../../infra/sandbox/raiffeisen/bank.ts';
import { seededSource, type SeededSource } from '../../infra/sandbox/raiffeisen/data.ts';
import { csobCebBank, type CsobCebBank } from '../../infra/sandbox/csob-ceb/bank.ts';
import { PORTFOLIO } from '../../infra/sandbox/csob-ceb/accounts.ts';
import type { SandboxBank } from '../../infra/sandbox/types.ts';
import { manifestOf } from '../../shared/banks/catalog.ts';
import type { TokenGrant } from '../../shared/banks/contract.ts';
import { isoInstant } from '../../shared/domain/dates.ts';
import { PULL_MODES, type PullMode } from '../../shared/domain/records.ts';
import type { Account, Connection, Credential, PullRecord } from '../../shared/domain/records.ts';
import { Secret } from '../../shared/domain/secret.ts';
import { ExchangeError } from '../../shared/http/exchange-error.ts';
import { createLog } from '../../shared/http/redaction.ts';
import type { Random } from '../../shared/domain/ports.ts';
import type { PullMessage } from '../../shared/flows/pull/message.ts';
import type { PullPorts } from '../../shared/flows/pull/ports.ts';
import { defaultSettings } from '../../shared/flows/settings.ts';
import { createActivityLog } from '../../shared/store/activity.ts';
import { createAccounts } from '../../shared/store/accounts.ts';
import { archiveClient, createArchive } from '../../shared/store/archive.ts';
import { createConnections } from '../../shared/store/connections.ts';
import { createDynamo, dynamoClient, type Dynamo } from '../../shared/store/dynamo.ts';
import { createFeed } from '../../shared/store/feed.ts';
import { createGate } from '../../shared/store/gate.ts';
import type { Places } from '../../shared/store/keys.ts';
import type { AcceptPorts } from '../../shared/flows/payments/accept.ts';
import type { PaymentMessage } from '../../shared/flows/payments/message.ts';
import type { PaymentPorts } from '../../shared/flows/payments/ports.ts';
import { createCompanies } from '../../shared/store/companies.ts';
import { createPayments } from '../../shared/store/payments.ts';
import { createLedger } from '../../shared/store/ledger.ts';
import { createSeal } from '../../shared/store/seal.ts';
import { createTokens } from '../../shared/store/tokens.ts';
import { createVault, vaultClient } from '../../shared/store/vault.ts';
import { createTokenKeeper } from '../../shared/flows/tokens.ts';
import { createActor, type Actor, type VirtualTime } from './actor.ts';
import { exchangeInMemory } from './bank-exchange.ts';
import type { Chance } from './chance.ts';
import { BUCKET, DATA_KEY } from './engines.ts';

/** The world of one seed: tables of its own, a simulated bank, a queue, one or two companies. */
export interface Stage<B = RaiffeisenBank<SeededSource>> {
  readonly time: VirtualTime;
  readonly places: Places;
  readonly bank: B;
  readonly queue: QueuedMessage[];
  readonly companies: readonly Company[];
  /** Pulls asked for by hand. */
  readonly asked: PullRecord[];
  readonly dynamo: Dynamo;
  /** Lines every actor logged. */
  readonly lines: string[];
  /** Values that may stand in the vault and nowhere else. */
  readonly canaries: readonly string[];
  ports(actor: Actor): PullPorts;
  /** What taking and working on payments needs, on the same tables and the same bank. */
  payPorts(actor: Actor): PayPorts;
  /** Payments to be looked at. */
  readonly payQueue: QueuedPayment[];
  /** Ports without a fault, for setting up and looking around. */
  readonly calm: PullPorts;
}

export type PayPorts = PaymentPorts & AcceptPorts;

/** What the payments' harness needs of a simulated bank, whichever it is. */
export type PayBank = SandboxBank & {
  orders(): readonly HeldOrder[];
  orderOf(id: string): HeldOrder | undefined;
  sign(order: string): void;
};

interface HeldOrder {
  readonly id: string;
  readonly bankId: string;
  readonly copies: number;
  readonly booked: number;
  readonly rejected: boolean;
}

export interface QueuedPayment {
  readonly message: PaymentMessage;
  readonly visibleAt: number;
}

export interface Company {
  readonly id: string;
  readonly connection: string;
  readonly accounts: readonly Account[];
}

export interface QueuedMessage {
  readonly message: PullMessage;
  /** Virtual instant from which it can be taken. */
  readonly visibleAt: number;
}

const CLIENT_ID = 'harness';
/** Longest a request of a sleeping process may still reach the bank. */
const LATEST = 30 * 60_000;
const YEAR = 365 * 86_400_000;
const send = { table: dynamoClient, archive: archiveClient, vault: vaultClient };
type Clients = {
  table: ReturnType<typeof dynamoClient>;
  archive: ReturnType<typeof archiveClient>;
  vault: ReturnType<typeof vaultClient>;
};
let shared: (Clients & { readonly at: string | undefined }) | null = null;
/** The SDK clients, made once for the engines whose addresses stand in the environment. */
function clients(): Clients {
  const at = process.env['AWS_ENDPOINT_URL_DYNAMODB'];
  if (shared?.at !== at || !shared)
    shared = { at, table: send.table(), archive: send.archive(), vault: send.vault() };
  return shared;
}

/**
 * The tokens of transactions are remembered by the engine, so they must differ between the stages of one engine, which
 * draw the same chances where their seeds are the same.
 */
export const withTokens = ({ next }: Random): Random => ({ next, bytes: (length) => randomBytes(length) });

/** A simulated bank as a stage is set with it. */
export interface Scenery<B> {
  readonly id: string;
  readonly bank: B;
  readonly config: Readonly<Record<string, string>>;
  readonly formats: readonly string[];
  readonly modes: readonly PullMode[];
  /** Folders a seed draws its accounts from: handle, number with prefix, currency. */
  readonly folders: readonly (readonly [string, string, string])[];
  /** The tokens of its consent, and the scopes; absent at banks that a certificate opens. */
  readonly consent?: { readonly grant: TokenGrant; readonly scopes: readonly string[] };
}

const FOLDERS: Scenery<unknown>['folders'] = [
  ['5017482301', '5017482301', 'CZK'],
  ['5017482301', '5017482301', 'EUR'],
  ['7342069157', '7342069157', 'EUR'],
  ['2903571487', '35-2903571487', 'CZK'],
];

/** A stage with Raiffeisenbank. */
export function setStage(seed: string, places: Places, time: VirtualTime, chance: Chance): Promise<Stage> {
  const source = seededSource({ seed, clock: time, historyDays: 14 });
  const bank = raiffeisenBank({ source, clock: time, clientIds: [CLIENT_ID], pageSize: 4 + chance.int(8) });
  const config = { clientId: CLIENT_ID };
  const scenery = {
    id: 'raiffeisen',
    bank,
    config,
    formats: ['camt.053'],
    modes: PULL_MODES,
    folders: FOLDERS,
  };
  return build(seed, places, time, chance, scenery);
}

/** A stage with the Business Connector of ČSOB. */
export function setCsobStage(
  seed: string,
  places: Places,
  time: VirtualTime,
  chance: Chance,
): Promise<Stage<CsobCebBank>> {
  const bank = csobCebBank({ seed, clock: time });
  const config = { contractNumber: bank.contract, clientAppGuid: '0b9c1f52-6d3e-4a87-b1c4-2e5f60718293' };
  const folders = PORTFOLIO.map(({ prefix, number, currency }) => {
    const full = prefix === '' ? number : `${prefix}-${number}`;
    return [full, full, currency] as const;
  });
  return build(seed, places, time, chance, {
    id: 'csob-ceb',
    bank,
    config,
    formats: ['finsta'],
    modes: ['statements', 'both'],
    folders,
  });
}

export async function build<B extends SandboxBank>(
  seed: string,
  places: Places,
  time: VirtualTime,
  chance: Chance,
  scenery: Scenery<B>,
): Promise<Stage<B>> {
  const { bank } = scenery;
  const queue: QueuedMessage[] = [];
  const payQueue: QueuedPayment[] = [];
  const lines: string[] = [];
  const canaries: string[] = [];
  const random = { next: chance.next, bytes: chance.bytes };
  const dynamoOf = (actor: Actor): Dynamo =>
    createDynamo(
      (command) => actor.effect('table', command.constructor.name, () => clients().table(command)),
      actor.clock,
      withTokens(random),
    );

  const ports = (actor: Actor): PullPorts => {
    const { archive, vault } = clients();
    const dynamo = dynamoOf(actor);
    const feed = createFeed(dynamo, places, actor.clock, random);
    const toVault: typeof vault = (command) =>
      actor.effect('vault', command.constructor.name, () => vault(command));
    return {
      clock: actor.clock,
      random,
      log: createLog({ write: (line) => lines.push(line), level: 'info', now: actor.clock.now }),
      feed,
      accounts: createAccounts(dynamo, feed, places),
      connections: createConnections(dynamo, feed, places),
      gate: createGate(dynamo, places, actor.clock),
      ledgerOf: (company, account) => createLedger(dynamo, places, company, account),
      archive: createArchive(
        (command) => actor.effect('archive', command.constructor.name, () => archive.send(command as never)),
        BUCKET,
        actor.clock,
        random,
      ),
      vault: createVault(toVault, `harness/${seed}/`, actor.clock, random),
      tokens: createTokens(dynamo, places, createSeal(toVault, DATA_KEY, actor.clock, random)),
      activity: createActivityLog(dynamo, places, actor.clock),
      exchange: (request) => {
        const sentAt = time.now();
        return actor.effect('bank', 'exchange', () => {
          // However long its process slept, no request leaves hours behind its own deadline.
          if (time.now() - sentAt > LATEST) throw new ExchangeError('timeout', true, null);
          return exchangeInMemory(bank, request);
        });
      },
      simulated: { origins: { [scenery.id]: 'https://localhost:1' }, ca: '' },
      queue: {
        send: (message, delay = 0) =>
          actor.effect('queue', 'send', async () => {
            queue.push({ message, visibleAt: time.now() + delay * 1000 });
          }),
      },
    };
  };

  const payPorts = (actor: Actor): PayPorts => {
    const { queue: _, ...common } = ports(actor);
    const dynamo = dynamoOf(actor);
    return {
      ...common,
      payments: createPayments(dynamo, common.feed, places),
      companies: createCompanies(dynamo, common.feed, places),
      queue: {
        send: (message, delay = 0) =>
          actor.effect('queue', 'send', async () => {
            payQueue.push({ message, visibleAt: time.now() + delay * 1000 });
          }),
      },
    };
  };

  const calm = ports(createActor(time, null, 0));
  const companies: Company[] = [];
  const count = chance.next() < 0.25 ? 2 : 1;
  const oneCertificate = chance.next() < 0.5;
  for (let n = 0; n < count; n++) {
    const certificate = `certificate ${seed} ${oneCertificate ? 0 : n}`;
    const key = `CANARY-KEY-${seed}-${n}`;
    const secret = `CANARY-SECRET-${seed}-${n}`;
    canaries.push(key, secret);
    const keys = { certificate, key, secret };
    companies.push(await company(calm, `com_${seed}_${n}`, keys, chance, scenery));
  }
  const { table } = clients();
  const dynamo = createDynamo(table, calm.clock, withTokens(random));
  return {
    time,
    places,
    bank,
    queue,
    companies,
    asked: [],
    dynamo,
    lines,
    canaries,
    ports,
    payPorts,
    payQueue,
    calm,
  };
}

interface Keys {
  readonly certificate: string;
  readonly key: string;
  readonly secret: string;
}

/** A certificate, or the consent the bank wants, with its secrets in the vault. */
async function credentialOf(
  ports: PullPorts,
  company: string,
  { certificate, key, secret }: Keys,
  { consent }: Scenery<unknown>,
): Promise<Credential> {
  const now = ports.clock.now();
  const common = {
    id: `crd_${company}`,
    company,
    fingerprint: createHash('sha256').update(certificate).digest('hex'),
    notBefore: isoInstant(now - YEAR),
    notAfter: isoInstant(now + 3 * YEAR),
    warnings: [],
    provenAt: isoInstant(now),
    createdAt: isoInstant(now),
  };
  if (consent) {
    const credential: Credential = {
      ...common,
      kind: 'consent',
      grantedAt: isoInstant(now),
      scopes: consent.scopes,
    };
    const secrets = new Secret({ fields: { clientSecret: secret, webApiKey: key } });
    await ports.vault.put(company, credential.id, secrets);
    await ports.connections.addCredential(credential);
    const never = () => Promise.reject(new Error('Nothing is refreshed before anything was used'));
    await createTokenKeeper(ports, credential, secrets, never).begin(consent.grant);
    return credential;
  }
  const credential: Credential = {
    ...common,
    kind: 'client-certificate',
    subject: 'CN=harness',
    issuer: 'CN=harness',
    serial: '1',
    keyType: 'rsa-2048',
    reactivateBy: null,
  };
  await ports.vault.put(
    company,
    credential.id,
    new Secret({ certificatePem: certificate, keyPem: key, fields: { clientSecret: secret } }),
  );
  await ports.connections.addCredential(credential);
  return credential;
}

async function company(
  ports: PullPorts,
  id: string,
  keys: Keys,
  chance: Chance,
  scenery: Scenery<unknown>,
): Promise<Company> {
  const createdAt = isoInstant(ports.clock.now());
  const manifest = await manifestOf(scenery.id);
  const credential = await credentialOf(ports, id, keys, scenery);
  const connection: Connection = {
    id: `con_${id}`,
    company: id,
    code: 'RB',
    description: '',
    bank: scenery.id,
    environment: 'simulated',
    user: null,
    config: scenery.config,
    status: 'active',
    pause: null,
    credential: credential.id,
    candidate: null,
    createdAt,
    revision: 1,
  };
  await ports.connections.create(connection, {
    type: 'connection.created',
    subject: connection.id,
    data: {},
  });
  const accounts: Account[] = [];
  const { folders } = scenery;
  const first = chance.int(folders.length);
  for (let n = 0; n < (chance.next() < 0.25 ? 2 : 1); n++) {
    const [handle, number, currency] = folders[(first + n) % folders.length]!;
    const accountId = `acc_${createHash('sha256').update(`${id}${number}${currency}`).digest('hex').slice(0, 20)}`;
    const account: Account = {
      id: accountId,
      company: id,
      connection: connection.id,
      bank: scenery.id,
      environment: 'simulated',
      user: null,
      handle,
      iban: null,
      number,
      bankCode: manifest.bankCode,
      bic: null,
      currency,
      name: null,
      active: true,
      scope: accountId,
      settings: {
        ...defaultSettings(manifest, true),
        mode: chance.pick(scenery.modes),
        historyDays: 1 + chance.int(3),
        formats: scenery.formats,
      },
      sync: { transactions: null, statements: null, resume: null },
      lastPull: null,
      freshAt: null,
      slot: null,
      failures: 0,
      balancesHash: null,
      fence: 0,
      revision: 1,
      createdAt,
    };
    await ports.accounts.add(account, { type: 'account.discovered', subject: accountId, data: {} });
    accounts.push(account);
  }
  return { id, connection: connection.id, accounts };
}
