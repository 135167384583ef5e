import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { czechIban } from '../../../shared/domain/account-number.ts';
import type { Mapping } from '../../../shared/domain/hook.ts';
import { mapOrder } from '../../../shared/flows/hooks/map.ts';
import { payerAmong } from '../../../shared/flows/hooks/payer.ts';
import { isPointer, valueAt } from '../../../shared/flows/hooks/pointer.ts';
import { parseJson } from '../../../shared/domain/json.ts';
import type { Account } from '../../../shared/domain/records.ts';

const json = (text: string): unknown => parseJson(Buffer.from(text));

describe('a JSON pointer', () => {
  // RFC 6901, chapter 5.
  const document = json(
    '{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\\\j":5,"k\\"l":6," ":7,"m~n":8}',
  );

  test('leads where the standard says', () => {
    const texts: Readonly<Record<string, string>> = {
      '': JSON.stringify(document),
      '/foo': '["bar","baz"]',
      '/foo/0': '"bar"',
      '/': '0',
      '/a~1b': '1',
      '/c%d': '2',
      '/e^f': '3',
      '/g|h': '4',
      '/i\\j': '5',
      '/k"l': '6',
      '/ ': '7',
      '/m~0n': '8',
    };
    for (const [pointer, text] of Object.entries(texts)) {
      expect(isPointer(pointer)).toBe(true);
      expect(JSON.stringify(valueAt(document, pointer)), pointer).toBe(text);
    }
  });

  test('leads nowhere beyond what the document has', () => {
    for (const pointer of [
      ...['/foo/2', '/foo/-', '/foo/00', '/foo/01', '/foo/length', '/foo/0/length', '/constructor'],
      ...['/__proto__', '/a', '/a~1b/rawJSON', '/foo/1e0', '/toString'],
    ]) {
      expect(valueAt(document, pointer), pointer).toBeUndefined();
    }
    for (const text of ['foo', '/~', '/~2', '/a~', 'a/b', '#/foo']) expect(isPointer(text), text).toBe(false);
  });

  test('finds every value of any document', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.array(fc.string())), (made) => {
        const read = json(JSON.stringify(made));
        for (const [name, values] of Object.entries(made)) {
          const place = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
          values.forEach((value, at) => expect(valueAt(read, `${place}/${at}`)).toBe(value));
        }
      }),
    );
  });
});

const MAPPING: Mapping = {
  account: { pointer: '/from' },
  executionDate: { pointer: '/due', optional: true },
  priority: { constant: 'urgent' },
  payments: '/lines',
  payment: {
    amount: { pointer: '/sum' },
    currency: { pointer: '/currency', from: 'body' },
    variableSymbol: { pointer: '/vs', optional: true },
    message: { constant: 'faktura' },
    creditor: { name: { pointer: '/to/name' }, account: { pointer: '/to/account' } },
  },
};
const line = (sum: string, account = '"19-2000145399/0800"'): string =>
  `{"sum":${sum},"vs":20260001,"to":{"name":" Dodavatel ","account":${account}}}`;
const messageOf = (...lines: string[]): unknown =>
  json(`{"from":"123/0300","currency":"CZK","lines":[${lines.join(',')}]}`);

