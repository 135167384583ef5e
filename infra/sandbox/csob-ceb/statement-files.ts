import { formatMoney } from '../../../shared/domain/money.ts';
import { encode } from '../../../shared/formats/encoding/encode.ts';
import type { PlainDate } from '../../../shared/domain/dates.ts';
import { pragueDateTime } from '../prague.ts';
import { BANK_CODE, BIC, digitsOf, rowOf } from './accounts.ts';
import type { CebStatement } from './books.ts';
import { sumOf, type CebMovement } from './movement.ts';

/** Statement files as the bank's own descriptions lay them out, by the bank's names of the formats. */
export const COMPOSERS: Readonly<
  Record<string, { readonly extension: string; compose(statement: CebStatement): Uint8Array }>
> = {
  XML: { extension: 'xml', compose: toFinsta },
  BBGPC: { extension: 'gpc', compose: toGpc },
  BBMT940: { extension: 'sta', compose: toMt940 },
  SEPAXML: { extension: 'camt.xml', compose: toCamt },
  PDF: { extension: 'pdf', compose: toPdf },
  TXT: { extension: 'txt', compose: toTxt },
};

const windows1250 = (text: string): Uint8Array => encode(text, 'windows-1250').bytes;
const absolute = (minor: bigint): bigint => (minor < 0n ? -minor : minor);
const side = (minor: bigint): 'C' | 'D' => (minor < 0n ? 'D' : 'C');
/** `1234,50`, unsigned. */
const comma = (minor: bigint, currency: string): string =>
  formatMoney({ minor: absolute(minor), currency }).replace('.', ',');
const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
/** `dd.mm.yyyy` */
const dotted = (day: PlainDate): string => day.split('-').reverse().join('.');
/** `yymmdd` */
const short = (day: PlainDate): string => day.slice(2).replaceAll('-', '');
/** `ddmmyy` */
const reversed = (day: PlainDate): string => day.slice(8) + day.slice(5, 7) + day.slice(2, 4);
const credits = ({ movements }: CebStatement): CebMovement[] => movements.filter(({ minor }) => minor >= 0n);
const debits = ({ movements }: CebStatement): CebMovement[] => movements.filter(({ minor }) => minor < 0n);

/** FINSTA ("Struktura výpisů z účtů ve formátu XML"): header fields directly, a FINSTA05 for each movement. */
function toFinsta(statement: CebStatement): Uint8Array {
  const { account, day, opening, closing, movements } = statement;
  const turnover = (list: readonly CebMovement[]): string =>
    `${list.length}=${comma(sumOf(list), account.currency)}`;
  const header = tags({
    S28_CISLO_VYPISU: String(statement.number),
    S25_CISLO_UCTU: `${account.prefix === '' ? '' : `${account.prefix}-`}${account.number}/${BANK_CODE}`,
    SHORTNAME: account.owner,
    S60_CD_INDIK: side(opening),
    S60_DATUM: dotted(day),
    S60_MENA: account.currency,
    S60_CASTKA: comma(opening, account.currency),
    SUMA_KREDIT: turnover(credits(statement)),
    SUMA_DEBIT: turnover(debits(statement)),
    S62_CD_INDIK: side(closing),
    S62_DATUM: dotted(day),
    S62_CASTKA: comma(closing, account.currency),
    FREKVENCE: 'D',
    STAT_AST: '9',
  });
  const items = movements.map((one, at) => finstaItem(one, at + 1, account.currency));
  return windows1250(
    `<?xml version="1.0" encoding="windows-1250"?>\r\n<FINSTA><STA_VER>01.0000</STA_VER>` +
      `<FINSTA03>${header}${items.join('')}</FINSTA03></FINSTA>\r\n`,
  );
}

function finstaItem(movement: CebMovement, posting: number, currency: string): string {
  const { minor, party, message, day, original = null } = movement;
  const text = message ?? '';
  const content = tags({
    S28_POR_CISLO: String(posting),
    REF_TRANS_SYS: String(posting),
    TYP_CC: '11',
    OPDIRC: 'TRF',
    S61_DATUM: dotted(day),
    DPROCD: dotted(day),
    S61_CD_INDIK: side(minor),
    S61_MENA: currency,
    S61_CASTKA: (minor < 0n ? '-' : '+') + comma(minor, currency),
    S61_REFERENCE: movement.reference ?? '',
    S61_POST_NAR: movement.kind,
    DOM_ZAHR: party?.iban ? (minor < 0n ? 'FOO' : 'FOI') : 'INL',
    S86_VARSYMOUR: movement.variable ?? '0',
    S86_KONSTSYM: movement.constant ?? '0',
    S86_SPECSYMOUR: movement.specific ?? '0',
    PART_BANK_ID: party?.bank ?? '-',
    PART_ACCNO: party
      ? (party.iban ?? `${party.prefix.padStart(6, '0')}-${party.number.padStart(10, '0')}`)
      : '-',
    PART_ACC_ID: party?.name ?? '-',
    PART_ID1_1: party?.iban ? '' : text.slice(0, 35),
    PART_ID1_2: party?.iban ? '' : text.slice(35, 70),
    PART_MSG_1: party?.iban ? text.slice(0, 70) : '',
    ...(original
      ? {
          ORIG_AMOUNT: comma(original.minor, original.currency),
          ORIG_CURR: original.currency,
          RATE: original.rate.toFixed(5).replace('.', ','),
        }
      : {}),
    REMARK: '-',
  });
  return `<FINSTA05>${content}</FINSTA05>`;
}

