import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { details, document, entry, readEntry, readOne, rulesOf, OWN_IBAN } from './compose.ts';

const amt = (value: string, currency = 'CZK'): string => `<Amt Ccy="${currency}">${value}</Amt>`;

/** What happens to one entry: its rule of quarantine, or `booked` / `skipped`. */
function fate(xml: string): string {
  const { quarantined, transactions } = readOne(document(xml + entry({ reference: 'next' })));
  expect(transactions.at(-1)?.bankReference).toBe('next');
  if (quarantined[0]) {
    expect(quarantined).toHaveLength(1);
    expect(quarantined[0]).toMatchObject({ raw: xml, position: 'Entry 1' });
    return quarantined[0].rule;
  }
  return transactions.length === 2 ? 'booked' : 'skipped';
}

describe('row 43: an entry that drifts from the schema', () => {
  it.each([
    ['no amount', { amount: '' }, 'amount-missing'],
    ['an empty amount', { amount: amt('') }, 'amount-missing'],
    ['an amount without currency', { amount: '<Amt>10</Amt>' }, 'currency-missing'],
    ['a currency of four letters', { amount: amt('10', 'CZKK') }, 'currency-missing'],
    ['another currency', { amount: amt('10', 'EUR') }, 'currency-differs'],
    ['a signed amount', { amount: amt('-10') }, 'amount-unreadable'],
    ['a decimal comma', { amount: amt('1,250') }, 'amount-unreadable'],
    ['an exponent', { amount: amt('1e3') }, 'amount-unreadable'],
    ['words', { amount: amt('ten') }, 'amount-unreadable'],
    ['nineteen digits', { amount: amt('1234567890123456789') }, 'amount-unreadable'],
    ['finer decimals than the currency has', { amount: amt('10.005') }, 'amount-unreadable'],
    ['no direction', { indicator: '' }, 'indicator-unknown'],
    ['a new direction', { indicator: 'CREDIT' }, 'indicator-unknown'],
    ['no status', { status: '' }, 'status-unknown'],
    ['a new status', { status: '<Sts><Cd>BOOKED</Cd></Sts>' }, 'status-unknown'],
    ['a new reversal mark', { extra: '<RvslInd>yes</RvslInd>' }, 'reversal-unknown'],
    ['no dates', { dates: '' }, 'date-missing'],
    [
      'two impossible dates',
      { dates: '<BookgDt><Dt>2026-02-30</Dt></BookgDt><ValDt><Dt>3.9.2026</Dt></ValDt>' },
      'date-missing',
    ],
    ['a text without end', { after: `<AddtlNtryInf>${'x'.repeat(4001)}</AddtlNtryInf>` }, 'too-long'],
    ['pending', { status: '<Sts>PDNG</Sts>' }, 'skipped'],
    ['information', { status: '<Sts><Cd>INFO</Cd></Sts>' }, 'skipped'],
    ['a future one', { status: '<Sts><Prtry>FUTR</Prtry></Sts>' }, 'skipped'],
    ['booked in the writing of version 08', { status: '<Sts><Cd>BOOK</Cd></Sts>' }, 'booked'],
    ['unknown elements', { extra: '<New><Amt Ccy="EUR">1</Amt></New>', after: '<Newer a="b"/>' }, 'booked'],
    ['surplus zeros', { amount: amt('10.00000') }, 'booked'],
    ['an amount below one without its zero', { amount: amt('.5') }, 'booked'],
  ])('%s', (_, values, expected) => {
    expect(fate(entry(values))).toBe(expected);
  });

  it('keeps 64 Ki characters of the raw text of a quarantined entry', () => {
    const long = entry({ amount: '', extra: `<New>${'x'.repeat(70_000)}</New>` });
    const { quarantined } = readOne(document(long));
    expect(quarantined[0]?.raw).toBe(long.slice(0, 65_536));
  });

  it('says what happened and what to do', () => {
    const { quarantined } = readOne(document(entry() + entry({ amount: amt('10', 'EUR') })));
    expect(quarantined[0]?.message).toBe(
      'Entry 2 was not read. Its amount is in EUR, while the account is kept in CZK. ' +
        'It is kept aside: compare the original with the bank.',
    );
  });
});

describe('row 45: pending entries', () => {
  it('are neither movements nor turnover', () => {
    const statement = readOne(document(entry({ status: '<Sts>PDNG</Sts>', amount: '99' }) + entry()));
    expect(statement).toMatchObject({ count: 1, credits: { minor: 1000n } });
    expect(statement.transactions).toHaveLength(1);
    expect(rulesOf(statement.warnings)).toEqual(['entries-not-booked']);
  });
});

