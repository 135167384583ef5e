import { describe, expect, test } from 'vitest';
import { csobCebBank } from '../../infra/sandbox/csob-ceb/bank.ts';
import type { SandboxRequest } from '../../infra/sandbox/types.ts';
import { readFileAs } from '../../shared/formats/files.ts';
import { virtualClock } from '../http/support.ts';
import {
  CZK,
  failureOf,
  group,
  MINUTE,
  namesOf,
  openDesk,
  payment,
  sentOf,
  submit,
  toRender,
} from '../banks/csob-ceb/support.ts';

/** The simulated bank itself: spoken to without the connector where the connector would never say such a thing. */

const LIST = 'GetDownloadFileList_v4';
const NAMESPACE = 'http://ceb-bc.csob.cz/CEBBCWS/';
const ENVELOPE = 'http://schemas.xmlsoap.org/soap/envelope/';

function openBank() {
  const clock = virtualClock();
  const bank = csobCebBank({ seed: 'sandbox', clock });
  const ask = async (content: string, more: Partial<SandboxRequest> & { operation?: string } = {}) => {
    const { operation = LIST, ...rest } = more;
    const name = operation.replace('_v', 'Request_v');
    const message = `<${name} xmlns="${NAMESPACE}${operation}">${content}</${name}>`;
    const response = await bank.handle({
      method: 'POST',
      path: '/cebbc/api',
      query: new URLSearchParams(),
      headers: {
        'content-type': 'text/xml; charset=utf-8',
        soapaction: `"${operation}"`,
        host: 'localhost:1',
      },
      body: Buffer.from(`<s:Envelope xmlns:s="${ENVELOPE}"><s:Body>${message}</s:Body></s:Envelope>`),
      clientCertificate: { serial: 'AB', fingerprint: 'ab' },
      ...rest,
    });
    return { status: response.status, text: Buffer.from(response.body).toString() };
  };
  return { clock, bank, ask };
}

const contract = '<ContractNumber>4471029</ContractNumber>';

describe('the service', () => {
  test('messages are held against the schema: order, names, values', async () => {
    const { ask } = openBank();
    expect((await ask(contract)).status).toBe(200);
    for (const wrong of [
      '',
      '<ContractNumber>x</ContractNumber>',
      `${contract}${contract}`,
      `<Filter/>${contract}`,
      `${contract}<Filter><CreatedAfter>yesterday</CreatedAfter></Filter>`,
      `${contract}<Filter><ClientAppGuid>short</ClientAppGuid></Filter>`,
      `${contract}<Filter><CreatedAfter>2026-11-01T00:00:00Z</CreatedAfter><FileTypes><FileType>VYPIS</FileType></FileTypes></Filter>`,
      `${contract}<Surplus/>`,
      `<ContractNumber xmlns="urn:other">4471029</ContractNumber>`,
    ]) {
      const { status, text } = await ask(wrong);
      expect(status, wrong).toBe(500);
      expect(text, wrong).toContain('<faultcode>s:Client</faultcode>');
    }
    expect((await ask(contract, { body: Buffer.from('<!DOCTYPE x []><x/>') })).text).toContain('s:Client');
    for (const soapaction of [LIST, '"GetDownloadFileList_v1"', '""']) {
      const headers = { 'content-type': 'text/xml; charset=utf-8', soapaction };
      expect((await ask(contract, { headers })).status).toBe(404);
    }
    const { text } = await ask('<ContractNumber>1</ContractNumber>');
    expect(text).toContain('<e:Code>1011</e:Code>');
    expect((await ask(contract, { clientCertificate: null })).text).toContain('<e:Code>1011</e:Code>');
  });

  test('thirty calls in twenty minutes; who goes on calling stays blocked', async () => {
    const { ask, clock } = openBank();
    const codes = async (count: number): Promise<string[]> => {
      const answers: string[] = [];
      for (let call = 0; call < count; call++)
        answers.push(/<e:Code>(\d+)/.exec((await ask(contract)).text)?.[1] ?? 'ok');
      return answers;
    };
    expect(await codes(30)).toEqual(Array.from({ length: 30 }, () => 'ok'));
    expect(await codes(1)).toEqual(['1101']);
    for (let minute = 0; minute < 40; minute++) {
      clock.advance(MINUTE / 2);
      expect(await codes(1)).toEqual(['1101']);
    }
    clock.advance(20 * MINUTE);
    expect(await codes(1)).toEqual(['ok']);
  });

  test('filters hold together', async () => {
    const { ask } = openBank();
    const files = async (filter: string): Promise<number> =>
      ((await ask(`${contract}<Filter>${filter}</Filter>`)).text.match(/<b:FileDetail>/g) ?? []).length;
    const statements = '<FileTypes><FileType>VYPIS</FileType></FileTypes>';
    const after = '<CreatedAfter>2026-11-20T00:00:00+01:00</CreatedAfter>';
    expect(await files(statements)).toBe(45 * 2 * 6);
    expect(await files(`${statements}${after}`)).toBe(2 * 2 * 6);
    expect(await files(`${statements}<FileFormats><FileFormat>PDF</FileFormat></FileFormats>${after}`)).toBe(
      4,
    );
    const both = '<FileTypes><FileType>VYPIS</FileType><FileType>AVIZO</FileType></FileTypes>';
    const advices = await files('<FileTypes><FileType>AVIZO</FileType></FileTypes>');
    expect(advices).toBeGreaterThan(45);
    expect(await files(both)).toBe(45 * 2 * 6 + advices);
    const inMt942 = '<FileFormats><FileFormat>MT942</FileFormat></FileFormats>';
    expect(await files(`${both}${inMt942}`)).toBe(advices);
    // Both providers on thirty-two working days, and of the 45th day back what was made in its afternoon.
    const rates = '<FileTypes><FileType>KURZY</FileType></FileTypes>';
    expect(await files(rates)).toBe(2 * 32 + 1);
    expect(await files(`${rates}${inMt942}`), 'a format means nothing to rates').toBe(2 * 32 + 1);
    expect(await files('<FileTypes><FileType>IMPPROT</FileType></FileTypes>')).toBe(0);
  });
});

