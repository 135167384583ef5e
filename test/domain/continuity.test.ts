import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge, ordinalOf, type StatementFigures } from '../../shared/domain/continuity.ts';
import { addDays } from '../../shared/domain/dates.ts';

/** A statement that follows {@link before} unless told otherwise. */
function statement(told: Partial<StatementFigures> = {}): StatementFigures {
  return {
    number: '195/2026',
    from: '2026-07-14',
    to: '2026-07-14',
    opening: 500_00n,
    closing: 700_00n,
    reconciles: true,
    ...told,
  };
}

const before = statement({
  number: '194/2026',
  from: '2026-07-13',
  to: '2026-07-13',
  opening: 100_00n,
  closing: 500_00n,
});

describe('the ordinal of a statement number', () => {
  it.each([
    ['22', 22],
    ['00022', 22],
    ['194/2026', 194],
    ['2026/194', 194],
    ['001/2026', 1],
    ['2026-007', 7],
    ['7.2026', 7],
    [' 17 / 2026 ', 17],
    ['2026', 2026],
  ])('%j is %i', (number, ordinal) => {
    expect(ordinalOf(number)).toBe(ordinal);
  });

  it.each([null, '', 'A17', '1/2/2026', '-3', '1e3', '../17', '17\u0000'])('%j has none', (number) => {
    expect(ordinalOf(number)).toBeNull();
  });
});

describe('the verdict', () => {
  it('is first without a predecessor', () => {
    expect(judge(statement(), null)).toBe('first');
  });

  it('is continuous when number and balance follow', () => {
    expect(judge(statement(), before)).toBe('continuous');
  });

  it('is continuous over days without a statement, as long as number and balance follow', () => {
    expect(judge(statement({ from: '2026-08-03', to: '2026-08-03' }), before)).toBe('continuous');
  });

  it('is a gap when a number is missing (row 47)', () => {
    const seventeen = statement({ number: '16/2026', to: '2026-01-16', closing: 500_00n });
    expect(judge(statement({ number: '18/2026', from: '2026-01-18' }), seventeen)).toBe('gap');
    expect(judge(statement({ number: '18/2026', from: '2026-01-18', opening: 1n }), seventeen)).toBe('gap');
  });

  it('is a gap when the balance does not follow and days lie between', () => {
    const unnumbered = { ...before, number: null };
    const later = statement({ number: null, from: '2026-07-20', to: '2026-07-20', opening: 9n });
    expect(judge(later, unnumbered)).toBe('gap');
  });

  it('is a mismatch when the statement’s own sums are wrong, whatever went before', () => {
    expect(judge(statement({ reconciles: false }), before)).toBe('mismatch');
    expect(judge(statement({ reconciles: false }), null)).toBe('mismatch');
  });

  it('is a mismatch when the number follows and the balance does not', () => {
    expect(judge(statement({ opening: 499_99n }), before)).toBe('mismatch');
  });

  it('is a mismatch when statements without numbers meet with another balance', () => {
    const next = statement({ number: null, opening: 499_99n });
    expect(judge(next, before)).toBe('mismatch');
  });

  it('goes by the balance alone where numbers are missing, by the number alone where balances are', () => {
    expect(judge(statement({ number: null }), before)).toBe('continuous');
    expect(judge(statement({ opening: null }), before)).toBe('continuous');
    expect(judge(statement({ opening: null, number: '196/2026' }), before)).toBe('gap');
  });

  describe('at the new year', () => {
    const last = statement({ number: '365/2026', from: '2026-12-31', to: '2026-12-31', closing: 500_00n });
    const january = { from: '2027-01-01', to: '2027-01-01' };

    it.each(['1', '001/2027', '2027/1', '366/2027'])('%s follows', (number) => {
      expect(judge(statement({ ...january, number }), last)).toBe('continuous');
    });

    it.each(['2/2027', '002/2027', '367/2027'])('%s does not', (number) => {
      expect(judge(statement({ ...january, number }), last)).toBe('gap');
    });

    it('a restart within the year is a gap', () => {
      expect(judge(statement({ number: '1/2026' }), before)).toBe('gap');
    });

    it('a first statement with another balance is a mismatch', () => {
      expect(judge(statement({ ...january, number: '1/2027', opening: 1n }), last)).toBe('mismatch');
    });
  });
});

describe('a year of statements', () => {
  const movements = fc.array(fc.bigInt({ min: -1_000n, max: 1_000n }), { minLength: 20, maxLength: 40 });

  /** Statements from the middle of December on, some days without one where the bank issues none for idle days. */
  function issued(nets: readonly bigint[], idleDays: boolean): StatementFigures[] {
    const list: StatementFigures[] = [];
    let balance = 0n;
    let ordinal = 350;
    for (const [index, net] of nets.entries()) {
      const day = addDays('2026-12-16', index);
      if (day.endsWith('-01-01')) ordinal = 0;
      if (!idleDays && net % 3n === 0n) continue;
      ordinal += 1;
      const opening = balance;
      balance += net;
      const number = `${ordinal}/${day.slice(0, 4)}`;
      list.push({ number, from: day, to: day, opening, closing: balance, reconciles: true });
    }
    return list;
  }

  it('is continuous throughout, over the turn of the year', () => {
    fc.assert(
      fc.property(movements, fc.boolean(), (nets, idleDays) => {
        const list = issued(nets, idleDays);
        for (const [at, one] of list.entries()) {
          expect(judge(one, list[at - 1] ?? null)).toBe(at === 0 ? 'first' : 'continuous');
        }
      }),
    );
  });

  it('shows every statement taken out of the middle as a gap', () => {
    fc.assert(
      fc.property(movements, fc.nat(), (nets, where) => {
        const list = issued(nets, true);
        const at = 1 + (where % (list.length - 2));
        const removed = list[at]!;
        // A statement without a movement, and the last one of a year, leave no trace in numbers of a new year.
        fc.pre(removed.opening !== removed.closing || !list[at + 1]!.number!.startsWith('1/'));
        expect(judge(list[at + 1]!, list[at - 1]!)).toMatch(/^(gap|mismatch)$/);
        if (!list[at + 1]!.number!.startsWith('1/')) expect(judge(list[at + 1]!, list[at - 1]!)).toBe('gap');
      }),
    );
  });
});
