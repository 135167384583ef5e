import { describe, expect, it } from 'vitest';
import { readFileAs } from '../../shared/formats/files.ts';
import { detail, idIn, item, kpc, pain, upload } from './orders.ts';
import { allTransactions, CURRENT, EXPORT, request, seededBank, WAGES } from './support.ts';

const TODAY = '2026-11-21';
const SECOND = 1_000;

/** A bank that took one order, and the order's id. */
async function bankWith(content = kpc(), name = 'Brana pay_1') {
  const seeded = seededBank();
  const id = idIn(await upload(seeded.bank, content, { headers: { 'batch-name': name } }));
  return { ...seeded, id };
}

describe('importPayments', () => {
  it('takes a file and gives an id of 64 bits', async () => {
    const { bank, id } = await bankWith();
    expect(BigInt(id)).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER));
    expect((await detail(bank, id)).json).toMatchObject({ batchName: 'Brana pay_1', createDate: TODAY });
  });

  it('remembers the checksum of what it imported, and only of that', async () => {
    const { bank } = await bankWith();
    const again = await upload(bank, kpc(), { headers: { 'batch-name': 'another' } });
    expect([again.status, again.json.error]).toEqual([400, 'BATCH_ALREADY_IMPORTED']);
    expect((await upload(bank, kpc({ serial: 2 }))).status).toBe(200);
    const broken = kpc({ sum: 1, serial: 3 });
    for (let time = 0; time < 2; time++) {
      expect((await upload(bank, broken)).json.error).toBe('BATCH_CONTENT_INVALID');
    }
  });

  it.each([
    ['empty', ''],
    ['no header', kpc().slice(60)],
    ['a header in small letters', kpc().replace('LISKOVA', 'Liskova')],
    ['another bank’s file', kpc().replace('111111 5500', '111111 0800')],
    ['a wrong sum', kpc({ sum: 125_051 })],
    ['a payer that fails modulo 11', kpc({ payer: '5017482302' })],
    ['a payee that fails modulo 11', kpc({ items: [item(1).replace('2000145399', '2000145398')] })],
    ['an amount of zero', kpc({ items: [item(0)] })],
    ['an item without a bank', kpc({ items: [item(5, '1')] })],
    ['a symbol of eleven digits', kpc({ items: [item(5, '12345678901 08000308 0')] })],
    ['cut off', kpc().slice(0, -7)],
    ['two groups in one', kpc().replace('3 +\r\n', '')],
    ['no payment', kpc({ items: [] }).replace(/2 .*\r\n3 \+\r\n/, '')],
  ])('a KPC: %s', async (_, content) => {
    const answer = await upload(seededBank().bank, content, {
      headers: { 'batch-import-format': 'ABO-KPC' },
    });
    expect([answer.status, answer.json.error]).toEqual([400, 'BATCH_CONTENT_INVALID']);
  });

  it.each([
    ['another version', pain().replace('001.03', '001.09')],
    ['a wrong control sum', pain({ sum: '99.91' })],
    ['a wrong count', pain().replace('<NbOfTxs>1', '<NbOfTxs>2')],
    ['crowns', pain({ ccy: 'CZK' })],
    ['a payer elsewhere', pain().replace('CZ4655000000005017482301', 'CZ6508000000192000145399')],
    ['no name', pain().replace('<Nm>Muster &amp; Sohn</Nm>', '')],
    ['no date', pain().replace('2026-11-21', 'today')],
    ['a doctype', pain().replace('<Document', '<!DOCTYPE x><Document')],
    ['no payment', pain().replace(/<CdtTrfTxInf>.*<\/CdtTrfTxInf>/, '')],
    ['a KPC', kpc()],
  ])('a pain.001: %s', async (_, content) => {
    const answer = await upload(seededBank().bank, content, {
      headers: { 'batch-import-format': 'SEPA-XML' },
    });
    expect([answer.status, answer.json.error]).toEqual([400, 'BATCH_CONTENT_INVALID']);
  });

  it('refuses headers that the contract does not have', async () => {
    const { bank } = seededBank();
    const sent = async (headers: Record<string, string>) => (await upload(bank, kpc(), { headers })).status;
    expect(await sent({ 'content-type': 'application/octet-stream' })).toBe(415);
    expect(await sent({ 'batch-import-format': 'CCT' })).toBe(400);
    expect(await sent({ 'batch-import-format': 'toString' })).toBe(400);
    expect(await sent({ 'batch-name': 'Účet' })).toBe(400);
    expect(await sent({ 'batch-autocorrect': 'yes' })).toBe(400);
    expect(await sent({ 'batch-combined-payments': '1' })).toBe(400);
    expect(bank.orders()).toEqual([]);
  });

  it('names a batch itself where nobody did, and cuts long names', async () => {
    const { bank } = seededBank();
    const first = idIn(await upload(bank, kpc()));
    expect((await detail(bank, first)).json).toMatchObject({ batchName: 'ImportApi_21112026' });
    const headers = { 'batch-name': 'n'.repeat(60) };
    const second = idIn(await upload(bank, kpc({ serial: 2 }), { headers }));
    expect((await detail(bank, second)).json).toMatchObject({ batchName: 'n'.repeat(50) });
  });
});

