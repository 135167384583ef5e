import type { Statement, Transaction } from '../../../shared/domain/model.ts';
import { readCamt053 } from '../../../shared/formats/camt/reader.ts';

/** Small camt.053 documents for one rule each. Values are XML already. */

export const NAMESPACE = 'urn:iso:std:iso:20022:tech:xsd:camt.053.001.02';
export const OWN_IBAN = 'CZ3255000000002101135843';

export interface ComposedEntry {
  readonly reference?: string | null;
  /** The whole `Amt` element, or the number of crowns. */
  readonly amount?: string;
  readonly indicator?: string;
  readonly status?: string;
  readonly dates?: string;
  /** Elements between `Sts` and `NtryDtls`. */
  readonly extra?: string;
  readonly details?: string;
  /** Elements after `NtryDtls`. */
  readonly after?: string;
}

export const DATES = '<BookgDt><Dt>2026-09-03</Dt></BookgDt><ValDt><Dt>2026-09-03</Dt></ValDt>';

export function entry(values: ComposedEntry = {}): string {
  const { reference = '1', amount = '10', indicator = 'CRDT', status = '<Sts>BOOK</Sts>' } = values;
  const amt = amount.startsWith('<') || amount === '' ? amount : `<Amt Ccy="CZK">${amount}</Amt>`;
  return [
    '<Ntry>',
    reference === null ? '' : `<NtryRef>${reference}</NtryRef>`,
    amt,
    indicator === '' ? '' : `<CdtDbtInd>${indicator}</CdtDbtInd>`,
    status,
    values.dates ?? DATES,
    values.extra ?? '',
    values.details ? `<NtryDtls>${values.details}</NtryDtls>` : '',
    values.after ?? '',
    '</Ntry>',
  ].join('');
}

export const details = (content: string): string => `<TxDtls>${content}</TxDtls>`;

export function balance(code: string, amount: string, indicator = 'CRDT', currency = 'CZK'): string {
  return (
    `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="${currency}">${amount}</Amt>` +
    `<CdtDbtInd>${indicator}</CdtDbtInd><Dt><Dt>2026-09-03</Dt></Dt></Bal>`
  );
}

export const ACCOUNT = `<Acct><Id><IBAN>${OWN_IBAN}</IBAN></Id><Ccy>CZK</Ccy></Acct>`;

/** A document of one statement with this content behind its header. */
export function document(content: string, header = `<LglSeqNb>5</LglSeqNb>${ACCOUNT}`): string {
  return wrap(`<Stmt><Id>1</Id>${header}${content}</Stmt>`);
}

export const wrap = (statements: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="${NAMESPACE}"><BkToCstmrStmt>` +
  `<GrpHdr><MsgId>1</MsgId></GrpHdr>${statements}</BkToCstmrStmt></Document>`;

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

export const readAll = (xml: string): Statement[] => readCamt053(bytesOf(xml));

/** The only statement of a document. */
export function readOne(xml: string): Statement {
  const [statement, ...rest] = readAll(xml);
  if (!statement || rest.length > 0) throw new Error('the document should hold one statement');
  return statement;
}

/** The only transaction of an entry. */
export function readEntry(values: ComposedEntry): Transaction {
  const statement = readOne(document(entry(values)));
  const [transaction, ...rest] = statement.transactions;
  if (!transaction || rest.length > 0)
    throw new Error(`one transaction expected: ${statement.quarantined[0]?.message}`);
  return transaction;
}

export const rulesOf = (notes: readonly { readonly rule: string }[]): string[] =>
  notes.map(({ rule }) => rule);
