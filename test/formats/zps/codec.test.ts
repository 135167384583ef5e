import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTxtZps } from '../../../infra/sandbox/csob-ceb/foreign-file.ts';
import type { OrderFile, OrderGroup, OrderPayment } from '../../../shared/domain/order-file.ts';
import { FormatError } from '../../../shared/formats/errors.ts';
import { readFileAs } from '../../../shared/formats/files.ts';
import { NOBODY } from '../../../shared/formats/order-party.ts';
import { recognise } from '../../../shared/formats/recognise.ts';
import { checkZps } from '../../../shared/formats/zps/check.ts';
import { readZps } from '../../../shared/formats/zps/reader.ts';
import { writeZps } from '../../../shared/formats/zps/writer.ts';
import { group, orders, payment, PAYER } from './orders.ts';

const ID = 'pay-01KAJ9W3T5ZQ8Y2M4N6P7R1S0V';
const write = (groups: readonly OrderGroup[] = [group()]) => writeZps(groups, { id: ID });
const textOf = (groups?: readonly OrderGroup[]): string =>
  Buffer.from(write(groups).bytes).toString('latin1');
const fieldsOf = (values: Partial<OrderPayment> = {}): string[] =>
  textOf([group([payment(values)])])
    .trimEnd()
    .split('|');
const read = (text: string): OrderFile => readZps(Buffer.from(text, 'latin1'));
/** The order as it is read back: a line has no parts of an address. */
const AS_READ = group([
  payment({
    creditorAddress: {
      ...{ street: null, buildingNumber: null, postCode: null, town: null },
      country: 'US',
      lines: ['Main Street 12', '97201 Portland'],
    },
  }),
]);
/** A field by its number in the bank's document. */
const at = (fields: readonly string[], number: number): string => fields[number - 1]!;

describe('a foreign payment in 34 fields', () => {
  it('stands in the places of the bank’s document', () => {
    const line =
      'CZ7403000000191177264030|0|0|INV-4417|20261123|900.50||USD|021000021-4417|||CHASUS33XXX|||||' +
      '|Maple Tools Inc.||Main Street 12|97201 Portland|US||SHA|Invoice 4417|||||||||' +
      `${ID}\r\n`;
    expect(textOf()).toBe(line);
    expect(line.split('|')).toHaveLength(34);
  });

  it.each([
    ['shared', 'SHA'],
    ['payer', 'OUR'],
    ['payee', 'BEN'],
  ] as const)('charges: %s is %s', (charges, word) => {
    expect(at(fieldsOf({ charges }), 24)).toBe(word);
  });

  it('shares the charges where nothing was said', () => {
    const { charges: _, ...silent } = payment();
    expect(at(textOf([group([silent])]).split('|'), 24)).toBe('SHA');
  });

  it('names the bank by name, address and country where it has no BIC', () => {
    const fields = fieldsOf({
      creditor: { ...payment().creditor, bic: null },
      creditorBank: {
        name: 'First Bank of Portland and of all the Counties around it',
        address: { ...payment().creditorAddress!, buildingNumber: '1' },
      },
    });
    expect(at(fields, 12)).toBe('');
    expect([13, 14, 15, 16, 17].map((number) => at(fields, number))).toEqual([
      'First Bank of Portland and of all t',
      'he Counties around it',
      'Main Street 1',
      '97201 Portland',
      'US',
    ]);
  });

  it('takes the BIC of a Czech bank from the account', () => {
    const fields = fieldsOf({
      creditor: { ...NOBODY, name: 'Dodavatel', number: '630804003', bankCode: '5500' },
    });
    expect([at(fields, 9), at(fields, 12)]).toEqual(['CZ8755000000000630804003', 'RZBCCZPP']);
  });

  it('has a purpose of four lines, symbols in front of it', () => {
    const fields = fieldsOf({ message: 'x'.repeat(100), variableSymbol: '26', specificSymbol: '7' });
    expect([25, 26, 27, 28].map((number) => at(fields, number))).toEqual([
      `/VS/26/SS/7 ${'x'.repeat(23)}`,
      'x'.repeat(35),
      'x'.repeat(35),
      'x'.repeat(7),
    ]);
  });

  it.each([
    ['JPY', 5000n, '5000'],
    ['KWD', 1230n, '1.23'],
    ['USD', 5n, '0.05'],
    ['USD', 99_999_999_999_999n, '999999999999.99'],
  ])('an amount in %s of %s is %s', (currency, minor, text) => {
    expect(at(fieldsOf({ amount: { minor, currency } }), 6)).toBe(text);
  });

  it('never holds its separator, whatever the texts', () => {
    const text = fc.string({ unit: 'binary', maxLength: 80 });
    fc.assert(
      fc.property(text, text, text, (name, message, street) => {
        const one = payment({
          creditor: { ...payment().creditor, name: `A${name}` },
          message: `abc ${message}`,
          creditorAddress: { ...payment().creditorAddress!, street },
        });
        const { bytes } = write([group([one])]);
        expect(
          Buffer.from(bytes).every((byte) => byte === 13 || byte === 10 || (byte >= 32 && byte < 127)),
        ).toBe(true);
        const lines = Buffer.from(bytes).toString('latin1').split('\r\n');
        expect(lines).toHaveLength(2);
        expect(lines[0]!.split('|')).toHaveLength(34);
      }),
    );
  });

  it('tells every letter it replaces and every text it shortens, by its place', () => {
    const one = payment({
      creditor: { ...payment().creditor, name: 'Müller & Söhne' },
      message: 'y'.repeat(141),
      endToEndId: 'seventeen-letters',
      instructionId: 'I-1',
    });
    const { losses } = write([group([one])]);
    expect(losses.map(({ rule, position }) => [rule, position])).toEqual([
      ['text-shortened', '/0/payments/0/message'],
      ['text-shortened', '/0/payments/0/endToEndId'],
      ['letter-replaced', '/0/payments/0/creditor/name'],
      ['instruction-id-left-out', '/0/payments/0/instructionId'],
    ]);
    expect(write().losses).toEqual([]);
  });

  it('the id of the order makes other bytes of the same order, the same id the same ones', () => {
    const bytes = (id: string) => Buffer.from(writeZps([group()], { id }).bytes).toString('hex');
    expect(bytes('pay-A')).toBe(bytes('pay-A'));
    expect(bytes('pay-A')).not.toBe(bytes('pay-B'));
  });
});