describe('a mapping', () => {
  test('reads an order: places, places of the whole message, constants', () => {
    const order = mapOrder(
      messageOf(line('"12.50"'), line('13', '"CZ65 0800 0000 1920 0014 5399"')),
      MAPPING,
    );
    const common = { currency: 'CZK', variableSymbol: '20260001', message: 'faktura' };
    expect(order).toMatchObject({ account: '123/0300', executionDate: undefined, priority: 'urgent' });
    expect(order.payments).toEqual([
      {
        ...common,
        amount: '12.50',
        creditor: { name: 'Dodavatel', number: '19-2000145399', bankCode: '0800' },
      },
      { ...common, amount: '13', creditor: { name: 'Dodavatel', iban: 'CZ65 0800 0000 1920 0014 5399' } },
    ]);
    expect(order.findings).toEqual([]);
  });

  test('a foreign payment: charges, where the payee lives, and their bank by name', () => {
    const foreign: Mapping = {
      account: { constant: 'acc_1' },
      payments: '/lines',
      payment: {
        amount: { pointer: '/amount' },
        charges: { pointer: '/charges', optional: true },
        creditor: { name: { pointer: '/to' }, number: { pointer: '/account' } },
        creditorAddress: { town: { pointer: '/town' }, country: { pointer: '/country', optional: true } },
        creditorBank: { name: { pointer: '/bank', optional: true }, country: { constant: 'US' } },
      },
    };
    const line = { amount: '900.50', charges: 'payer', to: 'Maple Tools', account: '021', town: 'Portland' };
    const { payments, findings, placeOf } = mapOrder(
      { lines: [{ ...line, country: 'US', bank: 'First' }] },
      foreign,
    );
    expect(findings).toEqual([]);
    expect(payments).toEqual([
      {
        amount: '900.50',
        charges: 'payer',
        creditor: { name: 'Maple Tools', number: '021' },
        creditorAddress: { town: 'Portland', country: 'US' },
        creditorBank: { name: 'First', address: { country: 'US' } },
      },
    ]);
    expect(placeOf('/payments/0/creditorAddress/country')).toBe('/lines/0/country');
    expect(placeOf('/payments/0/creditorBank/name')).toBe('/lines/0/bank');
    // What the message leaves out is left out, and not an empty address.
    const bare: Mapping = { ...foreign, payment: { ...foreign.payment, creditorBank: undefined } };
    const { payments: few, findings: missing } = mapOrder({ lines: [{ ...line, town: '' }] }, bare);
    expect(few[0]).not.toHaveProperty('creditorAddress');
    expect(few[0]).not.toHaveProperty('creditorBank');
    expect(missing).toEqual([]);
  });

  test('one payment as an object, the whole message too', () => {
    const single = mapOrder(json(`{"from":"x","currency":"CZK","lines":${line('1')}}`), MAPPING);
    expect(single.payments).toHaveLength(1);
    expect(single.placeOf('/payments/0/amount')).toBe('/lines/sum');
    const whole = mapOrder(json('{"a":"1.00"}'), {
      account: { constant: 'acc' },
      payments: '',
      payment: { amount: { pointer: '/a' }, creditor: {} },
    });
    expect(whole.payments).toEqual([{ amount: '1.00', creditor: {} }]);
    expect(whole.placeOf('/payments/0/amount')).toBe('/a');
  });

  test('an amount is what the message writes, never what a JavaScript number makes of it', () => {
    for (const text of [
      '90071992547409.93',
      '0.1',
      '1250.50',
      '12345678901234567.89',
      '100',
      '0.30000000000000004',
    ]) {
      const order = mapOrder(messageOf(line(text)), MAPPING);
      expect(order.payments[0]!.amount).toBe(text);
      expect(order.findings).toEqual([]);
    }
  });

  test('a number that is no plain decimal is a finding', () => {
    for (const text of ['1e3', '1.25E2', '1E-2', '0e0', '1.0e+2']) {
      const { findings } = mapOrder(messageOf(line(text)), MAPPING);
      expect(findings, text).toEqual([
        { pointer: '/payments/0/amount', detail: expect.stringMatching(/plain/) },
      ]);
    }
  });

  test('what is neither text nor number is a finding, at its place in the message', () => {
    for (const text of ['true', '{}', '[]', '["1"]']) {
      const { findings, placeOf } = mapOrder(messageOf(line('1'), line(text)), MAPPING);
      expect(
        findings.map(({ pointer }) => placeOf(pointer)),
        text,
      ).toEqual(['/lines/1/sum']);
    }
  });

  test('a place that is missing is a finding unless the hook calls it optional; empty is no value', () => {
    const missing = mapOrder(json('{"lines":[{"to":{"name":null,"account":""}}]}'), MAPPING);
    expect(missing.findings.map(({ pointer }) => missing.placeOf(pointer))).toEqual([
      '/from',
      '/lines/0/sum',
      '/currency',
    ]);
    expect(missing.payments).toEqual([{ message: 'faktura', creditor: {} }]);
    // Odoo writes `false` where a text is empty.
    const empty = mapOrder(messageOf('{"sum":1,"vs":false,"to":{"name":false,"account":"1/0100"}}'), MAPPING);
    expect(empty.findings).toEqual([]);
    expect(empty.payments[0]).not.toHaveProperty('variableSymbol');
  });

  test('payments that are no payments', () => {
    for (const lines of ['"x"', '7', 'null', 'true']) {
      const { findings, placeOf } = mapOrder(json(`{"from":"x","currency":"CZK","lines":${lines}}`), MAPPING);
      expect(
        findings.map(({ pointer }) => placeOf(pointer)),
        lines,
      ).toEqual(['/lines']);
    }
    const { findings } = mapOrder(json('[]'), MAPPING);
    expect(findings.length).toBeGreaterThan(0);
  });

  test('findings of the parts of an account stand at the whole of it', () => {
    const { placeOf } = mapOrder(messageOf(line('1')), MAPPING);
    expect(placeOf('/payments/0/creditor/bankCode')).toBe('/lines/0/to/account');
    expect(placeOf('/payments/0/creditor/name')).toBe('/lines/0/to/name');
    expect(placeOf('/payments/0/specificSymbol')).toBe('/lines/0');
    expect(placeOf('/payments/7/amount')).toBe('/lines');
    expect(placeOf('/executionDate')).toBe('/due');
    expect(placeOf('/priority')).toBe('');
    expect(placeOf('')).toBe('');
    expect(placeOf('odd')).toBe('');
  });

  test('an account that is neither IBAN nor number with bank code', () => {
    for (const account of ['"2000145399"', '"19-2000145399"', '"x"', '123', '"0800/19-2000145399"']) {
      const { findings, placeOf } = mapOrder(messageOf(line('1', account)), MAPPING);
      expect(
        findings.map(({ pointer }) => placeOf(pointer)),
        account,
      ).toEqual(['/lines/0/to/account']);
    }
  });
});

