import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readKpcFile } from '../../../infra/sandbox/raiffeisen/kpc-file.ts';
import { readPainFile } from '../../../infra/sandbox/raiffeisen/pain-file.ts';
import { domestic } from '../../../infra/sandbox/raiffeisen/numbers.ts';
import type { FiledPayment } from '../../../infra/sandbox/raiffeisen/order-file.ts';
import type { OrderToRender } from '../../../shared/banks/contract.ts';
import { bank } from '../../../shared/banks/raiffeisen/index.ts';
import { renderOrder } from '../../../shared/banks/raiffeisen/render.ts';
import { isValidAccountNumber, localNumber } from '../../../shared/domain/account-number.ts';
import { Failure } from '../../../shared/domain/failure.ts';
import type { OrderFile, OrderGroup } from '../../../shared/domain/order-file.ts';
import { readKpc } from '../../../shared/formats/kpc/reader.ts';
import { NOBODY } from '../../../shared/formats/order-party.ts';
import { readPain001 } from '../../../shared/formats/pain001/reader.ts';
import { euro, euroOrder, group, order, payment, PAYER, TODAY, WAGES } from './orders.ts';

const textOf = (one: OrderToRender): string =>
  Buffer.from(renderOrder(one).document.bytes).toString('latin1');

function refused(one: OrderToRender): Failure {
  try {
    renderOrder(one);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  return expect.unreachable('it was rendered');
}

describe('the file of an order', () => {
  test('crowns are a KPC with the bank’s own values and our serial in the header', () => {
    const lines = textOf(order({ serial: 42 })).split('\r\n');
    expect(lines).toEqual([
      'UHL1211126LISKOVA & SPOL. S 421234567890001999111111222222',
      '1 1501 111111 5500',
      '2 000000-5017482301 00000000125050 211126',
      '000019-2000145399 000000125050 2026000123 08000308 7 AV:Faktura 2026000123',
      '3 +',
      '5 +',
      '',
    ]);
    expect(lines[0]).toHaveLength(58);
  });

  test('euro are a pain.001.001.03 whose MsgId is the order’s id', () => {
    const one = euroOrder();
    const xml = textOf(one).replace(/>\s+</g, '><');
    expect(xml).toContain('urn:iso:std:iso:20022:tech:xsd:pain.001.001.03');
    expect(xml).toContain(`<MsgId>${one.id.replace('_', '-')}</MsgId>`);
    expect(xml).toContain('<SvcLvl><Cd>SEPA</Cd></SvcLvl>');
    expect(xml).toContain('<InitgPty><Nm>Liskova   spol. s.r.o.</Nm>');
    expect(xml).toContain('<InstdAmt Ccy="EUR">99.90</InstdAmt>');
  });

  test('its name is ASCII, short, and carries the order’s id', () => {
    for (const [one, type] of [
      [order(), 'text/plain'],
      [euroOrder(), 'application/xml'],
    ] as const) {
      const { name, mediaType } = renderOrder(one).document;
      expect(name).toMatch(/^[!-~]{1,50}$/);
      expect(name).toContain(one.id);
      expect(mediaType).toBe(type);
    }
  });

  test('what it cannot say is told', () => {
    const named = payment({ creditor: { ...payment().creditor, name: 'Dodavatel' }, message: 'Žluťoučký' });
    const { losses } = renderOrder(order({ groups: [group({ payments: [named] })] }));
    expect(losses.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['name-left-out', 'letter-replaced']),
    );
  });
});

describe('bytes', () => {
  test('the same order gives the same bytes, however often it is rendered (row 33)', () => {
    for (const one of [order(), euroOrder()]) {
      expect(Buffer.from(renderOrder(one).document.bytes)).toEqual(
        Buffer.from(renderOrder(one).document.bytes),
      );
    }
  });

  test('two equal orders of one day differ', () => {
    const serials = fc.uniqueArray(fc.integer({ min: 1, max: 9_999_999_999 }), {
      minLength: 2,
      maxLength: 5,
    });
    fc.assert(
      fc.property(serials, fc.constantFrom('kpc', 'pain.001'), (drawn, format) => {
        const files = drawn.map((serial) =>
          textOf(format === 'kpc' ? { ...order(), serial } : { ...euroOrder(), serial }),
        );
        expect(new Set(files).size).toBe(drawn.length);
      }),
    );
  });
});

