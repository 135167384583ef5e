import { createAuthorisations } from '../shared/store/authorisations.ts';
import { createSeal } from '../shared/store/seal.ts';
import { vaultClient } from '../shared/store/vault.ts';
import { bankPorts } from './bank-ports.ts';
import { clock, openStore, random, setting } from './compose.ts';

export { publicUrl } from './public-url.ts';

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
