import type { Manifest, Connector } from '../banks/contract.ts';
import type { Clock, Log, Random } from '../domain/ports.ts';
import type { Connection, Credential, CredentialSecrets } from '../domain/records.ts';
import type { ActivityLog } from '../store/activity.ts';
import type { TokenStore } from '../store/tokens.ts';
import { createRecorder, type Recorder } from './activity/record.ts';
import { createTokenKeeper, type TokenKeeper } from './tokens.ts';
import { Failure, printable } from '../domain/failure.ts';
import { Secret } from '../domain/secret.ts';
import { loadBank } from '../banks/connectors.ts';
import { createBankClient, type BankClientOptions } from '../http/client.ts';
import { createQuota, type CredentialQuota } from '../http/quota.ts';
import type { Exchange } from '../http/types.ts';
import type { Gate, Lease } from '../store/gate.ts';
import type { Vault } from '../store/vault.ts';

/** Everything a flow needs to talk to a bank. */
export interface BankPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly gate: Gate;
  readonly vault: Vault;
  readonly tokens: TokenStore;
  readonly activity: ActivityLog;
  readonly exchange: Exchange;
  /** Origins and CA of the simulated banks; only the local runner sets it. */
  readonly simulated: SimulatedBanks | null;
}

export interface SimulatedBanks {
  readonly origins: Readonly<Record<string, string>>;
  /** PEM. */
  readonly ca: string;
}

/** An open door to the bank: valid while the lease is. */
export interface Session {
  /** Fencing number of the lease. */
  readonly fence: number;
  connect(connection: Connection): Promise<Opened>;
}

export interface Opened {
  readonly manifest: Manifest;
  readonly connector: Connector;
  /** The tokens of the consent, `null` for a certificate. */
  readonly keeper: TokenKeeper | null;
}

export type Passage<T> =
  | { readonly state: 'done'; readonly value: T }
  /** Another run talks to the bank with this credential. */
  | { readonly state: 'held' }
  /** The bank asked for silence until `notBefore` (epoch milliseconds). */
  | { readonly state: 'silent'; readonly notBefore: number };

/** Milliseconds a lease outlives its holder's deadline, so that it never ends under a call in flight. */
const LEASE_MARGIN = 15_000;

/**
 * Does some work with a credential at the bank, alone: takes its lease, opens connectors on it, and leaves with what
 * was used of the quota.
 * @param holder unique to this run
 * @param deadline epoch milliseconds at which the work must have ended
 * @throws Failure `credential-refused` for a certificate that expired, without asking the bank; `transient` for one that
 * is not valid yet, and when the vault cannot be read
 */
export async function atGate<T>(
  ports: BankPorts,
  credential: Credential,
  options: { manifest: Manifest; holder: string; deadline: number },
  work: (session: Session) => Promise<T>,
): Promise<Passage<T>> {
  const { clock, gate } = ports;
  checkValidity(credential, clock.now());
  const duration = options.deadline - clock.now() + LEASE_MARGIN;
  const entry = await gate.enter(credential.fingerprint, options.holder, duration);
  if (entry.state !== 'open') return entry;
  const quota = createQuota({
    policy: options.manifest.quota,
    clock,
    usage: entry.lease.usage,
    notBefore: null,
  });
  let skew: number | null = null;
  const recorder = createRecorder(ports);
  try {
    const secrets = await readSecrets(ports.vault, credential);
    // One connector for each connection: what it learned of the bank for one account serves the others.
    const opened = new Map<string, ReturnType<typeof open>>();
    const value = await work({
      fence: entry.lease.fence,
      connect: (connection) => {
        const standing = opened.get(connection.id);
        if (standing) return standing;
        const onSkew = (seconds: number): void => void (skew = seconds);
        const line = { quota, deadline: options.deadline, onSkew };
        const fresh = open(ports, connection, credential, secrets, line, recorder);
        opened.set(connection.id, fresh);
        return fresh;
      },
    });
    return { state: 'done', value };
  } finally {
    await leave(ports, entry.lease, quota, skew);
    await recorder.save();
  }
}

