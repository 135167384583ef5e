import type { PlainDate } from '../../../shared/domain/dates.ts';
import { domestic, fromDomestic, fromIban, remainder } from '../raiffeisen/numbers.ts';
import { BANK_CODE } from './accounts.ts';

/**
 * Readers of uploaded orders, the bank's own and small: they share nothing with the gateway's, so that no mistake of
 * one is hidden by the other.
 */
export interface FiledPayment {
  /** Number of the client's account, `prefix-number`. */
  readonly account: string;
  /** Its currency, where the file names it. */
  readonly accountCurrency: string | null;
  readonly currency: string;
  readonly minor: bigint;
  readonly day: PlainDate;
  /** `iban`: any account abroad. */
  readonly party: { name: string | null; prefix: string; number: string; bank: string; iban: string | null };
  readonly variable: string | null;
  readonly constant: string | null;
  readonly specific: string | null;
  readonly message: string | null;
  readonly reference: string | null;
  /** SHA, OUR or BEN of a foreign payment, else `null`. */
  readonly charges: string | null;
}

export class ContentError extends Error {
  override readonly name = 'ContentError';
}

const GROUP = /^2 (\S+) (\d{1,14}) (\d{6})$/;
const ITEM =
  /^(\S+) (\d{1,14}) (\d{1,10}) (?:00)?(\d{4})(\d{4})(?: (\d{1,10}))?(?: AV:(.*?))?(?: ?NP:(.*))?$/;

/** ABO ("Tuzemské platby ve formátu ABO"): only `UHL1` of the header is read, sums are not checked. @throws ContentError */
export function readAbo(bytes: Uint8Array): FiledPayment[] {
  const lines = new TextDecoder('windows-1250').decode(bytes).split('\r\n');
  if (lines.pop() !== '' || !lines.shift()?.startsWith('UHL1'))
    throw new ContentError('no UHL1, or a cut line');
  const payments: FiledPayment[] = [];
  let open = false;
  let group: { account: string; day: PlainDate } | null = null;
  for (const line of lines) {
    const [, payer, , due] = GROUP.exec(line) ?? [];
    if (/^1 150[134] \d{6} 0300$/.test(line) && !open) open = true;
    else if (payer !== undefined && due !== undefined && open && !group)
      group = { account: checked(payer, BANK_CODE).text, day: dayOf(due) };
    else if (line === '3 +' && group) group = null;
    else if (line === '5 +' && open && !group) open = false;
    else if (group) payments.push(itemOf(line, group));
    else throw new ContentError(`a line out of place: ${line.slice(0, 10)}`);
  }
  if (open || payments.length === 0) throw new ContentError('the file ends before its last record');
  return payments;
}

function itemOf(line: string, { account, day }: { account: string; day: PlainDate }): FiledPayment {
  const fields = ITEM.exec(line);
  if (!fields) throw new ContentError('no item');
  const [, other = '', amount = '', variable = '', bank = '', constant = '', specific = '', text, name] =
    fields;
  const { prefix, number } = checked(other, bank);
  return {
    account,
    accountCurrency: 'CZK',
    currency: 'CZK',
    minor: BigInt(amount),
    day,
    party: { name: name?.trim() || null, prefix, number, bank, iban: null },
    variable: meant(variable),
    constant: meant(constant),
    specific: meant(specific),
    message: text?.replaceAll('|', ' ').trim() || null,
    reference: null,
    charges: null,
  };
}

function checked(text: string, bankCode: string): { prefix: string; number: string; text: string } {
  const account = fromDomestic(text, bankCode);
  if (!account || account.number === '') throw new ContentError('no account number');
  if (bankCode !== BANK_CODE && remainder(account.number) + remainder(account.prefix) !== 0)
    throw new ContentError('modulo 11');
  return { ...account, text: domestic(account) };
}

const dayOf = (due: string): PlainDate => `20${due.slice(4)}-${due.slice(2, 4)}-${due.slice(0, 2)}`;
const meant = (symbol: string): string | null => (/^0*$/.test(symbol) ? null : symbol);

/** "XML SEPA": pain.001.001.03 in euro, read by cutting elements out of the text. @throws ContentError */
export function readSepa(bytes: Uint8Array): FiledPayment[] {
  const xml = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  if (!xml.includes('urn:iso:std:iso:20022:tech:xsd:pain.001.001.03'))
    throw new ContentError('no pain.001.001.03');
  const payments = inside(xml, 'PmtInf').flatMap((group) => {
    const account = fromIban(text(inside(group, 'DbtrAcct')[0] ?? '', 'IBAN'));
    if (account?.bankCode !== BANK_CODE) throw new ContentError('not our account');
    return inside(group, 'CdtTrfTxInf').map((one): FiledPayment => {
      const [, currency = '', amount = ''] = /<InstdAmt Ccy="([A-Z]{3})">(\d+\.\d\d)</.exec(one) ?? [];
      if (currency !== 'EUR') throw new ContentError('not in euro');
      const iban = text(inside(one, 'CdtrAcct')[0] ?? '', 'IBAN');
      const name = text(inside(one, 'Cdtr')[0] ?? '', 'Nm');
      return {
        account: domestic(account),
        accountCurrency: text(inside(group, 'DbtrAcct')[0] ?? '', 'Ccy') || null,
        currency,
        minor: BigInt(amount.replace('.', '')),
        day: text(group, 'ReqdExctnDt'),
        party: { name, prefix: '', number: '', bank: text(one, 'BIC') || 'NOTPROVIDED', iban },
        variable: null,
        constant: null,
        specific: null,
        message: text(one, 'Ustrd') || null,
        reference: text(one, 'EndToEndId') || null,
        charges: null,
      };
    });
  });
  if (payments.length === 0) throw new ContentError('no payment');
  return payments;
}

const inside = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}(?: [^>]*)?>(.*?)</${name}>`, 'gs'))].map(([, found = '']) => found);
const text = (xml: string, name: string): string =>
  (inside(xml, name)[0] ?? '').replaceAll('&amp;', '&').replaceAll('&lt;', '<').trim();
