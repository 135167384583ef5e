import type { SandboxBank } from '../../infra/sandbox/types.ts';
import { ask, CURRENT, type Answer, type Ask } from './support.ts';

/** Order files typed by hand, from the bank's descriptions, and their uploads. */

export const item = (amount: number, rest = '2026000123 08000308 7 AV:Faktura'): string =>
  `19-2000145399 ${String(amount).padStart(12, '0')} ${rest}`;

export interface Kpc {
  readonly items?: readonly string[];
  readonly payer?: string;
  readonly sum?: number;
  /** `DDMMYY` */
  readonly day?: string;
  readonly type?: string;
  readonly serial?: number;
}

export function kpc({ items = [item(125_050)], payer = CURRENT, day = '211126', ...more }: Kpc = {}): string {
  const total = items.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0);
  const { sum = total, type = '1501', serial = 1 } = more;
  return [
    `UHL1211126LISKOVA ${String(serial).padStart(12, '0')}1234567890001999111111222222`,
    `1 ${type} 111111 5500`,
    `2 ${payer} ${String(sum).padStart(14, '0')} ${day}`,
    ...items,
    '3 +',
    '5 +',
    '',
  ].join('\r\n');
}

export const pain = ({ id = 'M1', sum = '99.90', ccy = 'EUR' } = {}): string =>
  '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03">' +
  `<CstmrCdtTrfInitn><GrpHdr><MsgId>${id}</MsgId><NbOfTxs>1</NbOfTxs><CtrlSum>${sum}</CtrlSum></GrpHdr>` +
  '<PmtInf><PmtInfId>1</PmtInfId><ReqdExctnDt>2026-11-21</ReqdExctnDt>' +
  '<DbtrAcct><Id><IBAN>CZ4655000000005017482301</IBAN></Id></DbtrAcct><CdtTrfTxInf>' +
  `<PmtId><EndToEndId>RE-77</EndToEndId></PmtId><Amt><InstdAmt Ccy="${ccy}">99.90</InstdAmt></Amt>` +
  '<CdtrAgt><FinInstnId><BIC>COBADEFFXXX</BIC></FinInstnId></CdtrAgt><Cdtr><Nm>Muster &amp; Sohn</Nm></Cdtr>' +
  '<CdtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></CdtrAcct><RmtInf><Ustrd>Rechnung 77</Ustrd></RmtInf>' +
  '</CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn></Document>';

/** An upload as the contract wants it; headers override. */
export function upload(bank: SandboxBank, body: string, more: Omit<Ask, 'body'> = {}): Promise<Answer> {
  const format = body.startsWith('UHL1') ? 'ABO-KPC' : 'SEPA-XML';
  const headers = { 'content-type': 'text/plain', 'batch-import-format': format, ...more.headers };
  return ask(bank, '/payments/batches', { ...more, headers, body });
}

/** The id as its digits stand in the answer: more than a JS number holds. */
export function idIn({ body }: Answer): string {
  return /"batchFileId":(\d+)/.exec(Buffer.from(body).toString())?.[1] ?? '';
}

export const detail = (bank: SandboxBank, id: string, more: Ask = {}): Promise<Answer> =>
  ask(bank, `/payments/batches/${id}`, more);