describe('dates', () => {
  it.each([
    ['<BookgDt><Dt><DtTm>2026-09-03T23:59:59Z</DtTm></Dt></BookgDt>', '2026-09-03'],
    ['<BookgDt><DtTm>2026-09-03T00:00:00.123+14:00</DtTm></BookgDt>', '2026-09-03'],
    ['<BookgDt><Dt>2026-09-03Z</Dt></BookgDt>', '2026-09-03'],
  ])('%s is %s', (dates, bookingDate) => {
    expect(readEntry({ dates })).toMatchObject({ bookingDate, valueDate: null });
  });

  it('a missing or impossible booking date is the value date, with a warning', () => {
    for (const booking of ['', '<BookgDt><Dt>2026-09-31</Dt></BookgDt>']) {
      const statement = readOne(document(entry({ dates: `${booking}<ValDt><Dt>2026-09-02</Dt></ValDt>` })));
      expect(statement.transactions[0]).toMatchObject({ bookingDate: '2026-09-02', valueDate: '2026-09-02' });
      expect(rulesOf(statement.warnings)).toEqual(['booking-date-missing']);
    }
  });

  it('an impossible value date is none, with a warning', () => {
    const dates = '<BookgDt><Dt>2026-09-03</Dt></BookgDt><ValDt><Dt>0000-00-00</Dt></ValDt>';
    const statement = readOne(document(entry({ dates })));
    expect(statement.transactions[0]).toMatchObject({ bookingDate: '2026-09-03', valueDate: null });
    expect(rulesOf(statement.warnings)).toEqual(['value-date-unreadable']);
  });
});

describe('row 46: signs, reversals, zeros', () => {
  it.each([
    ['CRDT', 'false', 1000n, false],
    ['DBIT', '0', -1000n, false],
    ['CRDT', 'true', 1000n, true],
    ['DBIT', '1', -1000n, true],
  ])('%s with RvslInd %s', (indicator, mark, minor, reversal) => {
    const read = readEntry({ indicator, extra: `<RvslInd>${mark}</RvslInd>` });
    expect(read).toMatchObject({ amount: { minor, currency: 'CZK' }, reversal });
  });

  it('a zero is a movement of its own', () => {
    const statement = readOne(document(entry({ amount: '0', indicator: 'DBIT' })));
    expect(statement).toMatchObject({ count: 1, debits: { minor: 0n } });
    expect(statement.transactions[0]?.amount.minor).toBe(0n);
  });

  it('a reversal may keep the roles of the payment it takes back', () => {
    const parties = details(
      `<RltdPties><Dbtr><Nm>Us</Nm></Dbtr><DbtrAcct><Id><IBAN>${OWN_IBAN}</IBAN></Id></DbtrAcct>` +
        '<Cdtr><Nm>Shop</Nm></Cdtr></RltdPties>',
    );
    const reversal = readEntry({ extra: '<RvslInd>true</RvslInd>', details: parties });
    expect(reversal.counterparty.name).toBe('Shop');
    expect(readEntry({ details: parties }).counterparty.name).toBe('Us');
  });
});

