import fc, { type Arbitrary } from 'fast-check';
import type { Counterparty, Statement, Transaction } from '../../../shared/domain/model.ts';
import {
  normaliseConstantSymbol,
  normaliseSpecificSymbol,
  normaliseVariableSymbol,
} from '../../../shared/domain/symbols.ts';
import type { CamtVersion } from '../../../shared/formats/camt/write.ts';

/**
 * Statements that camt.053 can say whole. What it cannot, and what these therefore leave out: card numbers, a second
 * number beside an IBAN, a rate that is no decimal, digits-only end-to-end ids and texts like `VS:1` where there is no
 * symbol (a reader takes them for one), white space around texts, totals declared other than computed.
 */

const NOBODY: Counterparty = { name: null, iban: null, number: null, bankCode: null, bic: null };
const EMPTY: Transaction = {
  bankReference: null,
  bookingDate: '2026-09-03',
  valueDate: null,
  amount: { minor: 0n, currency: 'CZK' },
  counterparty: NOBODY,
  variableSymbol: null,
  constantSymbol: null,
  specificSymbol: null,
  rawSymbols: { variableSymbol: null, constantSymbol: null, specificSymbol: null },
  message: null,
  endToEndId: null,
  transactionCode: null,
  reversal: false,
  original: null,
  card: null,
  batch: null,
};

export const transaction = (values: Partial<Transaction> = {}): Transaction => ({ ...EMPTY, ...values });

const orNull = <T>(arbitrary: Arbitrary<T>): Arbitrary<T | null> => fc.option(arbitrary, { nil: null });

const text = (most: number): Arbitrary<string> =>
  fc
    .oneof(
      fc.string({ unit: 'grapheme', maxLength: most }),
      fc.constantFrom('Žluťoučký kůň & <syn>', 'a\r\nb', '"]]>"', 'a\tb', "d'Or"),
    )
    .map((written) => [...written].slice(0, most).join('').trim())
    .filter(
      (written) => written !== '' && !/[VKS]S[/:]|[\u0000-\u0008\u000b\u000c\u000e-\u001f]/i.test(written),
    );

const day = fc
  .integer({ min: 0, max: 3650 })
  .map((days) => new Date(Date.UTC(2020, 0, 1 + days)).toISOString().slice(0, 10));

const account: Arbitrary<Partial<Counterparty>> = fc.constantFrom(
  {},
  { iban: 'CZ6508000000192000145399', number: '19-2000145399', bankCode: '0800' },
  { iban: 'DE89370400440532013000' },
  { iban: 'DE89370400440532013000', bankCode: '37040044' },
  { number: '131-3021140217', bankCode: '0100' },
  { number: '630804003', bankCode: '5500' },
  { number: 'AB 12-3' },
);

const counterparty: Arbitrary<Counterparty> = fc
  .tuple(orNull(text(140)), account, orNull(fc.constantFrom('GIBACZPX', 'COBADEFFXXX')))
  .map(([name, where, bic]) => ({ ...NOBODY, ...where, name, bic }));

const digits = (most: number): Arbitrary<string> =>
  fc.integer({ min: 0, max: 10 ** most - 1 }).chain((number) => {
    const bare = String(number);
    return fc.integer({ min: bare.length, max: most }).map((width) => bare.padStart(width, '0'));
  });

const symbols = fc
  .record({
    variableSymbol: orNull(digits(10)),
    constantSymbol: orNull(digits(4)),
    specificSymbol: orNull(digits(10)),
  })
  .map((rawSymbols) => ({
    rawSymbols,
    variableSymbol: normaliseVariableSymbol(rawSymbols.variableSymbol),
    constantSymbol: normaliseConstantSymbol(rawSymbols.constantSymbol),
    specificSymbol: normaliseSpecificSymbol(rawSymbols.specificSymbol),
  }));

const size = fc.bigInt({ min: 0n, max: 10n ** 14n });

/** One movement in this direction (0n is neither). */
function movement(credit: boolean): Arbitrary<Transaction> {
  const signed = size.map((minor) => (credit ? minor : -minor));
  return fc
    .tuple(
      signed,
      counterparty,
      symbols,
      fc.record({
        message: orNull(text(500)),
        endToEndId: orNull(fc.string({ unit: 'grapheme-ascii', maxLength: 30 }).map((id) => `E${id.trim()}`)),
        transactionCode: orNull(fc.constantFrom('10000107000', 'PMNT/RCDT/ESCT', 'NTRF')),
      }),
      orNull(fc.record({ minor: size, rate: orNull(fc.constantFrom('25.103', '1', '0.0391')) })),
    )
    .map(([minor, party, symbol, rest, other]) =>
      transaction({
        amount: { minor, currency: 'CZK' },
        counterparty: party,
        ...symbol,
        ...rest,
        // Nothing has no direction, and so no original amount with one.
        original:
          minor === 0n
            ? null
            : other && {
                amount: { minor: credit ? other.minor : -other.minor, currency: 'EUR' },
                rate: other.rate,
              },
      }),
    );
}

