import { Failure } from '../../domain/failure.ts';
import type { Secret } from '../../domain/secret.ts';
import type { BankAccess } from '../contract.ts';
import { STATEMENT_PERIODS } from './manifest.ts';

export interface Config {
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly webApiKey: Secret;
}

/** What a header can carry. */
const PRINTABLE = /^[!-~]+$/;

/** @throws Failure `rejected` when one of the application's three values is missing or cannot be sent */
export function readConfig({ config, secrets }: Pick<BankAccess, 'config' | 'secrets'>): Config {
  const clientId = config['clientId'] ?? '';
  if (!PRINTABLE.test(clientId)) throw wrong('clientId', 'client_id');
  return {
    clientId,
    clientSecret: demand(secrets, 'clientSecret', 'client_secret'),
    webApiKey: demand(secrets, 'webApiKey', 'WEB-API-key'),
  };
}

function demand(secrets: Readonly<Record<string, Secret>>, field: string, label: string): Secret {
  const secret = secrets[field];
  if (secret && PRINTABLE.test(secret.reveal())) return secret;
  throw wrong(field, label);
}

function wrong(field: string, label: string): Failure {
  const message =
    `The connection's ${label} is missing or is none. ` +
    'Enter the one of your application on developers.erstegroup.com, of the same environment.';
  return new Failure('rejected', message, { field });
}

export type StatementPeriod = (typeof STATEMENT_PERIODS)[number];

/** The period of the account's statements. @throws Failure `rejected` for one the bank does not have */
export function statementPeriodOf(settings: Readonly<Record<string, string>>): StatementPeriod {
  const asked = settings['statementPeriod'] ?? 'any';
  const period = STATEMENT_PERIODS.find((candidate) => candidate === asked);
  if (period) return period;
  const message = `The account's statement period must be one of ${STATEMENT_PERIODS.join(', ')}. Correct its settings.`;
  throw new Failure('rejected', message, { field: 'statementPeriod' });
}
