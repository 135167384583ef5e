import type { Sandbox } from '../../sandbox/index.ts';
import { createBrowser } from '../../sandbox/browser.ts';
import type {
  Account,
  Authorisation,
  Authorised,
  Connection,
  List,
  Manifest,
  Pull,
  Uploaded,
} from '../cli/types.ts';
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

/** What the bank gave its customer: a certificate, or secrets to ask for a consent with. */
interface Papers {
  readonly code: string;
  readonly config: Readonly<Record<string, string>>;
  readonly proof:
    | { readonly certificate: { readonly pfx: Uint8Array; readonly passphrase: string } }
    | { readonly secrets: Readonly<Record<string, string>> };
}

const PAPERS: Readonly<Record<BankId, (sandbox: Sandbox) => Papers>> = {
  raiffeisen: ({ clientId, certificates }) => ({
    code: 'RB',
    config: { clientId },
    proof: { certificate: certificates.legacy },
  }),
  // Beside real files the banks' time is not the machine's, by which TLS judges a certificate's end.
  'csob-ceb': ({ banks, certificates, seeded, issueExpiring }) => ({
    code: 'CSOB',
    config: { contractNumber: banks['csob-ceb'].contract, clientAppGuid: CLIENT_APP_GUID },
    proof: { certificate: seeded ? issueExpiring() : certificates.ordinary },
  }),
  erste: ({ application: { clientId, clientSecret, webApiKey } }) => ({
    code: 'CS',
    config: { clientId },
    proof: { secrets: { clientSecret, webApiKey } },
  }),
};

/** What `uuidgen` gave the operator once and for all. */
const CLIENT_APP_GUID = '7d0f2a34-51c6-4b8e-9a27-c3d41e5f6a70';

/** Makes a connection per simulated bank and proves it. @throws Error when one is not proven */
export async function connectBanks(stage: Stage, progress: (line: string) => void): Promise<Connected[]> {
  const { items: manifests } = await stage.client.call<List<Manifest>>('GET', '/banks');
  const connected: Connected[] = [];
  for (const bank of Object.keys(PAPERS) as BankId[]) {
    const manifest = manifests.find(({ id }) => id === bank);
    if (!manifest) throw new Error(`GET /banks does not list ${bank}`);
    // Real files are a bank's of certificates; a consent opens nothing where the company has no account.
    if (manifest.consent && !stage.sandbox.seeded) continue;
    connected.push(await connectBank(stage, bank, manifest, progress));
  }
  return connected;
}

async function connectBank(
  stage: Stage,
  bank: BankId,
  manifest: Manifest,
  progress: (line: string) => void,
): Promise<Connected> {
  const { code, config, proof } = PAPERS[bank](stage.sandbox);
  const connection = await stage.client.call<Connection>('POST', '/connections', {
    body: { code, bank, environment: 'simulated', config },
  });
  const accounts =
    'certificate' in proof
      ? await upload(stage, connection, manifest, proof.certificate, progress)
      : await consent(stage, connection, manifest, proof.secrets, progress);
  for (const account of accounts) progress(`  ${labelOf(account)}${account.active ? '' : ' (closed)'}`);
  return { bank, manifest, connection, accounts };
}

async function upload(
  { client }: Stage,
  { id }: Connection,
  { name }: Manifest,
  { pfx, passphrase }: { readonly pfx: Uint8Array; readonly passphrase: string },
  progress: (line: string) => void,
): Promise<readonly Account[]> {
  const { credential, proven, reason, accounts } = await client.call<Uploaded>(
    'PUT',
    `/connections/${id}/certificate`,
    { body: { pfx: Buffer.from(pfx).toString('base64'), passphrase } },
  );
  if (!proven) throw new Error(`${name} did not accept the certificate: ${reason}`);
  progress(`${name}: certificate ${credential.serial} accepted, ${count(accounts.length, 'account')}`);
  return accounts;
}

/** The operator starts the authorisation, a person of the company follows the link, the operator confirms. */
async function consent(
  { client, sandbox }: Stage,
  { id }: Connection,
  { name }: Manifest,
  secrets: Readonly<Record<string, string>>,
  progress: (line: string) => void,
): Promise<readonly Account[]> {
  const path = `/connections/${id}/authorisation`;
  await client.call('PUT', `/connections/${id}/secrets`, { body: { secrets } });
  const { url, redirectUri } = await client.call<{ url: string; redirectUri: string }>('POST', path, {
    body: {},
  });
  // As the operator registers it in the bank's portal.
  sandbox.banks.erste.identity.register(redirectUri);
  progress(`${name}: somebody opens the link, logs in at the bank and allows the access`);
  const browser = createBrowser({ ca: sandbox.ca });
  const ours = await browser.open(url);
  const login = await browser.open(ours.links[0]!.href);
  await browser.submit(await browser.submit(login, {}, 'Log in'), {}, 'Allow');
  const { state, reason, accounts } = await client.call<Authorisation>('GET', path);
  if (state !== 'granted') throw new Error(`${name} gave no consent: it is ${state}. ${reason ?? ''}`);
  const confirmed = await client.call<Authorised>('POST', `${path}/confirmation`, {
    body: { accounts: accounts!.map(({ handle }) => handle) },
  });
  const until = confirmed.credential.notAfter.slice(0, 10);
  progress(`${name}: consent until ${until} confirmed, ${count(confirmed.accounts.length, 'account')}`);
  return confirmed.accounts;
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
