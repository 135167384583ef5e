import { Failure } from '../../domain/failure.ts';
import type { Secret } from '../../domain/secret.ts';
import type { BankAccess } from '../contract.ts';
import { STATEMENT_LINES } from './manifest.ts';

export interface Config {
  readonly clientId: string;
  /** Not in the bank's contract; sent when the developer portal gave one. */
  readonly clientSecret: Secret | null;
}

/** What a header can carry. */
const HEADER_VALUE = /^[!-~]+$/;

/** @throws Failure `rejected` when the ClientID is missing, or a field is no header value */
export function readConfig({ config, secrets }: Pick<BankAccess, 'config' | 'secrets'>): Config {
  const clientId = config['clientId'] ?? '';
  const clientSecret = secrets['clientSecret'] ?? null;
  if (!HEADER_VALUE.test(clientId)) throw wrong('clientId', 'ClientID');
  if (clientSecret !== null && !HEADER_VALUE.test(clientSecret.reveal()))
    throw wrong('clientSecret', 'Client Secret');
  return { clientId, clientSecret };
}

function wrong(field: string, label: string): Failure {
  const message = `The connection's ${label} is missing or is none. Enter the one of your application on developers.rb.cz.`;
  return new Failure('rejected', message, { field });
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