describe('row 35: round trip', () => {
  it('read(write(order)) is the order, at the bank as well', () => {
    fc.assert(
      fc.property(orders, (groups) => {
        const { bytes, losses } = write(groups);
        expect(losses).toEqual([]);
        const { groups: found, warnings, quarantined } = readZps(bytes);
        expect([warnings, quarantined]).toEqual([[], []]);
        expect(found).toEqual(groups);
        const payments = groups.flatMap((one) => one.payments.map((each) => ({ ...each, date: one.date })));
        const taken = readTxtZps(bytes, '|');
        expect(taken.map(({ minor, currency, day, party }) => [minor, currency, day, party.iban])).toEqual(
          payments.map(({ amount, date, creditor }) => [
            amount.minor,
            amount.currency,
            date,
            creditor.iban ?? creditor.number,
          ]),
        );
      }),
    );
  });

  it('a changed byte of amount, currency, account, BIC or charges changes the order or is refused', async () => {
    const before = read(textOf()).groups;
    const line = textOf();
    const starts = line
      .split('|')
      .map((_, index, all) => all.slice(0, index).join('|').length + (index > 0 ? 1 : 0));
    for (const number of [1, 5, 6, 8, 9, 12, 24]) {
      const [from, to] = [starts[number - 1]!, starts[number]! - 1];
      for (let place = from; place < to; place++) {
        const other = line[place] === '7' ? '8' : '7';
        const changed = read(line.slice(0, place) + other + line.slice(place + 1));
        expect(changed.quarantined.length > 0 || changed.groups, `byte ${place}`).not.toEqual(before);
      }
    }
  });

  it('is read by name alone: nothing in it says what it is', async () => {
    const { bytes } = write();
    expect(recognise(bytes).format).toBe('unknown');
    expect((await readFileAs('zps', bytes)).orders).toEqual([AS_READ]);
  });
});

