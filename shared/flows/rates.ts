import { conflict } from '../api/problem.ts';
import { manifestOf } from '../banks/catalog.ts';
import type { RateList } from '../banks/contract.ts';
import { Failure } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import type { Connection } from '../domain/records.ts';
import { noPassage, problemOf } from './bank-problem.ts';
import type { CredentialPorts } from './certificates.ts';
import { atGate } from './gateway.ts';

/**
 * Exchange rates as the bank publishes them.
 * @throws Problem 409 without a credential or while it is in use, 422 for a bank without rates, 503 when it is away or
 * wants silence
 */
export async function readRates(
  ports: CredentialPorts,
  connection: Connection,
  query: { date?: string | undefined; currency?: string | undefined },
  deadline: number,
): Promise<RateList> {
  const manifest = await manifestOf(connection.bank);
  const id = connection.credential;
  const credential = id === null ? null : await ports.connections.credential(connection.company, id);
  if (!credential)
    throw conflict('no-credential', 'Upload a certificate first: PUT /connections/{id}/certificate.');
  const holder = newId('rat', ports.clock.now(), ports.random);
  const passage = await atGate(ports, credential, { manifest, holder, deadline }, async ({ connect }) => {
    const { connector } = await connect(connection);
    if (!connector.rates)
      throw new Failure('unsupported', `${manifest.name} publishes no rates through this product`);
    return connector.rates(query.date ?? null, query.currency ?? null);
  }).catch((error: unknown): never => {
    throw error instanceof Failure ? problemOf(manifest, error, ports.clock.now()) : error;
  });
  if (passage.state === 'done') return passage.value;
  throw noPassage(manifest, passage, ports.clock.now());
}
