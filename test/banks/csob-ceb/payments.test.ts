import { describe, expect, test } from 'vitest';
import { differences } from '../../../shared/flows/payments/verify.ts';
import { NOBODY } from '../../../shared/formats/order-party.ts';
import type { FailureKind } from '../../../shared/domain/failure.ts';
import {
  DAY,
  failureOf,
  group,
  MINUTE,
  namesOf,
  openDesk,
  payment,
  sentOf,
  submit,
  toRender,
} from './support.ts';

const three = () => [group([payment(100_00n), payment(250_50n), payment(77_00n)])];
const euro = (minor: bigint) =>
  payment(minor, {
    amount: { minor, currency: 'EUR' },
    creditor: { ...NOBODY, name: 'Holzwerk Tanne GmbH', iban: 'DE02120300000000202051' },
    variableSymbol: null,
    rawSymbols: { variableSymbol: null, constantSymbol: null, specificSymbol: null },
  });
const fromEuro = { payer: { ...NOBODY, number: '19-1177264030', bankCode: '0300' }, currency: 'EUR' };

describe('rendering', () => {
  const { render } = openDesk().connector();

  test('a KPC with the bank’s own dialect says what the order says', async () => {
    const made = render(toRender(three()));
    const text = new TextDecoder('windows-1250').decode(made.document.bytes);
    expect(text).toMatch(/^UHL1211126.{20}0000000041001999000000000000\r\n1 1501 000000 0300\r\n2 /);
    expect(text).toContain('AV:Děkujeme NP:Truhlářství Žďár');
    expect(made.document.name).toBe('pay_01KAJ9W3T5ZQ8Y2M4N6P7R1S0V.kpc');
    expect(made.document.name.length).toBeLessThanOrEqual(50);
    expect(await differences(three(), 'kpc', made)).toEqual([]);
  });

  test('two orders that say the same have other bytes, one order always the same', () => {
    for (const [format, groups] of [
      ['kpc', three()],
      ['pain.001', [group([euro(5_00n)], fromEuro)]],
    ] as const) {
      const bytes = (id: string, serial: number) =>
        Buffer.from(render(toRender(groups, { id, serial, format })).document.bytes).toString('hex');
      expect(bytes('pay_A', 1)).toBe(bytes('pay_A', 1));
      expect(bytes('pay_A', 1)).not.toBe(bytes('pay_B', 2));
    }
  });

  test('payments keep their sequence, or the order is refused: the protocol names them by it', () => {
    const other = { payer: { ...NOBODY, number: '19-1177264030', bankCode: '0300' } };
    const one = [payment(1_00n)];
    expect(() => render(toRender([group(one), group(one), group(one, other)]))).not.toThrow();
    expect(() => render(toRender([group(one), group(one, other), group(one)]))).toThrow(/stand together/);
    const urgent = { priority: 'urgent' } as const;
    const later = { date: '2026-11-24' };
    expect(() => render(toRender([group(one), group(one, urgent), group(one, later)]))).toThrow(
      /one priority/,
    );
    expect(() => render(toRender([group(one), group(one, later), group(one, urgent)]))).not.toThrow();
  });

  test('what the bank does not take is refused with its place', () => {
    const wrong = (groups: ReturnType<typeof three>, more = {}) =>
      expect(() => render(toRender(groups, more))).toThrow(expect.objectContaining({ kind: 'rejected' }));
    wrong([group([euro(1_00n)], fromEuro)]);
    wrong(three(), { format: 'pain.001' });
    wrong(three(), { id: 'x'.repeat(60) });
    wrong([group([payment(1_00n)], { kind: 'collection' })]);
    wrong([group([payment(1_00n, { message: 'x'.repeat(200) })]), group([payment(0n)])]);
  });
});

