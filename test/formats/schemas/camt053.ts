import { readXml, type XmlElement } from '../../../shared/formats/xml.ts';

/**
 * The part of the message definition of camt.053.001.02 and .08 (ISO 20022, BankToCustomerStatement) that a bank's
 * statement uses: which elements an element has, in which order, and what their texts look like. It stands here apart
 * from the writer, so that the two can disagree.
 */

/** Elements in order: `!` once, `+` once or more, `*` any number, else optional. A key may name the parent as well. */
type Definition = Readonly<Record<string, string>>;

const BOTH: Definition = {
  Document: 'BkToCstmrStmt!',
  BkToCstmrStmt: 'GrpHdr! Stmt+',
  FrToDt: 'FrDtTm! ToDtTm!',
  'Acct>Id': 'IBAN Othr',
  'DbtrAcct>Id': 'IBAN Othr',
  'CdtrAcct>Id': 'IBAN Othr',
  Othr: 'Id! SchmeNm Issr',
  Svcr: 'FinInstnId! BrnchId',
  DbtrAgt: 'FinInstnId! BrnchId',
  CdtrAgt: 'FinInstnId! BrnchId',
  ClrSysMmbId: 'ClrSysId MmbId!',
  'Bal>Tp': 'CdOrPrtry! SubTp',
  CdOrPrtry: 'Cd Prtry',
  'Bal>Dt': 'Dt DtTm',
  BookgDt: 'Dt DtTm',
  ValDt: 'Dt DtTm',
  TxsSummry: 'TtlNtries TtlCdtNtries TtlDbtNtries TtlNtriesPerBkTxCd*',
  TtlCdtNtries: 'NbOfNtries Sum',
  TtlDbtNtries: 'NbOfNtries Sum',
  BkTxCd: 'Domn Prtry',
  'BkTxCd>Prtry': 'Cd! Issr',
  Domn: 'Cd! Fmly!',
  Fmly: 'Cd! SubFmlyCd!',
  NtryDtls: 'Btch TxDtls*',
  AmtDtls: 'InstdAmt TxAmt CntrValAmt AnncdPstngAmt PrtryAmt*',
  InstdAmt: 'Amt! CcyXchg',
  TxAmt: 'Amt! CcyXchg',
  CcyXchg: 'SrcCcy! TrgtCcy UnitCcy XchgRate! CtrctId QtnDt',
  RmtInf: 'Ustrd* Strd*',
  CdtrRefInf: 'Tp Ref',
};

const V02: Definition = {
  ...BOTH,
  GrpHdr: 'MsgId! CreDtTm! MsgRcpt MsgPgntn AddtlInf',
  Stmt: 'Id! ElctrncSeqNb LglSeqNb CreDtTm! FrToDt CpyDplctInd RptgSrc Acct! RltdAcct Intrst* Bal+ TxsSummry Ntry* AddtlStmtInf',
  Acct: 'Id! Tp Ccy Nm Ownr Svcr',
  DbtrAcct: 'Id! Tp Ccy Nm',
  CdtrAcct: 'Id! Tp Ccy Nm',
  FinInstnId: 'BIC ClrSysMmbId Nm PstlAdr Othr',
  Bal: 'Tp! CdtLine Amt! CdtDbtInd! Dt! Avlbty*',
  TtlNtries: 'NbOfNtries Sum TtlNetNtryAmt CdtDbtInd',
  Ntry: 'NtryRef Amt! CdtDbtInd! RvslInd Sts! BookgDt ValDt AcctSvcrRef Avlbty* BkTxCd! ComssnWvrInd AddtlInfInd AmtDtls Chrgs* TechInptChanl Intrst* NtryDtls* AddtlNtryInf',
  TxDtls:
    'Refs AmtDtls Avlbty* BkTxCd Chrgs* Intrst* RltdPties RltdAgts Purp RltdRmtInf* RmtInf RltdDts RltdPric RltdQties* FinInstrmId Tax RtrInf CorpActn SfkpgAcct AddtlTxInf',
  Refs: 'MsgId AcctSvcrRef PmtInfId InstrId EndToEndId TxId MndtId ChqNb ClrSysRef Prtry',
  RltdPties: 'InitgPty Dbtr DbtrAcct UltmtDbtr Cdtr CdtrAcct UltmtCdtr TradgPty Prtry*',
  RltdAgts: 'DbtrAgt CdtrAgt IntrmyAgt1 IntrmyAgt2 IntrmyAgt3 RcvgAgt DlvrgAgt IssgAgt SttlmPlc Prtry*',
  Dbtr: 'Nm PstlAdr Id CtryOfRes CtctDtls',
  Cdtr: 'Nm PstlAdr Id CtryOfRes CtctDtls',
  Strd: 'RfrdDocInf* RfrdDocAmt CdtrRefInf Invcr Invcee AddtlRmtInf*',
};

