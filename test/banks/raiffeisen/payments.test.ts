import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Connector, OrderStatus, SentOrder, StepResult } from '../../../shared/banks/contract.ts';
import type { FailureKind } from '../../../shared/domain/failure.ts';
import { addDays } from '../../../shared/domain/dates.ts';
import { bankDay, euroOrder, group, order, payment, rendered, UPLOAD, WAGES } from './orders.ts';
import { allTransactions, openBench, refOf, type Bench } from '../../conformance/bench.ts';
import type { RaiffeisenBank } from '../../../infra/sandbox/raiffeisen/bank.ts';
import { bankThat, failureOf } from './support.ts';

const send = (answer: Parameters<typeof bankThat>[0]) => {
  const { connector, requests } = bankThat(answer);
  return { result: connector.step(rendered(connector), UPLOAD), requests };
};

describe('the answer to an upload', () => {
  const table: [number, unknown, FailureKind, string?][] = [
    [400, { error: 'INVALID_BATCH_IMPORT_FORMAT' }, 'rejected', 'INVALID_BATCH_IMPORT_FORMAT'],
    [400, { error: 'BATCH_CONTENT_INVALID' }, 'rejected', 'BATCH_CONTENT_INVALID'],
    [400, { error: 'SOMETHING_NEW' }, 'rejected', 'SOMETHING_NEW'],
    [403, { error: 'INSUFFICIENT_RIGHTS' }, 'rejected', 'INSUFFICIENT_RIGHTS'],
    [413, { error: 'BATCH_CONTENT_SIZE_EXCEEDED - Content exceeds maximum of 200 MB' }, 'rejected'],
    [415, { error: 'whatever' }, 'rejected', 'whatever'],
    [403, { error: 'BATCH_ALREADY_IMPORTED' }, 'rejected', 'BATCH_ALREADY_IMPORTED'],
    [401, { error: 'UNAUTHORISED' }, 'credential-refused', 'UNAUTHORISED'],
    [401, { httpCode: '401', moreInformation: 'Invalid client id or secret.' }, 'credential-refused'],
    [403, { httpCode: '403', moreInformation: 'You cannot consume this service' }, 'credential-refused'],
    [429, { error: 'TOO_MANY_REQUESTS' }, 'rate-limited'],
    // Nobody knows: these leave open whether the bank took it.
    [400, { httpCode: '400', httpMessage: 'Bad Request' }, 'outcome-unknown'],
    [403, '<html>blocked by the firewall</html>', 'outcome-unknown'],
    [404, { httpCode: '404' }, 'outcome-unknown'],
    [408, { error: 'TIMEOUT' }, 'outcome-unknown'],
    [409, { error: 'BATCH_ALREADY_IMPORTED' }, 'outcome-unknown'],
    [413, '<html>too large</html>', 'outcome-unknown'],
    [500, { error: 'x' }, 'outcome-unknown'],
    [503, '<html>', 'outcome-unknown'],
    [201, { batchFileId: 7 }, 'outcome-unknown'],
    [202, {}, 'outcome-unknown'],
    [204, undefined, 'outcome-unknown'],
    [200, {}, 'outcome-unknown'],
    [200, 'no json', 'outcome-unknown'],
    [200, { error: 'BATCH_CONTENT_INVALID' }, 'outcome-unknown'],
    [200, { error: 'BATCH_ALREADY_IMPORTED' }, 'outcome-unknown'],
    [200, { batchFileId: 0 }, 'outcome-unknown'],
    [200, { batchFileId: -1 }, 'outcome-unknown'],
    [200, { batchFileId: '../1' }, 'outcome-unknown'],
    [200, { batchFileId: null }, 'outcome-unknown'],
  ];
  for (const [status, body, kind, code] of table) {
    test(`${status} ${JSON.stringify(body)?.slice(0, 60)} is ${kind}`, async () => {
      const { result, requests } = send(() => ({ status, body }));
      const failure = await failureOf(result);
      expect(failure.kind).toBe(kind);
      expect(failure.detail).toMatchObject({ operation: 'importPayments' });
      expect(failure.message, 'what happened, and what to do').toMatch(/\. \S.*\.$/);
      if (code !== undefined) expect(failure.detail.code).toBe(code);
      expect(requests, 'a submission is never repeated by itself').toHaveLength(1);
    });
  }

  test('HTML under 200 is outcome-unknown', async () => {
    expect((await failureOf(send(() => ({ type: 'text/html', body: '<html>' })).result)).kind).toBe(
      'outcome-unknown',
    );
  });

  test('200 with an id of 64 bits is taken, no digit lost', async () => {
    const { result } = send(() => ({ body: '{"batchFileId":9223372036854775807}' }));
    expect(await result).toMatchObject({
      kind: 'taken',
      status: { state: 'submitted', bankId: '9223372036854775807', results: [] },
    });
  });

  test('only 400 BATCH_ALREADY_IMPORTED is a duplicate', async () => {
    const { result } = send(() => ({ status: 400, body: { error: 'BATCH_ALREADY_IMPORTED' } }));
    expect(await result).toEqual({ kind: 'duplicate', bankCode: 'BATCH_ALREADY_IMPORTED' });
  });

  test('the file travels byte for byte, under an ASCII name with the order’s id', async () => {
    for (const [make, format] of [
      [order, 'ABO-KPC'],
      [euroOrder, 'SEPA-XML'],
    ] as const) {
      const { connector, requests } = bankThat(() => ({ body: { batchFileId: 1 } }));
      const sent = rendered(connector, make());
      await connector.step(sent, UPLOAD);
      const [request] = requests;
      expect(Buffer.from(request!.body!)).toEqual(Buffer.from(sent.document.bytes));
      expect(request!.headers).toMatchObject({
        'content-type': 'text/plain',
        'batch-import-format': format,
        'batch-combined-payments': 'false',
        'batch-autocorrect': 'true',
      });
      expect(request!.headers['batch-name']).toMatch(/^[ -~]{1,50}$/);
      expect(request!.headers['batch-name']).toContain(sent.id);
    }
  });
});