describe('submission', () => {
  test('start, upload, finish: the bank has the file and imports it', async () => {
    const desk = openDesk();
    const connector = desk.connector();
    const order = sentOf(connector, toRender(three()));
    expect(await submit(connector, order)).toMatchObject({
      kind: 'taken',
      status: { state: 'submitted', bankId: null, bankCode: 'I', reason: null },
    });
    expect(desk.bank.requests().map(({ operation }) => operation)).toEqual([
      'StartUploadFileList_v3',
      'uploadFile',
      'FinishUploadFileList_v2',
    ]);
    const [start] = desk.sent;
    const said = Buffer.from(start!.request.body!).toString();
    expect(said).toContain(
      '<Format>ABO</Format><Mode>AllOrNothing</Mode><SkipCheckDuplicates>false</SkipCheckDuplicates>',
    );
    expect(desk.bank.orders()).toMatchObject([{ id: order.id, copies: 1, state: 'waiting', booked: 0 }]);
  });

  test('XML SEPA goes the same way', async () => {
    const desk = openDesk();
    const connector = desk.connector();
    const order = sentOf(connector, toRender([group([euro(12_34n)], fromEuro)], { format: 'pain.001' }));
    expect((await submit(connector, order)).kind).toBe('taken');
    desk.clock.advance(5 * MINUTE);
    expect(await connector.orderStatus(order)).toMatchObject({
      state: 'awaiting-signature',
      bankCode: 'ACCP',
    });
  });

  test('the same bytes again are a duplicate at Start, whatever the name', async () => {
    const desk = openDesk();
    const connector = desk.connector();
    const order = sentOf(connector, toRender(three()));
    await submit(connector, order);
    const again = { ...order, document: { ...order.document, name: 'other.kpc' } };
    expect(await submit(connector, again)).toEqual({ kind: 'duplicate', bankCode: 'R' });
    desk.clock.advance(31 * DAY);
    expect((await desk.connector().step(again, { step: 'start', data: {} })).kind).toBe('progress');
  });

  test('steps before Finish may be repeated; Finish again is a duplicate, and one copy is there', async () => {
    const desk = openDesk();
    const connector = desk.connector();
    const order = sentOf(connector, toRender(three()));
    const start = { step: 'start', data: {} };
    await connector.step(order, start);
    const started = await connector.step(order, start);
    if (started.kind !== 'progress') throw new Error('no progress');
    await connector.step(order, started.progress);
    const uploaded = await connector.step(order, started.progress);
    if (uploaded.kind !== 'progress') throw new Error('no progress');
    expect(JSON.stringify(uploaded.progress).length).toBeLessThan(4_096);
    expect((await connector.step(order, uploaded.progress)).kind).toBe('taken');
    expect(await connector.step(order, uploaded.progress)).toEqual({ kind: 'duplicate', bankCode: 'R' });
    expect(desk.bank.orderOf(order.id)!.copies).toBe(1);
  });

  test('row 29: Finish taken, its answer dropped: in doubt, then found by the hash', async () => {
    const desk = openDesk();
    const connector = desk.connector();
    const order = sentOf(connector, toRender(three()));
    desk.bank.misbehave({ kind: 'drop', operation: 'FinishUploadFileList_v2' });
    expect((await failureOf(submit(connector, order))).kind).toBe('outcome-unknown');
    expect(namesOf(desk.bank, 'FinishUploadFileList_v2')).toBe(1);
    expect(await connector.findOrder(order)).toBeNull();
    desk.clock.advance(5 * MINUTE);
    expect(await connector.findOrder(order)).toMatchObject({ state: 'awaiting-signature' });
    expect(desk.bank.orderOf(order.id)!.copies).toBe(1);
  });

  test('503 at Finish is in doubt, at Start and upload it is worth repeating', async () => {
    for (const [operation, kind] of [
      ['StartUploadFileList_v3', 'outcome-unknown'],
      ['uploadFile', 'outcome-unknown'],
      ['FinishUploadFileList_v2', 'outcome-unknown'],
    ] as const) {
      const desk = openDesk();
      const connector = desk.connector();
      desk.bank.misbehave({ kind: 'status-503', operation });
      const order = sentOf(connector, toRender(three()));
      expect((await failureOf(submit(connector, order))).kind, operation).toBe(kind);
      expect(desk.bank.orders()).toEqual([]);
    }
  });

  test('an address that expired is asked for anew, not for ever', async () => {
    const desk = openDesk(({ url }) =>
      url.includes('ExtFileHubUp') && url.endsWith('stale')
        ? { status: 403, headers: {}, body: new Uint8Array() }
        : null,
    );
    const connector = desk.connector();
    const order = sentOf(connector, toRender(three()));
    const stale = { step: 'upload', data: { url: 'https://localhost:1/ExtFileHubUp/v2/upload?id=stale' } };
    const again = await connector.step(order, stale);
    expect(again).toEqual({ kind: 'progress', progress: { step: 'start', data: { restarts: '1' } } });
    if (again.kind !== 'progress') return;
    const started = await connector.step(order, again.progress);
    if (started.kind !== 'progress') throw new Error('no progress');
    expect(started.progress.data['restarts']).toBe('1');
    expect((await connector.step(order, started.progress)).kind).toBe('progress');
    const last = { ...stale, data: { ...stale.data, restarts: '2' } };
    expect((await failureOf(connector.step(order, last))).kind).toBe('transient');
  });

  test('bytes never go to a foreign host', async () => {
    const desk = openDesk();
    const connector = desk.connector();
    const order = sentOf(connector, toRender(three()));
    const elsewhere = { step: 'upload', data: { url: 'https://evil.example/upload?id=1' } };
    expect((await failureOf(connector.step(order, elsewhere))).kind).toBe('protocol');
    expect(desk.sent).toEqual([]);
  });

  const ANSWERS: readonly (readonly [number, unknown, FailureKind | 'finish' | 'start'])[] = [
    [200, { Status: '201', ExtFileUrl: '', NewFileId: 'AbC%2B_-==' }, 'finish'],
    [201, { status: '200', newfileid: 'x' }, 'finish'],
    [200, { NewFileId: 'x' }, 'finish'],
    [200, { Status: '201', NewFileId: 'not an id' }, 'transient'],
    [200, { Status: '201' }, 'transient'],
    [200, { Status: '450' }, 'rejected'],
    [200, { Status: '451' }, 'rejected'],
    [200, { Status: '452' }, 'rejected'],
    [200, { Status: '453' }, 'rejected'],
    [200, { Status: '454' }, 'rejected'],
    [200, { Status: '455' }, 'transient'],
    [200, { Status: '456', NewFileId: 'x' }, 'transient'],
    [200, 'garbage', 'transient'],
    [400, {}, 'rejected'],
    [401, {}, 'credential-refused'],
    [403, {}, 'start'],
    [408, {}, 'transient'],
    [500, {}, 'outcome-unknown'],
    [504, {}, 'outcome-unknown'],
  ];
  test.each(ANSWERS)('upload answered %i %j: %s', async (status, body, outcome) => {
    const desk = openDesk(() => ({
      status,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify(body)),
    }));
    const connector = desk.connector();
    const order = sentOf(connector, toRender(three()));
    const upload = { step: 'upload', data: { url: 'https://localhost:1/up?id=1' } };
    const work = connector.step(order, upload);
    if (outcome === 'finish' || outcome === 'start') {
      expect(await work).toMatchObject({ kind: 'progress', progress: { step: outcome } });
    } else {
      expect((await failureOf(work)).kind).toBe(outcome);
    }
  });
});

