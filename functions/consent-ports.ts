import { createAuthorisations } from '../shared/store/authorisations.ts';
import { createSeal } from '../shared/store/seal.ts';
import { vaultClient } from '../shared/store/vault.ts';
import { bankPorts } from './bank-ports.ts';
import { clock, onLambda, openStore, random, setting } from './compose.ts';

/** What the functions of authorisations share. */
export function consentPorts(store: ReturnType<typeof openStore>) {
  return {
    ...bankPorts(store),
    connections: store.connections,
    accounts: store.accounts,
    companies: store.companies,
    authorisations: createAuthorisations(store.dynamo, store.feed, store.places),
    seal: createSeal(vaultClient(), setting('DATA_KEY'), clock, random),
  };
}

/**
 * This gateway's address as banks and browsers know it: set with the stack where it has a domain of its own, else the
 * one the request came to, which API Gateway vouches for.
 */
export function publicUrl({ domainName }: { readonly domainName: string }): string {
  const set = process.env['PUBLIC_URL'];
  if (set) return set;
  return `${onLambda ? 'https' : 'http'}://${domainName}`;
}
