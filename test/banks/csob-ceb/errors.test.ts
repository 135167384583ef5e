import { describe, expect, test } from 'vitest';
import type { FailureKind } from '../../../shared/domain/failure.ts';
import type { Connector } from '../../../shared/banks/contract.ts';
import { failureOf, faultBody, group, MINUTE, openDesk, payment, sentOf, soap, toRender } from './support.ts';

/** Answers every call with one fault. */
const refusing = (body: string, status = 500) => openDesk(() => soap(status, body));

const order = (connector: Required<Connector>) => sentOf(connector, toRender([group([payment(100n)])]));
const finish = { step: 'finish', data: { fileId: 'abc' } };
const start = { step: 'start', data: {} };

describe('faults of the service', () => {
  const kinds: readonly (readonly [string, FailureKind, FailureKind, FailureKind])[] = [
    // code, of a read, of Start, of Finish
    ['1000', 'transient', 'transient', 'outcome-unknown'],
    ['1002', 'consent-needed', 'consent-needed', 'consent-needed'],
    ['1011', 'credential-refused', 'credential-refused', 'credential-refused'],
    ['1012', 'credential-refused', 'credential-refused', 'credential-refused'],
    ['1101', 'rate-limited', 'rate-limited', 'rate-limited'],
    ['4711', 'transient', 'transient', 'outcome-unknown'],
  ];
  test.each(kinds)('%s: list %s, Start %s, Finish %s', async (code, ofRead, ofStart, ofFinish) => {
    const works = [
      [ofRead, (connector: Required<Connector>) => connector.prove()],
      [ofStart, (connector: Required<Connector>) => connector.step(order(connector), start)],
      [ofFinish, (connector: Required<Connector>) => connector.step(order(connector), finish)],
    ] as const;
    for (const [kind, work] of works) {
      const failure = await failureOf(work(refusing(faultBody(code)).connector()));
      expect(failure.kind).toBe(kind);
      expect(failure.detail).toMatchObject({ code, requestId: 'TICKET-7', status: 500 });
      expect(failure.message).toMatch(/\. \S.*\.$/);
    }
  });

  test('1101: twenty minutes without a single call of the credential', async () => {
    const desk = refusing(faultBody('1101'));
    const failure = await failureOf(desk.connector().prove());
    expect(failure.detail.notBefore).toBe(desk.clock.now() + 20 * MINUTE);
    expect(desk.sent).toHaveLength(1);
    desk.clock.advance(20 * MINUTE - 1);
    expect((await failureOf(desk.connector().prove())).kind).toBe('rate-limited');
    expect(desk.sent).toHaveLength(1);
    desk.clock.advance(1);
    await failureOf(desk.connector().prove());
    expect(desk.sent).toHaveLength(2);
  });

  test('a fault is read under any status, and its text never decides', async () => {
    expect((await failureOf(refusing(faultBody('1012'), 200).connector().prove())).kind).toBe(
      'credential-refused',
    );
    expect((await failureOf(refusing(faultBody('1011'), 503).connector().prove())).kind).toBe(
      'credential-refused',
    );
  });

  test('a fault of SOAP itself: the message was wrong, nothing was done', async () => {
    const desk = refusing(faultBody(null, 's:Client'));
    expect((await failureOf(desk.connector().prove())).kind).toBe('rejected');
  });

  test('a document type is refused, not read', async () => {
    const body = `<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>${faultBody(null)}`;
    expect((await failureOf(refusing(body, 200).connector().prove())).kind).toBe('protocol');
    const connector = refusing(body, 200).connector();
    expect((await failureOf(connector.step(order(connector), finish))).kind).toBe('outcome-unknown');
  });

  test('another message than the operation’s is no answer', async () => {
    const body =
      '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><Other/></s:Body></s:Envelope>';
    expect((await failureOf(refusing(body, 200).connector().prove())).kind).toBe('transient');
    const connector = refusing(body, 200).connector();
    expect((await failureOf(connector.step(order(connector), finish))).kind).toBe('outcome-unknown');
  });
});

test('fields of the connection are checked before anything is sent', () => {
  for (const [field, value] of [
    ['contractNumber', 'x'],
    ['clientAppGuid', '0b9c1f52'],
    ['uploadMode', 'IncludeIncorrect'],
  ] as const) {
    expect(() => openDesk().connector({ [field]: value })).toThrow(
      expect.objectContaining({ kind: 'rejected', detail: { field } }),
    );
  }
});
