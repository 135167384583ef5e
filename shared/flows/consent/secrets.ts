import { createHash } from 'node:crypto';
import { conflict, unprocessable } from '../../api/problem.ts';
import { manifestOf } from '../../banks/catalog.ts';
import type { ConsentRules, Manifest } from '../../banks/contract.ts';
import { isoInstant } from '../../domain/dates.ts';
import { newId } from '../../domain/id.ts';
import type { Connection, ConsentCredential } from '../../domain/records.ts';
import { Secret } from '../../domain/secret.ts';
import { checkSecrets } from '../secrets.ts';
import type { ConsentPorts } from './ports.ts';
import { retiring } from './retire.ts';

/** What a bank's portal gave the company to ask for consents with: client secret, API key. */

type SecretPorts = Pick<ConsentPorts, 'clock' | 'random' | 'connections' | 'vault'>;

/**
 * Keeps the secret fields of a connection whose bank works with consents. A consent that is in use keeps what it was
 * given with; the next one is asked for with these.
 * @throws Problem 422 for a field the bank does not know or that is missing, 409 at a bank without consents
 */
export async function keepSecrets(
  ports: SecretPorts,
  connection: Connection,
  fields: Readonly<Record<string, string>>,
): Promise<ConsentCredential> {
  const { manifest } = await consentRulesOf(connection);
  const known = await knownFields(ports, connection);
  const all = { ...known, ...fields };
  checkSecrets(manifest, all);
  const missing = manifest.fields.filter(({ secret, required, name }) => secret && required && !all[name]);
  if (missing.length > 0) {
    throw unprocessable(
      'bad-secrets',
      `${manifest.name} needs more; GET /banks describes it.`,
      missing.map(({ name, description }) => ({
        pointer: `/secrets/${name}`,
        detail: `Missing. ${description}`,
      })),
    );
  }
  return addCandidate(ports, connection, all);
}

/** A credential for a consent that nobody gave yet, as the connection's candidate. */
export async function addCandidate(
  ports: SecretPorts,
  connection: Connection,
  fields: Readonly<Record<string, string>>,
): Promise<ConsentCredential> {
  const now = ports.clock.now();
  const at = isoInstant(now);
  const id = newId('crd', now, ports.random);
  const credential: ConsentCredential = {
    id,
    company: connection.company,
    kind: 'consent',
    fingerprint: createHash('sha256').update(id).digest('hex'),
    notBefore: at,
    notAfter: at,
    grantedAt: null,
    scopes: [],
    warnings: [],
    provenAt: null,
    createdAt: at,
  };
  await ports.vault.put(connection.company, id, new Secret({ fields }));
  const added = await ports.connections.addCredential(credential);
  const set = { candidate: id, ...retiring(connection, connection.candidate) };
  const changed = await ports.connections.change(connection, set, []);
  if (changed) return added;
  // No connection will ever name it.
  await ports.vault.remove(connection.company, id);
  throw conflict('changed-meanwhile', 'The connection changed in this moment; send it again.');
}

/** The secret fields of the connection's newest credential. */
export async function knownFields(
  { vault }: Pick<ConsentPorts, 'vault'>,
  { company, candidate, credential }: Connection,
): Promise<Readonly<Record<string, string>>> {
  for (const id of [candidate, credential]) {
    const secrets = id === null ? null : await vault.get(company, id);
    if (secrets) return secrets.reveal().fields;
  }
  return {};
}

/** @throws Problem 409 at a bank that knows no consents */
export async function consentRulesOf({
  bank,
}: Pick<Connection, 'bank'>): Promise<{ manifest: Manifest; rules: ConsentRules }> {
  const manifest = await manifestOf(bank);
  if (manifest.consent) return { manifest, rules: manifest.consent };
  throw conflict(
    'no-consents',
    `${manifest.name} is opened by a client certificate: PUT /connections/{id}/certificate.`,
  );
}
