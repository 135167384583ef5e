import { conflict, unprocessable, Problem } from '../api/problem.ts';
import { manifestOf } from '../banks/catalog.ts';
import type { Manifest } from '../banks/contract.ts';
import { dateIn, isoInstant, type PlainDate } from '../domain/dates.ts';
import { Failure } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import type { Account, CertificateCredential, Connection, Credential } from '../domain/records.ts';
import { Secret } from '../domain/secret.ts';
import { CertificateError } from '../formats/pkcs12/errors.ts';
import { readClientCertificate, type ClientCertificate } from '../formats/pkcs12/certificate.ts';
import type { Accounts } from '../store/accounts.ts';
import type { Connections } from '../store/connections.ts';
import { updateAccounts } from './discover.ts';
import { noPassage, problemOf } from './bank-problem.ts';
import { keyMadeHere } from './certificate-request.ts';
import { checkSecrets } from './secrets.ts';
import { atGate, type BankPorts } from './gateway.ts';

/** Client certificates: from the upload to the vault, proven by a call before they become current. */

export interface CredentialPorts extends BankPorts {
  readonly connections: Connections;
  readonly accounts: Accounts;
}

export interface CertificateUpload {
  readonly pfx?: Uint8Array | undefined;
  /** PEM; without a key for one that was made here. */
  readonly certificate?: string | undefined;
  readonly key?: Secret | undefined;
  readonly passphrase: Secret;
  /** Secret fields of the bank by the manifest's names. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly reactivatedOn?: PlainDate | undefined;
}

export interface Uploaded {
  readonly credential: CertificateCredential;
  readonly proven: boolean;
  /** Why it is not proven yet, and what to do. */
  readonly reason: string | null;
  readonly accounts: readonly Account[];
}

/**
 * Takes a certificate: reads it, keeps it in the vault, proves it at the bank. The connection's current credential
 * stays in use until the new one is proven; the same certificate uploaded again is the same credential.
 * @throws Problem 422 for a certificate that cannot be used or that the bank refuses
 */
export async function uploadCertificate(
  ports: CredentialPorts,
  connection: Connection,
  upload: CertificateUpload,
  deadline: number,
): Promise<Uploaded> {
  const manifest = await manifestOf(connection.bank);
  checkReactivation(manifest, upload.reactivatedOn, ports.clock.now());
  checkSecrets(manifest, upload.secrets);
  const made = await keyMadeHere(ports, connection, upload);
  const certificate = await read({ ...upload, key: upload.key ?? made?.key }, ports.clock.now());
  const credential = await keep(ports, connection, manifest, certificate, upload, made?.credential);
  const candidate = await setCandidate(ports, connection, credential.id);
  try {
    const { accounts, credential: proven } = await prove(ports, candidate, credential, deadline);
    return { credential: proven, proven: true, reason: null, accounts };
  } catch (error) {
    // The bank's verdict on the certificate is the answer; a bank that cannot be reached leaves it waiting.
    if (error instanceof Problem && error.fields.code === 'credential-refused') throw error;
    if (!(error instanceof Problem)) throw error;
    return { credential, proven: false, reason: error.fields.detail, accounts: [] };
  }
}

/**
 * Calls the bank with the candidate, or with the current credential when there is none: on success it is current, the
 * connection is active and its accounts are listed.
 * @throws Problem 409 without a credential or while it is in use, 422 when the bank refuses it, 503 when the bank
 * cannot be reached or wants silence
 */
export async function proveConnection(
  ports: CredentialPorts,
  connection: Connection,
  reactivatedOn: PlainDate | undefined,
  deadline: number,
): Promise<{ credential: Credential; accounts: readonly Account[] }> {
  const credential = await provable(ports, connection);
  if (!credential) {
    throw conflict(
      'no-credential',
      'Upload a certificate first (PUT /connections/{id}/certificate), or authorise (POST /connections/{id}/authorisation).',
    );
  }
  const manifest = await manifestOf(connection.bank);
  checkReactivation(manifest, reactivatedOn, ports.clock.now());
  const dated =
    reactivatedOn && credential.kind === 'client-certificate'
      ? await ports.connections.changeCredential(credential, {
          reactivateBy: reactivationDay(manifest, credential.notAfter, reactivatedOn),
        })
      : credential;
  return prove(ports, connection, dated, deadline);
}

