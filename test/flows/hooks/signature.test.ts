import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verification } from '../../../shared/domain/hook.ts';
import { Secret } from '../../../shared/domain/secret.ts';
import {
  messageId,
  newHookSecret,
  signedHeaders,
  verify,
  type Verdict,
} from '../../../shared/flows/hooks/signature.ts';
import { random } from '../../support/gateway.ts';

const NOW = Date.parse('2026-11-18T11:00:00Z');
const BODY = '{"id":"PV-1","amount":1250.50}';
const bytes = (text: string): Buffer => Buffer.from(text);

const STANDARD: Verification = { kind: 'standard-webhooks' };
const hmacOf = (encoding: 'hex' | 'base64', prefix = ''): Verification => ({
  kind: 'hmac',
  header: 'x-signature',
  encoding,
  prefix,
});
const STATIC: Verification = { kind: 'static', header: 'x-token' };
const KINDS = [STANDARD, hmacOf('hex', 'sha256='), hmacOf('base64'), STATIC];
const nameOf = (one: Verification): string => (one.kind === 'hmac' ? `hmac ${one.encoding}` : one.kind);

describe('Standard Webhooks', () => {
  // Published with the libraries of the scheme.
  const secret = new Secret('whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD');
  const body = '{"email":"test@example.com","username":"test_user"}';
  const headers = {
    'webhook-id': 'msg_27UH4WbU6Z5A5EzD8u03UvzRbpk',
    'webhook-timestamp': '1649367553',
    'webhook-signature': 'v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=',
  };
  const AT = 1_649_367_553_000;
  const judge = (more: Readonly<Record<string, string | undefined>>, now = AT, text = body): Verdict =>
    verify(STANDARD, secret, { headers: { ...headers, ...more }, bytes: bytes(text) }, now);

  test('the known message is proven', () => expect(judge({})).toBe('ok'));

  test('five minutes both ways, to the second', () => {
    for (const seconds of [-300, -299, 0, 299, 300]) expect(judge({}, AT + seconds * 1000)).toBe('ok');
    for (const seconds of [-301, 301, -86_400, 86_400]) {
      expect(judge({}, AT + seconds * 1000), String(seconds)).toBe('timestamp-off');
    }
  });

  test('id, timestamp and body are all signed', () => {
    expect(judge({ 'webhook-id': 'msg_27UH4WbU6Z5A5EzD8u03UvzRbpx' })).toBe('signature-wrong');
    expect(judge({ 'webhook-timestamp': '1649367554' })).toBe('signature-wrong');
    expect(judge({}, AT, `${body} `)).toBe('signature-wrong');
  });

  test('a header that is missing', () => {
    for (const name of Object.keys(headers)) expect(judge({ [name]: undefined })).toBe('header-missing');
  });

  test('one right signature among several is enough, another version is none', () => {
    const right = headers['webhook-signature'];
    const wrong = `v1,${Buffer.alloc(32).toString('base64')}`;
    expect(judge({ 'webhook-signature': `${wrong} v1a,xyz ${right}` })).toBe('ok');
    for (const text of [wrong, right.replace('v1,', 'v2,'), right.slice(3), right.slice(0, -1), '', 'v1,']) {
      expect(judge({ 'webhook-signature': text }), text).toBe('signature-wrong');
    }
  });

  test('a timestamp that is no whole number of seconds', () => {
    for (const text of ['', '1e9', '-1', '1649367553.0', 'NaN', ' 1649367553', '9'.repeat(13)]) {
      expect(judge({ 'webhook-timestamp': text }), text).toBe('signature-wrong');
    }
  });

  test('an id with the full stop that parts it from the timestamp is none', () => {
    expect(messageId({ headers: { 'webhook-id': 'a.1649367553' } })).toBeNull();
    expect(messageId({ headers: { 'webhook-id': 'a b' } })).toBeNull();
    expect(messageId({ headers: { 'webhook-id': 'x'.repeat(256) } })).toBeNull();
    expect(messageId({ headers: { 'webhook-id': 'msg_1' } })).toBe('msg_1');
    // Signed as id "a", sent as id "a.1649367553": the same bytes, and refused.
    const key = Buffer.from(secret.reveal().slice(6), 'base64');
    const signature = createHmac('sha256', key).update(`a.1649367553.1649367553.${body}`).digest('base64');
    expect(judge({ 'webhook-id': 'a.1649367553', 'webhook-signature': `v1,${signature}` })).toBe(
      'header-missing',
    );
  });
});