const tags = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([name, value]) => `<${name}>${escape(value)}</${name}>`)
    .join('');

const CURRENCY_NUMBERS: Readonly<Record<string, string>> = { CZK: '0203', EUR: '0978' };

/** GPC (BusinessBanking 24, FormatGPCv2): records of 128 columns, Windows-1250, all padded. */
function toGpc(statement: CebStatement): Uint8Array {
  const { account, day, opening, closing, movements, number } = statement;
  const money = (minor: bigint, width: number): string => String(absolute(minor)).padStart(width, '0');
  const sign = (minor: bigint): string => (minor < 0n ? '-' : '+');
  const own = digitsOf(account);
  const header =
    `074${own}${fixed(account.owner, 20)}${reversed(previous(day))}` +
    `${money(opening, 14)}${sign(opening)}${money(closing, 14)}${sign(closing)}` +
    `${money(sumOf(debits(statement)), 14)}0${money(sumOf(credits(statement)), 14)}0` +
    `${String(number % 1000).padStart(3, '0')}${reversed(day)}`;
  const items = movements.flatMap((one, at) => {
    const counter = one.party?.iban === null ? digitsOf(one.party) : '0'.repeat(16);
    const bank = one.party?.iban === null ? one.party.bank : '0000';
    const line =
      `075${own}${counter}${String(at + 1).padStart(13, '0')}${money(one.minor, 12)}${one.minor < 0n ? 1 : 2}` +
      `${(one.variable ?? '').padStart(10, '0')}00${bank}${(one.constant ?? '').padStart(4, '0')}` +
      `${(one.specific ?? '').padStart(10, '0')}${reversed(day)}${fixed(one.party?.name ?? one.kind, 20)}0` +
      `${CURRENCY_NUMBERS[account.currency] ?? '0203'}${reversed(day)}`;
    const text = one.message ?? '';
    const note = `078${fixed(text.slice(0, 35), 35)}${fixed(text.slice(35, 70), 35)}`;
    return text === '' ? [line] : [line, note];
  });
  return windows1250([header, ...items].map((line) => `${line.padEnd(128)}\r\n`).join(''));
}

const fixed = (text: string, width: number): string => text.slice(0, width).padEnd(width);
const previous = (day: PlainDate): PlainDate =>
  new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);

/** MT940 with the subfields of the bank's advices: 111 domestic, 030 foreign, 040 other. */
function toMt940(statement: CebStatement): Uint8Array {
  const { account, day, opening, closing, movements } = statement;
  const balance = (minor: bigint): string =>
    `${side(minor)}${short(day)}${account.currency}${comma(minor, account.currency)}`;
  const lines = [
    'CEKOCZPPAXXX 00000',
    '940 01',
    '',
    `:20:${reversed(day)}D`,
    `:25:${BANK_CODE}/${rowOf(account)}`,
    `:28C:${statement.number}/1`,
    `:60F:${balance(opening)}`,
    ...movements.flatMap((one, at) => [
      `:61:${short(day)}${short(day).slice(2)}${side(one.minor)}${comma(one.minor, account.currency)}NMSC${one.reference ?? ' '}//${at + 1}`,
      ...(one.original
        ? [`/OCMT/${one.original.currency}${comma(one.original.minor, one.original.currency)}`]
        : []),
      ...detailsOf(one),
    ]),
    `:62F:${balance(closing)}`,
    '-}',
  ];
  return windows1250(lines.map((line) => `${line}\r\n`).join(''));
}

function detailsOf({ party, kind, message, ...one }: CebMovement): string[] {
  const zeros = (value: string | null, width: number): string => (value ?? '').padStart(width, '0');
  const text = message ?? '';
  const fields: readonly (readonly [string, string])[] =
    party === null
      ? [['00', kind], ['20', text]]
      : party.iban !== null
        ? [['20', party.name ?? ''], ['21', kind], ['22', text.slice(0, 35)], ['30', party.bank], ['31', party.iban]]
        : [
            ['00', party.name ?? ''],
            ['20', 'ZAUCT.PLATBA'],
            ['21', `${party.prefix.padStart(6, '0')}-${party.number.padStart(10, '0')}/${party.bank}`],
            ['22', `VS:${zeros(one.variable, 10)}`],
            ['23', `SS:${zeros(one.specific, 10)}`],
            ['24', `KS:${zeros(one.constant, 4)}`],
            ['25', text.slice(0, 35)],
            ['26', text.slice(35, 70)],
          ]; // prettier-ignore
  const code = party === null ? '040' : party.iban !== null ? '030' : '111';
  return [`:86:${code}`, ...fields.flatMap(([tag, value]) => (value === '' ? [] : [`?${tag}${value}`]))];
}

