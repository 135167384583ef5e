import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays } from '../../shared/domain/dates.ts';
import { readFileAs } from '../../shared/formats/files.ts';
import { remainder } from '../../infra/sandbox/raiffeisen/numbers.ts';
import { PORTFOLIO } from '../../infra/sandbox/raiffeisen/portfolio.ts';
import { outlineOfMt940 } from '../../infra/sandbox/raiffeisen/mt940-outline.ts';
import { allTransactions, CURRENT, EXPORT, IDLE, seededBank, testClock, WAGES } from './support.ts';

const FOLDERS = PORTFOLIO.flatMap(({ number, folders }) =>
  folders.map(({ currency }) => [number, currency] as const),
);
const TODAY = '2026-11-21';

describe('statements', () => {
  it.each(FOLDERS)('of %s %s form a chain that agrees with the balance', (number, currency) => {
    const { source } = seededBank();
    const main = source.issues(number, currency).filter(({ lines }) => lines.includes('MAIN'));
    for (const [index, issue] of main.entries()) {
      const turnover = issue.movements.reduce((total, { minor }) => total + minor, 0n);
      expect(issue.opening + turnover).toBe(issue.closing);
      const previous = main[index - 1];
      if (previous) {
        expect(issue.opening).toBe(previous.closing);
        expect(Number(issue.number.slice(0, 3))).toBe(Number(previous.number.slice(0, 3)) + 1);
      }
    }
    const last = main.at(-1);
    const since = source.booked(number, currency, last ? addDays(last.to, 1) : source.oldest, TODAY);
    const folder = source.folders(number).find((one) => one.currency === currency);
    if (!last || !folder?.balances) return expect(since).toEqual([]);
    expect(since.reduce((total, { minor }) => total + minor, last.closing)).toBe(folder.balances.booked);
  });

  it('of a month tell what its days tell', () => {
    const { source } = seededBank();
    const issues = source.issues(CURRENT, 'CZK');
    const monthly = issues.filter(({ lines }) => lines.includes('ADDITIONAL'));
    expect(monthly).toHaveLength(2);
    for (const month of monthly) {
      const days = issues.filter(
        ({ lines, to }) => lines.includes('MAIN') && to >= month.from && to <= month.to,
      );
      expect(month.movements).toEqual(days.flatMap(({ movements }) => movements));
      expect([month.opening, month.closing]).toEqual([days[0]?.opening, days.at(-1)?.closing]);
    }
  });

  it('skip idle days where the account is set so', () => {
    const { source } = seededBank();
    const days = source.issues(EXPORT, 'EUR').map(({ to }) => to);
    expect(days).not.toContain('2026-11-15');
    expect(source.issues(CURRENT, 'EUR').map(({ to }) => to)).toContain('2026-11-15');
    expect(source.issues(IDLE, 'CZK')).toEqual([]);
  });

  it('start again with 1 in January', () => {
    const clock = testClock(Date.parse('2027-01-06T12:00:00Z'));
    const { source } = seededBank({ clock, historyDays: 12 });
    const numbers = source
      .issues(CURRENT, 'CZK')
      .flatMap(({ number, lines }) => (lines[0] === 'MAIN' ? [number] : []));
    expect(numbers.slice(5, 10)).toEqual(['364/2026', '365/2026', '001/2027', '002/2027', '003/2027']);
    const sparse = source
      .issues(EXPORT, 'EUR')
      .flatMap(({ number, lines }) => (lines[0] === 'MAIN' ? [number] : []));
    const january = sparse.filter((number) => number.endsWith('2027'));
    expect(january[0]).toBe('001/2027');
  });

  it('are listed from four in the morning', () => {
    const clock = testClock();
    const { source } = seededBank({ clock });
    const newest = () => source.issues(CURRENT, 'EUR').at(-1)?.to;
    clock.set('2026-11-22T02:59:59Z');
    expect(newest()).toBe('2026-11-20');
    clock.set('2026-11-22T03:00:00Z');
    expect(newest()).toBe('2026-11-21');
    // A clock set back takes the statement back with it.
    clock.set('2026-11-21T12:00:00Z');
    expect(newest()).toBe('2026-11-20');
  });
});