describe('import protocol', () => {
  async function imported(prepare: (desk: ReturnType<typeof openDesk>) => void, config = {}) {
    const desk = openDesk();
    prepare(desk);
    const connector = desk.connector(config);
    const order = sentOf(connector, toRender(three()));
    await submit(connector, order);
    desk.clock.advance(5 * MINUTE);
    return { desk, connector, order, status: await connector.orderStatus(order) };
  }

  test('ACCP waits for people, and is never called executed', async () => {
    const { desk, connector, order, status } = await imported(() => undefined);
    expect(status).toMatchObject({
      state: 'awaiting-signature',
      bankCode: 'ACCP',
      bankId: '2000001',
      results: [],
    });
    expect(Buffer.from(status!.document!.bytes).toString()).toContain('CstmrPmtStsRpt');
    desk.bank.sign(order.id);
    expect((await connector.findOrder(order))!.state).toBe('awaiting-signature');
  });

  test('row 34: PART tells which payments are refused, by their place in the order', async () => {
    const { status } = await imported(({ bank }) => bank.refuse(2), { uploadMode: 'OnlyCorrect' });
    expect(status).toMatchObject({
      state: 'awaiting-signature',
      bankCode: 'PART',
      results: [{ index: 1, state: 'rejected', bankCode: '065525', reason: 'Účet příjemce nenalezen' }],
    });
  });

  test('AllOrNothing: one refused payment refuses the order, and the protocol says which', async () => {
    const { desk, order, status } = await imported(({ bank }) => bank.refuse(3));
    expect(status).toMatchObject({ state: 'rejected', bankCode: 'RJCT', results: [{ index: 2 }] });
    expect(() => desk.bank.sign(order.id)).toThrow();
  });

  test('row 37: a code nobody explained decides nothing', async () => {
    const { status } = await imported(({ bank }) => bank.answerWith('SIGE'));
    expect(status).toMatchObject({ state: null, bankCode: 'SIGE', bankId: '2000001', results: [] });
  });

  test('once it is read nothing more is asked: the bank never says more', async () => {
    const { desk, connector, order, status } = await imported(() => undefined);
    const before = desk.sent.length;
    expect(await connector.orderStatus({ ...order, bankId: status!.bankId })).toBeNull();
    expect(desk.sent).toHaveLength(before);
  });

  test('pairing: the hash in any case; a padded MD5 and another order’s protocol are not ours', async () => {
    const { desk, connector, order } = await imported(() => undefined);
    const list = desk.sent.findLast(({ request }) => request.headers['soapaction']?.includes('GetDownload'));
    const said = Buffer.from(list!.response!.body).toString();
    expect(said).toMatch(/<b:UploadFileHash>[0-9a-f]{32} {32}<\/b:UploadFileHash>/);
    expect((await connector.findOrder({ ...order, sha256: order.sha256.toUpperCase() }))!.state).toBe(
      'awaiting-signature',
    );
    const other = sentOf(connector, toRender(three(), { serial: 42 }));
    expect(await connector.findOrder(other)).toBeNull();
    const md5 = /<b:UploadFileHash>([0-9a-f]{32}) /.exec(said)![1]!;
    expect(await connector.findOrder({ ...order, sha256: md5.slice(0, 31) })).toBeNull();
  });

  test('R is not there yet; F or gone: the order is at the bank, and nobody knows how it stands', async () => {
    const { desk, connector, order } = await imported(({ bank }) =>
      bank.flaw({ kind: 'preparing', matches: ({ type }) => type === 'IMPPROT' }),
    );
    expect(await connector.findOrder(order)).toBeNull();
    desk.bank.flaw({ kind: 'failed', matches: ({ type }) => type === 'IMPPROT' });
    expect(await connector.findOrder(order)).toMatchObject({ state: null, bankCode: 'F', document: null });
    desk.bank.flaw({ kind: 'expired', matches: ({ type }) => type === 'IMPPROT' });
    expect(await connector.findOrder(order)).toMatchObject({ state: null, bankCode: null });
  });
});