describe('an HMAC over the body', () => {
  const secret = new Secret('Jefe');
  // RFC 4231, test case 2: HMAC-SHA-256.
  const text = 'what do ya want for nothing?';
  const hex = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
  const base64 = Buffer.from(hex, 'hex').toString('base64');
  const judge = (verification: Verification, header: string | undefined, body = text): Verdict =>
    verify(verification, secret, { headers: { 'x-signature': header }, bytes: bytes(body) }, NOW);

  test('hex, base64, with and without a prefix', () => {
    expect(judge(hmacOf('hex'), hex)).toBe('ok');
    expect(judge(hmacOf('hex'), hex.toUpperCase())).toBe('ok');
    expect(judge(hmacOf('base64'), base64)).toBe('ok');
    expect(judge(hmacOf('hex', 'sha256='), `sha256=${hex}`)).toBe('ok');
  });

  test('what is no signature of this form is wrong', () => {
    for (const header of ['', hex.slice(1), `${hex}0`, `sha256=${hex}`, base64, ` ${hex}`, `${hex},${hex}`]) {
      expect(judge(hmacOf('hex'), header), header).toBe('signature-wrong');
    }
    for (const header of [base64.slice(0, -1), hex, `${base64}=`, base64.replace('=', '*')]) {
      expect(judge(hmacOf('base64'), header), header).toBe('signature-wrong');
    }
    expect(judge(hmacOf('hex', 'sha256='), hex)).toBe('signature-wrong');
    expect(judge(hmacOf('hex'), hex, `${text} `)).toBe('signature-wrong');
    expect(judge(hmacOf('hex'), undefined)).toBe('header-missing');
  });
});

describe.each(KINDS.map((one) => [nameOf(one), one] as const))('%s', (_name, verification) => {
  const fresh = () => newHookSecret(verification.kind, random);

  test('what the holder of the secret signs is proven, and by no other secret', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
        const secret = fresh();
        const headers = signedHeaders(verification, secret, body, { id: 'msg_1', now: NOW });
        expect(verify(verification, secret, { headers, bytes: body }, NOW)).toBe('ok');
        expect(verify(verification, fresh(), { headers, bytes: body }, NOW)).toBe('signature-wrong');
      }),
      { numRuns: 50 },
    );
  });

  test('one letter changed in any header is not proven', () => {
    const secret = fresh();
    const signed = signedHeaders(verification, secret, bytes(BODY), { id: 'msg_1', now: NOW });
    for (const [name, value] of Object.entries(signed)) {
      for (let at = 0; at < value.length; at++) {
        const changed = value.slice(0, at) + (value[at] === 'x' ? 'y' : 'x') + value.slice(at + 1);
        const headers = { ...signed, [name]: changed };
        // The last letter of base64 before "=" holds two bits of nothing.
        if (
          Buffer.from(changed, 'base64').equals(Buffer.from(value, 'base64')) &&
          verification.kind !== 'static'
        )
          continue;
        expect(verify(verification, secret, { headers, bytes: bytes(BODY) }, NOW), `${name} ${at}`).not.toBe(
          'ok',
        );
      }
    }
  });

  test('secrets are never the same, 256 bits long', () => {
    const secrets = Array.from({ length: 50 }, () => fresh().reveal());
    expect(new Set(secrets).size).toBe(50);
    for (const secret of secrets) expect(secret).toMatch(/^(whsec_[\w+/]{43}=|[\w-]{43})$/);
  });
});

test('a body changed in one bit is proven only by the static header, which proves no body', () => {
  for (const verification of KINDS) {
    const secret = newHookSecret(verification.kind, random);
    const headers = signedHeaders(verification, secret, bytes(BODY), { id: 'msg_1', now: NOW });
    const tampered = bytes(BODY.replace('1250.50', '9250.50'));
    const verdict = verify(verification, secret, { headers, bytes: tampered }, NOW);
    expect(verdict, nameOf(verification)).toBe(verification.kind === 'static' ? 'ok' : 'signature-wrong');
  }
});
