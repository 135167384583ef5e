import { accountOfIban, isValidIban, localNumber, normaliseIban } from '../../domain/account-number.ts';
import type { QuarantinedItem, Warning } from '../../domain/model.ts';
import type { Money } from '../../domain/money.ts';
import { readAgent } from '../camt/agent.ts';
import { amountOf, child, children, dateOf, joined, textAt } from '../camt/fields.ts';
import { FormatError } from '../errors.ts';
import { parseOrderAccount } from '../order-party.ts';
import { readXml, type XmlElement, type XmlOptions, type XmlPath } from '../xml.ts';
import { outcomeOf } from './outcome.ts';
import type {
  Outcome,
  PaymentStatus,
  ReportedAccount,
  StatusReason,
  StatusReport,
  TransactionStatus,
} from './report.ts';

/**
 * Reader of ISO 20022 pain.002 (payment status report), by local names, with or without a namespace. It reads ČSOB's
 * import protocol as well: there an order is known by its ordinal in the file, the words of a reason stand in the name
 * of its originator, and elements called IBAN hold domestic numbers.
 */

const MESSAGE = 'CstmrPmtStsRpt';
const GROUP = 'OrgnlPmtInfAndSts';
/** Characters of the raw text of an unreadable transaction. */
const MAX_RAW = 64 * 1024;

const isGroup = (path: XmlPath): boolean => path.at(-1) === GROUP && path.at(-2) === MESSAGE;
/** The message's own fields and those of its groups. */
const isPart = (path: XmlPath): boolean =>
  path.at(-2) === MESSAGE ? path.at(-1) !== GROUP : isGroup(path.slice(0, -1));

/** A transaction or a group before its outcome is known, which rests on the levels around it. */
type ReadTransaction = Omit<TransactionStatus, 'outcome'>;
interface ReadGroup {
  readonly fields: XmlElement[];
  readonly transactions: ReadTransaction[];
  /** Transactions that could not be read. */
  unread: number;
}

/**
 * Reads a whole report; one that is truncated or broken anywhere gives nothing.
 * @throws FormatError `truncated`, `malformed`, `doctype`, `too-deep`, `too-long`, `too-large`, `encoding` (the XML),
 * `not-pain002` (another document)
 */
export function readPain002(
  document: Uint8Array | Iterable<Uint8Array>,
  options: Pick<XmlOptions, 'maxBytes'> = {},
): StatusReport {
  const warnings: Warning[] = [];
  const quarantined: QuarantinedItem[] = [];
  const own: XmlElement[] = [];
  const groups: ReadGroup[] = [];
  let found = false;
  let group: ReadGroup | null = null;
  const chunks = document instanceof Uint8Array ? [document] : document;
  for (const event of readXml(chunks, { ...options, isPart })) {
    if (event.type === 'warning') warnings.push(event.warning);
    else if (event.type !== 'part') {
      found ||= event.path.at(-1) === MESSAGE;
      if (!isGroup(event.path)) continue;
      group = event.type === 'open' ? { fields: [], transactions: [], unread: 0 } : null;
      if (group) groups.push(group);
    } else if (!group) own.push(event.element);
    else if (event.element.name === 'TxInfAndSts') {
      const position = `${GROUP} ${groups.length}, transaction ${group.transactions.length + group.unread + 1}`;
      try {
        group.transactions.push(readTransaction(event.element, position, warnings));
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        group.unread += 1;
        quarantined.push(setAside(error, position, event.raw));
      }
    } else group.fields.push(event.element);
  }
  if (!found) {
    const message = 'The document is no pain.002 (payment status report): check what the bank sent';
    throw new FormatError('not-pain002', message);
  }
  return { ...reportOf(own, groups), warnings, quarantined };
}

function setAside(error: FormatError, position: string, raw: string): QuarantinedItem {
  const message = `${position} was not read. ${error.message}. It is kept aside: ask the bank about it.`;
  return { rule: error.rule, message, position, raw: raw.slice(0, MAX_RAW) };
}

/** Fields as the children of one element, so that they are found by their paths. */
const parent = (fields: readonly XmlElement[]): XmlElement => ({
  name: '',
  attributes: {},
  text: '',
  children: fields,
});

