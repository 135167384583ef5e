import { describe, expect, test } from 'vitest';
import { loadBank } from '../../../shared/banks/connectors.ts';
import type { Bank } from '../../../shared/banks/contract.ts';
import type { Account } from '../../../shared/domain/records.ts';
import {
  draftOfFile,
  draftOfJson,
  type Draft,
  type OrderFinding,
  type OrderInput,
  type PaymentInput,
} from '../../../shared/flows/payments/order.ts';
import { validate } from '../../../shared/flows/payments/validate.ts';

/** Orders of every kind judged by the manifests of the banks: findings by JSON pointer, all at once. */

const NOW = Date.parse('2026-11-23T09:00:00Z');

const accountOf = (bankCode: string, number: string, currency: string, iban: string): Account =>
  ({
    id: `acc_${number}_${currency}`,
    iban,
    number,
    bankCode,
    bic: null,
    currency,
    name: 'Lísková & spol.',
  }) as Account;
const RB = { number: '5017482301', iban: 'CZ4655000000005017482301' };
const rb = (currency: string) => accountOf('5500', RB.number, currency, RB.iban);
const csob = (currency: string) => accountOf('0300', '19-1177264030', currency, 'CZ7403000000191177264030');

const CZECH: PaymentInput = {
  amount: '1.00',
  currency: 'CZK',
  creditor: { name: 'Dodavatel', number: '19-2000145399', bankCode: '0800' },
};
const SEPA: PaymentInput = {
  amount: '1.00',
  currency: 'EUR',
  creditor: { name: 'Muster GmbH', iban: 'DE89370400440532013000' },
};
const DOLLARS: PaymentInput = {
  amount: '900.50',
  currency: 'USD',
  creditor: { name: 'Maple Tools Inc.', number: '021000021-4417', bic: 'CHASUS33' },
  creditorAddress: { street: 'Main Street', town: 'Portland', country: 'US' },
  message: 'Invoice 4417',
};

async function judge(id: string, draft: Draft) {
  const { manifest, connect }: Bank = await loadBank(id);
  const connector = connect({
    environment: 'simulated',
    config: { clientId: 'x', contractNumber: '1', clientAppGuid: '0b9c1f52-6d3e-4a87-b1c4-2e5f60718293' },
    secrets: {},
    origin: 'https://localhost',
    call: () => Promise.reject(new Error('nothing is sent')),
  });
  return validate(draft, {
    manifest,
    rules: manifest.payments!,
    connector,
    now: NOW,
    id: 'pay_1',
    serial: 1,
  });
}

const order = (account: Account, payments: readonly PaymentInput[], more: Partial<OrderInput> = {}): Draft =>
  draftOfJson({ account: account.id, payments, ...more }, account);

async function formatOf(id: string, draft: Draft): Promise<string> {
  const judged = await judge(id, draft);
  return 'format' in judged ? judged.format : JSON.stringify(judged);
}

async function findings(id: string, draft: Draft): Promise<Record<string, string>> {
  const judged = await judge(id, draft);
  expect('format' in judged).toBe(false);
  return Object.fromEntries(
    (judged as readonly OrderFinding[]).map(({ pointer, detail }) => [pointer, detail]),
  );
}