describe('files', () => {
  test('a statement appears after midnight, first in preparation, then to be had', async () => {
    const desk = openDesk();
    const states = async (): Promise<(string | undefined)[]> => {
      desk.bank.rest();
      const connector = desk.connector();
      const { statements } = await connector.statements(CZK, { from: '2026-11-21', to: '2026-11-21' }, null);
      const [statement] = statements;
      if (!statement) return [];
      return [(await connector.download(CZK, statement, 'finsta')) ? 'D' : 'R'];
    };
    const at = (time: string): void => desk.clock.advance(Date.parse(time) - desk.clock.now());
    at('2026-11-22T00:20:00+01:00');
    expect(await states()).toEqual([]);
    at('2026-11-22T01:36:00+01:00');
    expect(await states()).toEqual(['R']);
    at('2026-11-22T01:46:00+01:00');
    expect(await states()).toEqual(['D']);
  });

  test('an address that was written in another way on the line is unknown to the bank', async () => {
    const desk = openDesk();
    const connector = desk.connector();
    const { statements } = await connector.statements(CZK, { from: '2026-11-20', to: '2026-11-20' }, null);
    await connector.download(CZK, statements[0]!, 'finsta');
    const id = new URL(desk.sent.at(-1)!.request.url).search.slice('?id='.length);
    const ask = (query: string) =>
      desk.bank.handle({
        method: 'GET',
        path: '/ExtFileHubDown/v2/download',
        query: new URLSearchParams(query),
        headers: {},
        body: new Uint8Array(),
        clientCertificate: { serial: 'AB', fingerprint: 'ab' },
      });
    expect((await ask(`id=${id}`)).status).toBe(200);
    expect((await ask(`id=${encodeURIComponent(id)}`)).status).toBe(400);
  });
});

