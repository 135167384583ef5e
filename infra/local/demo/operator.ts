import type { Sandbox } from '../../sandbox/index.ts';
import type { Account, Connection, List, Manifest, Pull, Uploaded } from '../cli/types.ts';
import { labelOf } from '../cli/find.ts';
import { count } from '../cli/text.ts';
import type { Stage } from './stage.ts';

/** What a person does: connects every bank through the API, the way the documents tell. */

export type BankId = keyof Sandbox['banks'];

export interface Connected {
  readonly bank: BankId;
  readonly manifest: Manifest;
  readonly connection: Connection;
  readonly accounts: readonly Account[];
}

/** What the bank gave its customer. */
interface Papers {
  readonly code: string;
  readonly config: Readonly<Record<string, string>>;
  readonly certificate: { readonly pfx: Uint8Array; readonly passphrase: string };
}

const PAPERS: Readonly<Record<BankId, (sandbox: Sandbox) => Papers>> = {
  raiffeisen: ({ clientId, certificates }) => ({
    code: 'RB',
    config: { clientId },
    certificate: certificates.legacy,
  }),
  'csob-ceb': ({ banks, certificates }) => ({
    code: 'CSOB',
    config: { contractNumber: banks['csob-ceb'].contract, clientAppGuid: CLIENT_APP_GUID },
    certificate: certificates.ordinary,
  }),
};

/** What `uuidgen` gave the operator once and for all. */
const CLIENT_APP_GUID = '7d0f2a34-51c6-4b8e-9a27-c3d41e5f6a70';

/** Makes a connection per simulated bank and uploads its certificate. @throws Error when one is not proven */
export async function connectBanks(stage: Stage, progress: (line: string) => void): Promise<Connected[]> {
  const { items: manifests } = await stage.client.call<List<Manifest>>('GET', '/banks');
  const connected: Connected[] = [];
  for (const bank of Object.keys(stage.sandbox.banks) as BankId[]) {
    const manifest = manifests.find(({ id }) => id === bank);
    if (!manifest) throw new Error(`GET /banks does not list ${bank}`);
    connected.push(await connectBank(stage, bank, manifest, progress));
  }
  return connected;
}

async function connectBank(
  { sandbox, client }: Stage,
  bank: BankId,
  manifest: Manifest,
  progress: (line: string) => void,
): Promise<Connected> {
  const { code, config, certificate } = PAPERS[bank](sandbox);
  const connection = await client.call<Connection>('POST', '/connections', {
    body: { code, bank, environment: 'simulated', config },
  });
  const { credential, proven, reason, accounts } = await client.call<Uploaded>(
    'PUT',
    `/connections/${connection.id}/certificate`,
    {
      body: { pfx: Buffer.from(certificate.pfx).toString('base64'), passphrase: certificate.passphrase },
    },
  );
  if (!proven) throw new Error(`${manifest.name} did not accept the certificate: ${reason}`);
  progress(
    `${manifest.name}: certificate ${credential.serial} accepted, ${count(accounts.length, 'account')}`,
  );
  for (const account of accounts) progress(`  ${labelOf(account)}${account.active ? '' : ' (closed)'}`);
  return { bank, manifest, connection, accounts };
}

/**
 * Has every account pulled both ways.
 * @param formats statement formats to keep; those of the manifest's defaults when absent
 */
export async function pullBothWays(
  { client }: Stage,
  { accounts }: Connected,
  formats?: readonly string[],
): Promise<void> {
  for (const { id } of accounts) {
    await client.call('PATCH', `/accounts/${id}`, {
      body: { mode: 'both', ...(formats ? { formats } : {}) },
    });
  }
}

/** Asks for a back-fill of every account that can be pulled. @returns the pulls, to look at later */
export async function backFill(
  { client }: Stage,
  { accounts }: Connected,
  window: { from: string; to: string },
): Promise<Pull[]> {
  const pulls: Pull[] = [];
  for (const { id } of accounts.filter(({ active }) => active)) {
    pulls.push(await client.call<Pull>('POST', `/accounts/${id}/pulls`, { body: window }));
  }
  return pulls;
}