/** camt.053.001.02, plain. */
function toCamt(statement: CebStatement): Uint8Array {
  const { account, day, opening, closing, createdAt, number } = statement;
  const { currency } = account;
  const amount = (minor: bigint): string =>
    `<Amt Ccy="${currency}">${formatMoney({ minor: absolute(minor), currency })}</Amt>` +
    `<CdtDbtInd>${minor < 0n ? 'DBIT' : 'CRDT'}</CdtDbtInd>`;
  const balance = (code: string, minor: bigint): string =>
    `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>${amount(minor)}<Dt><Dt>${day}</Dt></Dt></Bal>`;
  const entries = statement.movements.map((one, at) => camtEntry(one, at + 1, amount(one.minor)));
  const at = pragueDateTime(createdAt);
  return Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>` +
      `<GrpHdr><MsgId>${day}-${number}</MsgId><CreDtTm>${at}</CreDtTm></GrpHdr>` +
      `<Stmt><Id>${account.iban}-${day}</Id><ElctrncSeqNb>${number}</ElctrncSeqNb><CreDtTm>${at}</CreDtTm>` +
      `<FrToDt><FrDtTm>${day}T00:00:00</FrDtTm><ToDtTm>${day}T23:59:59</ToDtTm></FrToDt>` +
      `<Acct><Id><IBAN>${account.iban}</IBAN></Id><Ccy>${currency}</Ccy><Svcr><FinInstnId><BIC>${BIC}</BIC></FinInstnId></Svcr></Acct>` +
      `${balance('PRCD', opening)}${balance('CLBD', closing)}${entries.join('')}</Stmt></BkToCstmrStmt></Document>`,
  );
}

function camtEntry(
  { day, minor, party, message, ...one }: CebMovement,
  posting: number,
  amount: string,
): string {
  const who = minor < 0n ? 'Cdtr' : 'Dbtr';
  const other = party && (party.iban ?? rowOf(party));
  const id = /^[A-Z]{2}\d\d/.test(other ?? '') ? `<IBAN>${other}</IBAN>` : `<Othr><Id>${other}</Id></Othr>`;
  const agent = party && (party.iban ? `<BIC>${party.bank}</BIC>` : `<Othr><Id>${party.bank}</Id></Othr>`);
  const instructed = one.original
    ? `<AmtDtls><InstdAmt><Amt Ccy="${one.original.currency}">${formatMoney(one.original)}</Amt></InstdAmt></AmtDtls>`
    : '';
  const symbols = Object.entries({ VS: one.variable, KS: one.constant, SS: one.specific })
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `<Strd><CdtrRefInf><Ref>${name}:${value}</Ref></CdtrRefInf></Strd>`);
  const text = message === null ? '' : `<Ustrd>${escape(message)}</Ustrd>`;
  const parties =
    party === null
      ? ''
      : `<RltdPties><${who}><Nm>${escape(party.name ?? '')}</Nm></${who}><${who}Acct><Id>${id}</Id></${who}Acct></RltdPties>` +
        `<RltdAgts><${who}Agt><FinInstnId>${agent}</FinInstnId></${who}Agt></RltdAgts>`;
  const remittance = symbols.length > 0 || text !== '' ? `<RmtInf>${text}${symbols.join('')}</RmtInf>` : '';
  return (
    `<Ntry><NtryRef>${posting}</NtryRef>${amount}<Sts>BOOK</Sts><BookgDt><Dt>${day}</Dt></BookgDt><ValDt><Dt>${day}</Dt></ValDt>` +
    `<BkTxCd><Prtry><Cd>11</Cd></Prtry></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>${one.reference ?? 'NOTPROVIDED'}</EndToEndId></Refs>${instructed}` +
    `${parties}${remittance}</TxDtls></NtryDtls></Ntry>`
  );
}

/** For people. */
function toTxt(statement: CebStatement): Uint8Array {
  const { account, day, opening, closing, movements } = statement;
  const rows = movements.map(
    (one) =>
      `${dotted(one.day)} ${one.kind.padEnd(24)} ${side(one.minor)} ${comma(one.minor, account.currency)}`,
  );
  const head = [`Výpis č. ${statement.number}`, `Účet ${account.iban}`, `Den ${dotted(day)}`];
  const ends = [
    `Počáteční zůstatek ${comma(opening, account.currency)}`,
    `Konečný zůstatek ${comma(closing, account.currency)}`,
  ];
  return windows1250([...head, ...ends, ...rows].map((line) => `${line}\r\n`).join(''));
}

/** One page of PDF 1.4, enough to be one. */
function toPdf({ account, day, number }: CebStatement): Uint8Array {
  const content = `BT /F1 11 Tf 40 800 Td (Vypis ${number} ${account.iban} ${day}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [4 0 R] /Count 1 >>',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents 5 0 R >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
  ];
  let file = '%PDF-1.4\n';
  const offsets = objects.map((object, at) => {
    const offset = file.length;
    file += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const end = `trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
  return Buffer.from(`${file}xref\n0 6\n0000000000 65535 f \n${table}${end}`, 'ascii');
}
