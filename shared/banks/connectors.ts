import { Failure } from '../domain/failure.ts';
import type { Bank } from './contract.ts';

/**
 * The connectors of the catalog's banks, by the same ids. Apart from the manifests, so that a function that only needs
 * data carries no bank's code; each loads when it is first used.
 */
export const CONNECTORS: Readonly<Record<string, () => Promise<{ readonly bank: Bank }>>> = {
  raiffeisen: () => import('./raiffeisen/index.ts'),
  'csob-ceb': () => import('./csob-ceb/index.ts'),
  erste: () => import('./erste/index.ts'),
};

/** A bank with its connector. @throws Failure `unsupported` for an id that is not in the catalog */
export async function loadBank(id: string): Promise<Bank> {
  const load = Object.hasOwn(CONNECTORS, id) ? CONNECTORS[id] : undefined;
  if (load) return (await load()).bank;
  throw new Failure('unsupported', `There is no bank "${id.slice(0, 40)}"; GET /banks lists them.`);
}