describe('getBatchDetail', () => {
  it('lists one item for each account and type, once the file is imported', async () => {
    const two = kpc({ items: [item(100), item(200)] }).replace('5 +\r\n', '');
    const wages = kpc({ payer: `35-${WAGES}`, items: [item(50)] })
      .split('\r\n')
      .slice(2)
      .join('\r\n');
    const { bank, clock, id } = await bankWith(two + wages);
    expect((await detail(bank, id)).json).toMatchObject({ batchFileStatus: 'UPLOADED', batchItems: [] });
    clock.advance(SECOND);
    expect((await detail(bank, id)).json).toMatchObject({ batchFileStatus: 'PROCESSING', batchItems: [] });
    clock.advance(2 * SECOND);
    expect((await detail(bank, id)).json).toMatchObject({
      batchFileStatus: 'OK',
      batchItems: [
        {
          accountInfo: { accountId: 3887101, accountNumber: CURRENT, mainCurrencyId: 'CZK' },
          numberOfPayments: 2,
          sumAmount: 3,
          sumAmountCurrencyId: 'CZK',
          batchType: 'DPO',
          status: 'FOR_SIGN',
          lastChangeDateTime: '2026-11-21T12:00:03.000+01:00',
        },
        { accountInfo: { accountNumberPrefix: '35', accountNumber: WAGES }, numberOfPayments: 1 },
      ],
    });
  });

  it('404 for an id it does not have, 400 for what is none', async () => {
    const { bank } = await bankWith();
    expect((await detail(bank, '1')).json.error).toBe('ID_NOT_FOUND');
    expect((await detail(bank, '9223372036854775807')).status).toBe(404);
    expect((await detail(bank, 'x')).json.error).toBe('DT01');
  });

  it('an account that is not the client’s, or a folder that is closed, is an error', async () => {
    for (const content of [
      kpc({ payer: '19-2000145399' }),
      kpc({ payer: EXPORT }),
      pain().replace('CZ4655000000005017482301', 'CZ5355000000352903571487'),
    ]) {
      const { bank, clock, id } = await bankWith(content);
      clock.advance(5 * SECOND);
      expect((await detail(bank, id)).json.batchItems, content).toMatchObject([{ status: 'ERROR' }]);
    }
  });

  it('more than fifteen thousand payments are an error nobody heard of at the upload', async () => {
    const items = Array.from({ length: 15_001 }, () => item(100));
    const { bank, clock, id } = await bankWith(kpc({ items }));
    clock.advance(5 * SECOND);
    expect((await detail(bank, id)).json).toMatchObject({ batchFileStatus: 'ERROR', batchItems: [] });
    expect(bank.orderOf('pay_1')).toMatchObject({ rejected: true });
    expect(() => bank.sign(id)).toThrow('cannot be signed');
  });
});

