import { domestic, fromDomestic, type DomesticNumber } from './numbers.ts';
import { ContentError, isSound, NOBODY, type FiledPayment } from './order-file.ts';

/** ABO-KPC in the bulk form, by the bank's eKomunikátor description: one payer and one day for a group. */

const HEADER = /^UHL1\d{6}[^a-z@]{20}\d{10}\d{6}\d{12}$/;
const ACCOUNTING = /^1 (1501|1502) \d{6} 5500$/;
const GROUP = /^2 (\S+) (\d{1,14}) (\d{6})$/;
const ITEM = /^(\S+) (\d{1,12}) (\d{1,10}) (?:00)?(\d{4})(\d{4})(?: (\d{1,10}))?(?: AV:(.*))?$/;

/** @throws ContentError with the number of the line */
export function readKpcFile(bytes: Uint8Array): FiledPayment[] {
  const lines = new TextDecoder('windows-1250').decode(bytes).split(/\r?\n/);
  if (lines.pop() !== '' || !HEADER.test(lines.shift() ?? ''))
    throw new ContentError('Line 1: no UHL1 header.');
  const payments: FiledPayment[] = [];
  let type: 'DPO' | 'DD' | null = null;
  let group: { account: DomesticNumber; day: string; left: bigint } | null = null;
  for (const [index, line] of lines.entries()) {
    const wrong = (what: string): ContentError => new ContentError(`Line ${index + 2}: ${what}.`);
    const [, kind] = ACCOUNTING.exec(line) ?? [];
    const [, payer, sum, due] = GROUP.exec(line) ?? [];
    if (kind !== undefined && type === null) type = kind === '1501' ? 'DPO' : 'DD';
    else if (payer !== undefined && type !== null && group === null) {
      group = { account: accountOf(payer, '5500', wrong), day: dayOf(due ?? ''), left: BigInt(sum ?? '') };
    } else if (line === '3 +' && group !== null) {
      if (group.left !== 0n) throw wrong('the sum of the group differs from its items');
      group = null;
    } else if (line === '5 +' && type !== null && group === null) type = null;
    else if (type !== null && group !== null) {
      const payment = itemOf(line, type, group, wrong);
      group.left -= payment.minor;
      payments.push(payment);
    } else throw wrong('no such record here');
  }
  if (type !== null || payments.length === 0) throw new ContentError('The file ends before its last record.');
  return payments;
}

function itemOf(
  line: string,
  type: 'DPO' | 'DD',
  { account, day }: { account: DomesticNumber; day: string },
  wrong: (what: string) => ContentError,
): FiledPayment {
  const fields = ITEM.exec(line);
  if (!fields) throw wrong('no item');
  const [, other = '', amount = '', variable = '', bank = '', constant = '', specific = '', text = ''] =
    fields;
  const party = accountOf(other, bank, wrong);
  const minor = BigInt(amount);
  if (minor === 0n) throw wrong('the amount is zero');
  return {
    type,
    account,
    debited: 'CZK',
    currency: 'CZK',
    minor,
    day,
    party: { ...NOBODY, prefix: party.prefix, number: party.number, bankCode: bank },
    variable: meant(variable),
    constant: meant(constant),
    specific: meant(specific),
    text: linesOf(text) || null,
    endToEnd: null,
    bearer: null,
  };
}

function accountOf(text: string, bankCode: string, wrong: (what: string) => ContentError): DomesticNumber {
  const account = fromDomestic(text, bankCode);
  if (account && account.number !== '' && isSound(account)) return account;
  throw wrong(`${account ? domestic(account) : 'text'} is no account number`);
}

/** `DDMMYY` of this century. */
const dayOf = (text: string): string => `20${text.slice(4)}-${text.slice(2, 4)}-${text.slice(0, 2)}`;

/** Zeros mean that there is no symbol. */
const meant = (symbol: string): string | null => (/^0*$/.test(symbol) ? null : symbol);

/** Up to four lines of 35; a full one goes on in the next. */
const linesOf = (text: string): string =>
  text
    .split('|')
    .map((line) => (line.length < 35 ? `${line} ` : line))
    .join('')
    .trim();