function reportOf(
  own: readonly XmlElement[],
  groups: readonly ReadGroup[],
): Omit<StatusReport, 'warnings' | 'quarantined'> {
  const message = parent(own);
  const original = child(message, 'OrgnlGrpInfAndSts');
  const status = textAt(original, 'GrpSts');
  const count = countOf(original);
  const above = outcomeOf(status, 'unknown', [], { covered: 0, count: null });
  // With one group the count of the whole is its own.
  const payments = groups.map((group) => paymentOf(group, above, groups.length === 1 ? count : null));
  const covered = groups.length === 1 ? Infinity : groups.reduce((sum, group) => sum + coveredBy(group), 0);
  return {
    id: textAt(message, 'GrpHdr', 'MsgId'),
    createdAt: textAt(message, 'GrpHdr', 'CreDtTm'),
    originalId: textAt(original, 'OrgnlMsgId'),
    originalFormat: textAt(original, 'OrgnlMsgNmId'),
    count,
    status,
    outcome: outcomeOf(
      status,
      'unknown',
      payments.map(({ outcome }) => outcome),
      { covered, count },
    ),
    reasons: reasonsOf(original),
    payments,
  };
}

/** How many transactions a group speaks for; one that lists none and gives no number speaks for all it has. */
function coveredBy({ fields, transactions, unread }: ReadGroup): number {
  return countOf(parent(fields)) ?? (transactions.length + unread || Infinity);
}

function paymentOf(group: ReadGroup, above: Outcome, fallback: number | null): PaymentStatus {
  const fields = parent(group.fields);
  const status = textAt(fields, 'PmtInfSts');
  const count = countOf(fields);
  const inherited = outcomeOf(status, above, [], { covered: 0, count: null });
  const transactions = group.transactions.map((transaction) => ({
    ...transaction,
    outcome: outcomeOf(transaction.status, inherited, [], { covered: 0, count: null }),
  }));
  const below: Outcome[] = transactions.map(({ outcome }) => outcome);
  if (group.unread > 0) below.push('unknown');
  return {
    id: textAt(fields, 'OrgnlPmtInfId'),
    count,
    status,
    outcome: outcomeOf(status, above, below, {
      covered: group.transactions.length + group.unread,
      count: count ?? fallback,
    }),
    reasons: reasonsOf(fields),
    transactions,
  };
}

function countOf(element: XmlElement | null): number | null {
  const text = textAt(element, 'OrgnlNbOfTxs') ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function readTransaction(element: XmlElement, position: string, warnings: Warning[]): ReadTransaction {
  const reference = child(element, 'OrgnlTxRef');
  return {
    instructionId: textAt(element, 'OrgnlInstrId'),
    endToEndId: textAt(element, 'OrgnlEndToEndId'),
    bankReference: textAt(element, 'AcctSvcrRef') ?? textAt(element, 'ClrSysRef'),
    statusId: textAt(element, 'StsId'),
    status: textAt(element, 'TxSts'),
    reasons: reasonsOf(element),
    amount: amountIn(child(reference, 'Amt', 'InstdAmt'), position, warnings),
    date: dateOf(child(reference, 'ReqdExctnDt')) ?? dateOf(child(reference, 'ReqdColltnDt')),
    debtor: accountIn(child(reference, 'DbtrAcct'), child(reference, 'DbtrAgt')),
    creditor: accountIn(child(reference, 'CdtrAcct'), child(reference, 'CdtrAgt')),
  };
}

/** The amount is a repetition of ours, so one that cannot be read costs a warning and not the status. */
function amountIn(element: XmlElement | null, position: string, warnings: Warning[]): Money | null {
  if (!element) return null;
  try {
    return amountOf(element);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    warnings.push({ rule: error.rule, message: `${error.message}; the status was read.`, position });
    return null;
  }
}

/** An account that may be called an IBAN without being one. */
function accountIn(element: XmlElement | null, agent: XmlElement | null): ReportedAccount {
  const { bankCode } = readAgent(agent);
  const written = textAt(element, 'Id', 'IBAN') ?? textAt(element, 'Id', 'Othr', 'Id');
  const iban = normaliseIban(written ?? '');
  if (iban !== null && isValidIban(iban)) {
    const account = accountOfIban(iban);
    return { iban, number: account && localNumber(account), bankCode: account?.bankCode ?? bankCode };
  }
  const account = written === null ? null : parseOrderAccount(written);
  return {
    iban: null,
    number: account ? localNumber(account) : written,
    bankCode: account?.bankCode ?? bankCode,
  };
}

/** Code and words of each reason; ČSOB has the words in the originator's name. */
function reasonsOf(element: XmlElement | null): StatusReason[] {
  return children(element, 'StsRsnInf').flatMap((reason) => {
    const code = textAt(reason, 'Rsn', 'Cd') ?? textAt(reason, 'Rsn', 'Prtry');
    const text = joined(children(reason, 'AddtlInf')) ?? textAt(reason, 'Orgtr', 'Nm');
    return code === null && text === null ? [] : [{ code, text }];
  });
}