describe('what the bank would refuse is refused before, all at once', () => {
  const rulesOf = (one: OrderGroup): string[] =>
    checkZps(one).map(({ rule, pointer }) => `${rule} ${pointer}`);
  const with_ = (values: Partial<OrderPayment>): OrderGroup => group([payment(values)]);
  const creditor = payment().creditor;

  it.each<[string, OrderGroup, string]>([
    ['no name', with_({ creditor: { ...creditor, name: ' ' } }), 'name-missing /payments/0/creditor/name'],
    [
      'a name of no letters',
      with_({ creditor: { ...creditor, name: '東京' } }),
      'name-missing /payments/0/creditor/name',
    ],
    [
      'no account',
      with_({ creditor: { ...creditor, number: null } }),
      'account-missing /payments/0/creditor',
    ],
    [
      'an account too long',
      with_({ creditor: { ...creditor, number: '1'.repeat(35) } }),
      'account-unwritable /payments/0/creditor/number',
    ],
    [
      'an IBAN with a wrong digit',
      with_({ creditor: { ...creditor, number: null, iban: 'DE89370400440532013001' } }),
      'account-checksum /payments/0/creditor/iban',
    ],
    [
      'the same as a number',
      with_({ creditor: { ...creditor, number: 'DE89370400440532013001' } }),
      'account-checksum /payments/0/creditor/number',
    ],
    ['no BIC', with_({ creditor: { ...creditor, bic: null } }), 'bic-missing /payments/0/creditor/bic'],
    [
      'a BIC of no country',
      with_({ creditor: { ...creditor, bic: 'CHASQQ33' } }),
      'bic-unwritable /payments/0/creditor/bic',
    ],
    [
      'a bank without its country',
      with_({ creditor: { ...creditor, bic: null }, creditorBank: { name: 'First Bank', address: null } }),
      'bic-missing /payments/0/creditor/bic',
    ],
    ['no purpose', with_({ message: null }), 'purpose-missing /payments/0/message'],
    ['a purpose of two letters', with_({ message: 'ab' }), 'purpose-missing /payments/0/message'],
    [
      'a purpose that no letter is left of',
      with_({ message: '東京東京' }),
      'purpose-missing /payments/0/message',
    ],
    [
      'dollars without an address',
      with_({
        creditorAddress: {
          ...payment().creditorAddress!,
          street: null,
          buildingNumber: null,
          postCode: null,
          town: null,
        },
      }),
      'address-missing /payments/0/creditorAddress',
    ],
    [
      'a country that is none',
      with_({ creditorAddress: { ...payment().creditorAddress!, country: 'QQ' } }),
      'country-unknown /payments/0/creditorAddress/country',
    ],
    [
      'a currency of no country',
      with_({ amount: { minor: 1n, currency: 'ABC' } }),
      'currency-unknown /payments/0/currency',
    ],
    ['nothing', with_({ amount: { minor: 0n, currency: 'USD' } }), 'amount-not-positive /payments/0/amount'],
    [
      'a third decimal',
      with_({ amount: { minor: 1_001n, currency: 'KWD' } }),
      'amount-too-fine /payments/0/amount',
    ],
    [
      'thirteen digits',
      with_({ amount: { minor: 10n ** 14n, currency: 'USD' } }),
      'amount-too-long /payments/0/amount',
    ],
    ['a collection', group(undefined, { kind: 'collection' }), 'collection-unsupported /kind'],
    ['an urgent one', group(undefined, { priority: 'urgent' }), 'priority-unsupported /priority'],
    ['no day', group(undefined, { date: null }), 'date-missing /date'],
    ['no payer', group(undefined, { payer: NOBODY }), 'payer-unwritable /payer'],
    ['no payment', group([]), 'group-empty /payments'],
  ])('%s', (_, one, found) => {
    expect(rulesOf(one)).toContain(found);
    expect(() => write([one])).toThrow(FormatError);
  });

  it('several things at once, and nothing of a payment that is right', () => {
    const found = rulesOf(
      with_({ creditor: { ...creditor, name: null, bic: 'X' }, message: null, charges: 'payee' }),
    );
    expect(found).toHaveLength(3);
    expect(rulesOf(group())).toEqual([]);
    // Euro need no address.
    const { creditorAddress: _, ...bare } = payment({ amount: { minor: 1n, currency: 'GBP' } });
    expect(rulesOf(group([bare]))).toEqual([]);
  });

  it('old accounts of the bank, which fail modulo 11, may pay', () => {
    expect(
      rulesOf(group(undefined, { payer: { ...NOBODY, number: '100200306', bankCode: '0300' } })),
    ).toEqual([]);
  });

  it('an id that is no plain text', () => {
    for (const id of ['x'.repeat(36), 'a|b', 'č'])
      expect(() => writeZps([group()], { id })).toThrow(/plain letters/);
    expect(() => writeZps([], { id: 'a' })).toThrow(/no group/);
  });
});

