import { formatMoney } from '../../../shared/domain/money.ts';
import type { PlainDate } from '../../../shared/domain/dates.ts';
import { pragueDateTime, pragueInstant } from '../prague.ts';

/** The other side of a movement, as far as the bank tells. */
export interface Party {
  readonly name: string | null;
  readonly prefix: string;
  readonly number: string | null;
  readonly bankCode: string | null;
  readonly iban: string | null;
  readonly bic: string | null;
  readonly city: string | null;
  readonly country: string | null;
}

/** One booked movement, the origin of both its row in the transaction list and its entry in a statement. */
export interface Movement {
  /** `entryReference` of the list, `NtryRef` and `AcctSvcrRef` of the statement. */
  readonly reference: string;
  /** Epoch milliseconds. */
  readonly bookedAt: number;
  /** From when the bank shows it; later than `bookedAt` around midnight. */
  readonly visibleAt: number;
  readonly valueDay: PlainDate | null;
  /** Signed minor units. */
  readonly minor: bigint;
  readonly currency: string;
  /** Transaction code of the Czech Banking Association. */
  readonly code: string;
  readonly reversal: boolean;
  /** `null` for card payments, fees and interest. */
  readonly party: Party | null;
  readonly variable: string | null;
  readonly constant: string | null;
  readonly specific: string | null;
  readonly endToEnd: string | null;
  /** Text for the payee, or the merchant of a card payment. */
  readonly remittance: string | null;
  /** Where this bank puts the text of an incoming payment. */
  readonly message: string | null;
  readonly instructed: { readonly minor: bigint; readonly currency: string; readonly rate: number } | null;
  readonly bearer: 'DEBT' | 'CRED' | 'SHAR' | null;
  readonly card: string | null;
  /** The list prints some debits with a minus and some without; the indicator alone can be trusted. */
  readonly signed: boolean;
  /** False for rows without any `entryDetails`. */
  readonly detailed: boolean;
}

/** What a movement is of which nothing more is known than amount and day. */
export const PLAIN = {
  reversal: false,
  party: null,
  variable: null,
  constant: null,
  specific: null,
  endToEnd: null,
  remittance: null,
  message: null,
  instructed: null,
  bearer: null,
  card: null,
  signed: true,
  detailed: true,
} as const satisfies Partial<Movement>;

/** The movement as a row of `getTransactionList`. */
export function toListItem(movement: Movement): Record<string, unknown> {
  const { minor, currency, valueDay } = movement;
  return present({
    entryReference: movement.reference,
    amount: { value: decimal(movement.signed ? minor : absolute(minor), currency), currency },
    creditDebitIndication: minor < 0n ? 'DBIT' : 'CRDT',
    bookingDate: pragueDateTime(movement.bookedAt),
    valueDate: valueDay === null ? null : pragueDateTime(pragueInstant(valueDay)),
    bankTransactionCode: { code: movement.code },
    entryDetails: movement.detailed ? { transactionDetails: details(movement) } : null,
  });
}

function details(movement: Movement): Record<string, unknown> {
  const { instructed, party } = movement;
  return present({
    references: present({ endToEndIdentification: movement.endToEnd }),
    instructedAmount: instructed && {
      value: decimal(instructed.minor, instructed.currency),
      currency: instructed.currency,
      exchangeRate: instructed.rate,
    },
    chargeBearer: movement.bearer,
    paymentCardNumber: movement.card,
    relatedParties: party && { counterParty: counterParty(party) },
    remittanceInformation: present({
      unstructured: movement.remittance,
      creditorReferenceInformation: orNull(
        present({ variable: movement.variable, constant: movement.constant, specific: movement.specific }),
      ),
      originatorMessage: movement.message,
    }),
  });
}

function counterParty(party: Party): Record<string, unknown> {
  return present({
    name: party.name,
    postalAddress: orNull(present({ city: party.city, country: party.country })),
    organisationIdentification: orNull(present({ bicOrBei: party.bic, bankCode: party.bankCode })),
    account: orNull(
      present({
        iban: party.iban,
        accountNumberPrefix: party.prefix === '' ? null : party.prefix.padStart(6, '0'),
        accountNumber: party.number,
      }),
    ),
  });
}

/** Only what has a value: the bank leaves absent fields out. */
function present(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

function orNull(fields: Record<string, unknown>): Record<string, unknown> | null {
  return Object.keys(fields).length === 0 ? null : fields;
}

/** The contract wants a JSON number here; amounts of this bank stay far below the limit of a double. */
export function decimal(minor: bigint, currency: string): number {
  return Number(formatMoney({ minor, currency }));
}

export function absolute(minor: bigint): bigint {
  return minor < 0n ? -minor : minor;
}