describe('references', () => {
  const refs = (reference: string) => details(`<Refs><AcctSvcrRef>${reference}</AcctSvcrRef></Refs>`);

  it.each([
    ['the detail’s own', { reference: 'N', extra: '<AcctSvcrRef>S</AcctSvcrRef>', details: refs('D') }, 'D'],
    ['the entry’s NtryRef', { reference: 'N', extra: '<AcctSvcrRef>S</AcctSvcrRef>' }, 'N'],
    ['the entry’s AcctSvcrRef', { reference: null, extra: '<AcctSvcrRef>S</AcctSvcrRef>' }, 'S'],
    ['none', { reference: null }, null],
  ])('%s', (_, values, expected) => {
    expect(readEntry(values).bankReference).toBe(expected);
  });

  it('row 44: equal entries without a reference stay two, equal references are told', () => {
    const twins = readOne(document(entry({ reference: null }).repeat(2)));
    expect(twins.transactions).toHaveLength(2);
    expect(twins.warnings).toEqual([]);
    const repeated = readOne(document(entry().repeat(2)));
    expect(repeated.transactions).toHaveLength(2);
    expect(rulesOf(repeated.warnings)).toEqual(['reference-repeats']);
  });

  it('row 44: of more references than are remembered it is told that some were not compared', () => {
    const warned = (references: readonly number[]): string[] =>
      rulesOf(readOne(document(references.map((one) => entry({ reference: `${one}` })).join(''))).warnings);
    const remembered = Array.from({ length: 50_000 }, (_, at) => at);
    expect(warned([...remembered, 7])).toEqual(['reference-repeats']);
    expect(warned([...remembered, 50_000])).toEqual(['references-not-compared']);
  });

  it('row 44: the multiset of movements is kept, whatever is equal', () => {
    const one = fc.record({
      reference: fc.constant(null),
      amount: fc.constantFrom('1', '2.5', '10'),
      indicator: fc.constantFrom('CRDT', 'DBIT'),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 30 }), (entries) => {
        const statement = readOne(document(entries.map(entry).join('')));
        const expected = entries.map(
          ({ amount, indicator }) => (indicator === 'CRDT' ? 1 : -1) * Number(amount),
        );
        expect(statement.transactions.map(({ amount }) => Number(amount.minor) / 100)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });
});

describe('batches', () => {
  const part = (content: string): string => details(content);
  const batch = (parts: string[], values = {}) =>
    readOne(document(entry({ amount: '30', indicator: 'DBIT', details: parts.join(''), ...values })));

  it.each([
    ['its own amount', part(amt('10')), part(amt('20'))],
    ['the transaction amount', part(`<AmtDtls><TxAmt>${amt('10')}</TxAmt></AmtDtls>`), part(amt('20'))],
    [
      'the instructed amount in the account’s currency',
      part(`<AmtDtls><InstdAmt>${amt('10')}</InstdAmt></AmtDtls>`),
      part(amt('20')),
    ],
    [
      'the amount in the account’s currency before one in another',
      part(
        `${amt('0.40', 'EUR')}<AmtDtls><InstdAmt>${amt('0.40', 'EUR')}</InstdAmt><TxAmt>${amt('10')}</TxAmt></AmtDtls>`,
      ),
      part(amt('20')),
    ],
    ['its own direction', part(`${amt('10')}<CdtDbtInd>CRDT</CdtDbtInd>`), part(amt('40'))],
  ])('a detail counts with %s', (_, first, second) => {
    const statement = batch([first, second]);
    expect(statement.warnings).toEqual([]);
    expect(statement).toMatchObject({ count: 1, debits: { minor: 3000n } });
    const sum = statement.transactions.reduce((total, { amount }) => total + amount.minor, 0n);
    expect(statement.transactions).toHaveLength(2);
    expect(sum).toBe(-3000n);
  });

  it('details may stand in several NtryDtls', () => {
    const apart = `${part(amt('10'))}</NtryDtls><NtryDtls>${part(amt('20'))}`;
    expect(batch([apart]).transactions).toHaveLength(2);
  });

  it.each([
    ['no amounts', part('<AddtlTxInf>a</AddtlTxInf>'), part('<AddtlTxInf>b</AddtlTxInf>')],
    ['amounts in another currency only', part(amt('10', 'EUR')), part(amt('20', 'EUR'))],
    ['another sum', part(amt('10')), part(amt('10'))],
    ['the total in every detail', part(amt('30')), part(amt('30'))],
    ['an unreadable amount', part(amt('1,0')), part(amt('20'))],
    ['an unknown direction', part(`${amt('10')}<CdtDbtInd>?</CdtDbtInd>`), part(amt('20'))],
  ])('details with %s leave the entry one movement', (_, first, second) => {
    const statement = batch([first, second], { after: '<AddtlNtryInf>Payroll</AddtlNtryInf>' });
    expect(rulesOf(statement.warnings)).toEqual(['batch-not-split']);
    expect(statement.transactions).toMatchObject([
      { amount: { minor: -3000n }, bankReference: '1', batch: null, message: 'Payroll' },
    ]);
  });

  it('one detail is the entry, with the entry’s amount', () => {
    const statement = batch([part(`${amt('1', 'EUR')}<AddtlTxInf>a</AddtlTxInf>`)]);
    expect(statement.transactions).toMatchObject([
      {
        amount: { minor: -3000n },
        message: 'a',
        batch: null,
        original: { amount: { minor: -100n, currency: 'EUR' } },
      },
    ]);
  });

  it('a summary without details is one movement', () => {
    expect(batch(['<Btch><NbOfTxs>3</NbOfTxs></Btch>']).transactions).toHaveLength(1);
  });

  it('a reference that details repeat is not theirs', () => {
    const refs = '<Refs><AcctSvcrRef>R</AcctSvcrRef></Refs>';
    const own = '<Refs><AcctSvcrRef>Q</AcctSvcrRef></Refs>';
    const statement = batch([part(refs + amt('10')), part(refs + amt('15')), part(own + amt('5'))]);
    expect(statement.transactions.map(({ bankReference, batch: place }) => [bankReference, place])).toEqual([
      ['1', { reference: '1', index: 1 }],
      ['1', { reference: '1', index: 2 }],
      ['Q', { reference: '1', index: 3 }],
    ]);
  });
});
