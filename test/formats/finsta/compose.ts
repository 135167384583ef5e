/** A FINSTA statement of our own: fields in the order of the description, values as the bank writes them. */

export type Values = Readonly<Record<string, string>>;

const tags = (values: Values): string =>
  Object.entries(values)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join('');

export const HEADER: Values = {
  S28_CISLO_VYPISU: '171',
  S25_CISLO_UCTU: '0000000630804003',
  SHORTNAME: 'VZOROVA FIRMA',
  S60_CD_INDIK: 'C',
  S60_DATUM: '02.09.2026',
  S60_MENA: 'CZK',
  S60_CASTKA: '1000,00',
  SUMA_KREDIT: '2=738,30',
  SUMA_DEBIT: '1=100,00',
  S62_CD_INDIK: 'C',
  S62_DATUM: '03.09.2026',
  S62_CASTKA: '1638,30',
  S64_CD_INDIK: '-',
  FREKVENCE: 'D',
  STAT_AST: '9',
};

export const MOVEMENT: Values = {
  S28_POR_CISLO: '26520',
  REF_TRANS_SYS: '26520',
  TYP_CC: '11',
  OPDIRC: 'TRF',
  S61_DATUM: '02.09.2026',
  DPROCD: '03.09.2026',
  S61_CD_INDIK: 'C',
  S61_MENA: 'CZK',
  S61_CASTKA: '+745,30',
  S61_TRANSAKCE: 'FMSC',
  S61_REFERENCE: '',
  S61_POST_NAR: 'Příchozí úhrada',
  DOM_ZAHR: 'INL',
  PART_BANK_ID: '0800',
  S86_SPECSYMOUR: '0055501234',
  S86_VARSYMOUR: '260000777',
  S86_KONSTSYM: '0308',
  PART_ACCNO: '000019-2000145399',
  PART_ACC_ID: 'ODBĚRATEL S.R.O.',
  S86_SPECSYMPAR: '0',
  S86_VARSYMPAR: '4711',
  PART_ID1_1: 'Faktura 07/2026',
  PART_ID1_2: '',
  ORIG_AMOUNT: '',
  ACC_BAL: '1745,30',
  GRP_TR: '121',
  REMARK: '-',
};

export const movement = (values: Values = {}, inside = ''): string =>
  `<FINSTA05>${tags({ ...MOVEMENT, ...values })}${inside}</FINSTA05>`;

export const statement = (content: string, values: Values = {}): string =>
  `<FINSTA03>${tags({ ...HEADER, ...values })}${content}</FINSTA03>`;

export const document = (...statements: readonly string[]): string =>
  `<?xml version="1.0" encoding="windows-1250"?>\r\n<FINSTA>\r\n<STA_VER>01.0000</STA_VER>\r\n${statements.join('')}</FINSTA>`;
