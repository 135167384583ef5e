import { pragueDay } from '../prague.ts';
import { absolute, decimal, type Movement, type Party } from '../raiffeisen/movement.ts';

/** A line of the transaction list that moves no money: the bank shows such under status `INFO`. */
export interface Remark {
  readonly reference: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly currency: string;
  readonly text: string;
}

const ISSUER = 'Czech Banking Association';
/** Our words for who bears the charges, and the bank's. */
const BEARERS = { DEBT: 'OUR', CRED: 'BEN', SHAR: 'SHA' } as const;

/** A reference of the list. It is none of the statements': those print the `accountServicerReference`. */
export const entryReferenceOf = ({ reference }: Pick<Movement, 'reference'>): string => `FC-${reference}`;

/** The movement as a row of the transaction list. */
export function toRecord(movement: Movement): Record<string, unknown> {
  const { minor, currency } = movement;
  const booked = pragueDay(movement.bookedAt);
  return {
    entryReference: entryReferenceOf(movement),
    amount: money(minor, currency),
    creditDebitIndicator: minor < 0n ? 'DBIT' : 'CRDT',
    status: 'BOOK',
    bookingDate: { date: booked },
    valueDate: { date: movement.valueDay ?? booked },
    bankTransactionCode: { proprietary: { code: Number(movement.code), issuer: ISSUER } },
    entryDetails: movement.detailed ? { transactionDetails: details(movement) } : {},
  };
}

export function toRemark({ reference, at, currency, text }: Remark): Record<string, unknown> {
  const date = pragueDay(at);
  return {
    entryReference: reference,
    amount: money(0n, currency),
    creditDebitIndicator: 'CRDT',
    status: 'INFO',
    bookingDate: { date },
    valueDate: { date },
    bankTransactionCode: { proprietary: { issuer: ISSUER } },
    entryDetails: { transactionDetails: { additionalTransactionInformation: text } },
  };
}

const money = (minor: bigint, currency: string) => ({ value: decimal(absolute(minor), currency), currency });

function details(movement: Movement): Record<string, unknown> {
  const { instructed, party, minor, currency, bearer } = movement;
  const side = minor < 0n ? 'creditor' : 'debtor';
  const symbols = { VS: movement.variable, SS: movement.specific, KS: movement.constant };
  const reference = Object.entries(symbols).flatMap(([name, value]) =>
    value === null ? [] : [`${name}:${value}`],
  );
  return present({
    references: present({
      accountServicerReference: movement.reference,
      endToEndIdentification: movement.endToEnd,
      chequeNumber: movement.card,
    }),
    amountDetails: instructed && {
      instructedAmount: { amount: money(instructed.minor, instructed.currency) },
      counterValueAmount: {
        amount: money(minor, currency),
        currencyExchange: {
          sourceCurrency: instructed.currency,
          targetCurrency: currency,
          exchangeRate: instructed.rate,
        },
      },
    },
    charges: bearer && { bearer: BEARERS[bearer] },
    relatedParties: party && partiesOf(party, side),
    relatedAgents: party?.bic
      ? { [`${side}Agent`]: { financialInstitutionIdentification: { bic: party.bic } } }
      : null,
    remittanceInformation: present({
      unstructured: movement.remittance ?? movement.message,
      structured: reference.length === 0 ? null : { creditorReferenceInformation: { reference } },
    }),
    additionalTransactionInformation: minor < 0n ? 'Odchozí úhrada' : 'Příchozí úhrada',
  });
}

function partiesOf(party: Party, side: 'debtor' | 'creditor'): Record<string, unknown> {
  const domestic =
    party.number !== null && party.bankCode !== null
      ? {
          identification: `${party.prefix.padStart(6, '0')}-${party.number.padStart(10, '0')}/${party.bankCode}`,
        }
      : null;
  const identification = present({ iban: party.iban, other: domestic });
  return present({
    [side]: party.name === null ? null : { name: party.name },
    [`${side}Account`]: Object.keys(identification).length === 0 ? null : { identification },
  });
}

/** Only what has a value: the bank leaves absent fields out. */
function present(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
