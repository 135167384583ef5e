import { conflict, unprocessable } from '../api/problem.ts';
import { manifestOf } from '../banks/catalog.ts';
import { isoInstant } from '../domain/dates.ts';
import { newId } from '../domain/id.ts';
import type { Clock, Random } from '../domain/ports.ts';
import type { CertificateRequest, Connection } from '../domain/records.ts';
import { Secret } from '../domain/secret.ts';
import { certificateRequest } from '../formats/pkcs10/request.ts';
import type { Connections } from '../store/connections.ts';
import type { Vault } from '../store/vault.ts';

/** Keys that are made here and never leave the vault, and the requests their certificates are asked for with. */

export interface RequestPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly connections: Connections;
  readonly vault: Vault;
  /** Makes an RSA key. @returns PKCS#8, PEM */
  makeKey(bits: number): Promise<Secret>;
}

/**
 * Makes a certificate request (PKCS#10) by the bank's rules. Its key waits in the vault for the certificate; until that
 * has come every request is made with the same key, so that none is signed in vain.
 * @param commonName of the subject
 * @returns PEM
 * @throws Problem 409 at a bank that signs no requests, 422 for a name it does not take
 */
export async function requestCertificate(
  ports: RequestPorts,
  connection: Connection,
  commonName: string,
): Promise<{ request: string; subject: string }> {
  const { name, certificateRequest: rules } = await manifestOf(connection.bank);
  if (!rules) {
    throw conflict('no-requests', `${name} signs no certificate requests; its README tells how to get one.`);
  }
  if (!new RegExp(rules.commonName.pattern).test(commonName)) {
    const detail = `${rules.commonName.description} It must match ${rules.commonName.pattern}`;
    throw unprocessable('bad-name', detail, [{ pointer: '/commonName', detail }]);
  }
  const key = (await waitingKey(ports, connection)) ?? (await newKey(ports, connection, rules.keyBits));
  const { country } = rules;
  return {
    request: certificateRequest(key, { commonName, country }),
    subject: `CN=${commonName}, C=${country}`,
  };
}

/** The key that was made here for a certificate that comes without one; `null` for any other upload. */
export async function keyMadeHere(
  ports: Pick<RequestPorts, 'vault'>,
  connection: Connection,
  { certificate, key }: { readonly certificate?: string | undefined; readonly key?: Secret | undefined },
): Promise<{ key: Secret; credential: string } | null> {
  if (certificate === undefined || key !== undefined) return null;
  const made = await waitingKey(ports, connection);
  return made && { key: made, credential: connection.request!.credential };
}

async function waitingKey(
  { vault }: Pick<RequestPorts, 'vault'>,
  { company, request }: Connection,
): Promise<Secret | null> {
  if (!request) return null;
  const keyPem = (await vault.get(company, request.credential))?.reveal().keyPem;
  return keyPem === undefined ? null : new Secret(keyPem);
}

async function newKey(ports: RequestPorts, connection: Connection, bits: number): Promise<Secret> {
  const key = await ports.makeKey(bits);
  const now = ports.clock.now();
  const credential = newId('crd', now, ports.random);
  // The vault first: a request whose key is nowhere would be signed in vain.
  await ports.vault.put(connection.company, credential, new Secret({ keyPem: key.reveal(), fields: {} }));
  const request: CertificateRequest = { credential, createdAt: isoInstant(now) };
  const changed = await ports.connections.change(connection, { request }, []);
  if (!changed) throw conflict('changed-meanwhile', 'The connection changed in this moment; ask again.');
  return key;
}
