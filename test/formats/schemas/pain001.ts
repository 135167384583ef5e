import {
  AMOUNT,
  BIC,
  BICFI,
  COUNT,
  COUNTRY,
  CURRENCY,
  DATE,
  DECIMAL,
  IBAN,
  TIME,
  faultsOf,
  max,
  type MessageDefinition,
} from './structure.ts';

/** The part of pain.001.001.03 and .09 (ISO 20022, CustomerCreditTransferInitiation) that credit transfers use. */

const PARTY = 'Nm PstlAdr Id CtryOfRes CtctDtls';
const AGENT = 'FinInstnId! BrnchId';

const BOTH: MessageDefinition['elements'] = {
  Document: 'CstmrCdtTrfInitn!',
  GrpHdr: 'MsgId! CreDtTm! Authstn{2} NbOfTxs! CtrlSum InitgPty! FwdgAgt',
  InitgPty: PARTY,
  LclInstrm: 'Cd|Prtry!',
  SvcLvl: 'Cd|Prtry!',
  Dbtr: PARTY,
  Cdtr: PARTY,
  DbtrAgt: AGENT,
  CdtrAgt: AGENT,
  'DbtrAcct>Id': 'IBAN|Othr!',
  'CdtrAcct>Id': 'IBAN|Othr!',
  'FinInstnId>Othr': 'Id! SchmeNm Issr',
  'Id>Othr': 'Id! SchmeNm Issr',
  Amt: 'InstdAmt|EqvtAmt!',
  RmtInf: 'Ustrd* Strd*',
  CdtrRefInf: 'Tp Ref',
};

const V03: MessageDefinition['elements'] = {
  ...BOTH,
  CstmrCdtTrfInitn: 'GrpHdr! PmtInf+',
  PmtInf:
    'PmtInfId! PmtMtd! BtchBookg NbOfTxs CtrlSum PmtTpInf ReqdExctnDt! PoolgAdjstmntDt Dbtr! DbtrAcct! DbtrAgt! DbtrAgtAcct UltmtDbtr ChrgBr ChrgsAcct ChrgsAcctAgt CdtTrfTxInf+',
  PmtTpInf: 'InstrPrty SvcLvl LclInstrm CtgyPurp',
  DbtrAcct: 'Id! Tp Ccy Nm',
  CdtrAcct: 'Id! Tp Ccy Nm',
  FinInstnId: 'BIC ClrSysMmbId Nm PstlAdr Othr',
  CdtTrfTxInf:
    'PmtId! PmtTpInf Amt! XchgRateInf ChrgBr ChqInstr UltmtDbtr IntrmyAgt1 IntrmyAgt1Acct IntrmyAgt2 IntrmyAgt2Acct IntrmyAgt3 IntrmyAgt3Acct CdtrAgt CdtrAgtAcct Cdtr CdtrAcct UltmtCdtr InstrForCdtrAgt* InstrForDbtrAgt Purp RgltryRptg{10} Tax RltdRmtInf{10} RmtInf',
  PmtId: 'InstrId EndToEndId!',
  PstlAdr: 'AdrTp Dept SubDept StrtNm BldgNb PstCd TwnNm CtrySubDvsn Ctry AdrLine{7}',
  Strd: 'RfrdDocInf* RfrdDocAmt CdtrRefInf Invcr Invcee AddtlRmtInf{3}',
};

const V09: MessageDefinition['elements'] = {
  ...BOTH,
  CstmrCdtTrfInitn: 'GrpHdr! PmtInf+ SplmtryData*',
  PmtInf:
    'PmtInfId! PmtMtd! BtchBookg NbOfTxs CtrlSum PmtTpInf ReqdExctnDt! PoolgAdjstmntDt Dbtr! DbtrAcct! DbtrAgt! DbtrAgtAcct InstrForDbtrAgt UltmtDbtr ChrgBr ChrgsAcct ChrgsAcctAgt CdtTrfTxInf+',
  PmtTpInf: 'InstrPrty SvcLvl* LclInstrm CtgyPurp',
  ReqdExctnDt: 'Dt|DtTm!',
  DbtrAcct: 'Id! Tp Ccy Nm Prxy',
  CdtrAcct: 'Id! Tp Ccy Nm Prxy',
  FinInstnId: 'BICFI ClrSysMmbId LEI Nm PstlAdr Othr',
  CdtTrfTxInf:
    'PmtId! PmtTpInf Amt! XchgRateInf ChrgBr ChqInstr UltmtDbtr IntrmyAgt1 IntrmyAgt1Acct IntrmyAgt2 IntrmyAgt2Acct IntrmyAgt3 IntrmyAgt3Acct CdtrAgt CdtrAgtAcct Cdtr CdtrAcct UltmtCdtr InstrForCdtrAgt* InstrForDbtrAgt Purp RgltryRptg{10} Tax RltdRmtInf{10} RmtInf SplmtryData*',
  PmtId: 'InstrId EndToEndId! UETR',
  PstlAdr:
    'AdrTp Dept SubDept StrtNm BldgNb BldgNm Flr PstBx Room PstCd TwnNm TwnLctnNm DstrctNm CtrySubDvsn Ctry AdrLine{7}',
  Strd: 'RfrdDocInf* RfrdDocAmt CdtrRefInf Invcr Invcee TaxRmt GrnshmtRmt AddtlRmtInf{3}',
};

const TEXTS: MessageDefinition['texts'] = {
  MsgId: max(35),
  CreDtTm: TIME,
  NbOfTxs: COUNT,
  CtrlSum: DECIMAL,
  Nm: max(140),
  PmtInfId: max(35),
  PmtMtd: /^(CHK|TRF|TRA)$/,
  InstrPrty: /^(HIGH|NORM)$/,
  'SvcLvl>Cd': max(4),
  'LclInstrm>Cd': max(35),
  IBAN,
  Ccy: CURRENCY,
  'Othr>Id': max(35),
  ChrgBr: /^(DEBT|CRED|SHAR|SLEV)$/,
  InstrId: max(35),
  EndToEndId: max(35),
  InstdAmt: AMOUNT,
  StrtNm: max(70),
  BldgNb: max(16),
  PstCd: max(16),
  TwnNm: max(35),
  Ctry: COUNTRY,
  AdrLine: max(70),
  Ustrd: max(140),
  Ref: max(35),
};

const DEFINITIONS: Readonly<Record<'03' | '09', MessageDefinition>> = {
  '03': {
    namespace: 'urn:iso:std:iso:20022:tech:xsd:pain.001.001.03',
    elements: V03,
    texts: { ...TEXTS, BIC, ReqdExctnDt: DATE },
    amounts: />InstdAmt$/,
  },
  '09': {
    namespace: 'urn:iso:std:iso:20022:tech:xsd:pain.001.001.09',
    elements: V09,
    texts: { ...TEXTS, BICFI, Dt: DATE },
    amounts: />InstdAmt$/,
  },
};

/** Everything in a document that is not as the message definition has it; empty when it conforms. */
export function pain001Faults(document: Uint8Array, version: '03' | '09'): string[] {
  return faultsOf(document, DEFINITIONS[version]);
}
