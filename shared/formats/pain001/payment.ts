import type { Counterparty } from '../../domain/model.ts';
import type {
  BankName,
  Charges,
  OrderPayment,
  OrderPriority,
  PostalAddress,
} from '../../domain/order-file.ts';
import { normaliseSymbols } from '../../domain/symbols.ts';
import { readAccount } from '../camt/account.ts';
import { readAgent } from '../camt/agent.ts';
import { amountOf, child, children, joined, textAt } from '../camt/fields.ts';
import { FormatError } from '../errors.ts';
import type { XmlElement } from '../xml.ts';
import { isSymbolReference, readSymbols, withoutSymbols } from './symbols.ts';

export type Warn = (rule: string, message: string) => void;

/** Party, account and bank, as debtor and creditor have them. */
export function readParty(
  party: XmlElement | null,
  account: XmlElement | null,
  agent: XmlElement | null,
  warn: Warn,
): Counterparty {
  const { bic, bankCode } = readAgent(agent);
  return { name: textAt(party, 'Nm'), ...readAccount(account, bankCode, warn), bic };
}

/**
 * Reads one `CdtTrfTxInf`.
 * @param bearer `ChrgBr` of its group, which counts where the payment has none of its own
 * @throws FormatError when it has no amount that can be read, or nobody to pay
 */
export function readPayment(element: XmlElement, bearer: string | null, warn: Warn): OrderPayment {
  const amount = amountOf(child(element, 'Amt', 'InstdAmt'));
  if (amount.minor === 0n) throw new FormatError('amount-zero', 'The amount is zero');
  const creditor = readParty(
    child(element, 'Cdtr'),
    child(element, 'CdtrAcct'),
    child(element, 'CdtrAgt'),
    warn,
  );
  if (creditor.iban === null && creditor.number === null) {
    throw new FormatError('account-missing', "The payment has no creditor's account");
  }
  const address = readAddress(child(element, 'Cdtr', 'PstlAdr'));
  const bank = readBankName(child(element, 'CdtrAgt', 'FinInstnId'));
  const charges = readCharges(textAt(element, 'ChrgBr') ?? bearer, warn);
  const endToEndId = textAt(element, 'PmtId', 'EndToEndId');
  return {
    amount,
    creditor,
    ...readRemittance(element, endToEndId ?? ''),
    endToEndId: endToEndId === 'NOTPROVIDED' ? null : endToEndId,
    instructionId: textAt(element, 'PmtId', 'InstrId'),
    ...(address ? { creditorAddress: address } : {}),
    ...(bank ? { creditorBank: bank } : {}),
    ...(charges ? { charges } : {}),
  };
}

const BEARERS: Readonly<Record<string, Charges>> = { SHAR: 'shared', DEBT: 'payer', CRED: 'payee' };

/** Who bears the charges; nothing where the service level says it (`SLEV`). */
function readCharges(bearer: string | null, warn: Warn): Charges | null {
  if (bearer === null || bearer === 'SLEV') return null;
  const charges = Object.hasOwn(BEARERS, bearer) ? BEARERS[bearer] : undefined;
  if (charges) return charges;
  warn('charges-unreadable', `ChrgBr is "${bearer.slice(0, 20)}", so who bears the charges is not known.`);
  return null;
}

function readBankName(institution: XmlElement | null): BankName | null {
  const name = textAt(institution, 'Nm');
  const address = readAddress(child(institution, 'PstlAdr'));
  return name === null && !address ? null : { name, address };
}

function readRemittance(element: XmlElement, endToEndId: string) {
  const structured = children(element, 'RmtInf', 'Strd');
  const references = structured.map((each) => textAt(each, 'CdtrRefInf', 'Ref') ?? '');
  const unstructured = joined(children(element, 'RmtInf', 'Ustrd')) ?? '';
  const rawSymbols = readSymbols(references, endToEndId, unstructured);
  const symbols = normaliseSymbols(rawSymbols);
  const message =
    withoutSymbols(unstructured, symbols) ||
    joined(structured.flatMap((each) => children(each, 'AddtlRmtInf'))) ||
    references.filter((reference) => reference !== '' && !isSymbolReference(reference)).join(' ');
  return { ...symbols, rawSymbols, message: message || null };
}

function readAddress(element: XmlElement | null): PostalAddress | null {
  if (!element) return null;
  return {
    street: textAt(element, 'StrtNm'),
    buildingNumber: textAt(element, 'BldgNb'),
    postCode: textAt(element, 'PstCd'),
    town: textAt(element, 'TwnNm'),
    country: textAt(element, 'Ctry'),
    lines: children(element, 'AdrLine').flatMap(({ text }) => (text === '' ? [] : [text])),
  };
}

/** Service levels that mean the same day: urgent, same day value. */
const URGENT_LEVELS: ReadonlySet<string> = new Set(['URGP', 'SDVA', 'URNS']);

/** The priority in a `PmtTpInf`. */
export function readPriority(type: XmlElement | null): OrderPriority {
  if (textAt(type, 'LclInstrm', 'Cd') === 'INST' || textAt(type, 'LclInstrm', 'Prtry') === 'INST')
    return 'instant';
  const levels = type ? children(type, 'SvcLvl', 'Cd').map(({ text }) => text) : [];
  const urgent = textAt(type, 'InstrPrty') === 'HIGH' || levels.some((level) => URGENT_LEVELS.has(level));
  return urgent ? 'urgent' : 'normal';
}
