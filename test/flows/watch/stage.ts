import { createHash } from 'node:crypto';
import type { Account, CertificateCredential } from '../../../shared/domain/records.ts';
import { Secret } from '../../../shared/domain/secret.ts';
import { prove } from '../../../shared/flows/certificates.ts';
import { watchAll, type Watched, type WatchPorts } from '../../../shared/flows/watch/daily.ts';
import { createCompanies } from '../../../shared/store/companies.ts';
import { createPayments } from '../../../shared/store/payments.ts';
import type { Engines } from '../../faults/engines.ts';
import type { Stage } from '../../faults/stage.ts';
import { play, type Cast } from '../pull/support.ts';

/** The watch on a stage of the fault harness: real tables, a simulated bank in memory. */

export function watchPorts(stage: Stage): WatchPorts {
  const { calm, dynamo, places } = stage;
  return {
    ...calm,
    companies: createCompanies(dynamo, calm.feed, places),
    payments: createPayments(dynamo, calm.feed, places),
  };
}

/** An account with movements and one currency. */
const NUMBER = '7342069157';

/** A stage whose certificate was proven: its company is listed, its account the one the bank shows. */
export async function proven(engines: Engines, cast: Cast = {}): Promise<Stage> {
  const stage = await play(engines, cast);
  await list(stage);
  const current = await currentOf(stage);
  stage.bank.restrict(serialOf(current), { accounts: [NUMBER] });
  await rotate(stage, current);
  return stage;
}

/** The account the bank shows. */
export async function shownAccount(stage: Stage): Promise<Account> {
  const accounts = await stage.calm.accounts.list(stage.companies[0]!.id);
  return accounts.find(({ active, number }) => active && number === NUMBER)!;
}

/** Lists the stage's companies, as a bootstrap does. */
export async function list({ dynamo, places, companies }: Stage): Promise<void> {
  for (const { id } of companies) {
    await dynamo.transact([{ table: places.connections, put: { pk: 'bootstrap', sk: id, company: id } }]);
  }
}

export const watch = (stage: Stage, ports = watchPorts(stage)): Promise<Watched> =>
  watchAll(ports, stage.time.now() + 600_000);

/** The serial by which the bank in memory knows a certificate. */
export const serialOf = ({ fingerprint }: Pick<CertificateCredential, 'fingerprint'>): string =>
  fingerprint.slice(0, 16);

export async function standingOf(stage: Stage) {
  const { id, connection } = stage.companies[0]!;
  return (await stage.calm.connections.get(id, connection))!;
}

export async function currentOf(stage: Stage): Promise<CertificateCredential> {
  const { company, credential } = await standingOf(stage);
  return (await stage.calm.connections.credential(company, credential!)) as CertificateCredential;
}

/** Another certificate of the company, in the vault. */
export async function addCertificate(
  stage: Stage,
  name: string,
  told: Partial<CertificateCredential> = {},
): Promise<CertificateCredential> {
  const model = await currentOf(stage);
  const fingerprint = createHash('sha256').update(name).digest('hex');
  const made = { ...model, id: `crd_${name}`, fingerprint, provenAt: null, ...told };
  const secrets = { certificatePem: name, keyPem: `key of ${name}`, fields: {} };
  await stage.calm.vault.put(model.company, made.id, new Secret(secrets));
  stage.bank.restrict(serialOf(made), { accounts: [NUMBER] });
  return stage.calm.connections.addCredential(made);
}

/** Proves a certificate as an operator's upload does: from then on it is current. */
export async function rotate(stage: Stage, credential: CertificateCredential): Promise<void> {
  await prove(watchPorts(stage), await standingOf(stage), credential, stage.time.now() + 60_000);
}