/** What is booked as one: a movement, or the details of a batch. References are given out later. */
function booking(version: CamtVersion): Arbitrary<Transaction[]> {
  const dates = fc.record({ bookingDate: day, valueDate: orNull(day), reversal: fc.boolean() });
  const single = fc.boolean().chain((credit) => movement(credit).map((one) => [one]));
  const oneWay = fc.boolean().chain((credit) => fc.array(movement(credit), { minLength: 2, maxLength: 4 }));
  const bothWays = fc.array(fc.boolean().chain(movement), { minLength: 2, maxLength: 4 });
  return fc
    .tuple(fc.oneof(single, single, version === '02' ? oneWay : bothWays), dates)
    .map(([details, when]) =>
      details.map((one, at) => ({
        ...one,
        ...when,
        batch: details.length > 1 ? { reference: null, index: at + 1 } : null,
      })),
    );
}

/** Gives each booking its own reference, or none; a batch's details have it or their own. */
function refer(details: readonly Transaction[], at: number, told: boolean): Transaction[] {
  const reference = told ? `7${at}` : null;
  return details.map((one) =>
    one.batch === null
      ? { ...one, bankReference: reference }
      : {
          ...one,
          bankReference: one.batch.index % 2 === 0 ? `${at}-${one.batch.index}` : reference,
          batch: { ...one.batch, reference },
        },
  );
}

const sumOf = (transactions: readonly Transaction[]): bigint =>
  transactions.reduce((sum, { amount }) => sum + amount.minor, 0n);

export const czk = (minor: bigint) => ({ minor, currency: 'CZK' });

/** A statement of these bookings with figures that fit. */
export function statementOf(
  bookings: readonly (readonly Transaction[])[],
  values: Partial<Statement> = {},
): Statement {
  const totals = bookings.map(sumOf);
  const credits = czk(totals.filter((minor) => minor > 0n).reduce((sum, minor) => sum + minor, 0n));
  const debits = czk(-totals.filter((minor) => minor < 0n).reduce((sum, minor) => sum + minor, 0n));
  const count = bookings.length;
  return {
    account: {
      iban: 'CZ3255000000002101135843',
      number: '2101135843',
      bankCode: '5500',
      currency: 'CZK',
    },
    number: '171',
    from: '2026-09-03',
    to: '2026-09-03',
    opening: czk(0n),
    closing: czk(credits.minor - debits.minor),
    credits,
    debits,
    declared: { credits, debits, count },
    count,
    reconciles: true,
    transactions: bookings.flat(),
    warnings: [],
    quarantined: [],
    ...values,
  };
}

/** Any statement of the kind a version can say whole. */
export function anyStatement(version: CamtVersion): Arbitrary<Statement> {
  const bookings = fc.array(fc.tuple(booking(version), fc.boolean()), { maxLength: 6 });
  const header = fc.record({
    number: orNull(fc.constantFrom('1', '007', '2026194')),
    from: day,
    to: day,
    opening: fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }).map(czk),
    differs: fc.bigInt({ min: 0n, max: 1n }),
    missing: fc.constantFrom('opening', 'closing', null),
  });
  return fc.tuple(bookings, header).map(([all, { differs, missing, ...values }]) => {
    const statement = statementOf(
      all.map(([details, told], at) => refer(details, at, told)),
      values,
    );
    const closing = czk(values.opening.minor + statement.credits.minor - statement.debits.minor + differs);
    const reconciles = missing === null ? differs === 0n : null;
    return { ...statement, closing, reconciles, ...(missing === null ? {} : { [missing]: null }) };
  });
}

const wild = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 600 }),
  fc.string({ maxLength: 20 }),
  fc.constant(null),
);

/** A statement of one movement with anything in its fields. */
export const wildStatement: Arbitrary<Statement> = fc
  .record({
    bankReference: wild,
    message: wild,
    endToEndId: wild,
    transactionCode: wild,
    card: wild,
    name: wild,
    number: wild,
    bankCode: wild,
    bic: wild,
    symbol: wild,
    rate: wild,
    statement: wild,
  })
  .map(({ name, number, bankCode, bic, symbol, rate, statement, ...texts }) => {
    const one = transaction({
      ...texts,
      counterparty: { name, iban: null, number, bankCode, bic },
      rawSymbols: { variableSymbol: symbol, constantSymbol: symbol, specificSymbol: symbol },
      original: { amount: { minor: 5n, currency: 'EUR' }, rate },
    });
    return statementOf([[one]], { number: statement });
  });
