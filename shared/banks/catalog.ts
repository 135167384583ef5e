import { Failure } from '../domain/failure.ts';
import type { Bank, Manifest } from './contract.ts';

interface CatalogEntry {
  /** The manifest alone: data, light enough for the API. */
  manifest(): Promise<Manifest>;
  /** The connector with everything it needs. */
  load(): Promise<Bank>;
}

const entry = (
  manifest: () => Promise<{ manifest: Manifest }>,
  load: () => Promise<{ bank: Bank }>,
): CatalogEntry => ({
  manifest: async () => (await manifest()).manifest,
  load: async () => (await load()).bank,
});

/** Every bank Brana speaks to, by id. Adding one is its folder and a line here; each loads when it is first used. */
// prettier-ignore
export const BANKS: Readonly<Record<string, CatalogEntry>> = {
  raiffeisen: entry(() => import('./raiffeisen/manifest.ts'), () => import('./raiffeisen/index.ts')),
  'csob-ceb': entry(() => import('./csob-ceb/manifest.ts'), () => import('./csob-ceb/index.ts')),
  erste: entry(() => import('./erste/manifest.ts'), () => import('./erste/index.ts')),
};

/** All manifests, in the catalog's order; no connector is loaded. */
export function manifests(): Promise<Manifest[]> {
  return Promise.all(Object.values(BANKS).map((bank) => bank.manifest()));
}

/** The manifest of one bank. @throws Failure `unsupported` for an id that is not in the catalog */
export async function manifestOf(id: string): Promise<Manifest> {
  return entryOf(id).manifest();
}

/** A bank with its connector. @throws Failure `unsupported` for an id that is not in the catalog */
export async function loadBank(id: string): Promise<Bank> {
  return entryOf(id).load();
}

function entryOf(id: string): CatalogEntry {
  const found = Object.hasOwn(BANKS, id) ? BANKS[id] : undefined;
  if (found) return found;
  const known = Object.keys(BANKS).join(', ');
  throw new Failure('unsupported', `There is no bank "${id.slice(0, 40)}"; choose among ${known}.`);
}