describe('reading', () => {
  it('takes what the bank’s document allows besides: numbers, short days, a comma, the older words', () => {
    const line = textOf()
      .replace('CZ7403000000191177264030', '0000191177264030')
      .replace('20261123', '261123')
      .replace('900.50', '900,5')
      .replace('SHA', 'BN2');
    const { groups, quarantined } = readZps(Buffer.from(line), { bankCode: '0300' });
    expect(quarantined).toEqual([]);
    expect(groups).toMatchObject([
      {
        payer: { iban: null, number: PAYER.number, bankCode: '0300' },
        date: '2026-11-23',
        payments: [{ amount: { minor: 90_050n, currency: 'USD' }, charges: 'payee' }],
      },
    ]);
  });

  it('makes a group of what stands together with one payer, day and currency', () => {
    const later = group(undefined, { date: '2026-11-24' });
    const { groups } = readZps(write([group(), group(), later, group()]).bytes);
    expect(groups.map(({ date, payments }) => [date, payments.length])).toEqual([
      ['2026-11-23', 2],
      ['2026-11-24', 1],
      ['2026-11-23', 1],
    ]);
    expect(groups[0]!.sum.minor).toBe(180_100n);
  });

  it.each<[string, (line: string) => string, string]>([
    ['a field too few', (line) => line.replace('|', ''), 'fields-missing'],
    ['a field too many', (line) => line.replace('|', '||'), 'fields-missing'],
    ['an amount with a sign', (line) => line.replace('900.50', '-900.50'), 'amount-unreadable'],
    ['an amount of zero', (line) => line.replace('900.50', '0.00'), 'amount-zero'],
    ['a fraction of a yen', (line) => line.replace('USD', 'JPY'), 'amount-unreadable'],
    ['no currency', (line) => line.replace('USD', ''), 'currency-missing'],
    ['a day that does not exist', (line) => line.replace('20261123', '20260230'), 'date-unreadable'],
    ['no account', (line) => line.replace('021000021-4417', ''), 'account-missing'],
    ['a payer that is no account', (line) => line.replace(PAYER.iban, 'X'), 'account-unreadable'],
    ['charges nobody knows', (line) => line.replace('SHA', 'FEE'), 'charges-unreadable'],
    [
      'instructions for the bank',
      (line) => line.replace('4417||||', '4417||||x'),
      'instructions-unsupported',
    ],
  ])('sets aside a line with %s, and goes on', (_, change, rule) => {
    const line = textOf();
    const { groups, quarantined } = read(change(line) + line);
    expect(quarantined).toMatchObject([{ rule, position: 'line 1' }]);
    expect(groups).toEqual([AS_READ]);
  });

  it('of any bytes ends with payments that could be paid, or none', () => {
    const line = Buffer.from(textOf());
    const change = fc.tuple(fc.nat({ max: line.length - 1 }), fc.integer({ min: 0, max: 255 }));
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => {
        const changed = Uint8Array.from(line);
        for (const [place, byte] of changes) changed[place] = byte;
        return changed;
      }),
    );
    fc.assert(
      fc.property(bytes, (given) => {
        try {
          for (const { payments, sum } of readZps(given).groups) {
            expect(payments.every(({ amount }) => amount.minor > 0n)).toBe(true);
            expect(payments.reduce((total, { amount }) => total + amount.minor, 0n)).toBe(sum.minor);
          }
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });

  it('a line without an end is read to its end, and refused where it is cut', () => {
    const line = textOf();
    for (let length = 1; length < line.length - ID.length - 2; length++) {
      expect(read(line.slice(0, length)).quarantined, `cut at ${length}`).toHaveLength(1);
    }
  });

  it('a line without end is no such file', () => {
    expect(() => read('x'.repeat(100_000))).toThrow(/longer than/);
  });
});