describe('in internet banking', () => {
  const statusOf = async (bank: Awaited<ReturnType<typeof bankWith>>['bank'], id: string) =>
    (await detail(bank, id)).json.batchItems.map(({ status }) => status);

  it('a signed batch is handed over and booked: in the list, the balance and the statement', async () => {
    const { bank, source, clock, id } = await bankWith();
    const balance = () =>
      source.folders(CURRENT).find(({ currency }) => currency === 'CZK')!.balances!.booked;
    const before = balance();
    clock.advance(5 * SECOND);
    bank.sign('pay_1');
    const seen: unknown[] = [];
    for (let second = 0; second <= 4; second += 2) {
      seen.push((await statusOf(bank, id))[0]);
      clock.advance(2 * SECOND);
    }
    expect(seen).toEqual(['VERIFIED', 'PASSING_TO_BANK', 'PASSED']);
    expect(balance() - before).toBe(-125_050n);
    const rows = await allTransactions(bank, CURRENT, 'CZK', TODAY, TODAY);
    const row = rows.find(({ amount }) => amount.value === -1250.5);
    expect(row).toMatchObject({
      creditDebitIndication: 'DBIT',
      bookingDate: '2026-11-21T12:00:09.000+01:00',
      entryDetails: {
        transactionDetails: {
          references: { endToEndIdentification: '2026000123' },
          relatedParties: {
            counterParty: {
              organisationIdentification: { bankCode: '0800' },
              account: { accountNumberPrefix: '000019', accountNumber: '2000145399' },
            },
          },
          remittanceInformation: {
            unstructured: 'Faktura',
            creditorReferenceInformation: { variable: '2026000123', constant: '0308', specific: '7' },
          },
        },
      },
    });
    clock.set('2026-11-22T06:00:00Z');
    const issue = source.issues(CURRENT, 'CZK').findLast(({ lines }) => lines[0] === 'MAIN');
    const [statement] = (await readFileAs('camt.053', (await source.document(issue!.id, 'xml', 'cs'))!))
      .statements;
    expect(statement?.reconciles).toBe(true);
    expect(statement?.transactions).toContainEqual(
      expect.objectContaining({ bankReference: row?.entryReference, variableSymbol: '2026000123' }),
    );
  });

  it('a payment of a later day is booked in its morning', async () => {
    const { bank, source, clock, id } = await bankWith(kpc({ day: '241126' }));
    bank.sign(id);
    const booked = (day: string) =>
      source.booked(CURRENT, 'CZK', day, day).filter(({ minor }) => minor === -125_050n);
    clock.set('2026-11-24T04:59:00Z');
    expect(await statusOf(bank, id)).toEqual(['PASSED']);
    expect(booked('2026-11-24')).toEqual([]);
    clock.set('2026-11-24T05:00:00Z');
    expect(booked('2026-11-24')).toHaveLength(1);
  });

  it('a day gone by becomes today, unless nobody wants it corrected', async () => {
    const late = kpc({ day: '191126' });
    const { bank, source, clock, id } = await bankWith(late);
    bank.sign(id);
    clock.advance(10 * SECOND);
    expect(source.booked(CURRENT, 'CZK', TODAY, TODAY).some(({ minor }) => minor === -125_050n)).toBe(true);
    const headers = { 'batch-autocorrect': 'false' };
    const second = idIn(await upload(bank, kpc({ day: '191126', serial: 2 }), { headers }));
    clock.advance(5 * SECOND);
    expect(await statusOf(bank, second)).toEqual(['ERROR']);
  });

  it('a SEPA payment and a collection', async () => {
    const { bank, source, clock, id } = await bankWith(pain());
    bank.sign(id);
    const collection = idIn(await upload(bank, kpc({ type: '1502' })));
    bank.sign(collection);
    clock.advance(10 * SECOND);
    expect((await detail(bank, id)).json.batchItems).toMatchObject([{ batchType: 'SEPA', sumAmount: 99.9 }]);
    expect((await detail(bank, collection)).json.batchItems).toMatchObject([{ batchType: 'DD' }]);
    expect(source.booked(CURRENT, 'EUR', TODAY, TODAY).at(-1)?.minor).toBe(-9990n);
    expect(source.booked(CURRENT, 'CZK', TODAY, TODAY).at(-1)?.minor).toBe(125_050n);
    const [row] = await allTransactions(bank, CURRENT, 'EUR', TODAY, TODAY);
    expect(row).toMatchObject({
      entryDetails: {
        transactionDetails: {
          references: { endToEndIdentification: 'RE-77' },
          relatedParties: {
            counterParty: { name: 'Muster & Sohn', account: { iban: 'DE89370400440532013000' } },
          },
        },
      },
    });
  });

  it('a refused payment is not booked, and the batch says that there is one', async () => {
    const { bank, clock, id } = await bankWith(kpc({ items: [item(100), item(200), item(300)] }));
    bank.refuseItem(id, 1);
    expect(() => bank.refuseItem(id, 3)).toThrow('no payment 3');
    bank.sign(id);
    clock.advance(20 * SECOND);
    expect(await statusOf(bank, id)).toEqual(['PASSED_TO_BANK_WITH_ERROR']);
    expect(bank.orderOf('pay_1')).toMatchObject({ booked: 2, rejected: false });
    expect(() => bank.refuseItem(id, 0)).toThrow('signed already');
  });

  it('what is rejected or deleted is never booked', async () => {
    const { bank, clock, id } = await bankWith();
    bank.reject(id);
    bank.sign(id);
    const gone = idIn(await upload(bank, kpc({ serial: 2 }), { headers: { 'batch-name': 'pay_2' } }));
    bank.remove(gone);
    expect(() => bank.sign(gone)).toThrow('DELETED');
    clock.advance(20 * SECOND);
    expect(await statusOf(bank, id)).toEqual(['ERROR']);
    expect((await detail(bank, gone)).json).toMatchObject({ batchFileStatus: 'DELETED', batchItems: [] });
    expect(bank.orders().map(({ booked }) => booked)).toEqual([0, 0]);
    expect(() => bank.sign('pay_9')).toThrow('no batch');
  });

  it('signs by itself after a while, when told to', async () => {
    const { bank, clock, id } = await bankWith();
    clock.advance(5 * SECOND);
    expect(await statusOf(bank, id)).toEqual(['FOR_SIGN']);
    bank.signAfter(60 * SECOND);
    clock.advance(54 * SECOND);
    expect(await statusOf(bank, id)).toEqual(['FOR_SIGN']);
    clock.advance(SECOND);
    expect(await statusOf(bank, id)).toEqual(['VERIFIED']);
    expect(bank.orderOf('pay_1')?.booked).toBe(1);
    bank.sign(id);
    expect(bank.orderOf('pay_1')?.booked, 'a second signature books nothing').toBe(1);
  });
});

