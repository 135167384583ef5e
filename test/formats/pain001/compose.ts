import type { OrderFile, OrderGroup, OrderPayment } from '../../../shared/domain/order-file.ts';
import { readPain001 } from '../../../shared/formats/pain001/reader.ts';
import type { Pain001Options } from '../../../shared/formats/pain001/writer.ts';
import { NOBODY } from '../../../shared/formats/order-party.ts';
import { readXml, type XmlElement } from '../../../shared/formats/xml.ts';

/** Small pain.001 documents for one rule each, and orders to write. Values are XML already. */

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const read = (xml: string): OrderFile => readPain001(bytesOf(xml));

export const AMOUNT = '<Amt><InstdAmt Ccy="CZK">10.50</InstdAmt></Amt>';
export const CREDITOR = '<CdtrAcct><Id><IBAN>CZ8755000000000630804003</IBAN></Id></CdtrAcct>';

export const transfer = (content = AMOUNT + CREDITOR): string => `<CdtTrfTxInf>${content}</CdtTrfTxInf>`;

export const HEAD =
  '<PmtInfId>G1</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt>2026-09-04</ReqdExctnDt>' +
  '<DbtrAcct><Id><IBAN>CZ6508000000192000145399</IBAN></Id><Ccy>CZK</Ccy></DbtrAcct>';

export const information = (transfers: string, head = HEAD): string => `<PmtInf>${head}${transfers}</PmtInf>`;

export function document(groups: string, header = '<MsgId>M1</MsgId>', namespace = NAMESPACE): string {
  return (
    `<?xml version="1.0" encoding="UTF-8"?><Document${namespace}><CstmrCdtTrfInitn>` +
    `<GrpHdr>${header}</GrpHdr>${groups}</CstmrCdtTrfInitn></Document>`
  );
}
const NAMESPACE = ' xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"';

/** The only payment of a document with this transfer. */
export function readTransfer(content: string): OrderPayment {
  const { groups, quarantined } = read(document(information(transfer(content))));
  const payment = groups[0]?.payments[0];
  if (!payment) throw new Error(`one payment expected: ${quarantined[0]?.message}`);
  return payment;
}

const party = (name: string, iban: string, number: string, bankCode: string, bic: string) => ({
  name,
  iban,
  number,
  bankCode,
  bic,
});
export const PAYER = party(
  'Vzorova firma s.r.o.',
  'CZ6508000000192000145399',
  '19-2000145399',
  '0800',
  'GIBACZPX',
);
export const PAYEE = party('Dodavatel a.s.', 'CZ8755000000000630804003', '630804003', '5500', 'RZBCCZPP');
export const ABROAD = { ...NOBODY, name: 'Muster GmbH', iban: 'DE89370400440532013000', bic: 'COBADEFFXXX' };

export function payment(values: Partial<OrderPayment> = {}): OrderPayment {
  const symbols = { variableSymbol: '2026000123', constantSymbol: '0308', specificSymbol: null };
  return {
    ...symbols,
    rawSymbols: symbols,
    amount: { minor: 125050n, currency: 'CZK' },
    creditor: PAYEE,
    message: 'Faktura 2026000123',
    endToEndId: '2026000123',
    instructionId: 'GW-0001',
    ...values,
  };
}

export const euro = (values: Partial<OrderPayment> = {}): OrderPayment =>
  payment({ amount: { minor: 125050n, currency: 'EUR' }, creditor: ABROAD, ...values });

export function order(values: Partial<OrderGroup> = {}): OrderGroup {
  const payments = values.payments ?? [payment()];
  const currency = payments[0]?.amount.currency ?? 'CZK';
  return {
    id: 'GW-20260903-000017-1',
    kind: 'credit-transfer',
    priority: 'normal',
    payer: PAYER,
    currency,
    date: '2026-09-04',
    sum: { minor: payments.reduce((sum, { amount }) => sum + amount.minor, 0n), currency },
    declared: { sum: null, count: null },
    payments,
    ...values,
  };
}

export const OPTIONS: Pain001Options = {
  version: '03',
  messageId: 'GW-20260903-000017',
  createdAt: '2026-09-03T08:15:00',
  initiator: 'Vzorova firma s.r.o.',
};

export type Tree = string | { readonly [name: string]: string } | readonly (readonly [string, Tree])[];

/** The document as nested pairs of name and content, so that structure and order can be compared. */
export function treeOf(bytes: Uint8Array): Tree {
  for (const event of readXml([bytes], { isPart: (path) => path.length === 1 })) {
    if (event.type === 'part') return branch(event.element);
  }
  throw new Error('the document has no root');
}

function branch({ children, text, attributes }: XmlElement): Tree {
  if (children.length > 0) return children.map((child) => [child.name, branch(child)] as const);
  return attributes['Ccy'] === undefined ? text : `${text} ${attributes['Ccy']}`;
}
