import { isPlainDate, type PlainDate } from '../../../shared/domain/dates.ts';
import { exponentOf } from '../../../shared/domain/money.ts';
import { converted } from '../conversion.ts';
import { pragueDay } from '../prague.ts';
import type { FolderLedger } from '../raiffeisen/ledger.ts';
import type { Movement, Party } from '../raiffeisen/movement.ts';
import { fromIban } from '../raiffeisen/numbers.ts';
import { PaymentRefusal, type Told } from './answers.ts';

/** A payment order the bank found in order. */
export interface PaymentOrder extends Pick<Movement, 'variable' | 'constant' | 'specific' | 'bearer'> {
  /** `instructionIdentification`: the payer's own name for it. */
  readonly reference: string;
  readonly endToEnd: string | null;
  readonly debtor: FolderLedger;
  readonly creditor: Party;
  readonly minor: bigint;
  readonly currency: string;
  /** What leaves the account, in its currency, and the rate that led there. */
  readonly debited: { readonly minor: bigint; readonly rate: number };
  /** `null`: as soon as it is signed. */
  readonly day: PlainDate | null;
  readonly priority: Priority;
  readonly service: ServiceLevel;
  readonly message: string | null;
  /** As it was sent. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Domestic, SEPA, within the EEA in one of its currencies, there in another one, and beyond it. */
export type ServiceLevel = 'DMCT' | 'ESCT' | 'XBCT' | 'EXCT' | 'NXCT';
type Priority = (typeof PRIORITIES)[number];

const PRIORITIES = ['NORM', 'HIGH', 'INST'] as const;
const BEARERS = ['DEBT', 'CRED', 'SHAR', 'SLEV'] as const;
const IBAN = /^[A-Z]{2}\d{2}[A-Z0-9]{1,30}$/;
const BIC = /^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$/;
const EEA = 'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK'.split(
  ' ',
);
const EEA_CURRENCIES = ['BGN', 'CZK', 'DKK', 'EUR', 'HUF', 'ISK', 'NOK', 'PLN', 'RON', 'SEK'];
/** Members that may be left out, with everything in them. */
const GROUPS = ['paymentTypeInformation', 'creditorAgent', 'creditor', 'remittanceInformation'];
/** Max35Text and Max140Text of ISO 20022; the standard names the first length, not the second. */
const LONGEST = { reference: 35, message: 140, name: 140 };

/** Who orders, as far as the order must fit it. */
export interface Orderer {
  /** Accounts of the bank. */
  readonly ledgers: readonly FolderLedger[];
  /** Those of them the consent covers. */
  readonly visible: readonly FolderLedger[];
  /** The bank's epoch milliseconds. */
  readonly now: number;
}

/**
 * Reads the body of `POST /my/payments` by the rules of the Czech Open Banking Standard.
 * @throws PaymentRefusal with everything that is wrong with it
 */
export function readPaymentOrder(sent: Uint8Array, { ledgers, visible, now }: Orderer): PaymentOrder {
  const body = objectIn(sent);
  const fields = fieldsOf(body);
  const { tell } = fields;
  for (const group of GROUPS) if (!isObject(body[group] ?? {})) tell('FIELD_INVALID', group);

  const reference = fields.text('paymentIdentification.instructionIdentification', {
    required: true,
    most: LONGEST.reference,
  });
  const endToEnd = fields.text('paymentIdentification.endToEndIdentification', { most: LONGEST.reference });
  const currency = fields.text('amount.instructedAmount.currency', { required: true, form: /^[A-Z]{3}$/ });
  const minor = amountIn(fields, currency);
  const debtor = debtorIn(fields, ledgers, visible);
  const debited = currency === null || !debtor ? null : debitOf(fields, minor ?? 0n, currency, debtor);
  const iban = creditorIn(fields, debtor);
  const service = iban === null || currency === null ? null : serviceOf(iban, currency);
  const creditor = partyIn(fields, iban, service);
  const day = fields.text('requestedExecutionDate', {});
  if (day !== null && (!isPlainDate(day) || day < pragueDay(now))) tell('DT01', 'requestedExecutionDate');
  const priority = fields.oneOf('paymentTypeInformation.instructionPriority', PRIORITIES) ?? 'NORM';
  if (priority === 'INST' && service !== null && service !== 'DMCT')
    tell('NO_PART', 'paymentTypeInformation.instructionPriority');
  const bearer = fields.oneOf('chargeBearer', BEARERS);
  if (service === 'ESCT' && (bearer === 'DEBT' || bearer === 'CRED')) tell('BE19', 'chargeBearer');
  const message = fields.text('remittanceInformation.unstructured', { most: LONGEST.message });
  const symbols = symbolsIn(fields);

  const isWhole = reference !== null && currency !== null && minor !== null && debtor && debited && service;
  if (fields.found.length > 0 || !isWhole) throw new PaymentRefusal(400, ...fields.found);
  return {
    ...{ reference, endToEnd, debtor, creditor, minor, currency, debited, day, priority, service },
    ...symbols,
    // The books have no word for the SEPA level, as the account's list has none.
    ...{ bearer: bearer === 'SLEV' ? null : bearer, message, body },
  };
}

function objectIn(sent: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(sent));
    if (isObject(body)) return body;
  } catch {
    // Told below, as what is JSON but no object.
  }
  throw new PaymentRefusal(400, { error: 'FF01' });
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Fields = ReturnType<typeof fieldsOf>;