describe('the status of a batch', () => {
  const told = async (file: unknown, ...items: unknown[]): Promise<OrderStatus | null> => {
    const body = { batchFileStatus: file, batchItems: items.map((status) => ({ status })) };
    const { connector } = bankThat(() => ({ body }));
    return connector.orderStatus({ ...rendered(connector), bankId: '1234' });
  };
  const table: [unknown, unknown[], OrderStatus['state'], string | null][] = [
    ['UPLOADED', [], 'submitted', 'UPLOADED'],
    ['PROCESSING', [], 'submitted', 'PROCESSING'],
    ['ERROR', [], 'rejected', 'ERROR'],
    ['ERROR', ['ERROR', 'DRAFT'], 'rejected', 'ERROR'],
    ['DELETED', [], 'cancelled', 'DELETED'],
    ['DELETED', ['FOR_SIGN', 'ERROR'], 'cancelled', 'DELETED'],
    ['OK', [], 'submitted', 'OK'],
    ['OK', ['DRAFT'], 'submitted', 'DRAFT'],
    ['OK', ['UNDISCLOSED'], 'submitted', 'UNDISCLOSED'],
    ['OK', ['ERROR', 'UNDISCLOSED'], 'submitted', 'ERROR/UNDISCLOSED'],
    ['OK', ['FOR_SIGN'], 'awaiting-signature', 'FOR_SIGN'],
    ['OK', ['VERIFIED'], 'awaiting-signature', 'VERIFIED'],
    ['OK', ['ERROR', 'FOR_SIGN'], 'awaiting-signature', 'ERROR/FOR_SIGN'],
    ['OK', ['PASSING_TO_BANK'], 'processing', 'PASSING_TO_BANK'],
    ['OK', ['PASSED', 'PASSED'], 'processing', 'PASSED'],
    ['OK', ['PASSED', 'FOR_SIGN'], 'processing', 'FOR_SIGN/PASSED'],
    ['OK', ['PASSED', 'ERROR'], 'processing', 'ERROR/PASSED'],
    ['OK', ['PASSED_TO_BANK_WITH_ERROR'], 'processing', 'PASSED_TO_BANK_WITH_ERROR'],
    ['OK', ['ERROR', 'ERROR'], 'rejected', 'ERROR'],
    // What was handed over stays so, whatever the file says.
    ['DELETED', ['PASSED'], 'processing', 'PASSED'],
    ['ERROR', ['PASSED', 'ERROR'], 'processing', 'ERROR/PASSED'],
    // Contradictions end nothing.
    ['DELETED', ['UNDISCLOSED'], null, 'DELETED/UNDISCLOSED'],
    ['DELETED', ['VERIFIED'], null, 'DELETED/VERIFIED'],
    ['ERROR', ['FOR_SIGN'], null, 'ERROR/FOR_SIGN'],
  ];
  for (const [file, items, state, bankCode] of table) {
    test(`${String(file)} with ${items.join(', ') || 'no items'} is ${state}`, async () => {
      expect(await told(file, ...items)).toMatchObject({ state, bankCode, bankId: '1234', results: [] });
    });
  }

  test('row 37: a status nobody knows leaves the order where it is, with the code', async () => {
    expect(await told('OK', 'UNDER_REVIEW')).toMatchObject({ state: null, bankCode: 'UNDER_REVIEW' });
    expect(await told('OK', 'PASSED', 'PAID')).toMatchObject({ state: null, bankCode: 'PAID' });
    expect(await told('ARCHIVED')).toMatchObject({ state: null, bankCode: 'ARCHIVED' });
    expect(await told('ARCHIVED', 'PASSED')).toMatchObject({ state: null, bankCode: 'ARCHIVED' });
    expect(await told(undefined)).toMatchObject({ state: null, bankCode: null });
    expect(await told('OK', null)).toMatchObject({ state: null, bankCode: null });
    expect(await told('toString', '__proto__')).toMatchObject({ state: null, bankCode: '__proto__' });
    expect((await told('<b>', 'x'.repeat(99)))?.bankCode).toBe('x'.repeat(60));
  });

  test('no status of the contract, alone or beside another, says executed', async () => {
    const items = [
      'DRAFT',
      'ERROR',
      'FOR_SIGN',
      'VERIFIED',
      'PASSING_TO_BANK',
      'PASSED',
      'PASSED_TO_BANK_WITH_ERROR',
    ];
    for (const file of ['DELETED', 'OK', 'UPLOADED', 'PROCESSING', 'ERROR']) {
      for (const a of items) {
        for (const b of items) {
          const status = await told(file, a, b);
          expect(status?.state, `${file} ${a} ${b}`).not.toBe('executed');
          const [signed] = [a, b].filter((item) => item.startsWith('PASS'));
          if (signed !== undefined) expect(status?.state, `${file} ${a} ${b}`).toBe('processing');
        }
      }
    }
  });

  test('a batch the bank does not know, or whose id we do not know, says nothing', async () => {
    const { connector, requests } = bankThat(() => ({ status: 404, body: { error: 'ID_NOT_FOUND' } }));
    const sent = rendered(connector);
    expect(await connector.orderStatus(sent)).toBeNull();
    expect(requests).toHaveLength(0);
    expect(await connector.orderStatus({ ...sent, bankId: '7' })).toBeNull();
    expect(requests[0]!.url).toMatch(/\/payments\/batches\/7$/);
  });

  test('an answer that is none is a failure, not a status', async () => {
    for (const [answer, kind] of [
      [{ status: 503, body: '<html>' }, 'transient'],
      [{ status: 404, body: { httpCode: '404' } }, 'transient'],
      [{ body: 'no json' }, 'protocol'],
      [{ body: { batchItems: 'none' } }, 'protocol'],
      [{ body: { error: 'INSUFFICIENT_RIGHTS' } }, 'rejected'],
    ] as const) {
      const { connector } = bankThat(() => answer);
      const work = connector.orderStatus({ ...rendered(connector), bankId: '7' });
      expect((await failureOf(work)).kind).toBe(kind);
    }
  });
});