describe('the account that pays', () => {
  const IBAN = czechIban({ prefix: '', number: '1387943063', bankCode: '5500' });
  const account = (id: string, number: string, currency: string, iban: string | null = null): Account =>
    ({ id, number, bankCode: '5500', currency, iban, bic: null, name: null }) as Account;
  const any = () => true;
  const accounts = [
    account('czk', '19-2000145399', 'CZK'),
    account('eur', '19-2000145399', 'EUR'),
    account('own', '1387943063', 'CZK', IBAN),
  ];

  test('is found by IBAN, number with bank code, or number', () => {
    for (const written of [
      IBAN.replaceAll(/(.{4})/g, '$1 '),
      IBAN.toLowerCase(),
      '1387943063/5500',
      '1387943063',
    ]) {
      expect(payerAmong(accounts, written, 'CZK', any)?.id, written).toBe('own');
    }
  });

  test('is none where nothing is named, or another bank', () => {
    for (const written of ['', '/', '1387943063/0800', '138794306', 'CZ00', '1387943063/', 'own', '0']) {
      expect(payerAmong(accounts, written, 'CZK', any), written).toBeNull();
    }
  });

  test('of several in one number the currency decides', () => {
    expect(payerAmong(accounts, '19-2000145399/5500', 'EUR', any)?.id).toBe('eur');
    expect(payerAmong(accounts, '19-2000145399', 'CZK', any)?.id).toBe('czk');
    expect(payerAmong(accounts, '19-2000145399', 'USD', any)).toBeNull();
    expect(payerAmong(accounts, '19-2000145399', undefined, any)).toBeNull();
  });

  test('is taken by the order’s currency first, then asked whether the hook may use it', () => {
    const onlyCzk = ({ id }: Account) => id === 'czk';
    expect(payerAmong(accounts, '19-2000145399', 'CZK', onlyCzk)?.id).toBe('czk');
    // The bank would take the other account of this number.
    expect(payerAmong(accounts, '19-2000145399', 'EUR', onlyCzk)).toBeNull();
    expect(payerAmong(accounts, '19-2000145399', 'USD', onlyCzk)).toBeNull();
    // Held by one currency only: paid from it, whatever the order's is.
    expect(payerAmong(accounts, '1387943063', 'EUR', any)?.id).toBe('own');
  });

  test('that two connections reach is the one the hook is bound to', () => {
    const twice = [...accounts, account('again', '1387943063', 'CZK', IBAN)];
    expect(payerAmong(twice, IBAN, 'CZK', any)).toBeNull();
    expect(payerAmong(twice, IBAN, 'CZK', ({ id }) => id === 'again')?.id).toBe('again');
  });
});
