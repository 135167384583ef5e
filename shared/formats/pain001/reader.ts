import { exponentOf, type Money } from '../../domain/money.ts';
import type { OrderFile, OrderGroup, OrderPayment } from '../../domain/order-file.ts';
import { NO_CURRENCY } from '../camt/account.ts';
import { dateOf, decimalOf, textAt } from '../camt/fields.ts';
import { FormatError } from '../errors.ts';
import { collectOrders, type OrderEvent } from '../order-stream.ts';
import { detach, readXml, type XmlElement, type XmlOptions, type XmlPath } from '../xml.ts';
import { readParty, readPayment, readPriority } from './payment.ts';

/**
 * Reader of ISO 20022 pain.001 (customer credit transfer initiation). Versions 03 and 09 differ in where a few fields
 * stand, so everything goes by local names and the namespace is not looked at.
 */

const MESSAGE = 'CstmrCdtTrfInitn';
const GROUP = 'PmtInf';
const PAYMENT = 'CdtTrfTxInf';
/** Characters of the raw text of an unreadable payment. */
const MAX_RAW = 64 * 1024;

const isGroup = (path: XmlPath): boolean => path.at(-1) === GROUP && path.at(-2) === MESSAGE;
/** The message's header and the children of its groups. */
const isPart = (path: XmlPath): boolean =>
  path.at(-2) === MESSAGE ? path.at(-1) === 'GrpHdr' : isGroup(path.slice(0, -1));

/**
 * Reads orders as a stream: one payment's XML is in memory at a time. Only the end of the iteration says that the
 * document was complete.
 * @throws FormatError `truncated`, `malformed`, `doctype`, `too-deep`, `too-long`, `too-large`, `encoding` (the XML),
 * `not-pain001` (another document), `no-order`
 */
export function* streamPain001(
  chunks: Iterable<Uint8Array>,
  options: Pick<XmlOptions, 'maxBytes'> = {},
): Generator<OrderEvent, void, undefined> {
  const events: OrderEvent[] = [];
  const emit = (event: OrderEvent): void => void events.push(event);
  let header: XmlElement | null = null;
  let found = false;
  let groups = 0;
  let group: GroupReader | null = null;
  const total: Tally = { count: 0, sum: 0n };
  for (const event of readXml(chunks, { ...options, isPart })) {
    if (event.type === 'warning') emit(event);
    else if (event.type === 'part') {
      if (group) group.add(event.element, event.raw);
      else if (event.element.name === 'GrpHdr' && !header) {
        header = event.element;
        emit({ type: 'file', id: textAt(header, 'MsgId'), createdAt: textAt(header, 'CreDtTm') });
      }
    } else if (event.type === 'open') {
      found ||= event.path.at(-1) === MESSAGE;
      if (isGroup(event.path)) group = groupReader((groups += 1), emit);
    } else if (group && isGroup(event.path)) {
      const { count, sum } = group.finish();
      total.count += count;
      total.sum += sum;
      group = null;
    }
    for (const ready of events) yield ready;
    events.length = 0;
  }
  if (!found) {
    const message = 'The document is no pain.001 (credit transfer initiation): check what was sent';
    throw new FormatError('not-pain001', message);
  }
  if (groups === 0)
    throw new FormatError('no-order', 'The pain.001 document holds no PmtInf, so nothing to pay');
  yield* compared(header, total, 'GrpHdr');
}

/** Reads a whole document; one that is truncated or broken anywhere gives nothing. @throws FormatError as above */
export function readPain001(document: Uint8Array | Iterable<Uint8Array>): OrderFile {
  return collectOrders(streamPain001(document instanceof Uint8Array ? [document] : document));
}

/** What the payments came to: their number, and the sum in hundred-thousandths of whatever currency, as CtrlSum is. */
interface Tally {
  count: number;
  sum: bigint;
}

const DECIMALS = 5;

const scaled = ({ minor, currency }: Money): bigint => minor * 10n ** BigInt(DECIMALS - exponentOf(currency));

/** A control sum in the same unit, `null` when it is none. */
function scaledSum(text: string): bigint | null {
  const match = /^(\d{1,18})(?:\.(\d{0,17}))?$/.exec(text);
  if (!match) return null;
  const [, whole = '', fraction = ''] = match;
  if (/[1-9]/.test(fraction.slice(DECIMALS))) return null;
  return BigInt(whole + fraction.slice(0, DECIMALS).padEnd(DECIMALS, '0'));
}

function decimals(sum: bigint): string {
  const digits = sum.toString().padStart(DECIMALS + 1, '0');
  return `${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`.replace(/0{0,3}$/, '');
}

/** `NbOfTxs` and `CtrlSum` of a header against what was read. */
function* compared(
  header: XmlElement | null,
  { count, sum }: Tally,
  position: string,
): Generator<OrderEvent> {
  const warn = (rule: string, message: string): OrderEvent => ({
    type: 'warning',
    warning: { rule, message, position },
  });
  const saidCount = textAt(header, 'NbOfTxs');
  if (saidCount !== null && saidCount !== String(count) && Number(saidCount) !== count) {
    yield warn('count-differs', `NbOfTxs says ${saidCount.slice(0, 20)} payments, there are ${count}.`);
  }
  const saidSum = textAt(header, 'CtrlSum');
  if (saidSum !== null && scaledSum(saidSum) !== sum) {
    yield warn('sum-differs', `CtrlSum says ${saidSum.slice(0, 40)}, the payments come to ${decimals(sum)}.`);
  }
}