describe('the format follows from what the payments are', () => {
  test.each([
    ['raiffeisen', rb, 'pain.001'],
    ['csob-ceb', csob, 'zps'],
  ] as const)('%s', async (id, account, foreign) => {
    expect(await formatOf(id, order(account('CZK'), [CZECH]))).toBe('kpc');
    expect(await formatOf(id, order(account('EUR'), [SEPA]))).toBe('pain.001');
    expect(await formatOf(id, order(account('CZK'), [SEPA]))).toBe('pain.001');
    for (const currency of ['CZK', 'EUR', 'USD']) {
      expect(await formatOf(id, order(account(currency), [DOLLARS]))).toBe(foreign);
    }
    const crownsAbroad = {
      ...SEPA,
      currency: 'CZK',
      message: 'Invoice',
      creditor: { ...SEPA.creditor, bic: 'DEUTDEFF' },
    };
    expect(await formatOf(id, order(account('CZK'), [crownsAbroad]))).toBe(foreign);
    const ours = { ...crownsAbroad, currency: 'EUR', charges: 'payer' as const };
    expect(await formatOf(id, order(account('EUR'), [ours]))).toBe(foreign);
  });

  test('crowns are not paid from an account in euro that shares the number', async () => {
    for (const [id, account] of [
      ['raiffeisen', rb('EUR')],
      ['csob-ceb', csob('EUR')],
    ] as const) {
      const found = await findings(id, order(account, [CZECH]));
      expect(Object.keys(found)).toEqual(['/account']);
      expect(found['/account']).toContain('EUR');
    }
  });

  test('an order holds payments of one kind and one currency', async () => {
    const found = await findings(
      'csob-ceb',
      order(csob('EUR'), [SEPA, { ...SEPA, charges: 'payee' }, DOLLARS, SEPA]),
    );
    expect(Object.keys(found).sort()).toEqual([
      '/payments/1',
      '/payments/1/creditor/bic',
      '/payments/2/currency',
    ]);
    expect(found['/payments/1']).toContain('foreign');
    expect(found['/payments/2/currency']).toContain('EUR');
    expect(
      Object.keys(await findings('raiffeisen', order(rb('CZK'), [CZECH, { ...SEPA, currency: 'CZK' }]))),
    ).toContain('/payments/1');
  });

  test('priorities are those of the format: instant and urgent in crowns at ČSOB alone', async () => {
    for (const priority of ['urgent', 'instant'] as const) {
      expect(await formatOf('csob-ceb', order(csob('CZK'), [CZECH], { priority }))).toBe('kpc');
      const cases = [
        ['csob-ceb', csob('EUR'), SEPA],
        ['csob-ceb', csob('CZK'), DOLLARS],
        ['raiffeisen', rb('CZK'), CZECH],
        ['raiffeisen', rb('EUR'), SEPA],
        ['raiffeisen', rb('CZK'), DOLLARS],
      ] as const;
      for (const [id, account, payment] of cases) {
        expect(Object.keys(await findings(id, order(account, [payment], { priority })))).toEqual([
          '/priority',
        ]);
      }
    }
  });
});

describe('what is wrong with a foreign payment is told at once', () => {
  const { creditorAddress: _, ...bare } = DOLLARS;
  const wrong: PaymentInput[] = [
    { ...DOLLARS, creditor: { ...DOLLARS.creditor, name: undefined, bic: 'NOBIC' } },
    { ...DOLLARS, creditor: { name: 'Maple' } },
    { ...DOLLARS, creditor: { ...DOLLARS.creditor, number: undefined, iban: 'DE89370400440532013001' } },
    { ...DOLLARS, creditor: { ...DOLLARS.creditor, number: 'DE89370400440532013001' } },
    { ...DOLLARS, creditor: { ...DOLLARS.creditor, bic: undefined }, creditorBank: { name: 'First Bank' } },
    { ...DOLLARS, creditorAddress: { country: 'QQ', town: 'Portland' } },
    { ...DOLLARS, amount: '1.001' },
    { ...DOLLARS, endToEndId: 'č', variableSymbol: '12345678901' },
  ];
  const everywhere = [
    '/payments/0/creditor/bic',
    '/payments/0/creditor/name',
    '/payments/2/creditor/iban',
    '/payments/3/creditor/number',
    '/payments/4/creditor/bic',
    '/payments/5/creditorAddress/country',
    '/payments/6/amount',
    '/payments/7/endToEndId',
    '/payments/7/variableSymbol',
  ];

  test.each([
    ['raiffeisen', rb('CZK')],
    ['csob-ceb', csob('CZK')],
  ] as const)('%s', async (id, account) => {
    const found = await findings(id, order(account, wrong));
    expect(Object.keys(found).sort()).toEqual(
      [...everywhere, '/payments/1/creditor', '/payments/1/creditor/bic'].sort(),
    );
    for (const words of Object.values(found)) expect(words).toMatch(/\w{3}/);
  });

  test('what one bank’s document asks for besides', async () => {
    expect(Object.keys(await findings('csob-ceb', order(csob('CZK'), [{ ...bare, message: 'ab' }])))).toEqual(
      ['/payments/0/message', '/payments/0/creditorAddress'],
    );
    expect(await formatOf('raiffeisen', order(rb('CZK'), [{ ...bare, message: undefined }]))).toBe(
      'pain.001',
    );
    const townless = { ...DOLLARS, creditorAddress: { street: 'Main Street', country: 'US' } };
    expect(Object.keys(await findings('raiffeisen', order(rb('CZK'), [townless])))).toEqual([
      '/payments/0/creditorAddress',
    ]);
  });

  test('charges, BIC and currency of payments at home', async () => {
    const found = await findings(
      'raiffeisen',
      order(rb('CZK'), [
        { ...CZECH, charges: 'payer' },
        { ...CZECH, creditor: { ...CZECH.creditor, bic: 'GIBACQ' } },
        { ...CZECH, charges: 'shared' },
      ]),
    );
    expect(Object.keys(found)).toEqual(['/payments/0/charges', '/payments/1/creditor/bic']);
    const unknown = await findings('raiffeisen', order(rb('CZK'), [{ ...DOLLARS, currency: 'ABC' }]));
    expect(unknown['/payments/0/currency']).toContain('ABC');
  });

  test('symbols in a message would be read as the payment’s own', async () => {
    const symbols = { message: 'Invoice /VS/26', variableSymbol: '26' };
    expect(await formatOf('csob-ceb', order(csob('CZK'), [{ ...DOLLARS, ...symbols }]))).toBe('zps');
    for (const payment of [DOLLARS, SEPA]) {
      const found = await findings(
        'raiffeisen',
        order(rb('CZK'), [{ ...payment, message: 'Invoice /VS/26' }]),
      );
      expect(Object.keys(found)).toEqual(['/payments/0/message']);
    }
  });

  test('what is changed on the way is told by its place in the request', async () => {
    const judged = await judge(
      'csob-ceb',
      order(csob('CZK'), [DOLLARS, { ...DOLLARS, message: 'Účet č. 7' }]),
    );
    expect('format' in judged && judged.warnings.map(({ pointer }) => pointer)).toEqual([
      '/payments/1/message',
    ]);
  });
});