describe('files', () => {
  it('camt.053 read by the gateway tells the movements of the transaction list', async () => {
    const { bank, source } = seededBank({ limits: () => ({ perSecond: 1e6, perDay: 1e6 }), pageSize: 20 });
    for (const [number, currency] of [
      [CURRENT, 'CZK'],
      [CURRENT, 'EUR'],
      [EXPORT, 'EUR'],
      [WAGES, 'CZK'],
    ] as const) {
      for (const issue of source.issues(number, currency).slice(-12)) {
        if (!issue.formats.includes('xml')) continue;
        const document = await source.document(issue.id, 'xml', 'cs');
        const [statement, ...others] = (await readFileAs('camt.053', document as Uint8Array)).statements;
        expect(others).toEqual([]);
        expect(statement).toMatchObject({
          reconciles: true,
          quarantined: [],
          from: issue.from,
          to: issue.to,
        });
        const listed = await allTransactions(bank, number, currency, issue.from, issue.to);
        const rows = listed.map((row) => ({
          reference: row.entryReference,
          cents:
            Math.round(Math.abs(row.amount.value) * 100) * (row.creditDebitIndication === 'DBIT' ? -1 : 1),
          day: row.bookingDate.slice(0, 10),
        }));
        const entries = statement?.transactions.map((one) => ({
          reference: one.bankReference,
          cents: Number(one.amount.minor),
          day: one.bookingDate,
        }));
        expect(rows.reverse()).toEqual(entries);
      }
    }
  });

  it('MT940 and PDF belong to the same statement', async () => {
    const { source } = seededBank();
    const issue = source.issues(WAGES, 'CZK').at(-1);
    const outline = outlineOfMt940((await source.document(issue?.id ?? '', 'MT940', 'cs')) as Uint8Array);
    expect(outline).toMatchObject({
      account: { prefix: '35', number: WAGES, bankCode: '5500' },
      ordinal: '324',
      to: issue?.to,
      opening: issue?.opening,
      closing: issue?.closing,
    });
    const pdf = Buffer.from((await source.document(issue?.id ?? '', 'pdf', 'en')) as Uint8Array).toString(
      'ascii',
    );
    expect(pdf.startsWith('%PDF-1.4\n')).toBe(true);
    expect(pdf).toContain(`Statement no. ${issue?.number}`);
    const start = Number(/startxref\n(\d+)/.exec(pdf)?.[1]);
    expect(pdf.slice(start, start + 4)).toBe('xref');
    for (const [, offset, index] of [...pdf.matchAll(/^(\d{10}) 00000 n /gm)].map((m, i) => [
      m[0],
      m[1],
      i + 1,
    ])) {
      expect(pdf.slice(Number(offset)).startsWith(`${index} 0 obj`)).toBe(true);
    }
  });
});

