import { exponentOf } from '../../../shared/domain/money.ts';
import { fromIban } from './numbers.ts';
import { ContentError, isSound, NOBODY, type FiledPayment } from './order-file.ts';

/**
 * SEPA-XML: pain.001.001.03, read by cutting elements out of the text. Prefixed names are not looked for. What asks for
 * the service level SEPA must be in euro, to an IBAN, and what is so and asks for no charges is SEPA as well; anything
 * else is a foreign payment ("CCT").
 */

/** @throws ContentError */
export function readPainFile(bytes: Uint8Array): FiledPayment[] {
  const xml = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  if (!xml.includes('xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"') || xml.includes('<!')) {
    throw new ContentError('The document is no pain.001.001.03.');
  }
  const payments = inside(xml, 'PmtInf').flatMap(groupOf);
  const [header = ''] = inside(xml, 'GrpHdr');
  const amounts = [...xml.matchAll(INSTRUCTED)].map(([, , amount = '']) => minorOf(amount, SCALE));
  const sum = amounts.reduce((total, minor) => total + minor, 0n);
  const declared = minorOf(text(header, 'CtrlSum'), SCALE);
  if (text(header, 'NbOfTxs') !== String(payments.length) || declared !== sum) {
    throw new ContentError('NbOfTxs or CtrlSum differ from the payments.');
  }
  if (payments.length === 0) throw new ContentError('There is no payment.');
  return payments;
}

const INSTRUCTED = /<InstdAmt Ccy="([A-Z]{3})">([\d.]+)</g;
/** Decimals in which sums over all currencies are compared. */
const SCALE = 5;

/** A group's own fields. */
interface Group {
  readonly account: NonNullable<ReturnType<typeof fromIban>>;
  /** Currency of the account, `''` where the file does not name it. */
  readonly debited: string;
  readonly day: string;
  /** Service level, `''` where none is asked for. */
  readonly level: string;
}

function groupOf(group: string): FiledPayment[] {
  const [debtor = ''] = inside(group, 'DbtrAcct');
  const account = fromIban(text(debtor, 'IBAN'));
  if (account?.bankCode !== '5500' || !isSound(account))
    throw new ContentError('DbtrAcct is no account of ours.');
  const day = text(group, 'ReqdExctnDt');
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new ContentError('ReqdExctnDt is no date.');
  const level = text(inside(group, 'SvcLvl')[0] ?? '', 'Cd');
  const shared = { account, debited: text(debtor, 'Ccy'), day, level };
  return inside(group, 'CdtTrfTxInf').map((one) => paymentOf(one, shared));
}

function paymentOf(one: string, { account, debited, day, level }: Group): FiledPayment {
  const [, currency = '', amount = ''] = [...one.matchAll(INSTRUCTED)][0] ?? [];
  const minor = minorOf(amount, exponentOf(currency));
  const [creditor = ''] = inside(one, 'CdtrAcct');
  const [named = ''] = inside(one, 'Cdtr');
  const [bank = ''] = inside(one, 'CdtrAgt');
  const iban = text(creditor, 'IBAN');
  const other = iban === '' ? text(inside(creditor, 'Othr')[0] ?? '', 'Id') : '';
  const name = text(named, 'Nm');
  const asked = text(one, 'ChrgBr');
  const sepa =
    level === 'SEPA' || (level === '' && currency === 'EUR' && iban !== '' && ['', 'SLEV'].includes(asked));
  if (minor <= 0n || name === '' || (sepa && (currency !== 'EUR' || iban === ''))) {
    throw new ContentError('A payment lacks an amount in its currency, a creditor or an account.');
  }
  const bic = text(bank, 'BIC') || null;
  const bearer = BEARERS.find((word) => word === asked) ?? null;
  const routed = bic !== null || (text(bank, 'Nm') !== '' && text(bank, 'Ctry') !== '');
  if (!sepa && (!routed || bearer === null || (iban || other) === '')) {
    throw new ContentError('A foreign payment lacks its bank, its account or who bears the charges.');
  }
  return {
    type: sepa ? 'SEPA' : 'FPO',
    account,
    debited: debited || currency,
    currency,
    minor,
    day,
    party: {
      ...NOBODY,
      ...fromIban(iban),
      name,
      bic,
      ...(iban === '' ? { number: other } : { iban }),
      country: text(named, 'Ctry') || null,
      city: text(named, 'TwnNm') || null,
    },
    // Neither has symbols: what stands in the text stays there.
    ...{ variable: null, constant: null, specific: null },
    text: text(one, 'Ustrd') || null,
    endToEnd: text(one, 'EndToEndId') || null,
    bearer: sepa ? 'SHAR' : bearer,
  };
}

const BEARERS = ['SHAR', 'DEBT', 'CRED'] as const;

/** The contents of every element of a name, in order. */
function inside(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?: [^>]*)?>(.*?)</${name}>`, 'gs'))].map(
    ([, found = '']) => found,
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
};

/** The text of the first element of a name, `''` when there is none. */
const text = (xml: string, name: string): string =>
  (inside(xml, name)[0] ?? '').replace(/&\w+;/g, (entity) => ENTITIES[entity] ?? entity).trim();

/** A decimal in units of its last digit, which is `digits` behind the point at most; -1 when it is none. */
function minorOf(decimal: string, digits: number): bigint {
  const [, whole, fraction = ''] = /^(\d{1,16})(?:\.(\d+))?$/.exec(decimal) ?? [];
  if (whole === undefined || fraction.length > digits) return -1n;
  return BigInt(whole + fraction.padEnd(digits, '0'));
}
