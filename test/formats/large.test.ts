import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { readCamt053 } from '../../shared/formats/camt/reader.ts';
import { readXml } from '../../shared/formats/xml.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const MB = 1024 * 1024;
const encoder = new TextEncoder();

/** One entry laid out as a bank does, about a kilobyte. */
function entry(at: number): string {
  const reference = String(7_000_000_000 + at);
  return `<Ntry>
                <NtryRef>${reference}</NtryRef>
                <Amt Ccy="CZK">${at}.5</Amt>
                <CdtDbtInd>${at % 3 === 0 ? 'DBIT' : 'CRDT'}</CdtDbtInd>
                <Sts>BOOK</Sts>
                <BookgDt><DtTm>2026-09-03T11:01:00</DtTm></BookgDt>
                <ValDt><DtTm>2026-09-03T11:00:59</DtTm></ValDt>
                <BkTxCd><Prtry><Cd>10000107000</Cd></Prtry></BkTxCd>
                <NtryDtls><TxDtls>
                    <Refs><MsgId>2</MsgId><AcctSvcrRef>${reference}</AcctSvcrRef><EndToEndId>${at}</EndToEndId></Refs>
                    <RltdPties>
                        <DbtrAcct><Id><Othr><Id>19-2000145399</Id></Othr></Id><Nm>Odběratel číslo ${at}</Nm></DbtrAcct>
                    </RltdPties>
                    <RltdAgts><DbtrAgt><FinInstnId><Othr><Id>0800</Id></Othr></FinInstnId></DbtrAgt></RltdAgts>
                    <AddtlTxInf>Faktura s dlouhým popisem číslo ${at}</AddtlTxInf>
                </TxDtls></NtryDtls>
            </Ntry>`;
}

/** The document in chunks of a hundred entries; `used` collects the heap at ten places. */
function* largeDocument(entries: number, used: number[]): Generator<Uint8Array> {
  yield encoder.encode(
    '<Document><BkToCstmrStmt><Stmt><Acct><Id><IBAN>CZ3255000000002101135843</IBAN></Id><Ccy>CZK</Ccy></Acct>',
  );
  for (let at = 0; at < entries; at += 100) {
    if (at % (entries / 10) === 0) {
      collectGarbage();
      used.push(process.memoryUsage().heapUsed);
    }
    yield encoder.encode(Array.from({ length: 100 }, (_, next) => entry(at + next)).join(''));
  }
  yield encoder.encode('</Stmt></BkToCstmrStmt></Document>');
}

/** Growth after the first sample, when everything is loaded. */
const growth = ([, first = 0, ...rest]: readonly number[]): number => Math.max(...rest) - first;

describe('a large statement', { timeout: 120_000 }, () => {
  it('is read as a stream: the XML takes no more memory at its end than at its beginning', () => {
    const used: number[] = [];
    let parts = 0;
    for (const event of readXml(largeDocument(20_000, used), { isPart: (path) => path.at(-1) === 'Ntry' })) {
      if (event.type === 'part') parts += 1;
    }
    expect(parts).toBe(20_000);
    expect(used).toHaveLength(10);
    expect(growth(used)).toBeLessThan(4 * MB);
  });

  it('of 50 000 entries takes its movements, some hundred bytes each, and none of the document', () => {
    const used: number[] = [];
    const [statement] = readCamt053(largeDocument(50_000, used));
    expect(statement).toMatchObject({ count: 50_000, quarantined: [] });
    const sum = statement?.transactions.reduce((total, { amount }) => total + amount.minor, 0n);
    expect(sum).toBe((statement?.credits.minor ?? 0n) - (statement?.debits.minor ?? 0n));
    // Eight tenths of the document lie between the samples; a held document would add two kilobytes an entry.
    expect(growth(used) / 40_000).toBeLessThan(1300);
  });
});
