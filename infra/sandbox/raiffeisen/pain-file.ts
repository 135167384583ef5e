import { fromIban } from './numbers.ts';
import { ContentError, isSound, NOBODY, type FiledPayment } from './order-file.ts';

/** SEPA-XML: pain.001.001.03, read by cutting elements out of the text. Prefixed names are not looked for. */

/** @throws ContentError */
export function readPainFile(bytes: Uint8Array): FiledPayment[] {
  const xml = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  if (!xml.includes('xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"') || xml.includes('<!')) {
    throw new ContentError('The document is no pain.001.001.03.');
  }
  const payments = inside(xml, 'PmtInf').flatMap(groupOf);
  const [header = ''] = inside(xml, 'GrpHdr');
  const sum = payments.reduce((total, { minor }) => total + minor, 0n);
  if (text(header, 'NbOfTxs') !== String(payments.length) || centsOf(text(header, 'CtrlSum')) !== sum) {
    throw new ContentError('NbOfTxs or CtrlSum differ from the payments.');
  }
  if (payments.length === 0) throw new ContentError('There is no payment.');
  return payments;
}

function groupOf(group: string): FiledPayment[] {
  const [debtor = ''] = inside(group, 'DbtrAcct');
  const account = fromIban(text(debtor, 'IBAN'));
  if (account?.bankCode !== '5500' || !isSound(account))
    throw new ContentError('DbtrAcct is no account of ours.');
  const day = text(group, 'ReqdExctnDt');
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new ContentError('ReqdExctnDt is no date.');
  return inside(group, 'CdtTrfTxInf').map((one): FiledPayment => {
    const [amount, currency] = /<InstdAmt Ccy="([A-Z]{3})">([\d.]+)</.exec(one)?.slice(1).reverse() ?? [];
    const [creditor = ''] = inside(one, 'CdtrAcct');
    const [named = ''] = inside(one, 'Cdtr');
    const iban = text(creditor, 'IBAN');
    const name = text(named, 'Nm');
    const minor = centsOf(amount ?? '');
    if (currency !== 'EUR' || minor <= 0n || iban === '' || name === '') {
      throw new ContentError('A payment lacks an amount in euro, a creditor or an account.');
    }
    const bic = /<CdtrAgt>.*?<BIC>(\w+)</s.exec(one)?.[1] ?? null;
    const known = { ...NOBODY, ...fromIban(iban), name, iban, bic };
    const texts = { text: text(one, 'Ustrd') || null, endToEnd: text(one, 'EndToEndId') || null };
    return { type: 'SEPA', account, currency, minor, day, party: known, ...NO_SYMBOLS, ...texts };
  });
}

/** SEPA has no symbols: what stands in the text stays there. */
const NO_SYMBOLS = { variable: null, constant: null, specific: null };

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

/** Hundredths of a decimal with two digits at most; -1 when it is none. */
function centsOf(decimal: string): bigint {
  const [, whole, fraction = ''] = /^(\d{1,16})(?:\.(\d{1,2}))?$/.exec(decimal) ?? [];
  return whole === undefined ? -1n : BigInt(whole + fraction.padEnd(2, '0'));
}