/** The candidate, or the current one; a consent becomes current by its confirmation alone. */
async function provable(
  { connections }: CredentialPorts,
  { company, candidate, credential }: Connection,
): Promise<Credential | null> {
  const fresh = candidate === null ? null : await connections.credential(company, candidate);
  if (fresh && fresh.kind !== 'consent') return fresh;
  return credential === null ? null : connections.credential(company, credential);
}

async function read(upload: CertificateUpload, now: number): Promise<ClientCertificate> {
  const { pfx, certificate, key, passphrase } = upload;
  if (
    (pfx === undefined) === (certificate === undefined) ||
    (certificate === undefined) !== (key === undefined)
  ) {
    throw unprocessable(
      'bad-certificate',
      'Send either "pfx" (base64), or "certificate" and "key" (PEM); the certificate alone only where its key was made ' +
        'here (POST /connections/{id}/certificate/request).',
    );
  }
  // A PEM key is encrypted or not; only then a passphrase means something, and an empty one is none.
  const pem = { certificatePem: certificate ?? '', keyPem: key ?? new Secret('') };
  try {
    return pfx !== undefined
      ? await readClientCertificate({ pfx, passphrase }, now)
      : await readClientCertificate(passphrase.reveal() === '' ? pem : { ...pem, passphrase }, now);
  } catch (error) {
    if (error instanceof CertificateError) throw unprocessable(`certificate-${error.code}`, error.message);
    throw error;
  }
}

async function keep(
  ports: CredentialPorts,
  connection: Connection,
  manifest: Manifest,
  certificate: ClientCertificate,
  upload: CertificateUpload,
  id: string = newId('crd', ports.clock.now(), ports.random),
): Promise<CertificateCredential> {
  const { company } = connection;
  const now = ports.clock.now();
  const since = upload.reactivatedOn ?? issueDay(certificate, dateIn(manifest.timeZone, now));
  // The fingerprint of a certificate is no consent's.
  const standing = (await ports.connections.credentialByFingerprint(
    company,
    certificate.fingerprint,
  )) as CertificateCredential | null;
  const credential: CertificateCredential = standing ?? {
    id,
    company,
    kind: 'client-certificate',
    fingerprint: certificate.fingerprint,
    subject: certificate.subject,
    issuer: certificate.issuer,
    serial: certificate.serial,
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    keyType: certificate.keyType,
    warnings: certificate.warnings,
    reactivateBy: reactivationDay(manifest, certificate.notAfter, since),
    provenAt: null,
    createdAt: isoInstant(now),
  };
  // The vault first: a credential without its key would be found by everyone and open nothing.
  await ports.vault.put(
    company,
    credential.id,
    new Secret({
      certificatePem: certificate.certificatePem,
      keyPem: certificate.keyPem.reveal(),
      // A renewed upload without them keeps the secrets that were given before.
      fields: {
        ...(standing && (await ports.vault.get(company, standing.id))?.reveal().fields),
        ...upload.secrets,
      },
    }),
  );
  const added = standing ?? (await ports.connections.addCredential(credential));
  const reactivateBy = reactivationDay(manifest, added.notAfter, since);
  if (!upload.reactivatedOn || added.reactivateBy === reactivateBy) return added;
  return ports.connections.changeCredential(added, { reactivateBy });
}

/** The last anniversary the certificate can have been reactivated on, counted from its issue. */
function issueDay({ notBefore }: ClientCertificate, today: PlainDate): PlainDate {
  const issued = notBefore.slice(0, 10);
  const anniversary = `${today.slice(0, 4)}${issued.slice(4)}`;
  if (issued >= today) return issued;
  return anniversary <= today ? anniversary : `${Number(today.slice(0, 4)) - 1}${issued.slice(4)}`;
}

