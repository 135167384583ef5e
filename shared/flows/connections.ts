import type { Caller } from '../api/caller.ts';
import { conflict, notFound, unprocessable } from '../api/problem.ts';
import { manifests } from '../banks/catalog.ts';
import type { Manifest } from '../banks/contract.ts';
import { isoInstant } from '../domain/dates.ts';
import { newId } from '../domain/id.ts';
import type { Clock, Random } from '../domain/ports.ts';
import type { Connection } from '../domain/records.ts';
import type { Accounts } from '../store/accounts.ts';
import type { Connections } from '../store/connections.ts';

/** Connections as the operator makes, changes and removes them. */

export interface ConnectionPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly connections: Connections;
  readonly accounts: Accounts;
  /** True beside the local runner, where the simulated banks are. */
  readonly simulated: boolean;
}

export interface ConnectionRequest {
  readonly code: string;
  readonly description: string;
  readonly bank: string;
  readonly environment: Connection['environment'];
  readonly user?: string | undefined;
  readonly config: Readonly<Record<string, string>>;
}

/** @throws Problem 422 for an unknown bank, a missing or wrong field, a foreign user; 409 for a code in use */
export async function createConnection(
  ports: ConnectionPorts,
  caller: Caller,
  request: ConnectionRequest,
): Promise<Connection> {
  const manifest = await manifestNamed(request.bank);
  if (request.environment === 'simulated' && !ports.simulated) {
    throw unprocessable(
      'no-simulated-banks',
      'The simulated banks exist beside the local runner only. Use "production" or "bank-sandbox".',
    );
  }
  if (caller.user !== null && request.user !== caller.user) {
    throw unprocessable(
      'other-user',
      `A key of the user "${caller.user}" makes connections of that user only.`,
    );
  }
  checkConfig(manifest, request.config);
  const now = ports.clock.now();
  const connection: Connection = {
    id: newId('con', now, ports.random),
    company: caller.company,
    code: request.code,
    description: request.description,
    bank: manifest.id,
    environment: request.environment,
    user: request.user ?? null,
    config: request.config,
    status: 'new',
    pause: null,
    credential: null,
    candidate: null,
    createdAt: isoInstant(now),
    revision: 1,
  };
  const created = await ports.connections.create(connection, {
    type: 'connection.created',
    subject: connection.id,
    data: { bank: connection.bank, environment: connection.environment },
  });
  if (created) return connection;
  throw conflict(
    'code-in-use',
    `There is a connection with the code "${request.code}" already; choose another.`,
  );
}

/** @throws Problem 409 when somebody else changed it meanwhile, 422 for a wrong field */
export async function changeConnection(
  ports: ConnectionPorts,
  connection: Connection,
  change: { description?: string | undefined; config?: Readonly<Record<string, string>> | undefined },
): Promise<Connection> {
  const config = { ...connection.config, ...change.config };
  checkConfig(await manifestNamed(connection.bank), config);
  const set = { description: change.description ?? connection.description, config };
  const changed = await ports.connections.change(connection, set, []);
  if (!changed)
    throw conflict('changed-meanwhile', 'The connection changed in this moment; read it and try again.');
  return changed;
}

/**
 * Its accounts are no longer pulled; the ledger and the archive keep what they have. What there is to end at the bank
 * ends in `removal.ts`.
 */
export async function deleteConnection(
  ports: Pick<ConnectionPorts, 'accounts' | 'connections'>,
  connection: Connection,
): Promise<void> {
  const accounts = await ports.accounts.list(connection.company);
  for (const account of accounts.filter((one) => one.connection === connection.id && one.active)) {
    await ports.accounts.refresh(account, { active: false });
  }
  const removed = await ports.connections.remove(connection, {
    type: 'connection.deleted',
    subject: connection.id,
    data: { bank: connection.bank },
  });
  if (!removed) throw notFound('connection');
}

async function manifestNamed(bank: string): Promise<Manifest> {
  const known = await manifests();
  const manifest = known.find(({ id }) => id === bank);
  if (manifest) return manifest;
  throw unprocessable(
    'unknown-bank',
    `Brana does not speak to "${bank}". It knows: ${known.map(({ id }) => id).join(', ')}.`,
  );
}

/**
 * Holds the bank's fields against its manifest. Secret ones have no place here: they go to the vault.
 * @throws Problem 422 with a pointer per field
 */
function checkConfig(manifest: Manifest, config: Readonly<Record<string, string>>): void {
  const open = manifest.fields.filter((field) => !field.secret);
  const errors: { pointer: string; detail: string }[] = [];
  for (const [name, value] of Object.entries(config)) {
    const field = open.find((one) => one.name === name);
    const secret = manifest.fields.some((one) => one.name === name && one.secret);
    if (secret) {
      errors.push({
        pointer: `/config/${name}`,
        detail: 'A secret: send it with the certificate, in "secrets"',
      });
    } else if (!field) {
      errors.push({
        pointer: `/config/${name}`,
        detail: `Unknown; the fields are: ${open.map((one) => one.name).join(', ')}`,
      });
    } else if (field.pattern && !new RegExp(`^(?:${field.pattern})$`).test(value)) {
      errors.push({
        pointer: `/config/${name}`,
        detail: `This does not fit "${field.label}": ${field.description}`,
      });
    }
  }
  for (const field of open) {
    if (field.required && !config[field.name]) {
      errors.push({ pointer: `/config/${field.name}`, detail: `Missing. ${field.description}` });
    }
  }
  if (errors.length > 0) {
    throw unprocessable(
      'bad-config',
      `${manifest.name} needs other fields; GET /banks describes them.`,
      errors,
    );
  }
}
