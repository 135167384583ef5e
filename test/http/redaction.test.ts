import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLog, PRINTABLE, redact, urlTemplate } from '../../shared/http/redaction.ts';

describe('row 67: what may be printed', () => {
  test('row 67: a field nobody listed reads [redacted]', () => {
    expect(
      redact({ operation: 'getThings', status: 200, iban: 'CZ65', token: 'abc', attempt: undefined }),
    ).toEqual({
      operation: 'getThings',
      status: 200,
      iban: '[redacted]',
      token: '[redacted]',
    });
  });

  test('row 67: no value of an unlisted field survives, whatever its name', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.constant('canary-7f3a')), (fields) => {
        const lines: string[] = [];
        createLog({ write: (line) => void lines.push(line), level: 'info', now: () => 0 }).error(
          'test',
          fields,
        );
        const listed = Object.keys(fields).some((name) => PRINTABLE.has(name));
        expect(lines[0]?.includes('canary-7f3a')).toBe(listed);
      }),
    );
  });

  test('row 67: names that would carry personal data or secrets are not listed', () => {
    const never = [
      'iban',
      'number',
      'amount',
      'url',
      'path',
      'query',
      'headers',
      'body',
      'token',
      'secret',
      'message',
    ];
    expect(never.filter((name) => PRINTABLE.has(name))).toEqual([]);
  });

  test('long texts are cut', () => {
    expect(String(redact({ code: 'x'.repeat(1_000) })['code']).length).toBeLessThan(310);
  });
});

describe('the log', () => {
  test('one JSON line per event, head first, nothing replaces the head', () => {
    const lines: string[] = [];
    const log = createLog({
      write: (line) => void lines.push(line),
      level: 'info',
      now: () => 1_795_255_200_000,
    });
    log.info('pull.done', { count: 3, event: 'forged', level: 'forged', time: 'forged', outcome: 'a\nb' });
    expect(lines).toEqual([
      '{"time":"2026-11-21T10:00:00.000Z","level":"info","event":"pull.done","count":3,"outcome":"a\\nb"}',
    ]);
  });

  test('levels below the set one are not written', () => {
    const lines: string[] = [];
    const log = createLog({ write: (line) => void lines.push(line), level: 'warn', now: () => 0 });
    log.info('a');
    log.warn('b');
    log.error('c');
    expect(lines.map((line) => JSON.parse(line).event)).toEqual(['b', 'c']);
  });
});

describe('row 67: the template of an address', () => {
  test.each([
    [
      'https://api.bank.example/v1/accounts/6760653036/CZK/transactions?from=2026-11-01',
      'https://api.bank.example/v1/accounts/{}/{}/transactions',
    ],
    [
      'https://user:pass@bank.example:8443/rest/aGVsbG8gd29ybGQ/export.json#x',
      'https://bank.example:8443/rest/{}/{}',
    ],
    ['https://bank.example/', 'https://bank.example/'],
    ['https://bank.example/a%20b/list', 'https://bank.example/{}/list'],
    ['not an address', 'invalid-url'],
  ])('%s', (url, template) => {
    expect(urlTemplate(url)).toBe(template);
  });
});