/** The day by which a person must reactivate it at the bank; never after the certificate's own end. */
function reactivationDay(manifest: Manifest, notAfter: string, since: PlainDate): PlainDate | null {
  if (manifest.reactivationMonths === null) return null;
  const day = new Date(`${since}T00:00:00Z`);
  day.setUTCMonth(day.getUTCMonth() + manifest.reactivationMonths);
  const due = day.toISOString().slice(0, 10);
  const end = notAfter.slice(0, 10);
  return due < end ? due : end;
}

async function setCandidate(
  ports: CredentialPorts,
  connection: Connection,
  candidate: string,
): Promise<Connection> {
  if (connection.credential === candidate || connection.candidate === candidate) return connection;
  const request = connection.request?.credential === candidate ? { request: null } : {};
  const changed = await ports.connections.change(connection, { candidate, ...request }, []);
  if (!changed) throw conflict('changed-meanwhile', 'The connection changed in this moment; upload again.');
  return changed;
}

/**
 * Calls the bank with a credential of the connection: on success it is current, the connection is active and its accounts
 * are listed.
 * @throws Problem as {@link proveConnection}
 */
export async function prove<C extends Credential>(
  ports: CredentialPorts,
  connection: Connection,
  credential: C,
  deadline: number,
): Promise<{ credential: C; accounts: Account[] }> {
  const manifest = await manifestOf(connection.bank);
  const holder = newId('prf', ports.clock.now(), ports.random);
  const passage = await atGate(ports, credential, { manifest, holder, deadline }, async ({ connect }) => {
    const { connector } = await connect(connection);
    await connector.prove?.();
    return (await connector.accounts?.()) ?? [];
  }).catch((error: unknown) => {
    throw error instanceof Failure ? problemOf(manifest, error, ports.clock.now()) : error;
  });
  if (passage.state !== 'done') throw noPassage(manifest, passage, ports.clock.now());
  const provenAt = isoInstant(ports.clock.now());
  const proven = await ports.connections.changeCredential(credential, { provenAt } as Partial<C>);
  const active = await activate(ports, connection, credential.id);
  const accounts = await updateAccounts(ports, active, manifest, passage.value);
  return { credential: proven, accounts };
}

/** Makes the proven credential current and the connection active; tells what changed, once. */
async function activate(
  ports: CredentialPorts,
  connection: Connection,
  credential: string,
): Promise<Connection> {
  const data = { bank: connection.bank, credential };
  const events = [
    ...(connection.credential === credential
      ? []
      : [{ type: 'credential.current', subject: connection.id, data } as const]),
    ...(connection.status === 'paused'
      ? [{ type: 'connection.resumed', subject: connection.id, data: { bank: connection.bank } } as const]
      : []),
  ];
  if (events.length === 0 && connection.status === 'active' && connection.candidate === null)
    return connection;
  const set = {
    credential,
    candidate: null,
    previous: previousOf(connection, credential),
    status: 'active',
    pause: null,
  } as const;
  const changed = await ports.connections.change(connection, set, events);
  if (!changed) throw conflict('changed-meanwhile', 'The connection changed in this moment; prove it again.');
  return changed;
}

/** What a new certificate can return to: the one it takes over from, unless the bank had refused that one. */
function previousOf({ credential, status, previous = null }: Connection, proven: string): string | null {
  if (credential === proven) return previous;
  return status === 'active' ? credential : null;
}

/** @throws Problem 422 for a day that has not come yet */
function checkReactivation(manifest: Manifest, day: PlainDate | undefined, now: number): void {
  if (day === undefined || day <= dateIn(manifest.timeZone, now)) return;
  throw unprocessable('bad-day', 'A certificate cannot have been reactivated in the future.', [
    { pointer: '/reactivatedOn', detail: 'Give the day on which it was issued or last reactivated' },
  ]);
}
