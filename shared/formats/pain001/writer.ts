import { accountOfIban } from '../../domain/account-number.ts';
import { isPlainDate } from '../../domain/dates.ts';
import type { Counterparty } from '../../domain/model.ts';
import { formatMoney } from '../../domain/money.ts';
import type { OrderGroup, OrderPriority } from '../../domain/order-file.ts';
import { FormatError } from '../errors.ts';
import { fitText, lossesOf } from '../letters.ts';
import { groupByPayer } from '../order-stream.ts';
import type { Loss, Written } from '../stream.ts';
import { isDateTime } from '../xml-write.ts';
import { painDialect, type PainDialect } from './dialects.ts';
import { agent, bicOf, checkedIban, checkedId, MAX_NAME, type Scheme, type WriteContext } from './parts.ts';
import type { SymbolSpelling } from './symbols.ts';
import { creditTransfer } from './transfer.ts';
import { element, optional, writeXml, type Node } from './xml.ts';

/**
 * Writer of ISO 20022 pain.001 in versions 03 and 09: SEPA credit transfers (euro) and domestic payments in crowns.
 * Collections are no pain.001, and payments in other currencies have rules of their own: both are refused.
 */

export type PainVersion = '03' | '09';

export interface Pain001Options {
  readonly version: PainVersion;
  /**
   * `MsgId`, unique per file: the slot that carries our serial. The groups' ids are made of it where they have none,
   * and a bank that looks for repeated files looks at this and at `createdAt`.
   */
  readonly messageId: string;
  /** `CreDtTm`, an ISO 8601 date and time. */
  readonly createdAt: string;
  /** Name of who sends the file; also the debtor's where a group has none. */
  readonly initiator: string;
  /** Where symbols of payments in crowns go, when a test payment has shown another place than the bank's dialect. */
  readonly symbols?: SymbolSpelling;
}

const SEPA: Scheme = { kind: 'sepa', currency: 'EUR', letters: 'epc' };

/**
 * Writes groups as one document, one `PmtInf` each. Replaced letters and shortened texts are listed; whatever cannot
 * be said is refused. Positions are JSON pointers from the list of groups.
 * @throws FormatError naming the rule and the pointer of what cannot be written
 */
export function writePain001(groups: readonly OrderGroup[], options: Pain001Options): Written {
  if (groups.length === 0) throw new FormatError('no-order', 'There is no group of payments to write');
  if (!isDateTime(options.createdAt)) {
    throw new FormatError('date-missing', 'The time of creation is no ISO 8601 date and time', 'createdAt');
  }
  const losses: Loss[] = [];
  const parts = groups.flatMap((group, at) =>
    groupByPayer(group).map((part, _, all) => ({
      // Parts of one group must not share its id.
      group: all.length > 1 ? { ...part, id: null } : part,
      pointer: `/${at}`,
    })),
  );
  const ids = new Set<string>();
  const written = parts.map(({ group, pointer }, at) => {
    const id = checkedId(group.id ?? `${options.messageId}-${at + 1}`, `${pointer}/id`);
    if (ids.has(id)) throw new FormatError('id-repeated', 'Two groups have the same id', `${pointer}/id`);
    ids.add(id);
    return paymentInformation(id, group, pointer, options, losses);
  });
  const namespace = `urn:iso:std:iso:20022:tech:xsd:pain.001.001.${options.version}`;
  const message = element('CstmrCdtTrfInitn', [groupHeader(groups, options, losses), ...written]);
  return { bytes: writeXml(element('Document', [message], { xmlns: namespace })), losses };
}

function groupHeader(groups: readonly OrderGroup[], options: Pain001Options, losses: Loss[]): Node {
  const payments = groups.flatMap((group) => group.payments);
  const name = fitText(options.initiator, MAX_NAME, 'domestic');
  losses.push(...lossesOf(name, 'initiator'));
  return element('GrpHdr', [
    element('MsgId', checkedId(options.messageId, 'messageId')),
    element('CreDtTm', options.createdAt),
    ...totals(payments, ''),
    element('InitgPty', [optional('Nm', name.text)]),
  ]);
}

/** `CtrlSum` has 18 digits. */
const MAX_SUM = 10n ** 18n - 1n;