describe('what the bank holds', () => {
  it('counts the copies of each order, whatever their bytes', async () => {
    const { bank, id } = await bankWith();
    await upload(bank, kpc(), { headers: { 'batch-name': 'Brana pay_1' } });
    expect(bank.orders()).toEqual([{ id: 'pay_1', bankId: id, copies: 1, booked: 0, rejected: false }]);
    const other = idIn(await upload(bank, kpc({ serial: 2 }), { headers: { 'batch-name': 'Brana pay_1' } }));
    await upload(bank, kpc({ serial: 3 }), { headers: { 'batch-name': 'Brana pay_2' } });
    expect(bank.orders().map((order) => [order.id, order.copies])).toEqual([
      ['pay_1', 2],
      ['pay_2', 1],
    ]);
    expect(bank.orderOf('pay_1')?.bankId).toBe(other);
    expect(bank.orderOf('pay_3')).toBeUndefined();
  });

  it.each([
    [{ kind: 'drop' }, 1],
    [{ kind: 'drop', afterwards: false }, 0],
    [{ kind: 'status-503' }, 0],
    [{ kind: 'status-503', afterwards: true }, 1],
    [{ kind: 'html-200', afterwards: true }, 1],
    [{ kind: 'delay', milliseconds: 5 }, 1],
    [{ kind: 'truncate' }, 1],
    [{ kind: 'stall', afterwards: false }, 0],
  ] as const)('after %j it has %i copies', async (misbehaviour, copies) => {
    const { bank } = seededBank();
    bank.misbehave({ ...misbehaviour, operation: 'importPayments' });
    await bank.handle(requestOf(kpc()));
    expect(bank.orders()).toHaveLength(copies);
  });

  it('without a certificate, or without the right, nothing is taken', async () => {
    const { bank } = seededBank();
    expect((await upload(bank, kpc(), { certificate: null })).status).toBe(401);
    bank.restrict('0A01', { operations: ['getAccounts'] });
    expect((await upload(bank, kpc())).status).toBe(403);
    expect(bank.orders()).toEqual([]);
  });
});

/** The upload as a request, for answers that are no JSON. */
function requestOf(body: string) {
  const headers = { 'content-type': 'text/plain', 'batch-import-format': 'ABO-KPC', 'batch-name': 'pay_1' };
  return request('/payments/batches', { headers, body });
}
