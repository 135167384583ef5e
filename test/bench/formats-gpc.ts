import type { Transaction } from '../../shared/domain/model.ts';
import { readGpc, streamGpc } from '../../shared/formats/gpc/reader.ts';
import { sink, tallyOf, tallyOfStatements, type Contender, type Seen } from './formats-contenders.ts';

export const CONTENDERS: readonly Contender[] = [
  { name: 'ours', read: (bytes) => tallyOf(streamGpc([bytes])) },
  { name: 'ours, collected', read: (bytes) => tallyOfStatements(readGpc(bytes)) },
  { name: 'slice loop', read: readSlices },
  { name: 'slice loop to the model', read: readItems },
];

const linesOf = (bytes: Uint8Array): string[] => new TextDecoder('windows-1250').decode(bytes).split('\r\n');

/** Every column as it stands, cut out of its line; the messages as well. */
function readSlices(bytes: Uint8Array): Seen {
  let count = 0;
  let sum = 0;
  for (const line of linesOf(bytes)) {
    if (line.startsWith('075')) {
      const item = slicesOf(line);
      sink[count & 63] = item;
      count += 1;
      sum += item.code === '1' ? -Number(item.amount) : Number(item.amount);
    } else if (line.startsWith('078')) sink[count & 63] = line.slice(3);
  }
  return { count, sum: BigInt(sum) };
}

const slicesOf = (line: string) => ({
  own: line.slice(3, 19),
  account: line.slice(19, 35),
  reference: line.slice(35, 48),
  amount: line.slice(48, 60),
  code: line.slice(60, 61),
  variableSymbol: line.slice(61, 71),
  bankCode: line.slice(73, 77),
  constantSymbol: line.slice(77, 81),
  specificSymbol: line.slice(81, 91),
  valueDate: line.slice(91, 97),
  name: line.slice(97, 117),
  currency: line.slice(118, 122),
  date: line.slice(122, 128),
});

/** The model, while its message is being put together. */
type Draft = { -readonly [Key in keyof Transaction]: Transaction[Key] };

/** The same objects as ours with the same values, and nothing checked, noticed or decided on the way. */
function readItems(bytes: Uint8Array): Seen {
  let count = 0;
  let sum = 0n;
  let item: Draft | null = null;
  const finish = (): void => {
    if (item === null) return;
    sink[count & 63] = item;
    count += 1;
    sum += item.amount.minor;
  };
  for (const line of linesOf(bytes)) {
    if (line.startsWith('075')) {
      finish();
      item = transactionOf(slicesOf(line));
    } else if (line.startsWith('078') && item) item.message = line.slice(3).trimEnd();
  }
  finish();
  return { count, sum };
}

const withoutZeros = (digits: string): string | null => digits.replace(/^0+/, '') || null;
const dateOf = (digits: string): string => `20${digits.slice(4)}-${digits.slice(2, 4)}-${digits.slice(0, 2)}`;

function transactionOf(slices: ReturnType<typeof slicesOf>): Draft {
  const { account, amount, code, variableSymbol, constantSymbol, specificSymbol } = slices;
  const minor = BigInt(amount);
  const prefix = withoutZeros(account.slice(0, 6));
  const number = withoutZeros(account.slice(6));
  return {
    bankReference: withoutZeros(slices.reference),
    bookingDate: dateOf(slices.date),
    valueDate: dateOf(slices.valueDate),
    amount: { minor: code === '1' ? -minor : minor, currency: slices.currency === '0203' ? 'CZK' : '' },
    counterparty: {
      name: slices.name.trimEnd(),
      iban: null,
      number: prefix === null ? number : `${prefix}-${number}`,
      bankCode: slices.bankCode,
      bic: null,
    },
    variableSymbol: withoutZeros(variableSymbol),
    constantSymbol: constantSymbol === '0000' ? null : constantSymbol,
    specificSymbol: withoutZeros(specificSymbol),
    rawSymbols: { variableSymbol, constantSymbol, specificSymbol },
    message: null,
    endToEndId: null,
    transactionCode: null,
    reversal: false,
    original: null,
    card: null,
    batch: null,
  };
}
