import { accountOfIban, localNumber } from '../../domain/account-number.ts';
import type { Counterparty, Transaction } from '../../domain/model.ts';
import {
  normaliseConstantSymbol,
  normaliseSpecificSymbol,
  normaliseVariableSymbol,
} from '../../domain/symbols.ts';
import { BIC, BICFI, branch, leaf } from '../xml-write.ts';
import { amount, field, fit, indicator, lose, type Draft } from './write-fields.ts';

/** How a movement stands in its entry. */
export interface Place {
  /** Whether it is one of several: then it has its own amount and code. */
  readonly batch: boolean;
  /** Whether a reader takes it for a debit: by its own direction, or where it has none by its entry's. */
  readonly debit: boolean;
  /** For the list of losses. */
  readonly position: string;
}

/** `TxDtls` of a movement, with the elements in the order of the message definition. */
export function writeDetails(draft: Draft, transaction: Transaction, place: Place): string {
  const { batch, position } = place;
  if (transaction.card !== null) {
    lose(draft, 'card-left-out', 'The card number: the message has a field for full numbers only.', position);
  }
  return branch(
    'TxDtls',
    referencesOf(draft, transaction, position),
    batch && draft.version === '08'
      ? amount(transaction.amount, position) + indicator(transaction.amount.minor)
      : '',
    amountsOf(draft, transaction, place),
    batch ? codeOf(draft, transaction, position) : '',
    partiesOf(draft, transaction, place),
    branch('RmtInf', ...symbolsOf(draft, transaction, position)),
    field(draft, 'AddtlTxInf', transaction.message, 500, `${position}, message`),
  );
}

function referencesOf(
  draft: Draft,
  { bankReference, batch, endToEndId }: Transaction,
  position: string,
): string {
  const own = batch !== null && batch.reference === bankReference ? null : bankReference;
  return branch(
    'Refs',
    field(draft, 'AcctSvcrRef', own, 35, `${position}, bank reference`),
    field(draft, 'EndToEndId', endToEndId, 35, `${position}, end-to-end id`),
  );
}

/** `BkTxCd`: an ISO code in its three parts, any other as the bank's own. It may be empty but must be there. */
export function codeOf(draft: Draft, { transactionCode }: Transaction, position: string): string {
  const parts = /^(\w{1,4})\/(\w{1,4})\/(\w{1,4})$/.exec(transactionCode ?? '');
  if (parts) {
    const [, domain = '', family = '', subFamily = ''] = parts;
    const codes = leaf('Cd', domain) + branch('Fmly', leaf('Cd', family), leaf('SubFmlyCd', subFamily));
    return branch('BkTxCd', branch('Domn', codes));
  }
  const own = field(draft, 'Cd', transactionCode, 35, `${position}, transaction code`);
  return branch('BkTxCd', branch('Prtry', own)) || '<BkTxCd/>';
}

/** `AmtDtls`: the amount of the original payment, and that of a detail of version 02. */
function amountsOf(draft: Draft, transaction: Transaction, { batch, debit, position }: Place): string {
  const own = batch && draft.version === '02' ? branch('TxAmt', amount(transaction.amount, position)) : '';
  return branch('AmtDtls', originalOf(draft, transaction, debit, `${position}, original amount`), own);
}

function originalOf(
  draft: Draft,
  { original, amount: booked }: Transaction,
  debit: boolean,
  position: string,
): string {
  if (!original) return '';
  const { currency, minor } = original.amount;
  const opposite = minor !== 0n && minor < 0n !== debit;
  if (currency === booked.currency || opposite) {
    const why = opposite ? 'it goes the other way than the booking' : 'it is in the currency of the account';
    lose(draft, 'original-left-out', `The original amount was left out: ${why}.`, position);
    return '';
  }
  const rate = rateOf(draft, original.rate, position);
  const exchange = [leaf('SrcCcy', currency), leaf('TrgtCcy', booked.currency), leaf('XchgRate', rate)];
  return branch(
    'InstdAmt',
    amount(original.amount, position),
    rate === null ? '' : branch('CcyXchg', ...exchange),
  );
}

