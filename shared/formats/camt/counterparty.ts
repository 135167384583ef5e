import type { Counterparty } from '../../domain/model.ts';
import type { XmlElement } from '../xml.ts';
import { readAccount } from './account.ts';
import { readAgent } from './agent.ts';
import { child, textAt } from './fields.ts';
import type { Warn } from '../notes.ts';

interface Role {
  readonly party: string;
  readonly account: string;
  readonly agent: string;
  readonly ultimate: string;
}

// Whole names, because putting them together for each payment takes longer than everything else here.
const DEBTOR: Role = { party: 'Dbtr', account: 'DbtrAcct', agent: 'DbtrAgt', ultimate: 'UltmtDbtr' };
const CREDITOR: Role = { party: 'Cdtr', account: 'CdtrAcct', agent: 'CdtrAgt', ultimate: 'UltmtCdtr' };

export const NO_COUNTERPARTY: Counterparty = {
  name: null,
  iban: null,
  number: null,
  bankCode: null,
  bic: null,
};

/** What decides which party is the other one. */
export interface Sides {
  readonly credit: boolean;
  readonly reversal: boolean;
  /** IBAN of the statement's own account. */
  readonly ownIban: string | null;
}

/**
 * The other side of a movement: the debtor of a credit, the creditor of a debit. A reversal keeps the roles of the
 * payment it takes back at some banks; so there the second role is looked at when the first gives nobody, or us.
 */
export function readCounterparty(details: XmlElement | null, sides: Sides, warn: Warn): Counterparty {
  const role = sides.credit ? DEBTOR : CREDITOR;
  const party = readParty(details, role, warn);
  if (!sides.reversal || (isKnown(party) && !isOwn(party, sides))) return party;
  const opposite = readParty(details, role === DEBTOR ? CREDITOR : DEBTOR, warn);
  return isKnown(opposite) && !isOwn(opposite, sides) ? opposite : party;
}

const isKnown = (party: Counterparty): boolean => Object.values(party).some((value) => value !== null);

const isOwn = (party: Counterparty, { ownIban }: Sides): boolean =>
  ownIban !== null && party.iban === ownIban;

function readParty(details: XmlElement | null, role: Role, warn: Warn): Counterparty {
  const parties = child(details, 'RltdPties');
  const agent = readAgent(child(details, 'RltdAgts', role.agent));
  const { iban, number, bankCode } = readAccount(child(parties, role.account), agent.bankCode, warn);
  return {
    name:
      nameOf(child(parties, role.party)) ??
      textAt(parties, role.account, 'Nm') ??
      nameOf(child(parties, role.ultimate)),
    iban,
    number,
    bankCode,
    bic: agent.bic,
  };
}

/** `Nm`; from version 08 inside `Pty`, or a bank inside `Agt`. */
function nameOf(party: XmlElement | null): string | null {
  return textAt(party, 'Nm') ?? textAt(party, 'Pty', 'Nm') ?? textAt(party, 'Agt', 'FinInstnId', 'Nm');
}
