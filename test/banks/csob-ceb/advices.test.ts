import { describe, expect, test } from 'vitest';
import { readFileAs } from '../../../shared/formats/files.ts';
import type { AccountRef } from '../../../shared/banks/contract.ts';
import type { Statement } from '../../../shared/domain/model.ts';
import { CZK, detail, EUR, failureOf, listed, namesOf, openDesk, type Desk } from './support.ts';

const LIST = 'GetDownloadFileList_v4';
/** A Friday with movements on both accounts, and the two days before. */
const DAYS = { from: '2026-11-18', to: '2026-11-20' };

async function toldBy(desk: Desk, account: AccountRef): Promise<Statement[]> {
  const connector = desk.connector();
  const { advices } = await connector.advices(account, DAYS);
  const told: Statement[] = [];
  for (const advice of advices) {
    const document = await connector.downloadAdvice(account, advice);
    told.push(...(await readFileAs(advice.format, document!.bytes, { bankCode: '0300' })).statements);
  }
  return told;
}

describe('advices', () => {
  test('come with the list of statements: one call for both, of all accounts', async () => {
    const desk = openDesk();
    const connector = desk.connector();
    await connector.statements(CZK, { from: '2026-11-15', to: '2026-11-21' }, null);
    for (const account of [CZK, EUR]) {
      const { advices, quarantined } = await connector.advices(account, DAYS);
      expect(quarantined).toEqual([]);
      expect(advices.length).toBeGreaterThan(2);
      for (const { day, format } of advices) {
        expect(day >= DAYS.from && day <= DAYS.to).toBe(true);
        expect(format).toBe('mt942');
      }
    }
    expect(namesOf(desk.bank, LIST)).toBe(1);
    expect(Buffer.from(desk.sent[0]!.request.body!).toString()).toContain(
      '<FileType>VYPIS</FileType><FileType>AVIZO</FileType>',
    );
  });

  test.each([
    ['CZK', CZK],
    ['EUR', EUR],
  ])('%s: they tell whatever a day had but what the night booked, each movement once', async (_, account) => {
    const desk = openDesk();
    const told = (await toldBy(desk, account)).flatMap(({ transactions }) => transactions);
    const own = desk.bank.books.accountOf(account.handle)!;
    const truth = desk.bank.books
      .statements(own)
      .filter(({ day }) => day >= DAYS.from && day <= DAYS.to)
      .flatMap(({ movements }) => movements.filter(({ party }) => party !== null));
    const bySum = (a: string, b: string): number => (a < b ? -1 : 1);
    const ours = told.map(
      ({ bookingDate, amount, variableSymbol, constantSymbol, specificSymbol, counterparty: c, message }) =>
        [
          bookingDate,
          amount.minor,
          variableSymbol,
          constantSymbol,
          specificSymbol,
          c.name,
          c.iban,
          message,
        ].join(),
    );
    const theirs = truth.map(({ day, minor, variable, constant, specific, party, message }) =>
      [day, minor, variable, constant, specific, party!.name, party!.iban, message].join(),
    );
    expect(ours.sort(bySum)).toEqual(theirs.sort(bySum));
    const references = told.map(({ bankReference }) => bankReference);
    expect(new Set(references).size).toBe(references.length);
    expect(references).not.toContain(null);
  });

  test('switched off, there are none, and the bank is not asked', async () => {
    const desk = openDesk();
    const off = { ...CZK, settings: { advices: 'no' } };
    expect(await desk.connector().advices(off, DAYS)).toEqual({ advices: [], quarantined: [] });
    expect(desk.sent).toEqual([]);
  });

  test('R: not to be had yet; the same advice later', async () => {
    const desk = openDesk();
    desk.bank.flaw({ kind: 'preparing', matches: ({ type }) => type === 'AVIZO' });
    const first = desk.connector();
    const { advices } = await first.advices(CZK, DAYS);
    expect(await first.downloadAdvice(CZK, advices[0]!)).toBeNull();
    desk.bank.flaw(null);
    const second = desk.connector();
    expect((await second.advices(CZK, DAYS)).advices).toEqual(advices);
    expect(await second.downloadAdvice(CZK, advices[0]!)).not.toBeNull();
  });

  test('F: set aside, the others go on; statements are not touched', async () => {
    const desk = openDesk();
    const count = (await desk.connector().advices(CZK, DAYS)).advices.length;
    desk.bank.flaw({ kind: 'failed', matches: ({ name }) => name === 'AV_274051905_20261120_0001.STA' });
    const connector = desk.connector();
    const { advices, quarantined } = await connector.advices(CZK, DAYS);
    expect(advices).toHaveLength(count - 1);
    expect(quarantined).toMatchObject([{ rule: 'file-failed' }]);
    expect((await connector.statements(CZK, DAYS, null)).quarantined).toEqual([]);
    expect((await connector.advices(EUR, DAYS)).quarantined).toEqual([]);
  });

  test('one that is gone is nothing; one that is not listed is rejected', async () => {
    const desk = openDesk();
    const connector = desk.connector();
    const { advices } = await connector.advices(CZK, DAYS);
    desk.bank.flaw({ kind: 'expired', matches: ({ type }) => type === 'AVIZO' });
    expect(await connector.downloadAdvice(CZK, advices[0]!)).toBeNull();
    const other = { ...advices[0]!, id: 'AVIZO|MT942|AV_x|x|1' };
    const failure = await failureOf(connector.downloadAdvice(CZK, other));
    expect(failure.kind).toBe('rejected');
  });

  test('an address on another host is not followed', async () => {
    const desk = openDesk();
    desk.bank.flaw({ kind: 'foreign-url', matches: ({ type }) => type === 'AVIZO' });
    const connector = desk.connector();
    const { advices } = await connector.advices(CZK, DAYS);
    expect((await failureOf(connector.downloadAdvice(CZK, advices[0]!))).kind).toBe('protocol');
    expect(namesOf(desk.bank, 'downloadFile')).toBe(0);
  });
});