describe('with the simulated bank, over TLS', () => {
  let bench: Bench;
  let bank: RaiffeisenBank;
  let connector: Required<Connector>;

  beforeAll(async () => {
    bench = await openBench('raiffeisen');
    bank = bench.sandbox.banks.raiffeisen;
    connector = bench.connect();
  });
  afterEach(() => bank.behave());
  afterAll(() => bench?.stop());

  const takenAs = (result: StepResult): string => {
    if (result.kind === 'taken') return result.status.bankId!;
    return expect.unreachable(`the bank answered ${result.kind}`);
  };
  const submitted = async (one = rendered(connector)): Promise<SentOrder> => ({
    ...one,
    bankId: takenAs(await connector.step(one, UPLOAD)),
  });
  const stateOf = async (sent: SentOrder, by = connector) => {
    const status = await by.orderStatus(sent);
    return [status?.state, status?.bankCode];
  };
  const movements = async (currency = 'CZK') => {
    const listed = (await connector.accounts()).find(
      (one) => one.number === '5017482301' && one.currency === currency,
    )!;
    const today = bankDay(bench.clock);
    const { transactions } = await allTransactions(connector, refOf(listed, bench.manifest), {
      from: today,
      to: today,
    });
    return transactions;
  };

  test('an order is taken, waits for its signature, and is executed when it is booked', async () => {
    const symbol = '2611210001';
    const one = rendered(
      connector,
      order({ groups: [group({ payments: [payment({ variableSymbol: symbol })] })] }),
    );
    const sent = await submitted(one);
    expect(sent.bankId).toMatch(/^90071992547409\d\d$/);
    expect(await stateOf(sent)).toEqual(['submitted', 'UPLOADED']);
    bench.clock.advance(10_000);
    expect(await stateOf(sent)).toEqual(['awaiting-signature', 'FOR_SIGN']);
    bank.sign(sent.bankId!);
    expect(await stateOf(sent)).toEqual(['awaiting-signature', 'VERIFIED']);
    const booked = async () => (await movements()).filter((row) => row.variableSymbol === symbol);
    expect(await booked()).toEqual([]);
    bench.clock.advance(10_000);
    expect(await stateOf(sent)).toEqual(['processing', 'PASSED']);
    expect(await booked()).toMatchObject([
      {
        amount: { minor: -125050n, currency: 'CZK' },
        counterparty: { number: '19-2000145399', bankCode: '0800' },
        constantSymbol: '0308',
        specificSymbol: '7',
        message: 'Faktura 2026000123',
      },
    ]);
    expect(bank.orderOf(sent.id)).toMatchObject({ copies: 1, booked: 1, rejected: false });
  });

  test('euro go as SEPA', async () => {
    const sent = await submitted(rendered(connector, euroOrder()));
    bank.sign(sent.id);
    bench.clock.advance(20_000);
    expect(await stateOf(sent)).toEqual(['processing', 'PASSED']);
    const rows = (await movements('EUR')).filter(({ endToEndId }) => endToEndId === 'RE-2026-77');
    expect(rows).toMatchObject([
      { amount: { minor: -9990n }, counterparty: { iban: 'DE89370400440532013000' } },
    ]);
  });

  test('two equal orders of one day are two orders', async () => {
    const [first, second] = [await submitted(), await submitted()];
    expect(second.bankId).not.toBe(first.bankId);
    expect([bank.orderOf(first.id)?.copies, bank.orderOf(second.id)?.copies]).toEqual([1, 1]);
  });

  for (const misbehaviour of [
    { kind: 'drop' },
    { kind: 'status-503', afterwards: true },
    { kind: 'html-200', afterwards: true },
    { kind: 'garbage-json', afterwards: true },
    { kind: 'redirect', afterwards: true },
    { kind: 'truncate' },
    { kind: 'truncate', framing: 'chunked' },
  ] as const) {
    test(`row 29: ${misbehaviour.kind} after the bank took it: in doubt, one call, and the bytes again are a duplicate`, async () => {
      const one = rendered(connector);
      const before = bank.requests({ operation: 'importPayments' }).length;
      bank.misbehave({ ...misbehaviour, operation: 'importPayments' });
      expect((await failureOf(connector.step(one, UPLOAD))).kind).toBe('outcome-unknown');
      expect(bank.requests({ operation: 'importPayments' }).length - before).toBe(1);
      expect(await connector.step(one, UPLOAD)).toEqual({
        kind: 'duplicate',
        bankCode: 'BATCH_ALREADY_IMPORTED',
      });
      expect(bank.orderOf(one.id)?.copies).toBe(1);
    });
  }

  for (const misbehaviour of [{ kind: 'drop', afterwards: false }, { kind: 'status-503' }] as const) {
    test(`row 29: ${misbehaviour.kind} before the bank took it: in doubt as well, and the bytes again are taken`, async () => {
      const one = rendered(connector);
      bank.misbehave({ ...misbehaviour, operation: 'importPayments' });
      expect((await failureOf(connector.step(one, UPLOAD))).kind).toBe('outcome-unknown');
      expect(bank.orderOf(one.id)).toBeUndefined();
      await submitted(one);
      expect(bank.orderOf(one.id)?.copies).toBe(1);
    });
  }

  test('row 29: an answer that comes too late is lost, one that is slow is not', async () => {
    const late = rendered(connector);
    bank.misbehave({ kind: 'delay', milliseconds: 900, operation: 'importPayments' });
    const hasty = bench.connect({ limits: { total: 200 } });
    expect((await failureOf(hasty.step(late, UPLOAD))).kind).toBe('outcome-unknown');
    expect((await connector.step(late, UPLOAD)).kind).toBe('duplicate');
    bank.misbehave({ kind: 'delay', milliseconds: 50, operation: 'importPayments' });
    await submitted();
  });

  test('row 33: an order rendered again after a crash is the same file, which the bank takes once', async () => {
    const one = order();
    await submitted(rendered(connector, one));
    expect((await bench.connect().step(rendered(bench.connect(), one), UPLOAD)).kind).toBe('duplicate');
    expect(bank.orderOf(one.id)?.copies).toBe(1);
  });

  test('row 34: of an order partly refused the bank tells that, not which payments; the others are booked', async () => {
    const payments = ['26112101', '26112102', '26112103', '26112104', '26112105', '26112106'].map((symbol) =>
      payment({ variableSymbol: symbol }),
    );
    const sent = await submitted(rendered(connector, order({ groups: [group({ payments })] })));
    for (const index of [1, 4]) bank.refuseItem(sent.id, index);
    bank.sign(sent.id);
    bench.clock.advance(20_000);
    const status = await connector.orderStatus(sent);
    expect(status).toMatchObject({ state: 'processing', bankCode: 'PASSED_TO_BANK_WITH_ERROR', results: [] });
    expect(status?.reason).toContain('refused some');
    const booked = (await movements()).flatMap(({ variableSymbol }) =>
      variableSymbol?.startsWith('261121') && variableSymbol.length === 8 ? [variableSymbol] : [],
    );
    expect(booked.sort()).toEqual(['26112101', '26112103', '26112104', '26112106']);
  });

  test('row 34: an error in all of an order is a refusal, in one account of it is not', async () => {
    const whole = await submitted();
    bank.reject(whole.id);
    bench.clock.advance(5_000);
    expect(await stateOf(whole)).toEqual(['rejected', 'ERROR']);
    expect(bank.orderOf(whole.id)).toMatchObject({ booked: 0, rejected: true });
    const closed = { ...WAGES, number: '19-2000145399' };
    const part = await submitted(rendered(connector, order({ groups: [group(), group({ payer: closed })] })));
    bench.clock.advance(5_000);
    expect(await stateOf(part)).toEqual(['awaiting-signature', 'ERROR/FOR_SIGN']);
  });

  test('row 36: a batch deleted in internet banking is cancelled', async () => {
    const sent = await submitted();
    bank.remove(sent.id);
    expect(await stateOf(sent)).toEqual(['cancelled', 'DELETED']);
  });

  test('row 37: a status no contract has says nothing', async () => {
    const sent = await submitted();
    bank.misbehave({ kind: 'unknown-status', operation: 'getBatchDetail', code: 'ARCHIVED' });
    expect(await stateOf(sent)).toEqual([null, 'ARCHIVED']);
    bench.clock.advance(5_000);
    bank.misbehave({ kind: 'unknown-status', operation: 'getBatchDetail' });
    expect(await stateOf(sent)).toEqual([null, 'UNDER_REVIEW']);
    expect(await stateOf(sent)).toEqual(['awaiting-signature', 'FOR_SIGN']);
  });

  test('a certificate without sight of the account learns nothing of the order', async () => {
    const sent = await submitted();
    bench.clock.advance(5_000);
    const { serial } = bench.subject.certificate!;
    bank.restrict(serial, { accounts: ['7342069157'] });
    expect(await stateOf(sent)).toEqual(['submitted', 'UNDISCLOSED']);
    bank.restrict(serial, {});
    expect(await stateOf(sent)).toEqual(['awaiting-signature', 'FOR_SIGN']);
  });

  test('fifteen thousand payments go in one file', async () => {
    const payments = Array.from({ length: 15_000 }, (_, at) => payment({ variableSymbol: String(at + 1) }));
    const sent = await submitted(rendered(connector, order({ groups: [group({ payments })] })));
    bench.clock.advance(5_000);
    expect(await stateOf(sent)).toEqual(['awaiting-signature', 'FOR_SIGN']);
  });

  test('row 67: nothing of an order is in what was logged', () => {
    const all = bench.lines.join('\n');
    expect(all).toContain('importPayments');
    for (const hidden of [
      '5017482301',
      '2000145399',
      'Faktura',
      '2026000123',
      'pay_0',
      '125050',
      'DE89370400',
    ]) {
      expect(all.includes(hidden), hidden).toBe(false);
    }
  });

  test('row 38: an order nobody signs waits, whatever the time; the bank keeps its one copy', async () => {
    const sent = await submitted();
    const { expiryDays } = bench.manifest.payments!.tracking;
    bench.clock.advance((expiryDays + 1) * 86_400_000);
    expect(bankDay(bench.clock)).toBe(addDays('2026-11-21', expiryDays + 1));
    expect(await stateOf(sent, bench.connect())).toEqual(['awaiting-signature', 'FOR_SIGN']);
    expect(bank.orderOf(sent.id)).toMatchObject({ copies: 1, booked: 0 });
  });
});
