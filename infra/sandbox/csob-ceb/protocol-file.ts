import { formatMoney } from '../../../shared/domain/money.ts';
import { pragueDateTime, pragueTime } from '../prague.ts';
import { BIC, rowOf } from './accounts.ts';
import { fromDomestic } from '../raiffeisen/numbers.ts';
import type { FiledPayment } from './order-files.ts';

/** What a protocol says of one payment. */
export interface Verdict {
  readonly payment: FiledPayment;
  /** Counted from 1 in the file. */
  readonly ordinal: number;
  /** Numeric code of the refusal, `null` when the payment was taken. */
  readonly refusal: string | null;
}

/**
 * The import protocol in the bank's profile of pain.002.001.03. Rejected payments come first, and elements called IBAN
 * hold domestic numbers, as in the bank's real ones.
 */
export function protocolFile(options: {
  readonly number: number;
  readonly at: number;
  readonly status: string;
  readonly verdicts: readonly Verdict[];
}): Uint8Array {
  const { number, at, status, verdicts } = options;
  const sum = verdicts.reduce((total, { payment }) => total + payment.minor, 0n);
  const sorted = [...verdicts].sort((a, b) => Number(a.refusal === null) - Number(b.refusal === null));
  const reason =
    status === 'RJCT' && verdicts.every(({ refusal }) => refusal === null)
      ? '<StsRsnInf><Orgtr><Nm>Soubor nelze importovat</Nm></Orgtr><Rsn><Cd>065001</Cd></Rsn></StsRsnInf>'
      : '';
  return Buffer.from(
    `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` +
      `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt>` +
      `<GrpHdr><MsgId>${pragueTime(at).replace(/\D/g, '')}</MsgId><CreDtTm>${pragueDateTime(at)}</CreDtTm>` +
      `<DbtrAgt><FinInstnId><BIC>${BIC}</BIC></FinInstnId></DbtrAgt></GrpHdr>` +
      `<OrgnlGrpInfAndSts><OrgnlMsgId>${number}</OrgnlMsgId><OrgnlMsgNmId>${number}</OrgnlMsgNmId>` +
      `<OrgnlNbOfTxs>${verdicts.length}</OrgnlNbOfTxs><OrgnlCtrlSum>${formatMoney({ minor: sum, currency: 'CZK' })}</OrgnlCtrlSum>` +
      `<GrpSts>${status}</GrpSts>${reason}</OrgnlGrpInfAndSts>${sorted.map((one) => itemOf(one)).join('')}</CstmrPmtStsRpt></Document>`,
  );
}

function itemOf({ payment, ordinal, refusal }: Verdict): string {
  const { minor, currency, day, account, party } = payment;
  const own = fromDomestic(account);
  const why =
    refusal === null
      ? ''
      : `<StsRsnInf><Orgtr><Nm>Účet příjemce nenalezen</Nm></Orgtr><Rsn><Cd>${refusal}</Cd></Rsn></StsRsnInf>`;
  const agent = party.iban === null ? `<Othr><Id>${party.bank}</Id></Othr>` : '';
  return (
    `<OrgnlPmtInfAndSts><OrgnlPmtInfId>${ordinal}</OrgnlPmtInfId><PmtInfSts>${refusal === null ? 'ACCP' : 'RJCT'}</PmtInfSts>${why}` +
    `<TxInfAndSts>${refusal === null ? '' : '<StsId>Chyba</StsId>'}<OrgnlTxRef><Amt><InstdAmt Ccy="${currency}">${formatMoney({ minor, currency })}</InstdAmt></Amt>` +
    `<ReqdColltnDt>${day}</ReqdColltnDt><DbtrAcct><Id>${own ? `<IBAN>${rowOf(own)}</IBAN>` : ''}</Id></DbtrAcct>` +
    `<CdtrAgt><FinInstnId>${agent}</FinInstnId></CdtrAgt>` +
    `<CdtrAcct><Id><IBAN>${party.iban ?? rowOf(party)}</IBAN></Id></CdtrAcct></OrgnlTxRef></TxInfAndSts></OrgnlPmtInfAndSts>`
  );
}
