import { accountOfIban } from '../../domain/account-number.ts';
import { isPlainDate } from '../../domain/dates.ts';
import type { Counterparty } from '../../domain/model.ts';
import { exponentOf } from '../../domain/money.ts';
import type { OrderGroup, OrderPriority } from '../../domain/order-file.ts';
import { kindOf, type PaymentKind } from '../../domain/payment-kind.ts';
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
 * Writer of ISO 20022 pain.001 in versions 03 and 09: SEPA credit transfers (euro), domestic payments in crowns, and
 * foreign payments. Collections are no pain.001 and refused.
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
const MAX_DIGITS = 18;

/** The control sum is that of the decimals, whatever their currencies. */
function totals(payments: OrderGroup['payments'], pointer: string): Node[] {
  const decimals = Math.max(0, ...payments.map(({ amount }) => exponentOf(amount.currency)));
  const sum = payments.reduce(
    (total, { amount }) => total + amount.minor * 10n ** BigInt(decimals - exponentOf(amount.currency)),
    0n,
  );
  if (sum.toString().length > MAX_DIGITS) {
    const message = 'The payments come to more than a control sum of 18 digits can say: divide the file';
    throw new FormatError('sum-too-long', message, pointer);
  }
  const digits = sum.toString().padStart(decimals + 1, '0');
  const text = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return [element('NbOfTxs', String(payments.length)), element('CtrlSum', text)];
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
  const currency = group.payerCurrency ?? (scheme.kind === 'domestic' ? scheme.currency : null);
  return element('PmtInf', [
    element('PmtInfId', id),
    element('PmtMtd', 'TRF'),
    ...totals(group.payments, `${pointer}/payments`),
    paymentType(group.priority, scheme.kind, pointer),
    element('ReqdExctnDt', options.version === '03' ? date : [element('Dt', date)]),
    element('Dbtr', [optional('Nm', name.text)]),
    element('DbtrAcct', [
      element('Id', [element('IBAN', iban)]),
      // Euro and foreign currencies may be paid from an account in another one.
      optional('Ccy', currency),
    ]),
    debtorAgent(group.payer, bankCode, pointer, context),
    // Foreign payments say it one by one.
    scheme.kind === 'sepa' ? element('ChrgBr', 'SLEV') : null,
    ...group.payments.map((payment, at) => creditTransfer(payment, `${pointer}/payments/${at}`, context)),
  ]);
}

function schemeOf(group: OrderGroup, dialect: PainDialect, pointer: string): Scheme {
  if (group.kind !== 'credit-transfer') {
    const message = 'A pain.001 holds credit transfers; a collection is a KPC or a pain.008';
    throw new FormatError('collection-unsupported', message, `${pointer}/kind`);
  }
  const [first] = group.payments;
  if (first === undefined) {
    throw new FormatError('group-empty', 'The group has no payment', `${pointer}/payments`);
  }
  const { currency } = group;
  const kind = kindOf(first);
  return { kind, currency, letters: kind === 'domestic' ? dialect.letters : 'epc' };
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
 * Priority: crowns and foreign payments by `InstrPrty`, SEPA by its service level; an instant payment is a local
 * instrument of crowns and SEPA (EPC instant rulebook).
 */
function paymentType(priority: OrderPriority, kind: PaymentKind, pointer: string): Node {
  const urgent = priority !== 'normal';
  const sepa = kind === 'sepa';
  if (kind === 'foreign' && priority === 'instant') {
    const message = 'There are no instant payments abroad: leave the priority out';
    throw new FormatError('priority-unsupported', message, `${pointer}/priority`);
  }
  return element('PmtTpInf', [
    !sepa || priority === 'urgent' ? element('InstrPrty', urgent ? 'HIGH' : 'NORM') : null,
    sepa ? element('SvcLvl', [element('Cd', 'SEPA')]) : null,
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