/** Reads fields by their paths and keeps what is wrong with them. */
function fieldsOf(body: Readonly<Record<string, unknown>>) {
  const found: Told[] = [];
  const tell = (error: string, scope: string): void => void found.push({ error, scope });
  const value = (path: string): unknown =>
    path.split('.').reduce<unknown>((node, key) => (isObject(node) ? node[key] : undefined), body);

  function text(
    path: string,
    { required = false, most = Infinity, form = /^/ }: { required?: boolean; most?: number; form?: RegExp },
  ): string | null {
    const given = value(path);
    if (given === undefined || given === null) {
      if (required) tell('FIELD_MISSING', path);
      return null;
    }
    const fits = typeof given === 'string' && given !== '' && given.length <= most && form.test(given);
    if (!fits) tell('FIELD_INVALID', path);
    else if (/\p{Cc}/u.test(given)) tell('RR10', path);
    return fits ? given : null;
  }

  function oneOf<T extends string>(path: string, choices: readonly T[]): T | null {
    const given = value(path);
    if (given === undefined) return null;
    const chosen = choices.find((choice) => choice === given);
    if (chosen === undefined) tell('FIELD_INVALID', path);
    return chosen ?? null;
  }

  return { found, tell, value, text, oneOf };
}

function amountIn({ value, tell }: Fields, currency: string | null): bigint | null {
  const path = 'amount.instructedAmount.value';
  const given = value(path);
  if (typeof given !== 'number') {
    tell(given === undefined ? 'FIELD_MISSING' : 'FIELD_INVALID', path);
    return null;
  }
  const [, whole = '', decimals = ''] = /^(\d{1,13})(?:\.(\d+))?$/.exec(String(given)) ?? [];
  const places = exponentOf(currency ?? 'CZK');
  const minor = decimals.length > places ? 0n : BigInt(whole + decimals.padEnd(places, '0'));
  if (minor > 0n) return minor;
  tell('AM12', path);
  return null;
}

function debtorIn(
  { text, tell }: Fields,
  ledgers: readonly FolderLedger[],
  visible: readonly FolderLedger[],
): FolderLedger | null {
  const path = 'debtorAccount.identification.iban';
  // The standard may leave it out and have the payer choose on the signing page, which this bank's page does not offer.
  const iban = text(path, { required: true });
  const currency = text('debtorAccount.currency', { form: /^[A-Z]{3}$/ });
  if (iban === null) return null;
  const ledger = ledgers.find(({ key }) => key.account.iban === iban);
  if (!ledger) tell('AC02', path);
  else if (!visible.includes(ledger)) tell('AG01', path);
  else if (currency !== null && currency !== ledger.key.folder.currency)
    tell('AC10', 'debtorAccount.currency');
  return ledger ?? null;
}

function debitOf(
  { tell }: Fields,
  minor: bigint,
  currency: string,
  debtor: FolderLedger,
): PaymentOrder['debited'] | null {
  const debited = converted(minor, currency, debtor.key.folder.currency);
  if (!debited) tell('AM11', 'amount.instructedAmount.currency');
  return debited;
}

function creditorIn({ text, tell }: Fields, debtor: FolderLedger | null): string | null {
  const path = 'creditorAccount.identification.iban';
  const iban = text(path, { required: true });
  if (iban === null) return null;
  if (iban === debtor?.key.account.iban) tell('REC_SEND', path);
  if (isIban(iban)) return iban;
  tell('AC03', path);
  return null;
}

/** ISO 13616: the check digits, and the length of a Czech one. */
function isIban(iban: string): boolean {
  if (!IBAN.test(iban) || (iban.startsWith('CZ') && !fromIban(iban))) return false;
  const digits = (iban.slice(4) + iban.slice(0, 4)).replace(/[A-Z]/g, (letter) =>
    String(letter.charCodeAt(0) - 55),
  );
  return BigInt(digits) % 97n === 1n;
}

function serviceOf(iban: string, currency: string): ServiceLevel {
  const country = iban.slice(0, 2);
  if (country === 'CZ' && currency === 'CZK') return 'DMCT';
  if (!EEA.includes(country)) return 'NXCT';
  if (currency === 'EUR') return 'ESCT';
  return EEA_CURRENCIES.includes(currency) ? 'XBCT' : 'EXCT';
}

function partyIn({ text, tell, value }: Fields, iban: string | null, service: ServiceLevel | null): Party {
  const name = text('creditor.name', { most: LONGEST.name });
  // Only a domestic payee is known by the account alone.
  if (service !== null && service !== 'DMCT' && value('creditor.name') === undefined)
    tell('RR03', 'creditor.name');
  const bicPath = 'creditorAgent.financialInstitutionIdentification.bic';
  const bic = text(bicPath, {});
  if (bic !== null && !BIC.test(bic)) tell('RC07', bicPath);
  const { prefix = '', number = null, bankCode = null } = fromIban(iban ?? '') ?? {};
  return { name, prefix, number, bankCode, iban, bic, city: null, country: null };
}

const SYMBOL = /^(VS|KS|SS):(\d{1,10})$/;

/** The standard declares one text and shows a list of them; each symbol may be there once. */
function symbolsIn({ value, tell }: Fields): Pick<Movement, 'variable' | 'constant' | 'specific'> {
  const path = 'remittanceInformation.structured.creditorReferenceInformation.reference';
  const given = [value(path) ?? []].flat();
  const symbols = new Map<string, string>();
  for (const one of given) {
    const [, kind = '', digits = ''] = (typeof one === 'string' && SYMBOL.exec(one)) || [];
    if (kind === '' || symbols.has(kind)) {
      tell('FIELD_INVALID', path);
      break;
    }
    symbols.set(kind, digits);
  }
  return {
    variable: symbols.get('VS') ?? null,
    constant: symbols.get('KS') ?? null,
    specific: symbols.get('SS') ?? null,
  };
}
