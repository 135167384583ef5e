import type { Accounts } from '../../store/accounts.ts';
import type { Authorisations } from '../../store/authorisations.ts';
import type { Companies } from '../../store/companies.ts';
import type { Connections } from '../../store/connections.ts';
import type { Seal } from '../../store/seal.ts';
import type { BankPorts } from '../gateway.ts';

export interface ConsentPorts extends BankPorts {
  readonly connections: Connections;
  readonly accounts: Accounts;
  readonly companies: Companies;
  readonly authorisations: Authorisations;
  readonly seal: Seal;
}