/** What must arrive: payer, payee, amount, symbols, day and text of every payment, in any order. */
const meant = (groups: readonly OrderGroup[]): string[] =>
  groups
    .flatMap(({ payer, date, kind, payments }) =>
      payments.map((one) =>
        [
          kind === 'collection' ? 'DD' : one.amount.currency,
          payer.number ?? payer.iban,
          date,
          one.amount.minor,
          one.creditor.iban ?? `${one.creditor.number}/${one.creditor.bankCode}`,
          one.variableSymbol,
          one.constantSymbol,
          one.specificSymbol,
          one.message,
          one.endToEndId,
        ].join('|'),
      ),
    )
    .sort();

const taken = (payments: readonly FiledPayment[]): string[] =>
  payments
    .map((one) =>
      [
        one.type === 'DD' ? 'DD' : one.currency,
        domestic(one.account),
        one.day,
        one.minor,
        one.party.iban ??
          `${domestic({ prefix: one.party.prefix, number: one.party.number ?? '', bankCode: '' })}/${one.party.bankCode}`,
        one.variable,
        one.constant,
        one.specific,
        one.text,
        one.endToEnd === 'NOTPROVIDED' ? null : one.endToEnd,
      ].join('|'),
    )
    .sort();

describe('row 35: what is rendered is the order, read back by our reader and by the bank’s', () => {
  const account = fc
    .tuple(fc.constantFrom('', '19', '107', '670100'), fc.integer({ min: 1000, max: 4_000_000_000 }))
    .map(([prefix, seed]) => {
      for (let number = seed; ; number += 1) {
        const found = { prefix, number: String(number), bankCode: null };
        if (isValidAccountNumber(found)) return localNumber(found);
      }
    });
  const symbol = (most: number) => fc.option(fc.integer({ min: 1, max: most }).map(String), { nil: null });
  const message = fc
    .string({ unit: fc.constantFrom(..."abcXYZ0189 -?:(),.'+"), maxLength: 140 })
    .map((text) => text.replace(/ +/g, ' ').trim() || null);
  const minor = fc.bigInt({ min: 1n, max: 99_999_999_999n });
  const crowns = fc
    .record({
      minor,
      number: account,
      bankCode: fc.constantFrom('0100', '0300', '0800', '2010', '5500'),
      variableSymbol: symbol(9_999_999_999),
      constantSymbol: fc.constantFrom(null, '0308', '0558'),
      specificSymbol: symbol(9_999_999_999),
      message,
    })
    .map(({ minor: amount, number, bankCode, ...rest }) =>
      payment({
        ...rest,
        amount: { minor: amount, currency: 'CZK' },
        creditor: { ...NOBODY, number, bankCode },
      }),
    );
  const euros = fc
    .record({ minor, message, endToEndId: fc.constantFrom(null, 'A-1', 'RE 7.8') })
    .map(({ minor: amount, ...rest }) => euro({ ...rest, amount: { minor: amount, currency: 'EUR' } }));
  const day = fc.integer({ min: 0, max: 300 }).map((days) => new Date(Date.parse(TODAY) + days * 86_400_000));
  const groupsOf = (payments: typeof crowns) =>
    fc.uniqueArray(
      fc
        .record({
          payer: fc.constantFrom(PAYER, WAGES),
          date: day.map((one) => one.toISOString().slice(0, 10)),
          payments: fc.array(payments, { minLength: 1, maxLength: 6 }),
        })
        .map(group),
      { selector: ({ payer, date }) => `${payer.number} ${date}`, minLength: 1, maxLength: 3 },
    );
  const ours = ({ groups, quarantined, warnings }: OrderFile): string[] => {
    expect([quarantined, warnings]).toEqual([[], []]);
    return meant(groups.map((one) => ({ ...one, payer: { ...one.payer, iban: null } })));
  };

  test('KPC', () => {
    fc.assert(
      fc.property(groupsOf(crowns), (groups) => {
        const { bytes } = renderOrder(order({ groups })).document;
        expect(ours(readKpc(bytes))).toEqual(meant(groups));
        expect(taken(readKpcFile(bytes))).toEqual(meant(groups));
      }),
    );
  });

  test('pain.001', () => {
    fc.assert(
      fc.property(groupsOf(euros), (groups) => {
        const { bytes } = renderOrder(order({ format: 'pain.001', groups })).document;
        expect(ours(readPain001(bytes))).toEqual(meant(groups));
        expect(taken(readPainFile(bytes))).toEqual(meant(groups));
      }),
    );
  });

  test('any byte of an amount or account that changes is seen by the bank or changes the order', () => {
    const { bytes } = renderOrder(order()).document;
    const before = taken(readKpcFile(bytes));
    const from = Buffer.from(bytes).indexOf('\r\n2 ') + 2;
    for (let at = from; at < bytes.length; at++) {
      const mutated = Uint8Array.from(bytes);
      mutated[at] = mutated[at] === 0x37 ? 0x38 : 0x37;
      try {
        expect(taken(readKpcFile(mutated)), `byte ${at}`).not.toEqual(before);
      } catch (error) {
        expect((error as Error).name, `byte ${at}`).toBe('ContentError');
      }
    }
  });
});

