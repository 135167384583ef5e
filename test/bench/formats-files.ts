import { closeSync, openSync, writeSync } from 'node:fs';
import type { PlainDate } from '../../shared/domain/dates.ts';
import { encode } from '../../shared/formats/encoding/encode.ts';
import { FIRST_DAY, LAST_DAY, movements, type Movement } from './formats-movements.ts';

/** The generated files, composed the way banks lay them out and not by our writers. */
export const FORMATS = ['mt940', 'camt.053', 'gpc'] as const;
export type Format = (typeof FORMATS)[number];

/** Count of a file's items and their signed sum in hellers. */
export interface Tally {
  readonly count: number;
  readonly sum: bigint;
}

/** Sums in hellers, both positive. */
interface Turnover {
  readonly credits: number;
  readonly debits: number;
}

interface Layout {
  head(turnover: Turnover): string;
  item(movement: Movement): string;
  tail(turnover: Turnover): string;
  encode(text: string): Uint8Array;
}

const BATCH = 1000;

/** Writes a file of `count` items, a thousand at a time. @returns what is in it */
export function compose(file: string, format: Format, count: number): Tally {
  const layout = LAYOUTS[format];
  const turnover = turnoverOf(count);
  const out = openSync(file, 'w');
  const write = (text: string): void => void writeSync(out, layout.encode(text));
  write(layout.head(turnover));
  let batch = '';
  for (const movement of movements(count)) {
    batch += layout.item(movement);
    if (movement.at % BATCH > 0) continue;
    write(batch);
    batch = '';
  }
  write(batch + layout.tail(turnover));
  closeSync(out);
  return { count, sum: BigInt(turnover.credits - turnover.debits) };
}

function turnoverOf(count: number): Turnover {
  let [credits, debits] = [0, 0];
  for (const { minor } of movements(count)) {
    if (minor > 0) credits += minor;
    else debits -= minor;
  }
  return { credits, debits };
}

const utf8 = (text: string): Uint8Array => Buffer.from(text);

/** `1234,50` */
const decimal = (minor: number, point: string): string => {
  const digits = String(Math.abs(minor)).padStart(3, '0');
  return `${digits.slice(0, -2)}${point}${digits.slice(-2)}`;
};
const hellers = (minor: number, width: number): string => String(Math.abs(minor)).padStart(width, '0');
const yymmdd = (date: PlainDate): string => date.slice(2).replaceAll('-', '');
const ddmmyy = (date: PlainDate): string => date.slice(8) + date.slice(5, 7) + date.slice(2, 4);

/** The layout most banks share, :86: wrapped at 65 characters wherever that falls. */
const MT940: Layout = {
  encode: utf8,
  head: () => `:20:VYPIS\r\n:25:2700/192000145399\r\n:28C:171/1\r\n:60F:C${yymmdd(FIRST_DAY)}CZK0,00\r\n`,
  item({ at, minor, date, account, bankCode, name, message, ...symbols }) {
    const { variableSymbol, constantSymbol, specificSymbol } = symbols;
    const number = `${account.slice(0, 6)}-${account.slice(6)}`;
    const columns = Array.from({ length: Math.ceil(message.length / 27) }, (_, column) => {
      return `?${24 + column}${message.slice(column * 27, (column + 1) * 27)}`;
    });
    const details =
      `${minor < 0 ? '020' : '051'}?00S-TUZ-DOSLA?20${number}/${bankCode}?21KS 000000${constantSymbol}` +
      `?22VS ${variableSymbol}?23SS ${specificSymbol}${columns.slice(0, 6).join('')}` +
      `?30${bankCode}?31${number}?32${name.slice(0, 27)}`;
    return (
      `:61:${yymmdd(date)}${date.slice(5, 7)}${date.slice(8)}${minor < 0 ? 'D' : 'C'}${decimal(minor, ',')}` +
      `NTRF${variableSymbol}//${7_000_000_000 + at}\r\n:86:${details.match(/.{1,65}/gu)?.join('\r\n')}\r\n`
    );
  },
  tail: ({ credits, debits }) =>
    `:62F:${credits < debits ? 'D' : 'C'}${yymmdd(LAST_DAY)}CZK${decimal(credits - debits, ',')}\r\n`,
};