describe('names nobody promised', () => {
  /** The bytes of a real advice under other names. */
  async function renamed(...names: readonly string[]): Promise<Desk> {
    const source = openDesk().connector();
    const { advices } = await source.advices(CZK, DAYS);
    const { bytes } = (await source.downloadAdvice(CZK, advices[0]!))!;
    return openDesk((request) => {
      if (request.url.includes('/files/'))
        return { status: 200, headers: { 'content-type': 'text/plain' }, body: bytes };
      const details = names.map((name, at) =>
        detail(
          name,
          'MT942',
          `https://localhost:1/files/${at}`,
          bytes.length,
          '2026-11-20T11:05:00',
          'AVIZO',
        ),
      );
      return listed(details.join(''))(request);
    });
  }

  test('an advice of another name is opened, once, to see whose it is; its day is that of its making', async () => {
    const desk = await renamed('avizo:1.sta');
    const connector = desk.connector();
    const { advices, quarantined } = await connector.advices(CZK, DAYS);
    expect({ advices, quarantined }).toMatchObject({ advices: [{ day: '2026-11-20' }], quarantined: [] });
    expect((await connector.advices(EUR, DAYS)).advices).toEqual([]);
    expect(desk.sent).toHaveLength(2);
  });

  test('numbers with and without left zeros or a dash are the same account', async () => {
    const desk = await renamed('AV_0000000274051905_20261119_0001.STA', 'AV_19-1177264030_20261119_0001.STA');
    const connector = desk.connector();
    expect((await connector.advices(CZK, DAYS)).advices).toHaveLength(1);
    expect((await connector.advices(EUR, DAYS)).advices).toHaveLength(1);
  });

  test('what cannot be placed is set aside; no more than twenty are opened', async () => {
    const none = openDesk((request) => {
      if (request.url.includes('/files/'))
        return { status: 200, headers: { 'content-type': 'text/plain' }, body: Buffer.from('hello') };
      const details = Array.from({ length: 25 }, (_, at) =>
        detail(`x${at}`, 'MT942', `https://localhost:1/files/${at}`, 5, '2026-11-20T11:05:00', 'AVIZO'),
      );
      return listed(details.join(''))(request);
    });
    const { advices, quarantined } = await none.connector().advices(CZK, DAYS);
    expect(advices).toEqual([]);
    expect(quarantined).toHaveLength(25);
    expect(quarantined[0]).toMatchObject({ rule: 'file-unplaced' });
    expect(none.sent).toHaveLength(21);
  });

  test('advices in formats that are not read are left alone', async () => {
    const desk = openDesk(
      listed(detail('a.xml', 'CAMT052', 'https://localhost:1/a', 5, '2026-11-20T11:05:00', 'AVIZO')),
    );
    expect(await desk.connector().advices(CZK, DAYS)).toEqual({ advices: [], quarantined: [] });
    expect(desk.sent).toHaveLength(1);
  });
});
