import { accountOfIban } from '../../domain/account-number.ts';
import { formatMoney } from '../../domain/money.ts';
import type { BankName, Charges, OrderPayment, PostalAddress } from '../../domain/order-file.ts';
import { kindOf } from '../../domain/payment-kind.ts';
import { FormatError } from '../errors.ts';
import { fitText, lossesOf } from '../letters.ts';
import { partyIban } from '../order-party.ts';
import { foreignAccountId, refuseIncomplete } from './foreign.ts';
import { references, saysOnly, slashedId, slashedText } from './symbols.ts';
import { agent, bicOf, checkedIban, checkedId, MAX_NAME, type WriteContext } from './parts.ts';
import { element, optional, type Node } from './xml.ts';

/** Letters of a bank's name. */
const MAX_BANK_NAME = 140;
/** Letters of `Ustrd`. */
const MAX_TEXT = 140;
/** The largest amount of a SEPA credit transfer, in cents. */
const MAX_SEPA = 99_999_999_999n;
const MAX_DOMESTIC = 999_999_999_999_999n;

/** `CdtTrfTxInf` of one payment. @throws FormatError naming the field that cannot be written */
export function creditTransfer(payment: OrderPayment, pointer: string, context: WriteContext): Node {
  checkAmount(payment, pointer, context);
  checkKind(payment, pointer, context);
  checkSymbols(payment, pointer);
  const foreign = context.scheme.kind === 'foreign';
  if (foreign) refuseIncomplete(payment, pointer);
  const id = foreign
    ? foreignAccountId(payment)
    : element('Id', [element('IBAN', checkedIban(payment.creditor, `${pointer}/creditor`))]);
  return element('CdtTrfTxInf', [
    identification(payment, pointer, context),
    element('Amt', [element('InstdAmt', formatMoney(payment.amount), { Ccy: payment.amount.currency })]),
    foreign ? element('ChrgBr', BEARERS[payment.charges ?? 'shared']) : null,
    creditorAgent(payment, pointer, context),
    creditor(payment, pointer, context),
    element('CdtrAcct', [id]),
    remittance(payment, pointer, context),
  ]);
}

const BEARERS: Readonly<Record<Charges, string>> = { shared: 'SHAR', payer: 'DEBT', payee: 'CRED' };

/** The creditor's bank: by its BIC, abroad also by name. @throws FormatError `bic-missing`, `bic-unwritable` */
function creditorAgent(payment: OrderPayment, pointer: string, context: WriteContext): Node | null {
  const iban = partyIban(payment.creditor);
  const bankCode = iban?.startsWith('CZ') ? (accountOfIban(iban)?.bankCode ?? null) : null;
  const bic = bicOf(payment.creditor, bankCode, `${pointer}/creditor`, context.version);
  if (bic === null && requires(context, 'bic')) {
    const message = "The bank wants the BIC of the payee's bank: give it";
    throw new FormatError('bic-missing', message, `${pointer}/creditor/bic`);
  }
  const { creditorBank } = payment;
  if (creditorBank && context.scheme.kind !== 'foreign') {
    const message = 'The name of the bank has no place; its BIC tells it';
    context.losses.push({ rule: 'bank-name-left-out', message, position: `${pointer}/creditorBank` });
  }
  const named =
    creditorBank && context.scheme.kind === 'foreign' ? bankName(creditorBank, pointer, context) : [];
  return bic === null && named.length === 0 ? null : agent('CdtrAgt', bic, context.version, named);
}

function bankName({ name, address }: BankName, pointer: string, context: WriteContext): readonly Node[] {
  const at = `${pointer}/creditorBank`;
  const fitted = fitText(name ?? '', MAX_BANK_NAME, context.scheme.letters);
  context.losses.push(...lossesOf(fitted, `${at}/name`));
  const parts = [optional('Nm', fitted.text), address && postalAddress(address, `${at}/address`, context)];
  return parts.filter((part) => part !== null);
}

const requires = ({ scheme, dialect }: WriteContext, what: 'bic' | 'country'): boolean =>
  scheme.kind === 'sepa' && dialect.requires.includes(what);

function checkKind(payment: OrderPayment, pointer: string, { scheme }: WriteContext): void {
  const kind = kindOf(payment);
  if (kind === scheme.kind) return;
  const message = `This is a ${kind} payment, the first of its group is ${scheme.kind}: divide the group`;
  throw new FormatError('kind-differs', message, pointer);
}

function checkAmount({ amount }: OrderPayment, pointer: string, { scheme }: WriteContext): void {
  if (amount.currency !== scheme.currency) {
    const message = `The amount is in ${amount.currency}, its group in ${scheme.currency}: divide the group`;
    throw new FormatError('currency-differs', message, `${pointer}/amount`);
  }
  if (amount.minor <= 0n) {
    throw new FormatError('amount-not-positive', 'The amount is not above zero', `${pointer}/amount`);
  }
  if (amount.minor > (scheme.kind === 'sepa' ? MAX_SEPA : MAX_DOMESTIC)) {
    throw new FormatError(
      'amount-too-long',
      'The amount is larger than the scheme allows',
      `${pointer}/amount`,
    );
  }
}

