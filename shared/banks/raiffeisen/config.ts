import { Failure } from '../../domain/failure.ts';
import type { Secret } from '../../domain/secret.ts';
import type { BankAccess } from '../contract.ts';
import { STATEMENT_LINES } from './manifest.ts';

export interface Config {
  readonly clientId: string;
  /** Not in the bank's contract; sent when the developer portal gave one. */
  readonly clientSecret: Secret | null;
}

/** @throws Failure `rejected` when the ClientID is missing */
export function readConfig({ config, secrets }: Pick<BankAccess, 'config' | 'secrets'>): Config {
  const clientId = config['clientId']?.trim();
  if (!clientId) {
    const message = 'The connection has no ClientID. Enter the one of your application on developers.rb.cz.';
    throw new Failure('rejected', message, { field: 'clientId' });
  }
  return { clientId, clientSecret: secrets['clientSecret'] ?? null };
}

export type StatementLine = (typeof STATEMENT_LINES)[number];

/** The account's statement line. @throws Failure `rejected` for one the bank does not have */
export function statementLineOf(settings: Readonly<Record<string, string>>): StatementLine {
  const asked = settings['statementLine'] ?? 'MAIN';
  const line = STATEMENT_LINES.find((candidate) => candidate === asked);
  if (line) return line;
  const message = `The account's statement line must be one of ${STATEMENT_LINES.join(', ')}. Correct its settings.`;
  throw new Failure('rejected', message, { field: 'statementLine' });
}