const V08: Definition = {
  ...BOTH,
  BkToCstmrStmt: 'GrpHdr! Stmt+ SplmtryData*',
  GrpHdr: 'MsgId! CreDtTm! MsgRcpt MsgPgntn OrgnlBizQry AddtlInf',
  Stmt: 'Id! StmtPgntn ElctrncSeqNb RptgSeq LglSeqNb CreDtTm FrToDt CpyDplctInd RptgSrc Acct! RltdAcct Intrst* Bal+ TxsSummry Ntry* AddtlStmtInf',
  Acct: 'Id! Tp Ccy Nm Prxy Ownr Svcr',
  DbtrAcct: 'Id! Tp Ccy Nm Prxy',
  CdtrAcct: 'Id! Tp Ccy Nm Prxy',
  FinInstnId: 'BICFI ClrSysMmbId LEI Nm PstlAdr Othr',
  Bal: 'Tp! CdtLine* Amt! CdtDbtInd! Dt! Avlbty*',
  TtlNtries: 'NbOfNtries Sum TtlNetNtry',
  TtlNetNtry: 'Amt! CdtDbtInd!',
  Ntry: 'NtryRef Amt! CdtDbtInd! RvslInd Sts! BookgDt ValDt AcctSvcrRef Avlbty* BkTxCd! ComssnWvrInd AddtlInfInd AmtDtls Chrgs TechInptChanl Intrst CardTx NtryDtls* AddtlNtryInf',
  Sts: 'Cd Prtry',
  TxDtls:
    'Refs Amt CdtDbtInd AmtDtls Avlbty* BkTxCd Chrgs Intrst RltdPties RltdAgts LclInstrm Purp RltdRmtInf* RmtInf RltdDts RltdPric RltdQties* FinInstrmId Tax RtrInf CorpActn SfkpgAcct CshDpst* CardTx AddtlTxInf SplmtryData*',
  Refs: 'MsgId AcctSvcrRef PmtInfId InstrId EndToEndId UETR TxId MndtId ChqNb ClrSysRef AcctOwnrTxId AcctSvcrTxId MktInfrstrctrTxId PrcgId Prtry*',
  RltdPties: 'InitgPty Dbtr DbtrAcct UltmtDbtr Cdtr CdtrAcct UltmtCdtr TradgPty Prtry*',
  RltdAgts:
    'InstgAgt InstdAgt DbtrAgt CdtrAgt IntrmyAgt1 IntrmyAgt2 IntrmyAgt3 RcvgAgt DlvrgAgt IssgAgt SttlmPlc Prtry*',
  Dbtr: 'Pty Agt',
  Cdtr: 'Pty Agt',
  Pty: 'Nm PstlAdr Id CtryOfRes CtctDtls',
  Strd: 'RfrdDocInf* RfrdDocAmt CdtrRefInf Invcr Invcee TaxRmt GrnshmtRmt AddtlRmtInf*',
};

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/;
const DATE = /^\d{4}-\d\d-\d\d$/;
const max = (length: number): RegExp => new RegExp(`^[\\s\\S]{1,${length}}$`, 'u');
/** At most 18 digits, at most five behind the point. */
const AMOUNT = /^(?=(\.?\d){1,18}$)\d+(\.\d{1,5})?$/;
const CURRENCY = /^[A-Z]{3}$/;