const SYMBOLS = [
  { name: 'variableSymbol', digits: /^\d{1,10}$/ },
  { name: 'constantSymbol', digits: /^\d{1,4}$/ },
  { name: 'specificSymbol', digits: /^\d{1,10}$/ },
] as const;

function checkSymbols(payment: OrderPayment, pointer: string): void {
  for (const { name, digits } of SYMBOLS) {
    const symbol = payment[name];
    if (symbol === null || digits.test(symbol)) continue;
    const message = `The ${name} is not up to ${name === 'constantSymbol' ? 'four' : 'ten'} digits: correct it`;
    throw new FormatError('symbol-unwritable', message, `${pointer}/${name}`);
  }
}

/** Whether symbols take the place of the end-to-end id. */
const inId = ({ scheme, dialect }: WriteContext): boolean =>
  scheme.kind === 'domestic' && dialect.symbols === 'e2e';

function identification(payment: OrderPayment, pointer: string, context: WriteContext): Node {
  const given =
    payment.endToEndId === null || saysOnly(payment.endToEndId, payment) ? null : payment.endToEndId;
  const slashed = inId(context) ? slashedId(payment) : '';
  if (slashed !== '' && given !== null) {
    const message = 'The symbols stand where the end-to-end id would; the instruction id stays';
    context.losses.push({ rule: 'end-to-end-id-left-out', message, position: `${pointer}/endToEndId` });
  }
  const id = given === null ? 'NOTPROVIDED' : checkedId(given, `${pointer}/endToEndId`);
  const { instructionId } = payment;
  return element('PmtId', [
    instructionId === null ? null : element('InstrId', checkedId(instructionId, `${pointer}/instructionId`)),
    element('EndToEndId', slashed === '' ? id : slashed),
  ]);
}

function creditor(payment: OrderPayment, pointer: string, context: WriteContext): Node | null {
  const { letters, kind } = context.scheme;
  const name = fitText(payment.creditor.name ?? '', MAX_NAME, letters);
  context.losses.push(...lossesOf(name, `${pointer}/creditor/name`));
  if (name.text === '' && kind !== 'domestic') {
    throw new FormatError(
      'name-missing',
      `A ${kind === 'sepa' ? 'SEPA' : 'foreign'} payment needs the name of the payee, in Latin letters`,
      `${pointer}/creditor/name`,
    );
  }
  const address = payment.creditorAddress
    ? postalAddress(payment.creditorAddress, `${pointer}/creditorAddress`, context)
    : null;
  if (!payment.creditorAddress?.country && requires(context, 'country')) {
    const message = "The bank wants the country of the payee's address: give it";
    throw new FormatError('country-missing', message, `${pointer}/creditorAddress/country`);
  }
  return name.text === '' && address === null ? null : element('Cdtr', [optional('Nm', name.text), address]);
}

/** Most letters of the parts of an address (ISO 20022), and of its lines. */
const ADDRESS = [
  { field: 'street', name: 'StrtNm', most: 70 },
  { field: 'buildingNumber', name: 'BldgNb', most: 16 },
  { field: 'postCode', name: 'PstCd', most: 16 },
  { field: 'town', name: 'TwnNm', most: 35 },
] as const;
const MAX_LINES = 2;

function postalAddress(address: PostalAddress, at: string, { scheme, losses }: WriteContext): Node | null {
  const { country } = address;
  if (country !== null && !/^[A-Z]{2}$/.test(country)) {
    const message = 'The country is no code of two capital letters';
    throw new FormatError('country-unwritable', message, `${at}/country`);
  }
  const fitted = (text: string | null, most: number, position: string): string => {
    const fit = fitText(text ?? '', most, scheme.letters);
    losses.push(...lossesOf(fit, position));
    return fit.text;
  };
  if (address.lines.length > MAX_LINES) {
    const message = `${address.lines.length - MAX_LINES} lines of the address have no place`;
    losses.push({ rule: 'address-shortened', message, position: `${at}/lines` });
  }
  const parts = [
    ...ADDRESS.map(({ field, name, most }) => optional(name, fitted(address[field], most, `${at}/${field}`))),
    optional('Ctry', country),
    ...address.lines
      .slice(0, MAX_LINES)
      .map((line, index) => optional('AdrLine', fitted(line, 70, `${at}/lines/${index}`))),
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : element('PstlAdr', parts);
}

/** The message and the symbols; outside the domestic clearing there is one text only, so they stand in front of it. */
function remittance(
  payment: OrderPayment,
  pointer: string,
  { scheme, dialect, losses }: WriteContext,
): Node | null {
  const spelling = scheme.kind === 'domestic' ? dialect.symbols : 'ustrd';
  const symbols = spelling === 'ustrd' ? slashedText(payment) : '';
  const room = symbols === '' ? MAX_TEXT : MAX_TEXT - symbols.length - 1;
  const message = fitText(payment.message ?? '', room, scheme.letters);
  losses.push(...lossesOf(message, `${pointer}/message`));
  const text = [symbols, message.text].filter((part) => part !== '').join(' ');
  const structured = spelling === 'strd' ? references(payment) : [];
  if (text === '' && structured.length === 0) return null;
  return element('RmtInf', [
    optional('Ustrd', text),
    ...structured.map((reference) => element('Strd', [element('CdtrRefInf', [element('Ref', reference)])])),
  ]);
}