type GroupReader = ReturnType<typeof groupReader>;

/** Collects one `PmtInf`. @param ordinal from 1 */
function groupReader(ordinal: number, emit: (event: OrderEvent) => void) {
  const place = `PmtInf ${ordinal}`;
  /** The group's own fields; a repeated one counts once. */
  const own = new Map<string, XmlElement>();
  const tally: Tally = { count: 0, sum: 0n };
  let sum: Money | null = null;

  const warn = (rule: string, message: string, position = place): void =>
    emit({ type: 'warning', warning: { rule, message, position } });

  const addPayment = (element: XmlElement, raw: string): void => {
    tally.count += 1;
    const position = `${place}, payment ${tally.count}`;
    try {
      refuseOtherMeans(own.get('PmtMtd'));
      // It stands before the payments, as everything of the group does.
      const bearer = own.get('ChrgBr')?.text || null;
      const payment = readPayment(element, bearer, (rule, message) => warn(rule, message, position));
      addAmount(payment, position);
      checkPriority(element, position);
      emit({ type: 'payment', payment });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      const message = `${position} was not read. ${error.message}. It is kept aside: correct it in the file.`;
      const kept = detach(raw.slice(0, MAX_RAW));
      emit({ type: 'quarantined', item: { rule: error.rule, message, position, raw: kept } });
    }
  };
  const addAmount = ({ amount }: OrderPayment, position: string): void => {
    tally.sum += scaled(amount);
    sum ??= { minor: 0n, currency: amount.currency };
    if (amount.currency === sum.currency) sum = { ...sum, minor: sum.minor + amount.minor };
    else {
      const message = `This payment is in ${amount.currency}; the sum of its group holds those in ${sum.currency}.`;
      warn('currencies-mixed', message, position);
    }
  };
  const checkPriority = (element: XmlElement, position: string): void => {
    const type = element.children.find(({ name }) => name === 'PmtTpInf');
    if (!type) return;
    const [one, all] = [readPriority(type), readPriority(own.get('PmtTpInf') ?? null)];
    if (one === all) return;
    warn(
      'priority-differs',
      `This payment asks to be ${one}, its group is ${all}, and that is what counts.`,
      position,
    );
  };

  return {
    add(element: XmlElement, raw: string): void {
      if (element.name === PAYMENT) addPayment(element, raw);
      else if (!own.has(element.name)) own.set(element.name, element);
    },
    /** Gives out the group and what its payments came to. */
    finish(): Tally {
      const currency = sum?.currency ?? currencyOf(own.get('DbtrAcct'));
      emit({ type: 'group', group: figures(own, sum ?? { minor: 0n, currency }, warn) });
      const header: XmlElement = { name: GROUP, attributes: {}, text: '', children: [...own.values()] };
      for (const event of compared(header, tally, place)) emit(event);
      return tally;
    },
  };
}

function refuseOtherMeans(method: XmlElement | undefined): void {
  if (method === undefined || method.text === 'TRF') return;
  const message = `PmtMtd is "${method.text.slice(0, 20)}", which is no credit transfer (TRF)`;
  throw new FormatError('method-unsupported', message);
}

function currencyOf(account: XmlElement | undefined): string {
  const currency = textAt(account ?? null, 'Ccy') ?? '';
  return /^[A-Z]{3}$/.test(currency) ? currency : NO_CURRENCY;
}

function figures(
  own: ReadonlyMap<string, XmlElement>,
  sum: Money,
  warn: (rule: string, message: string) => void,
): Omit<OrderGroup, 'payments'> {
  const part = (name: string): XmlElement | null => own.get(name) ?? null;
  const date = dateOf(part('ReqdExctnDt'));
  if (date === null) warn('date-unreadable', 'ReqdExctnDt is no day, so the day of execution is not known.');
  const payer = readParty(part('Dbtr'), part('DbtrAcct'), part('DbtrAgt'), warn);
  if (payer.iban === null && payer.number === null) {
    warn('payer-missing', "There is no debtor's account, so the payer is not known.");
  }
  const count = part('NbOfTxs')?.text ?? '';
  const payerCurrency = currencyOf(own.get('DbtrAcct'));
  return {
    id: part('PmtInfId')?.text || null,
    kind: 'credit-transfer',
    priority: readPriority(part('PmtTpInf')),
    payer,
    ...(payerCurrency === NO_CURRENCY ? {} : { payerCurrency }),
    currency: sum.currency,
    date,
    sum,
    declared: {
      sum: declaredSum(part('CtrlSum')?.text ?? '', sum.currency),
      count: /^\d{1,15}$/.test(count) ? Number(count) : null,
    },
  };
}

function declaredSum(text: string, currency: string): Money | null {
  try {
    return text === '' ? null : decimalOf(text, currency);
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}
