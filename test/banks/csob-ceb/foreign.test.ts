import { describe, expect, test } from 'vitest';
import { readTxtZps } from '../../../infra/sandbox/csob-ceb/foreign-file.ts';
import { ContentError } from '../../../infra/sandbox/csob-ceb/order-files.ts';
import type { OrderGroup } from '../../../shared/domain/order-file.ts';
import { differences } from '../../../shared/flows/payments/verify.ts';
import { NOBODY } from '../../../shared/formats/order-party.ts';
import { group as foreignGroup, payment as dollars } from '../../formats/zps/orders.ts';
import { MINUTE, openDesk, payment, group, sentOf, submit, toRender } from './support.ts';

/** Foreign orders (TXT ZPS) through the Business Connector. */

const CROWNS = { ...NOBODY, number: '274051905', bankCode: '0300' };
const order = (groups: readonly OrderGroup[] = [foreignGroup([dollars()], { payer: CROWNS })], more = {}) =>
  toRender(groups, { format: 'zps', ...more });

describe('rendering', () => {
  const { render } = openDesk().connector();

  test('a TXT ZPS says what the order says, read back and by the bank', async () => {
    const made = render(order());
    expect(made.document).toMatchObject({
      name: 'pay_01KAJ9W3T5ZQ8Y2M4N6P7R1S0V.txt',
      mediaType: 'text/plain',
    });
    expect(await differences(order().groups, 'zps', made)).toEqual([]);
    expect(readTxtZps(made.document.bytes, '|')).toMatchObject([
      {
        account: '274051905',
        currency: 'USD',
        minor: 90_050n,
        day: '2026-11-23',
        charges: 'SHA',
        reference: 'INV-4417',
      },
    ]);
  });

  test('two orders that say the same have other bytes, one order always the same', () => {
    const bytes = (id: string) =>
      Buffer.from(render(order(undefined, { id })).document.bytes).toString('hex');
    expect(bytes('pay_A')).toBe(bytes('pay_A'));
    expect(bytes('pay_A')).not.toBe(bytes('pay_B'));
  });

  test('every fact that is changed on the way is seen before it leaves', async () => {
    const { groups } = order();
    const { document } = render(order());
    const text = Buffer.from(document.bytes).toString('latin1');
    const changes: readonly (readonly [string, string])[] = [
      ['900.50', '900.51'],
      ['|USD|', '|CAD|'],
      ['021000021-4417', '21000021-4417'],
      ['CHASUS33XXX', 'CHASUS34XXX'],
      ['|SHA|', '|OUR|'],
      ['20261123', '20261124'],
      ['|US||SHA', '|CA||SHA'],
    ];
    for (const [from, to] of changes) {
      expect(text).toContain(from);
      const bytes = Buffer.from(text.replace(from, to), 'latin1');
      expect(
        await differences(groups, 'zps', { document: { ...document, bytes }, losses: [] }),
        to,
      ).toHaveLength(1);
    }
  });

  test('what is not this bank’s, or not this format’s, is refused with its place', () => {
    const refused = (groups: readonly OrderGroup[], field: string, more = {}) =>
      expect(() => render(order(groups, more))).toThrow(
        expect.objectContaining({ kind: 'rejected', detail: expect.objectContaining({ field }) }),
      );
    const elsewhere = { ...NOBODY, number: '19-2000145399', bankCode: '0800' };
    refused([foreignGroup([dollars()], { payer: elsewhere })], '/0/payer');
    refused([foreignGroup([dollars()], { payer: CROWNS, date: '2026-11-20' })], '/0/date');
    refused([foreignGroup([dollars()], { payer: CROWNS, priority: 'urgent' })], '/0/priority');
    refused([foreignGroup([dollars({ message: null })], { payer: CROWNS })], '/0/payments/0/message');
    refused([group([payment(1_00n)])], '/0/payments/0');
    refused([foreignGroup([dollars()], { payer: CROWNS })], '/0/payments/0', { format: 'pain.001' });
    refused([group([payment(1_00n)], { priority: 'urgent' })], '/0/payments/0', { format: 'pain.001' });
  });
});

describe('submission', () => {
  test('names format and separator, is imported, signed and booked in the account’s currency', async () => {
    const desk = openDesk();
    const connector = desk.connector();
    const sent = sentOf(connector, order());
    expect((await submit(connector, sent)).kind).toBe('taken');
    const said = Buffer.from(desk.sent[0]!.request.body!).toString();
    expect(said).toContain('<Format>TXT ZPS</Format><Separator>|</Separator><Mode>AllOrNothing</Mode>');
    desk.clock.advance(5 * MINUTE);
    expect(await connector.orderStatus(sent)).toMatchObject({
      state: 'awaiting-signature',
      bankCode: 'ACCP',
    });
    desk.bank.sign(sent.id);
    expect(desk.bank.orderOf(sent.id)).toMatchObject({ copies: 1, booked: 1 });
  });

  test('a currency the bank does not trade is refused by its protocol, by its place', async () => {
    const desk = openDesk();
    const connector = desk.connector();
    const baht = dollars({ amount: { minor: 100n, currency: 'THB' } });
    const sent = sentOf(connector, order([foreignGroup([baht], { payer: CROWNS })]));
    await submit(connector, sent);
    desk.clock.advance(5 * MINUTE);
    expect(await connector.orderStatus(sent)).toMatchObject({
      state: 'rejected',
      results: [{ index: 0, state: 'rejected' }],
    });
  });
});

test('the simulated bank reads the lines its own document prints, and refuses what that forbids', () => {
  const line = (fields: Readonly<Record<number, string>> = {}): string => {
    const all = Array.from({ length: 34 }, (_, at) => fields[at + 1] ?? PRINTED[at + 1] ?? '');
    return `${all.join(';')}\r\n`;
  };
  const PRINTED: Readonly<Record<number, string>> = {
    ...{ 1: '19-1177264030', 5: '261123', 6: '888,8', 8: 'GBP', 9: 'GB29NWBK60161331926819', 12: 'NWBKGB2L' },
    ...{ 18: 'Příjemce', 24: 'BN1', 25: 'faktura 11111', 23: '111', 34: 'Jana Vzorná (600 123 456)' },
  };
  const read = (text: string) => readTxtZps(Buffer.from(text, 'latin1'), ';');
  expect(read(line() + line({ 6: '333', 24: 'OUR' }))).toMatchObject([
    { account: '19-1177264030', minor: 88_880n, day: '2026-11-23', charges: 'SHA' },
    { minor: 33_300n, charges: 'OUR' },
  ]);
  const wrong: readonly Readonly<Record<number, string>>[] = [
    ...[
      { 1: '' },
      { 1: 'CZ6508000000192000145399' },
      { 5: '2611' },
      { 6: '' },
      { 6: '1.234' },
      { 8: '' },
      { 9: '' },
    ],
    ...[{ 12: '' }, { 12: 'NWBK' }, { 18: '' }, { 8: 'USD' }, { 24: '' }, { 24: 'ALL' }, { 25: 'ab' }],
    { 25: 'x'.repeat(36) },
  ];
  for (const fields of wrong) expect(() => read(line(fields)), JSON.stringify(fields)).toThrow(ContentError);
  expect(() => read(line().slice(0, -1))).toThrow(ContentError);
  expect(() => readTxtZps(Buffer.from(line()), ',')).toThrow(ContentError);
});