/** Euro and crowns both have two decimals, so that sums of both are the decimals the schema asks for. */
function totals(payments: OrderGroup['payments'], pointer: string): Node[] {
  const minor = payments.reduce((total, { amount }) => total + amount.minor, 0n);
  if (minor > MAX_SUM) {
    const message = 'The payments come to more than a control sum of 18 digits can say: divide the file';
    throw new FormatError('sum-too-long', message, pointer);
  }
  return [
    element('NbOfTxs', String(payments.length)),
    element('CtrlSum', formatMoney({ minor, currency: 'EUR' })),
  ];
}

function paymentInformation(
  id: string,
  group: OrderGroup,
  pointer: string,
  options: Pain001Options,
  losses: Loss[],
): Node {
  const iban = checkedIban(group.payer, `${pointer}/payer`);
  const bankCode = accountOfIban(iban)?.bankCode ?? null;
  const known = painDialect(iban.startsWith('CZ') ? bankCode : null);
  const dialect = { ...known, symbols: options.symbols ?? known.symbols };
  const scheme = schemeOf(group, dialect, pointer);
  const context: WriteContext = { version: options.version, scheme, dialect, losses };
  const date = checkedDate(group, pointer);
  const name = fitText(group.payer.name ?? options.initiator, MAX_NAME, scheme.letters);
  losses.push(...lossesOf(name, `${pointer}/payer/name`));
  const domestic = scheme.kind === 'domestic';
  return element('PmtInf', [
    element('PmtInfId', id),
    element('PmtMtd', 'TRF'),
    ...totals(group.payments, `${pointer}/payments`),
    paymentType(group.priority, domestic),
    element('ReqdExctnDt', options.version === '03' ? date : [element('Dt', date)]),
    element('Dbtr', [optional('Nm', name.text)]),
    element('DbtrAcct', [
      element('Id', [element('IBAN', iban)]),
      // In euro the account may be in another currency, so only its number is said.
      domestic ? element('Ccy', scheme.currency) : null,
    ]),
    debtorAgent(group.payer, bankCode, pointer, context),
    domestic ? null : element('ChrgBr', 'SLEV'),
    ...group.payments.map((payment, at) => creditTransfer(payment, `${pointer}/payments/${at}`, context)),
  ]);
}

function schemeOf(group: OrderGroup, dialect: PainDialect, pointer: string): Scheme {
  if (group.kind !== 'credit-transfer') {
    const message = 'A pain.001 holds credit transfers; a collection is a KPC or a pain.008';
    throw new FormatError('collection-unsupported', message, `${pointer}/kind`);
  }
  if (group.payments.length === 0) {
    throw new FormatError('group-empty', 'The group has no payment', `${pointer}/payments`);
  }
  if (group.currency === 'EUR') return SEPA;
  if (group.currency === 'CZK') return { kind: 'domestic', currency: 'CZK', letters: dialect.letters };
  const message = `Payments in ${group.currency} are not written; EUR (SEPA) and CZK (domestic) are`;
  throw new FormatError('currency-unsupported', message, `${pointer}/currency`);
}

function checkedDate({ date }: OrderGroup, pointer: string): string {
  if (date !== null && isPlainDate(date)) return date;
  throw new FormatError(
    'date-missing',
    'There is no day of execution: give one as YYYY-MM-DD',
    `${pointer}/date`,
  );
}

/**
 * Priority: crowns by `InstrPrty`, SEPA by its service level; an instant payment is a local instrument of both (EPC
 * instant rulebook).
 */
function paymentType(priority: OrderPriority, domestic: boolean): Node {
  const urgent = priority !== 'normal';
  return element('PmtTpInf', [
    domestic || priority === 'urgent' ? element('InstrPrty', urgent ? 'HIGH' : 'NORM') : null,
    domestic ? null : element('SvcLvl', [element('Cd', 'SEPA')]),
    priority === 'instant' ? element('LclInstrm', [element('Cd', 'INST')]) : null,
  ]);
}

/** The schema wants the debtor's bank, so one without a BIC is said not to be provided, as SEPA does. */
function debtorAgent(
  payer: Counterparty,
  bankCode: string | null,
  pointer: string,
  { version }: WriteContext,
): Node {
  const bic = bicOf(payer, bankCode, `${pointer}/payer`, version);
  if (bic !== null) return agent('DbtrAgt', bic, version);
  const other = element('Othr', [element('Id', 'NOTPROVIDED')]);
  return element('DbtrAgt', [element('FinInstnId', [other])]);
}
