import { startGateway, type Gateway } from '../../infra/local/gateway.ts';
import { startSandbox, type IssuedPfx, type Sandbox } from '../../infra/sandbox/index.ts';
import type { RaiffeisenBank } from '../../infra/sandbox/raiffeisen/bank.ts';
import type { SeededSource } from '../../infra/sandbox/raiffeisen/data.ts';
import { newApiKey } from '../../shared/api/caller.ts';
import type { accountView, connectionView, credentialView } from '../../shared/api/views.ts';
import type { Clock, Random } from '../../shared/domain/ports.ts';
import type { Scope } from '../../shared/domain/records.ts';
import { createAccounts, type Accounts } from '../../shared/store/accounts.ts';
import { createCompanies, type Companies } from '../../shared/store/companies.ts';
import { createConnections, type Connections } from '../../shared/store/connections.ts';
import { createDynamo, dynamoClient, type Dynamo } from '../../shared/store/dynamo.ts';
import { createFeed, type Feed } from '../../shared/store/feed.ts';
import { companyKey, type Places } from '../../shared/store/keys.ts';
import { createPayments, type Payments } from '../../shared/store/payments.ts';
import { createLedger, type Ledger } from '../../shared/store/ledger.ts';
import { openApi, done, type Api, type Call } from './api.ts';

/** A gateway of the packaged functions on this machine, a simulated bank beside it, and a company with its admin. */
export interface TestGateway extends Api {
  readonly gateway: Gateway;
  readonly sandbox: Sandbox;
  readonly bank: RaiffeisenBank;
  readonly seeded: SeededSource;
  /** The banks' and the gateway's time: runs on from noon of {@link TODAY}. */
  readonly clock: Clock;
  readonly company: string;
  readonly adminKey: string;
  readonly admin: Call;
  /** The tables, for what no route does. */
  readonly store: Store;
  /** Every line the functions and the runner printed. */
  readonly printed: readonly string[];
  stop(): Promise<void>;
}

export interface Store {
  readonly dynamo: Dynamo;
  readonly places: Places;
  readonly feed: Feed;
  readonly companies: Companies;
  readonly connections: Connections;
  readonly accounts: Accounts;
  readonly payments: Payments;
  ledgerOf(company: string, account: string): Ledger;
}

export type ConnectionBody = ReturnType<typeof connectionView>;
export type AccountBody = ReturnType<typeof accountView>;
export type CredentialBody = ReturnType<typeof credentialView>;
export interface UploadBody {
  readonly credential: CredentialBody;
  readonly proven: boolean;
  readonly reason: string | null;
  readonly accounts: readonly AccountBody[];
}
export interface Items<T> {
  readonly items: readonly T[];
}
export interface Page<T> extends Items<T> {
  readonly next: string | null;
}

/** The day the banks stand on: a Wednesday, so that working days lie behind it. */
export const TODAY = '2026-11-18';
const NOON = Date.parse(`${TODAY}T11:00:00Z`);

export const random: Random = {
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  next: () => Math.random(),
};

/**
 * Starts them with the first company made.
 * @param options.simulated false leaves the gateway without simulated banks, as a deployed stack is
 */
export async function startTestGateway(options: { simulated?: boolean } = {}): Promise<TestGateway> {
  const offset = NOON - Date.now();
  const now = (): number => Date.now() + offset;
  const clock: Clock = { now, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) };
  const sandbox = await startSandbox({ seed: 'api', clock });
  const printed: string[] = [];
  const simulated = JSON.stringify({ origins: sandbox.origins, ca: sandbox.ca });
  const gateway = await startGateway({
    schedule: false,
    clockOffsetMs: () => offset,
    extraEnv: options.simulated === false ? {} : { BRANA_SIMULATED: simulated },
    print: (line) => printed.push(line),
  });
  const made = (await gateway.invoke('admin-bootstrap', { name: 'Lísková & spol. s.r.o.' })) as {
    readonly company: { readonly id: string };
    readonly key: string;
  };
  const api = await openApi(gateway.url);
  return {
    ...api,
    gateway,
    sandbox,
    bank: sandbox.banks.raiffeisen,
    seeded: sandbox.seeded!,
    clock,
    company: made.company.id,
    adminKey: made.key,
    admin: api.as(made.key),
    store: openStore(gateway, clock),
    printed,
    async stop() {
      await api.close();
      await gateway.stop();
      await sandbox.stop();
    },
  };
}