describe('what a gateway must survive is there within every working week', () => {
  const { source } = seededBank();
  const movements = source
    .issues(CURRENT, 'CZK')
    .flatMap((one) => (one.lines[0] === 'MAIN' ? one.movements : []));
  const week = movements.filter(({ bookedAt }) => bookedAt >= Date.parse('2026-11-15T23:00:00Z'));

  it('card payments without a counterparty, fees with KS 898, names and symbols missing', () => {
    expect(week.filter(({ card, party }) => card !== null && party === null).length).toBeGreaterThan(4);
    expect(week.filter(({ constant }) => constant === '898').length).toBe(5);
    expect(movements.some(({ party }) => party !== null && party.name === null)).toBe(true);
    expect(movements.some(({ constant }) => constant === '0')).toBe(true);
    expect(movements.some(({ party }) => party?.number && !party.bankCode && !party.iban)).toBe(true);
    expect(movements.some(({ detailed }) => !detailed)).toBe(true);
  });

  it('two equal payments under two references', () => {
    const twins = week.filter(({ message }) => message === 'Faktura podruhé');
    const contents = twins.map(({ reference: _, ...content }) => content);
    expect(twins).toHaveLength(4);
    expect(contents[0]).toEqual(contents[1]);
    expect(new Set(twins.map(({ reference }) => reference)).size).toBe(4);
  });

  it('a storno, a payment abroad with its original amount, debits with and without a minus', () => {
    const storno = week.find(({ reversal }) => reversal);
    expect(week.some(({ minor, reversal }) => !reversal && minor === -(storno?.minor ?? 0n))).toBe(true);
    expect(week.filter(({ instructed }) => instructed?.currency === 'EUR').length).toBeGreaterThan(1);
    expect(new Set(week.filter(({ minor }) => minor < 0n).map(({ signed }) => signed)).size).toBe(2);
  });

  it('few movements on a weekend, a booking in the first hour of a day', () => {
    const saturday = movements.filter(({ bookedAt }) => new Date(bookedAt).getUTCDay() === 6);
    expect(saturday.length).toBeLessThan(movements.length / 20);
    expect(movements.some(({ bookedAt }) => new Date(bookedAt).getUTCHours() === 23)).toBe(true);
  });

  it('conversions: one reference in two folders, koruna out and euro in', () => {
    const euro = source.booked(CURRENT, 'EUR', source.oldest, TODAY);
    const legs = movements.flatMap((koruna) =>
      euro
        .filter(({ entryReference }) => entryReference === koruna.reference)
        .map(({ minor }) => [koruna.minor, minor]),
    );
    expect(legs.length).toBeGreaterThan(1);
    for (const [koruna = 0n, bought = 0n] of legs) expect(koruna < 0n && bought > 0n).toBe(true);
  });

  it('an account below zero', () => {
    expect(source.issues(WAGES, 'CZK').some(({ closing }) => closing < 0n)).toBe(true);
  });
});

describe('the same seed and the same day give the same bank', () => {
  const start = Date.parse('2026-03-10T00:00:00Z');
  const instant = fc.integer({ min: start, max: start + 40 * 86_400_000 });

  it('however often and in whatever order it is asked', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.array(instant, { minLength: 1, maxLength: 6 }),
        instant,
        (seed, detours, at) => {
          const view = (times: readonly number[]) => {
            const clock = testClock(start);
            const { source } = seededBank({ seed, clock, historyDays: 5 });
            for (const time of times) {
              clock.set(new Date(time).toISOString());
              source.folders(CURRENT);
              source.statements(EXPORT);
            }
            clock.set(new Date(at).toISOString());
            const rows = source.booked(CURRENT, 'CZK', '2026-03-01', '2026-05-01');
            return { folders: source.folders(CURRENT), statements: source.statements(EXPORT), rows };
          };
          expect(view(detours)).toEqual(view([]));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('time only adds: what was booked stays, in order, under its reference', () => {
    fc.assert(
      fc.property(fc.string(), instant, instant, (seed, one, other) => {
        const clock = testClock(start);
        const { source } = seededBank({ seed, clock, historyDays: 5 });
        const [early, late] = [Math.min(one, other), Math.max(one, other)];
        const at = (time: number) => {
          clock.set(new Date(time).toISOString());
          return source.booked(CURRENT, 'CZK', '2026-03-01', '2026-05-01').map((row) => row.entryReference);
        };
        const before = at(early);
        const after = at(late);
        expect(after.slice(0, before.length)).toEqual(before);
        expect(new Set(after).size).toBe(after.length);
      }),
      { numRuns: 25 },
    );
  });
});

it('account numbers are valid and fictitious IBANs check', () => {
  for (const { number, iban } of PORTFOLIO) {
    expect(remainder(number)).toBe(0);
    expect(BigInt(`${iban.slice(4)}1235${iban.slice(2, 4)}`) % 97n).toBe(1n);
  }
});
