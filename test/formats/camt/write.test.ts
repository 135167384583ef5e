import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Statement } from '../../../shared/domain/model.ts';
import { readCamt053 } from '../../../shared/formats/camt/reader.ts';
import { writeCamt053, type CamtVersion } from '../../../shared/formats/camt/write.ts';
import { FormatError } from '../../../shared/formats/errors.ts';
import { structuralFaults } from '../schemas/camt053.ts';
import { anyStatement, czk, statementOf, transaction, wildStatement } from './statements.ts';

const VERSIONS = ['02', '08'] as const;
const fixture = (name: string): Uint8Array => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

const write = (statements: readonly Statement[], version: CamtVersion) =>
  writeCamt053(statements, { version, messageId: 'BRANA-1', createdAt: '2026-09-04T01:14:44Z' });

const textOf = (statement: Statement, version: CamtVersion = '02'): string =>
  new TextDecoder().decode(write([statement], version).bytes);

const rules = (statement: Statement, version: CamtVersion = '02'): string[] =>
  write([statement], version).losses.map(({ rule }) => rule);

/** The statement without what a reader says about it in words. */
const silent = (statement: Statement): Statement => ({ ...statement, warnings: [] });

describe.each(VERSIONS)('camt.053.001.%s', (version) => {
  it('read(write(x)) is x, nothing is lost and the message definition is kept', () => {
    fc.assert(
      fc.property(fc.array(anyStatement(version), { minLength: 1, maxLength: 3 }), (statements) => {
        const { bytes, losses } = write(statements, version);
        expect(losses).toEqual([]);
        expect(structuralFaults(bytes, version)).toEqual([]);
        const read = readCamt053(bytes);
        expect(read.map(silent)).toEqual(statements);
        for (const [at, { warnings }] of read.entries()) {
          const differs = statements[at]?.reconciles === false ? ['balance-differs'] : [];
          expect(warnings.map(({ rule }) => rule)).toEqual(differs);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('keeps the message definition whatever stands in the fields, and lists what it changed', () => {
    fc.assert(
      fc.property(wildStatement, (statement) => {
        const [one = transaction()] = statement.transactions;
        const { bytes, losses } = write([statement], version);
        expect(structuralFaults(bytes, version)).toEqual([]);
        const [read] = readCamt053(bytes);
        expect(read).toMatchObject({ count: 1, reconciles: true, quarantined: [] });
        const [back] = read?.transactions ?? [];
        const changed = (['bankReference', 'message', 'endToEndId', 'transactionCode'] as const).filter(
          (name) => (one[name] || null) !== back?.[name] && one[name] !== 'NOTPROVIDED',
        );
        for (const name of changed) {
          const words = name
            .replace(/([A-Z])/g, ' $1')
            .toLowerCase()
            .replace('end to end', 'end-to-end');
          expect(losses.map(({ position }) => position)).toContainEqual(expect.stringContaining(words));
        }
      }),
      { numRuns: 150 },
    );
  });

  it.each(['camt053-day.xml', 'camt053-v08.xml'])('%s is the same after being written', (name) => {
    const statements = readCamt053(fixture(name));
    const { bytes, losses } = write(statements, version);
    expect(losses).toEqual([]);
    const declared = ({ credits, debits, count }: Statement) => ({ credits, debits, count });
    const expected = statements.map((one) => ({ ...silent(one), declared: declared(one) }));
    expect(readCamt053(bytes).map(silent)).toEqual(expected);
  });
});

describe('the two versions', () => {
  const statement = statementOf([
    [
      transaction({
        amount: czk(100n),
        counterparty: { name: 'A & B', iban: null, number: '1', bankCode: '0100', bic: 'KOMBCZPP' },
        reversal: true,
      }),
    ],
  ]);

  it('differ where the message definition does', () => {
    const [old, recent] = [textOf(statement, '02'), textOf(statement, '08')];
    expect(old).toContain('<Sts>BOOK</Sts>');
    expect(recent).toContain('<Sts><Cd>BOOK</Cd></Sts>');
    expect(old).toContain('<BIC>KOMBCZPP</BIC>');
    expect(recent).toContain('<BICFI>KOMBCZPP</BICFI>');
    expect(old).toContain('<Dbtr><Nm>A &amp; B</Nm></Dbtr>');
    expect(recent).toContain('<Dbtr><Pty><Nm>A &amp; B</Nm></Pty></Dbtr>');
    for (const text of [old, recent]) expect(text).toContain('<RvslInd>true</RvslInd>');
  });

  it('a batch with details both ways is one entry in 08 and several in 02', () => {
    const details = [100n, -30n].map((minor, at) =>
      transaction({ amount: czk(minor), bankReference: 'B', batch: { reference: 'B', index: at + 1 } }),
    );
    const batch = statementOf([details]);
    expect(write([batch], '08').losses).toEqual([]);
    expect(readCamt053(write([batch], '08').bytes)).toEqual([batch]);
    expect(rules(batch, '02')).toEqual(['batch-left-out', 'batch-left-out']);
    expect(readCamt053(write([batch], '02').bytes)[0]).toMatchObject({ count: 2, reconciles: true });
  });
});

describe.each(VERSIONS)('a batch of %s', (version) => {
  it('keeps the other side of a detail of nothing', () => {
    const party = { name: 'Čeněk', iban: null, number: null, bankCode: null, bic: null };
    const details = [-100n, 0n].map((minor, at) =>
      transaction({
        amount: czk(minor),
        counterparty: party,
        bankReference: 'B',
        batch: { reference: 'B', index: at + 1 },
      }),
    );
    const batch = statementOf([details]);
    expect(readCamt053(write([batch], version).bytes)).toEqual([batch]);
  });
});

describe('what camt.053 cannot say', () => {
  const one = (values: Parameters<typeof transaction>[0]): Statement => statementOf([[transaction(values)]]);
  const party = (values: object) => ({
    counterparty: { name: null, iban: null, number: null, bankCode: null, bic: null, ...values },
  });

  it.each<[string, string, Statement]>([
    ['a card number', 'card-left-out', one({ card: '516844XXXXXX1234' })],
    ['a message of 501 letters', 'text-shortened', one({ message: 'ž'.repeat(501) })],
    ['a control character', 'character-replaced', one({ message: 'a\u0001b' })],
    ['half a surrogate pair', 'character-replaced', one({ message: 'a\ud800b' })],
    ['space around a text', 'space-trimmed', one({ message: ' a' })],
    ['a reference of 36 characters', 'text-shortened', one({ bankReference: '9'.repeat(36) })],
    [
      'a foreign number beside an IBAN',
      'number-left-out',
      one(party({ iban: 'DE89370400440532013000', number: '532013000' })),
    ],
    ['a BIC of seven letters', 'bic-left-out', one(party({ bic: 'KOMBCZP' }))],
    [
      'a raw symbol that is no number',
      'raw-symbol-left-out',
      one({ rawSymbols: { variableSymbol: 'X1', constantSymbol: null, specificSymbol: null } }),
    ],
    [
      'an original amount the other way',
      'original-left-out',
      one({ amount: czk(5n), original: { amount: { minor: -1n, currency: 'EUR' }, rate: null } }),
    ],
    [
      'an original amount in the account’s currency',
      'original-left-out',
      one({ original: { amount: czk(1n), rate: null } }),
    ],
    [
      'a rate in words',
      'rate-left-out',
      one({ original: { amount: { minor: 1n, currency: 'EUR' }, rate: '25 za 1' } }),
    ],
    [
      'a rate with a comma',
      'rate-respelled',
      one({ original: { amount: { minor: 1n, currency: 'EUR' }, rate: '25,103' } }),
    ],
    ['half of a batch', 'batch-left-out', one({ batch: { reference: 'B', index: 2 } })],
    ['a statement number with its year', 'number-shortened', statementOf([], { number: '194/2026' })],
    ['an open period', 'period-composed', statementOf([], { from: null })],
    [
      'other totals than its own',
      'totals-recomputed',
      statementOf([], { declared: { credits: null, debits: null, count: 9 } }),
    ],
    [
      'an unreadable item',
      'item-left-out',
      statementOf([], { quarantined: [{ rule: 'r', message: 'm', position: null, raw: '' }] }),
    ],
  ])('%s is listed', (_, rule, statement) => {
    expect(rules(statement)).toEqual([rule]);
    expect(structuralFaults(write([statement], '02').bytes, '02')).toEqual([]);
    expect(structuralFaults(write([statement], '08').bytes, '08')).toEqual([]);
  });

  it('a shortened text ends with a whole character', () => {
    const text = textOf(one({ message: `${'a'.repeat(499)}😀😀` }));
    expect(text).toContain(`<AddtlTxInf>${'a'.repeat(499)}😀</AddtlTxInf>`);
  });

  it.each<[string, string, Statement[]]>([
    ['nothing', 'no-statement', []],
    [
      'no account',
      'account-missing',
      [statementOf([], { account: { iban: null, number: null, bankCode: null, currency: 'CZK' } })],
    ],
    ['no balance', 'balance-missing', [statementOf([], { opening: null, closing: null })]],
    ['two currencies', 'currency-differs', [one({ amount: { minor: 1n, currency: 'EUR' } })]],
    ['an amount of 19 digits', 'amount-too-long', [one({ amount: czk(10n ** 18n) })]],
  ])('%s is refused', (_, rule, statements) => {
    expect(() => write(statements, '02')).toThrow(expect.objectContaining({ rule }));
    expect(() => write(statements, '02')).toThrow(FormatError);
  });

  it.each([
    [{ messageId: '' }, 'message-id'],
    [{ messageId: 'x'.repeat(36) }, 'message-id'],
    [{ messageId: 'a\u0001' }, 'message-id'],
    [{ createdAt: '4. 9. 2026' }, 'created-at'],
    [{ note: '' }, 'note'],
    [{ note: 'x'.repeat(501) }, 'note'],
    [{ note: 'a\u0001' }, 'note'],
  ])('the option %j is refused', (values, rule) => {
    const options = { version: '02', messageId: 'M', createdAt: '2026-09-04T01:14:44Z', ...values } as const;
    expect(() => writeCamt053([statementOf([])], options)).toThrow(expect.objectContaining({ rule }));
  });

  it('a note of 500 characters is taken, whatever their size', () => {
    const note = '€😀'.repeat(250);
    const options = { version: '02', messageId: 'M', createdAt: '2026-09-04T01:14:44Z', note } as const;
    const { bytes } = writeCamt053([statementOf([])], options);
    expect(new TextDecoder().decode(bytes)).toContain(`<AddtlStmtInf>${note}</AddtlStmtInf>`);
  });
});

describe('the check of the structure', () => {
  const good = textOf(statementOf([[transaction({ amount: czk(5n), message: 'x' })]]));
  const faults = (text: string): string[] => structuralFaults(new TextEncoder().encode(text), '02');

  it.each([
    ['two elements swapped', '<Ccy>CZK</Ccy>', ''],
    ['an unknown element', '<Ntry>', '<Ntry><Extra>1</Extra>'],
    ['a missing one', '<CdtDbtInd>CRDT</CdtDbtInd><Sts>', '<Sts>'],
    ['a text too long', '<AddtlTxInf>x', `<AddtlTxInf>${'x'.repeat(501)}`],
    ['another namespace', 'camt.053.001.02', 'camt.053.001.08'],
  ])('finds %s', (_, from, to) => {
    const changed = good.replace(from, to);
    expect(changed).not.toBe(good);
    expect(faults(to === '' ? changed.replace('<Acct>', `<Acct>${from}`) : changed)).not.toEqual([]);
    expect(faults(good)).toEqual([]);
  });
});
