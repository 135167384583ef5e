import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Statement } from '../../shared/domain/model.ts';
import { readCamt053 } from '../../shared/formats/camt/reader.ts';
import { FormatError } from '../../shared/formats/errors.ts';
import { recognise } from '../../shared/formats/recognise.ts';

/** Bank files that may lie beside the checkout; they are nobody's to copy into it. */
const SAMPLES = new URL('../../../shared/samples/camt/', import.meta.url);
const present = existsSync(SAMPLES);
if (!present)
  console.log('SKIPPED: no sample files beside the checkout, camt.053 was checked on own fixtures only');

const read = (name: string): Buffer => readFileSync(new URL(name, SAMPLES));

function only(name: string): Statement {
  const [statement, ...rest] = readCamt053(read(name));
  if (!statement || rest.length > 0) throw new Error(`${name} should hold one statement`);
  return statement;
}

const czk = (minor: bigint) => ({ minor, currency: 'CZK' });

describe.skipIf(!present)('real files', () => {
  it('a statement with a payment and its fee, to the heller', () => {
    const statement = only('rb-camt053-two-entries.xml');
    expect(statement).toMatchObject({
      account: { iban: 'CZ8755000000000630804003', number: '630804003', bankCode: '5500', currency: 'CZK' },
      number: '22',
      from: '2025-01-22',
      to: '2025-01-22',
      opening: czk(40310995n),
      closing: czk(40793195n),
      credits: czk(482900n),
      debits: czk(700n),
      declared: { credits: czk(482900n), debits: czk(700n), count: 2 },
      count: 2,
      reconciles: true,
      warnings: [],
      quarantined: [],
    });
    expect(statement.transactions).toMatchObject([
      {
        bankReference: '7170839739',
        bookingDate: '2025-01-22',
        amount: czk(482900n),
        counterparty: { number: '131-3021140217', bankCode: '0100' },
        variableSymbol: '240100045',
        transactionCode: '10000107000',
      },
      {
        bankReference: '7170839749',
        amount: czk(-700n),
        constantSymbol: '0898',
        transactionCode: '40000104000',
      },
    ]);
  });

  it('a statement without entries and with an overdraft', () => {
    expect(only('rb-camt053-no-entries.xml')).toMatchObject({
      number: '194',
      from: '2024-11-06',
      to: '2024-11-06',
      opening: czk(-999999900n),
      closing: czk(-999999900n),
      count: 0,
      reconciles: true,
      transactions: [],
      warnings: [],
      quarantined: [],
    });
  });

  const names = present ? readdirSync(SAMPLES).filter((name) => name.endsWith('.xml')) : [];
  const statements = names.filter((name) => /-(camt)?053/.test(name));

  it.each(statements)('%s is read or refused', (name) => {
    const bytes = read(name);
    expect(recognise(bytes).format).toBe('camt.053');
    if (name.includes('.wrong.')) {
      expect(() => readCamt053(bytes)).toThrow(FormatError);
      return;
    }
    for (const statement of readCamt053(bytes)) {
      expect(statement.account.currency).toMatch(/^[A-Z]{3}$/);
      const entries = bytes.toString().match(/<Ntry>/g)?.length ?? 0;
      expect(statement.count + statement.quarantined.length).toBeLessThanOrEqual(entries);
    }
  });

  it('loses no entry of any file', () => {
    for (const name of statements.filter((each) => !each.includes('.wrong.'))) {
      const entries =
        read(name)
          .toString()
          .match(/<Ntry>/g)?.length ?? 0;
      const accounted = readCamt053(read(name)).reduce(
        (sum, one) => sum + one.count + one.quarantined.length,
        0,
      );
      expect(accounted, name).toBe(entries);
    }
  });

  it('splits the batch of a bank that details it', () => {
    const statement = only('viafintech-053-valid_example.xml');
    expect(statement).toMatchObject({ count: 4, reconciles: true, debits: { minor: 1100n } });
    expect(statement.transactions.map(({ amount }) => amount.minor)).toEqual([
      -200n,
      -300n,
      100n,
      -350n,
      -250n,
    ]);
  });

  it.each(names.filter((name) => !/-(camt)?053/.test(name)))('%s is no camt.053', (name) => {
    expect(() => readCamt053(read(name))).toThrow(expect.objectContaining({ rule: 'not-camt' }));
  });
});
