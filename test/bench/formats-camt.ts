import { parseCamt053 } from 'camt-parser';
import { XMLParser } from 'fast-xml-parser';
import { SaxesParser } from 'saxes';
import { readCamt, streamCamt } from '../../shared/formats/camt/reader.ts';
import { hellersOf, tallyOf, tallyOfStatements, type Contender, type Seen } from './formats-contenders.ts';

export const CONTENDERS: readonly Contender[] = [
  {
    name: 'ours',
    read: (bytes) => tallyOf(streamCamt([bytes])),
    // Ten times the entries are more than the reader takes unasked.
    stream: (pieces) => tallyOf(streamCamt(pieces, { maxBytes: Infinity })),
  },
  { name: 'ours, collected', read: (bytes) => tallyOfStatements(readCamt(bytes)) },
  { name: 'saxes', read: readBySaxes },
  { name: 'camt-parser', read: readByCamtParser },
  { name: 'fast-xml-parser', read: readByFastXmlParser },
];

const PIECE = 64 * 1024;

/** A pass that keeps nothing: it counts entries and adds up their amounts. */
function readBySaxes(bytes: Uint8Array): Seen {
  const decoder = new TextDecoder();
  const parser = new SaxesParser();
  let count = 0;
  let sum = 0n;
  let inEntry = false;
  let amount = '';
  parser.on('opentag', ({ name }) => {
    if (name === 'Ntry') inEntry = true;
    else if (name === 'Amt') amount = '';
  });
  parser.on('text', (text) => {
    amount = text;
  });
  // The amount of the entry is the first one in it, and its sign stands right behind.
  let minor = 0;
  parser.on('closetag', ({ name }) => {
    if (!inEntry) return;
    if (name === 'Amt') minor = Math.round(Number(amount) * 100);
    else if (name === 'CdtDbtInd') {
      inEntry = false;
      count += 1;
      sum += BigInt(amount === 'DBIT' ? -minor : minor);
    }
  });
  for (let at = 0; at < bytes.length; at += PIECE)
    parser.write(decoder.decode(bytes.subarray(at, at + PIECE), { stream: true }));
  parser.close();
  return { count, sum };
}

async function readByCamtParser(bytes: Uint8Array): Promise<Seen> {
  const { statements } = await parseCamt053(new TextDecoder().decode(bytes));
  let count = 0;
  let sum = 0n;
  for (const { transactions } of statements) {
    count += transactions.length;
    for (const { amount, creditDebitIndicator } of transactions)
      sum += signed(amount.value, creditDebitIndicator);
  }
  return { count, sum };
}

interface ParsedDocument {
  readonly Document: { BkToCstmrStmt: { Stmt: { Ntry: { Amt: { '#text': string }; CdtDbtInd: string }[] } } };
}

function readByFastXmlParser(bytes: Uint8Array): Seen {
  const parser = new XMLParser({ ignoreAttributes: false, parseTagValue: false });
  const document = parser.parse(new TextDecoder().decode(bytes)) as ParsedDocument;
  const entries = document.Document.BkToCstmrStmt.Stmt.Ntry;
  let sum = 0n;
  for (const { Amt, CdtDbtInd } of entries) sum += signed(Amt['#text'], CdtDbtInd);
  return { count: entries.length, sum };
}

const signed = (amount: string, indicator: string): bigint =>
  indicator === 'DBIT' ? -hellersOf(amount) : hellersOf(amount);