function openStore({ env }: Gateway, clock: Clock): Store {
  Object.assign(process.env, env);
  const places = {
    connections: env['TABLE_CONNECTIONS']!,
    ledger: env['TABLE_LEDGER']!,
    events: env['TABLE_EVENTS']!,
    payments: env['TABLE_PAYMENTS']!,
  };
  const dynamo = createDynamo(dynamoClient(), clock, random);
  const feed = createFeed(dynamo, places, clock, random);
  return {
    dynamo,
    places,
    feed,
    companies: createCompanies(dynamo, feed, places),
    connections: createConnections(dynamo, feed, places),
    accounts: createAccounts(dynamo, feed, places),
    payments: createPayments(dynamo, feed, places),
    ledgerOf: (company, account) => createLedger(dynamo, places, company, account),
  };
}

export const ALL_SCOPES: readonly Scope[] = ['read', 'pay', 'admin', 'match'];

/** A key of a second company, which no route can make. @returns the key's secret */
export async function addCompany({ store }: TestGateway, id: string): Promise<string> {
  const createdAt = '2026-01-01T00:00:00.000Z';
  const { secret, hash, prefix } = newApiKey(random);
  await store.dynamo.transact([
    {
      table: store.places.connections,
      put: { ...companyKey(id), id, name: `The company ${id}`, createdAt },
    },
  ]);
  await store.companies.addKey({
    id: `key_${id}`,
    company: id,
    name: 'admin',
    hash,
    prefix,
    scopes: ALL_SCOPES,
    user: null,
    createdAt,
    revokedAt: null,
  });
  return secret;
}

/** A key made over the API. */
export async function addKey(
  { admin, as }: TestGateway,
  scopes: readonly Scope[],
  user?: string,
): Promise<{ id: string; secret: string; call: Call }> {
  const made = await admin<{ id: string; secret: string }>('POST /keys', { name: 'test', scopes, user });
  const { id, secret } = done(made, 201);
  return { id, secret, call: as(secret) };
}

/** A connection to the simulated bank, still without a certificate. */
export async function addConnection(
  { sandbox }: TestGateway,
  call: Call,
  code: string,
  user?: string,
): Promise<ConnectionBody> {
  const body = {
    code,
    bank: 'raiffeisen',
    environment: 'simulated',
    config: { clientId: sandbox.clientId },
    ...(user === undefined ? {} : { user }),
  };
  return done(await call<ConnectionBody>('POST /connections', body), 201);
}

/** The body of an upload. */
export const pfxBody = ({ pfx, passphrase }: Pick<IssuedPfx, 'pfx' | 'passphrase'>) => ({
  pfx: Buffer.from(pfx).toString('base64'),
  passphrase,
});

/** A connection with a proven certificate and its accounts. */
export async function connect(
  test: TestGateway,
  call: Call = test.admin,
  options: { code?: string; user?: string; certificate?: IssuedPfx } = {},
): Promise<{ connection: ConnectionBody; uploaded: UploadBody; accounts: readonly AccountBody[] }> {
  const { code = 'RB', user, certificate = test.sandbox.certificates.ordinary } = options;
  const { id } = await addConnection(test, call, code, user);
  const path = `PUT /connections/${id}/certificate`;
  const uploaded = done(await call<UploadBody>(path, pfxBody(certificate)));
  if (!uploaded.proven) throw new Error(`The certificate of ${code} was not proven: ${uploaded.reason}`);
  const connection = done(await call<ConnectionBody>(`GET /connections/${id}`));
  return { connection, uploaded, accounts: uploaded.accounts };
}