/** Records 074, 075 and 078 of 128 characters. */
const GPC: Layout = {
  encode: (text) => encode(text, 'windows-1250').bytes,
  head: ({ credits, debits }) =>
    [
      `0740000192000145399${'Vzorová společnost'.padEnd(20)}${ddmmyy(FIRST_DAY)}${hellers(0, 14)}+`,
      `${hellers(credits - debits, 14)}${credits < debits ? '-' : '+'}`,
      `${hellers(debits, 14)}0${hellers(credits, 14)}0171${ddmmyy(LAST_DAY)}${''.padEnd(14)}\r\n`,
    ].join(''),
  item({ at, minor, date, account, bankCode, name, message, ...symbols }) {
    const { variableSymbol, constantSymbol, specificSymbol } = symbols;
    const record =
      `0750000192000145399${account}${String(7_000_000_000 + at).padStart(13, '0')}` +
      `${hellers(minor, 12)}${minor < 0 ? 1 : 2}${variableSymbol}00${bankCode}` +
      `${constantSymbol}${specificSymbol}${ddmmyy(date)}${name.slice(0, 20).padEnd(20)}00203${ddmmyy(date)}\r\n`;
    return message === '' ? record : `${record}078${message.slice(0, 70).padEnd(70)}\r\n`;
  },
  tail: () => '',
};

/** Version 02 as Czech banks write it, one `Strd` for each symbol. */
const CAMT: Layout = {
  encode: utf8,
  head: ({ credits, debits }) =>
    '<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">' +
    '<BkToCstmrStmt><GrpHdr><MsgId>camt.053-2026-10-01</MsgId><CreDtTm>2026-10-01T01:14:44</CreDtTm></GrpHdr><Stmt>' +
    '<Id>CZ-171</Id><ElctrncSeqNb>171</ElctrncSeqNb><CreDtTm>2026-10-01T01:14:44</CreDtTm>' +
    '<Acct><Id><IBAN>CZ6508000000192000145399</IBAN></Id><Ccy>CZK</Ccy></Acct>' +
    balance('PRCD', 0, FIRST_DAY) +
    balance('CLBD', credits - debits, LAST_DAY),
  item({ at, minor, date, account, bankCode, name, message, ...symbols }) {
    const { variableSymbol, constantSymbol, specificSymbol } = symbols;
    const party = minor < 0 ? 'Cdtr' : 'Dbtr';
    const amount = `<Amt Ccy="CZK">${decimal(minor, '.')}</Amt>`;
    const named = { VS: variableSymbol, KS: constantSymbol, SS: specificSymbol };
    const written = Object.entries(named).filter(([, digits]) => !/^0+$/.test(digits));
    const references = written.map(
      ([symbol, digits]) => `<Strd><CdtrRefInf><Ref>${symbol}:${digits}</Ref></CdtrRefInf></Strd>`,
    );
    return (
      `\n<Ntry><NtryRef>${7_000_000_000 + at}</NtryRef>${amount}<CdtDbtInd>${indicator(minor)}</CdtDbtInd>` +
      `<RvslInd>false</RvslInd><Sts>BOOK</Sts><BookgDt><Dt>${date}</Dt></BookgDt><ValDt><Dt>${date}</Dt></ValDt>` +
      '<BkTxCd><Prtry><Cd>10000107000</Cd><Issr>CBA</Issr></Prtry></BkTxCd><NtryDtls><TxDtls>' +
      `<Refs><AcctSvcrRef>${7_000_000_000 + at}</AcctSvcrRef><EndToEndId>NOTPROVIDED</EndToEndId></Refs>` +
      `<AmtDtls><TxAmt>${amount}</TxAmt></AmtDtls><RltdPties><${party}><Nm>${name}</Nm></${party}>` +
      `<${party}Acct><Id><Othr><Id>${account.slice(0, 6)}-${account.slice(6)}</Id></Othr></Id></${party}Acct>` +
      `</RltdPties><RltdAgts><${party}Agt><FinInstnId><Othr><Id>${bankCode}</Id></Othr></FinInstnId></${party}Agt>` +
      `</RltdAgts><RmtInf>${message === '' ? '' : `<Ustrd>${message}</Ustrd>`}${references.join('')}</RmtInf>` +
      '</TxDtls></NtryDtls></Ntry>'
    );
  },
  tail: () => '</Stmt></BkToCstmrStmt></Document>\n',
};

const LAYOUTS: Readonly<Record<Format, Layout>> = { mt940: MT940, 'camt.053': CAMT, gpc: GPC };

const indicator = (minor: number): string => (minor < 0 ? 'DBIT' : 'CRDT');

function balance(code: string, minor: number, date: PlainDate): string {
  return (
    `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="CZK">${decimal(minor, '.')}</Amt>` +
    `<CdtDbtInd>${indicator(minor)}</CdtDbtInd><Dt><Dt>${date}</Dt></Dt></Bal>`
  );
}