describe('row 40: what the bank would refuse is refused before', () => {
  const crown = (minor: bigint) => ({ minor, currency: 'CZK' });
  const cases: [string, OrderToRender, string | undefined][] = [
    ['no group', order({ groups: [] }), undefined],
    ['no payment', order({ groups: [group({ payments: [] })] }), '/0/payments'],
    ['a day gone by', order({ groups: [group({ date: '2026-11-20' })] }), '/0/date'],
    ['no day', order({ groups: [group({ date: null })] }), '/0/date'],
    [
      'a day gone by, euro',
      euroOrder({ groups: [group({ payments: [euro()], date: '2026-11-20' })] }),
      '/0/date',
    ],
    ['an urgent order', order({ groups: [group({ priority: 'urgent' })] }), '/0/priority'],
    [
      'an instant order',
      euroOrder({ groups: [group({ payments: [euro()], priority: 'instant' })] }),
      '/0/priority',
    ],
    ['crowns as pain.001', order({ format: 'pain.001' }), '/0/payments/0'],
    ['euro as KPC', euroOrder({ format: 'kpc' }), '/0/payments/0'],
    ['dollars that are crowns', order({ groups: [group({ currency: 'USD' })] }), '/0/payments/0'],
    ['an order in TXT ZPS, which is another bank’s', order({ format: 'zps' }), '/0/payments/0'],
    [
      'another bank’s payer',
      order({ groups: [group({ payer: { ...PAYER, bankCode: '0800' } })] }),
      '/0/payer',
    ],
    [
      'an account that fails modulo 11',
      order({
        groups: [
          group({ payments: [payment({ creditor: { ...NOBODY, number: '2000145398', bankCode: '0800' } })] }),
        ],
      }),
      '/0/payments/0/creditor/number',
    ],
    [
      'nothing to pay',
      order({ groups: [group({ payments: [payment({ amount: crown(0n) })] })] }),
      '/0/payments/0/amount',
    ],
    [
      'an amount of thirteen digits',
      order({ groups: [group({ payments: [payment({ amount: crown(10n ** 12n) })] })] }),
      '/0/payments/0/amount',
    ],
    [
      'a symbol too long',
      order({
        groups: [
          group(),
          group({ date: '2026-11-23', payments: [payment({ variableSymbol: '12345678901' })] }),
        ],
      }),
      '/1/payments/0/variableSymbol',
    ],
    [
      'a SEPA payment without a name',
      euroOrder({ groups: [group({ payments: [euro({ creditor: { ...euro().creditor, name: null } })] })] }),
      '/0/payments/0/creditor/name',
    ],
    ['a serial of eleven digits', order({ serial: 10_000_000_000 }), undefined],
  ];
  for (const [name, one, field] of cases) {
    test(name, () => {
      const failure = refused(one);
      expect(failure.kind).toBe('rejected');
      expect(failure.detail.field).toBe(field);
      expect(failure.message).toMatch(/\. \S.*\.$/);
    });
  }

  test('fifteen thousand payments are taken, one more is not', () => {
    const { maxPayments } = bank.manifest.payments!;
    const one = payment();
    const of = (count: number) =>
      order({ groups: [group({ payments: Array.from({ length: count }, () => one) })] });
    expect(readKpcFile(renderOrder(of(maxPayments)).document.bytes)).toHaveLength(15_000);
    expect(refused(of(maxPayments + 1)).message).toContain('Split the order');
  });
});