/** What the texts of elements without elements look like. */
const TEXTS: Readonly<Record<string, RegExp>> = {
  MsgId: max(35),
  CreDtTm: TIME,
  FrDtTm: TIME,
  ToDtTm: TIME,
  Dt: DATE,
  Id: max(35),
  'Othr>Id': max(35),
  ElctrncSeqNb: /^\d{1,18}$/,
  LglSeqNb: /^\d{1,18}$/,
  IBAN: /^[A-Z]{2}\d{2}[a-zA-Z0-9]{1,30}$/,
  Ccy: CURRENCY,
  SrcCcy: CURRENCY,
  TrgtCcy: CURRENCY,
  BIC: /^[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?$/,
  BICFI: /^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$/,
  MmbId: max(35),
  Cd: max(4),
  'Prtry>Cd': max(35),
  SubFmlyCd: max(4),
  Amt: AMOUNT,
  Sum: AMOUNT,
  TtlNetNtryAmt: AMOUNT,
  NbOfNtries: /^\d{1,15}$/,
  CdtDbtInd: /^(CRDT|DBIT)$/,
  RvslInd: /^(true|false|1|0)$/,
  Sts: /^(BOOK|PDNG|INFO)$/,
  NtryRef: max(35),
  AcctSvcrRef: max(35),
  EndToEndId: max(35),
  XchgRate: /^(?=(\.?\d){1,11}$)\d+(\.\d{1,10})?$/,
  Nm: max(140),
  Ref: max(35),
  AddtlTxInf: max(500),
};

/** Elements that may be empty. */
const MAY_BE_EMPTY = ['BkTxCd'];

/** Everything in a document that is not as the message definition has it; empty when it conforms. */
export function structuralFaults(document: Uint8Array, version: '02' | '08'): string[] {
  const faults: string[] = [];
  const definition = version === '02' ? V02 : V08;
  for (const event of readXml([document], { isPart: (path) => path.length === 1 })) {
    if (event.type !== 'part') continue;
    const namespace = `urn:iso:std:iso:20022:tech:xsd:camt.053.001.${version}`;
    if (event.element.attributes['xmlns'] !== namespace) faults.push(`the namespace is not ${namespace}`);
    check(event.element, '', event.element.name, definition, faults);
  }
  return faults;
}

function check(
  element: XmlElement,
  parent: string,
  path: string,
  definition: Definition,
  faults: string[],
): void {
  const { name, children } = element;
  const sequence = definition[`${parent}>${name}`] ?? (children.length > 0 ? definition[name] : undefined);
  if (children.length === 0 && sequence === undefined) checkText(element, parent, path, definition, faults);
  else if (sequence === undefined) faults.push(`${path}: not defined here`);
  else {
    checkOrder(children, sequence, path, faults);
    for (const child of children) check(child, name, `${path}/${child.name}`, definition, faults);
  }
}

function checkText(
  { name, text, attributes }: XmlElement,
  parent: string,
  path: string,
  definition: Definition,
  faults: string[],
): void {
  if (text === '' && MAY_BE_EMPTY.includes(name)) return;
  const pattern = TEXTS[`${parent}>${name}`] ?? TEXTS[name];
  if (!pattern) faults.push(`${path}: ${definition[name] ? 'empty' : 'not defined'}`);
  else if (!pattern.test(text)) faults.push(`${path}: "${text}" does not match ${pattern}`);
  if (name === 'Amt' && parent !== 'TtlNetNtry' && !CURRENCY.test(attributes['Ccy'] ?? ''))
    faults.push(`${path}: no currency`);
}

/** Goes through the sequence once: what stands must come in its order and as often as it may. */
function checkOrder(children: readonly XmlElement[], sequence: string, path: string, faults: string[]): void {
  let at = 0;
  for (const item of sequence.split(' ')) {
    const [, name = '', mark = ''] = /^(\w+)([!+*]?)$/.exec(item) ?? [];
    let count = 0;
    for (; children[at]?.name === name; at++) count += 1;
    if (count === 0 && '!+'.includes(mark) && mark !== '') faults.push(`${path}: no ${name}`);
    if (count > 1 && mark !== '+' && mark !== '*') faults.push(`${path}: ${count} times ${name}`);
  }
  const extra = children[at];
  if (extra) faults.push(`${path}: ${extra.name} is out of order or undefined`);
}