describe('orders', () => {
  const order = (
    connector: ReturnType<ReturnType<typeof openDesk>['connector']>,
    minor: bigint,
    serial = 1,
  ) => sentOf(connector, toRender([group([payment(minor)])], { serial, id: `pay_${serial}` }));

  test('nothing is booked until people sign; then it stands in the statement of its day, once', async () => {
    const desk = openDesk();
    const connector = desk.connector();
    const sent = order(connector, 4_321_00n);
    await submit(connector, sent);
    expect(desk.bank.orderOf(sent.id)).toMatchObject({ state: 'waiting', booked: 0, copies: 1 });
    desk.bank.sign(sent.id);
    desk.bank.sign(sent.id);
    expect(desk.bank.orderOf(sent.id)).toMatchObject({ state: 'signed', booked: 1, bankId: '2000001' });
    // Ordered for Monday, so it stands in Monday's statement, which comes on Tuesday.
    desk.clock.advance(Date.parse('2026-11-24T06:00:00+01:00') - desk.clock.now());
    const later = desk.connector();
    const { statements } = await later.statements(CZK, { from: '2026-11-21', to: '2026-11-24' }, null);
    const found: string[] = [];
    for (const statement of statements) {
      const document = await later.download(CZK, statement, 'finsta');
      const [read] = (await readFileAs('finsta', document!.bytes)).statements;
      const booked = read!.transactions.filter(({ amount }) => amount.minor === -4_321_00n);
      for (const { counterparty, variableSymbol, message } of booked) {
        found.push(
          `${statement.to} ${counterparty.number}/${counterparty.bankCode} ${variableSymbol} ${message}`,
        );
      }
      expect(read!.reconciles).toBe(true);
    }
    expect(found).toEqual(['2026-11-23 318870428/0800 2600001 Děkujeme']);
  });

  test('signed by themselves after a while; discarded ones never', async () => {
    const desk = openDesk();
    const connector = desk.connector();
    desk.bank.signAfter(10 * MINUTE);
    for (const serial of [1, 2]) await submit(connector, order(connector, 100n, serial));
    desk.bank.discard('pay_2');
    desk.clock.advance(11 * MINUTE);
    await connector.prove();
    expect(desk.bank.orders().map(({ id, state }) => `${id} ${state}`)).toEqual([
      'pay_1 signed',
      'pay_2 discarded',
    ]);
  });

  test('an upload that is no form of one file is refused by its code', async () => {
    const desk = openDesk();
    const connector = desk.connector();
    const started = await connector.step(order(connector, 100n), { step: 'start', data: {} });
    if (started.kind !== 'progress') throw new Error('no progress');
    const url = new URL(started.progress.data['url']!);
    const upload = (type: string, body: string) =>
      desk.bank.handle({
        method: 'POST',
        path: url.pathname,
        query: url.searchParams,
        headers: { 'content-type': type },
        body: Buffer.from(body),
        clientCertificate: { serial: 'AB', fingerprint: 'ab' },
      });
    const octets = await upload('application/octet-stream', 'UHL1');
    expect(JSON.parse(Buffer.from(octets.body).toString())).toMatchObject({ Status: '454' });
    expect((await upload('multipart/form-data; boundary=x', 'UHL1')).status).toBe(400);
    const form = (length: number, name: string): string =>
      `--x\r\nContent-Disposition: form-data; name="fileupload"; filename="${name}"\r\nContent-Type: application/octet-stream\r\nContent-Length: ${length}\r\n\r\nUHL1\r\n--x--\r\n`;
    expect((await upload('multipart/form-data; boundary=x', form(5, 'a.kpc'))).status).toBe(400);
    const exe = await upload('multipart/form-data; boundary=x', form(4, 'a.exe'));
    expect(JSON.parse(Buffer.from(exe.body).toString())).toMatchObject({ Status: '451' });
    const good = await upload('multipart/form-data; boundary=x', form(4, 'a.kpc'));
    expect(JSON.parse(Buffer.from(good.body).toString())).toMatchObject({ Status: '201' });
  });

  test('Finish with another hash than the bytes have imports nothing', async () => {
    const desk = openDesk();
    const connector = desk.connector();
    const sent = order(connector, 100n);
    const altered = { ...sent, document: { ...sent.document, bytes: Buffer.from('UHL1 altered') } };
    expect(await submit(connector, altered)).toEqual({ kind: 'duplicate', bankCode: 'R' });
    expect(desk.bank.orders()).toEqual([]);
  });

  test('a refusal before the work leaves nothing behind, one afterwards does', async () => {
    for (const [afterwards, copies] of [
      [false, 0],
      [true, 1],
    ] as const) {
      const desk = openDesk();
      const connector = desk.connector();
      desk.bank.misbehave({ kind: 'status-503', operation: 'FinishUploadFileList_v2', afterwards });
      expect((await failureOf(submit(connector, order(connector, 100n)))).kind).toBe('outcome-unknown');
      expect(desk.bank.orders().map((one) => one.copies)).toEqual(copies === 0 ? [] : [copies]);
      expect(namesOf(desk.bank, 'FinishUploadFileList_v2')).toBe(1);
    }
  });
});
