import { Failure } from '../domain/failure.ts';
import type { Manifest } from './contract.ts';

/**
 * Every bank Brana speaks to, by id: its manifest, which is data. Adding one is its folder, a line here and one in
 * `connectors.ts`; each loads when it is first used.
 */
export const BANKS: Readonly<Record<string, () => Promise<{ readonly manifest: Manifest }>>> = {
  raiffeisen: () => import('./raiffeisen/manifest.ts'),
  'csob-ceb': () => import('./csob-ceb/manifest.ts'),
  erste: () => import('./erste/manifest.ts'),
};

/** All manifests, in the catalog's order. */
export function manifests(): Promise<Manifest[]> {
  return Promise.all(Object.keys(BANKS).map((id) => manifestOf(id)));
}

/** The manifest of one bank. @throws Failure `unsupported` for an id that is not in the catalog */
export async function manifestOf(id: string): Promise<Manifest> {
  const load = Object.hasOwn(BANKS, id) ? BANKS[id] : undefined;
  if (load) return (await load()).manifest;
  const known = Object.keys(BANKS).join(', ');
  throw new Failure('unsupported', `There is no bank "${id.slice(0, 40)}"; choose among ${known}.`);
}