describe('a pain.001 file', () => {
  const file = (ccy: string) =>
    Buffer.from(
      `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"><CstmrCdtTrfInitn><GrpHdr><NbOfTxs>1</NbOfTxs></GrpHdr>` +
        `<PmtInf><PmtMtd>TRF</PmtMtd><ReqdExctnDt>2026-11-24</ReqdExctnDt><DbtrAcct><Id><IBAN>${RB.iban}</IBAN></Id>${ccy}</DbtrAcct>` +
        `<CdtTrfTxInf><Amt><InstdAmt Ccy="USD">9.00</InstdAmt></Amt><ChrgBr>DEBT</ChrgBr><CdtrAgt><FinInstnId><BIC>CHASUS33</BIC></FinInstnId></CdtrAgt>` +
        `<Cdtr><Nm>Maple</Nm></Cdtr><CdtrAcct><Id><Othr><Id>4417</Id></Othr></Id></CdtrAcct></CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn></Document>`,
    );
  const payerOf = async (ccy: string, ...accounts: Account[]) =>
    (await draftOfFile(file(ccy), accounts)).groups.map(({ account }) => account?.currency ?? null);

  test('is paid from the account whose currency it names, else the one of the payments, else the only one', async () => {
    expect(await payerOf('<Ccy>EUR</Ccy>', rb('CZK'), rb('EUR'))).toEqual(['EUR']);
    expect(await payerOf('<Ccy>GBP</Ccy>', rb('CZK'), rb('EUR'))).toEqual([null]);
    expect(await payerOf('', rb('CZK'), rb('USD'))).toEqual(['USD']);
    expect(await payerOf('', rb('CZK'))).toEqual(['CZK']);
    expect(await payerOf('', rb('CZK'), rb('EUR'))).toEqual([null]);
  });

  test('keeps what it says of charges, bank and account', async () => {
    const judged = await judge('raiffeisen', await draftOfFile(file('<Ccy>CZK</Ccy>'), [rb('CZK')]));
    expect('groups' in judged && judged.groups).toMatchObject([
      {
        payerCurrency: 'CZK',
        currency: 'USD',
        payments: [{ charges: 'payer', creditor: { number: '4417', bic: 'CHASUS33' } }],
      },
    ]);
  });
});