/** A rate as the message takes it: eleven digits, ten of them behind a point. */
function rateOf(draft: Draft, written: string | null, position: string): string | null {
  if (written === null) return null;
  const rate = written.trim().replace(',', '.');
  const [, whole = '', fraction = ''] = /^(\d{1,11})(?:\.(\d{1,10}))?$/.exec(rate) ?? [];
  if (whole === '' || whole.length + fraction.length > 11) {
    lose(draft, 'rate-left-out', `The rate "${written.slice(0, 40)}" is no decimal of 11 digits.`, position);
    return null;
  }
  if (rate !== written) lose(draft, 'rate-respelled', `The rate ${written} is written ${rate}.`, position);
  return rate;
}

/** The other party, by the direction of the movement: who pays a credit, who gets a debit. */
function partiesOf(draft: Draft, { counterparty }: Transaction, { debit, position }: Place): string {
  const role = debit ? 'Cdtr' : 'Dbtr';
  const name = field(draft, 'Nm', counterparty.name, 140, `${position}, name`);
  const party = draft.version === '08' ? branch('Pty', name) : name;
  const account = branch(`${role}Acct`, branch('Id', accountId(draft, counterparty, `${position}, account`)));
  const agent = institution(draft, counterparty, `${position}, bank`);
  return branch('RltdPties', branch(role, party), account) + branch('RltdAgts', branch(`${role}Agt`, agent));
}

type Account = Pick<Counterparty, 'iban' | 'number' | 'bankCode'>;

/** `IBAN`, else `Othr`; what an IBAN says itself is not repeated. */
export function accountId(draft: Draft, { iban, number }: Account, position: string): string {
  if (iban === null) return branch('Othr', field(draft, 'Id', number, 34, position));
  const inside = accountOfIban(iban);
  if (number !== null && (!inside || localNumber(inside) !== number)) {
    lose(
      draft,
      'number-left-out',
      `The number ${number} beside the IBAN: there is one field for both.`,
      position,
    );
  }
  return leaf('IBAN', iban);
}

/** `FinInstnId` as Czech banks write it: the national code in `Othr`; a foreign one as clearing member. */
export function institution(
  draft: Draft,
  { iban, bankCode, bic }: Pick<Counterparty, 'iban' | 'bankCode' | 'bic'>,
  position: string,
): string {
  const valid = bic !== null && (draft.version === '08' ? BICFI : BIC).test(bic);
  if (bic !== null && !valid) lose(draft, 'bic-left-out', `"${bic.slice(0, 40)}" is no BIC.`, position);
  const told = iban !== null && accountOfIban(iban)?.bankCode === bankCode;
  const code = told ? null : fit(draft, bankCode, 35, position);
  const czech = code !== null && /^\d{4}$/.test(code);
  return branch(
    'FinInstnId',
    leaf(draft.version === '08' ? 'BICFI' : 'BIC', valid ? bic : null),
    branch('ClrSysMmbId', leaf('MmbId', czech ? null : code)),
    branch('Othr', leaf('Id', czech ? code : null)),
  );
}

const SYMBOLS = [
  ['VS', 'variableSymbol', normaliseVariableSymbol],
  ['SS', 'specificSymbol', normaliseSpecificSymbol],
  ['KS', 'constantSymbol', normaliseConstantSymbol],
] as const;

/** One `Strd` per symbol, with the digits the bank wrote where they mean the same. */
function symbolsOf(draft: Draft, transaction: Transaction, position: string): string[] {
  return SYMBOLS.map(([kind, name, normalise]) => {
    const symbol = transaction[name];
    const raw = transaction.rawSymbols[name];
    const usable = raw !== null && /^\d{1,32}$/.test(raw) && normalise(raw) === symbol;
    if (raw !== null && !usable) {
      const message = `${kind} as the bank wrote it ("${raw.slice(0, 40)}") is not written.`;
      lose(draft, 'raw-symbol-left-out', message, position);
    }
    const digits = usable ? raw : symbol;
    return digits === null ? '' : branch('Strd', branch('CdtrRefInf', leaf('Ref', `${kind}:${digits}`)));
  });
}