/** What its own dates say of a certificate or a consent. @throws Failure */
function checkValidity(credential: Credential, now: number): void {
  const { notBefore, notAfter } = credential;
  if (credential.kind === 'consent') {
    if (credential.grantedAt === null || Date.parse(notAfter) > now) return;
    const message = `The consent ended on ${notAfter}: authorise the connection again (POST /connections/{id}/authorisation)`;
    throw new Failure('consent-needed', message);
  }
  if (Date.parse(notAfter) <= now) {
    const message = `The certificate expired on ${notAfter}: get a new one from the bank and upload it (PUT /connections/{id}/certificate)`;
    throw new Failure('credential-refused', message);
  }
  if (Date.parse(notBefore) > now) {
    const message = `The certificate is valid from ${notBefore} only: prove it then (POST /connections/{id}/proof)`;
    throw new Failure('transient', message);
  }
}

/** A lease that cannot be given back ends by itself; what the run did stands all the same. */
async function leave(
  ports: BankPorts,
  lease: Lease,
  quota: CredentialQuota,
  skew: number | null,
): Promise<void> {
  try {
    await ports.gate.leave(lease, quota.usage(), quota.notBefore(), skew);
  } catch (error) {
    ports.log.warn('gate.not-left', printable(error));
  }
}

async function readSecrets(vault: Vault, credential: Credential): Promise<Secret<CredentialSecrets>> {
  let secrets: Secret<CredentialSecrets> | null;
  try {
    secrets = await vault.get(credential.company, credential.id);
  } catch (error) {
    throw new Failure(
      'transient',
      'The vault does not answer; the pull is postponed to the next slot',
      {},
      error,
    );
  }
  if (!secrets) {
    throw new Failure(
      'credential-refused',
      'The vault holds nothing for this credential: upload the certificate again',
    );
  }
  return secrets;
}

async function open(
  ports: BankPorts,
  connection: Connection,
  credential: Credential,
  secrets: Secret<CredentialSecrets>,
  line: Pick<BankClientOptions, 'quota' | 'deadline' | 'onSkew'>,
  recorder: Recorder,
): Promise<Opened> {
  const { manifest, connect } = await loadBank(connection.bank);
  const { certificatePem, keyPem, fields } = secrets.reveal();
  const { identity: idp, ...host } = addressesOf(manifest, connection, ports.simulated);
  const onExchange = await recorder.listener(connection);
  const call = createBankClient({
    exchange: ports.exchange,
    clock: ports.clock,
    random: ports.random,
    log: ports.log,
    ...line,
    ...(onExchange ? { onExchange } : {}),
    manifestQuota: manifest.quota,
    ...host,
    ...(idp ? { identityProvider: idp } : {}),
    identity:
      certificatePem !== undefined && keyPem !== undefined
        ? { certificate: certificatePem, key: new Secret(keyPem) }
        : null,
  });
  const keeper: TokenKeeper | null =
    credential.kind === 'consent'
      ? createTokenKeeper(ports, credential, secrets, (token) => connector.refreshTokens!(token))
      : null;
  const connector: Connector = connect({
    environment: connection.environment,
    origin: host.origin,
    config: connection.config,
    secrets: secretsOf(fields),
    call,
    ...(keeper && idp
      ? { consent: { identity: idp.origin + idp.base, token: (refused) => keeper.token(refused) } }
      : {}),
  });
  return { manifest, connector, keeper };
}

/** The bank's secret fields as a connector takes them. */
export const secretsOf = (fields: Readonly<Record<string, string>>): Record<string, Secret> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, new Secret(value)]));

/** Where a bank is for a connection. @throws Failure `unsupported` for an environment that does not exist here */
export function addressesOf(
  manifest: Manifest,
  connection: Connection,
  simulated: SimulatedBanks | null,
): { origin: string; base: string; ca: string | null; identity: { origin: string; base: string } | null } {
  const { origin, base, identity } = manifest.hosts[connection.environment];
  if (connection.environment !== 'simulated') {
    if (!origin)
      throw new Failure('unsupported', `${manifest.name} has no ${connection.environment} environment`);
    const provider = identity?.origin ? { origin: identity.origin, base: identity.base } : null;
    return { origin, base, ca: null, identity: provider };
  }
  const local = simulated?.origins[manifest.id];
  if (!local) {
    throw new Failure('unsupported', 'The simulated banks exist only beside the local runner (npm run demo)');
  }
  const provider = identity ? { origin: local, base: identity.base } : null;
  return { origin: local, base, ca: simulated.ca, identity: provider };
}
