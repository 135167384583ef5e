import { Failure, type FailureKind } from '../../domain/failure.ts';
import type { BankResponse } from '../../http/types.ts';

/** A SOAP fault, with the bank's own detail where it has one (CEBBCError_v2). */
export interface Fault {
  /** `null` for a fault without the bank's detail. */
  readonly code: string | null;
  /** The bank's number of the exchange. */
  readonly ticket: string | null;
  /** True when SOAP itself says that the message was wrong (`faultcode` Client). */
  readonly client: boolean;
}

/** What an answer nobody understands means for the operation. */
export type Unclear = Extract<FailureKind, 'transient' | 'outcome-unknown'>;

export const TOO_MANY_CALLS = '1101';

const ADVICE = {
  transient: 'It is tried again by itself',
  'outcome-unknown': 'It is not known whether the bank took the order; it is not sent again',
} as const;

interface Rule {
  readonly kind: FailureKind;
  /** What happened and what to do. */
  readonly message: string;
}

/** Codes of the implementation manual, the same for every operation; 1101 is the client's affair. */
const RULES: Readonly<Record<string, Rule>> = {
  '1002': {
    kind: 'consent-needed',
    message:
      'the contract has no access to Business Connector. Switch it on in the CEB portal and prove the connection again',
  },
  '1011': {
    kind: 'credential-refused',
    message:
      'the certificate is not registered for Business Connector, or there is no such contract. ' +
      'Compare the contract number, register the certificate in the CEB portal and prove the connection again',
  },
  '1012': {
    kind: 'credential-refused',
    message:
      'the certificate is blocked for Business Connector. Find out who blocked it and why; upload another one or have it released',
  },
};

/** The failure a fault means. Texts of the bank never decide; its ticket goes along for its support. */
export function failureOf(fault: Fault, operation: string, status: number, unclear: Unclear): Failure {
  const { code, ticket, client } = fault;
  const rule =
    (code !== null && Object.hasOwn(RULES, code) ? RULES[code] : undefined) ?? other(fault, unclear);
  const shown = code === null ? {} : { code: printable(code) };
  const detail = {
    operation,
    status,
    ...shown,
    ...(ticket === null ? {} : { requestId: printable(ticket) }),
  };
  const told = shown.code ?? (client ? 'a client fault' : 'a fault');
  return new Failure(rule.kind, `${operation} answered ${told}: ${rule.message}.`, detail);
}

function other({ code, client }: Fault, unclear: Unclear): Rule {
  if (code === null && client) {
    const message = 'the bank refuses the message itself. Nothing was done; report it with the ticket';
    return { kind: 'rejected', message };
  }
  const what = code === '1000' ? 'a general error of the bank' : 'the bank’s manual does not know this';
  return { kind: unclear, message: `${what}. ${ADVICE[unclear]}` };
}

/** An answer that is neither a message of the contract nor a fault. */
export function unclearAnswer(operation: string, response: BankResponse, unclear: Unclear): Failure {
  const { status, requestId } = response;
  const message = `${operation} answered ${status}, which the bank’s contract does not know. ${ADVICE[unclear]}.`;
  return new Failure(unclear, message, { operation, status, requestId });
}

const printable = (text: string): string => text.replace(/[^\w .:-]/g, '').slice(0, 60);
