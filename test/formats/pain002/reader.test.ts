import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../shared/formats/errors.ts';
import { meaningOf, outcomeOf, together } from '../../../shared/formats/pain002/outcome.ts';
import { readPain002 } from '../../../shared/formats/pain002/reader.ts';
import type { Outcome } from '../../../shared/formats/pain002/report.ts';
import { refusal } from '../kpc/compose.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A report with this content behind its header. */
const report = (
  content: string,
  namespace = ' xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"',
): string =>
  `<Document${namespace}><CstmrPmtStsRpt><GrpHdr><MsgId>R1</MsgId><CreDtTm>2026-09-03T08:15:00</CreDtTm></GrpHdr>` +
  `${content}</CstmrPmtStsRpt></Document>`;
const original = (content: string): string =>
  `<OrgnlGrpInfAndSts><OrgnlMsgId>M1</OrgnlMsgId>${content}</OrgnlGrpInfAndSts>`;
const information = (content: string): string => `<OrgnlPmtInfAndSts>${content}</OrgnlPmtInfAndSts>`;
const transaction = (status: string | null, id = 'E1', rest = ''): string =>
  `<TxInfAndSts><OrgnlEndToEndId>${id}</OrgnlEndToEndId>${status === null ? '' : `<TxSts>${status}</TxSts>`}${rest}</TxInfAndSts>`;

const read = (content: string) => readPain002(bytesOf(report(content)));
const group = (status: string): string => `<GrpSts>${status}</GrpSts>`;
const count = (number: number): string => `<OrgnlNbOfTxs>${number}</OrgnlNbOfTxs>`;
const reason = (code: string, text = ''): string =>
  `<StsRsnInf><Rsn><Cd>${code}</Cd></Rsn>${text === '' ? '' : `<AddtlInf>${text}</AddtlInf>`}</StsRsnInf>`;

describe('the finest level decides', () => {
  it.each<[string, string, Outcome]>([
    [
      'an accepted group with rejected transactions',
      original(group('ACTC')) + information(transaction('RJCT')),
      'rejected',
    ],
    [
      'the same with their number',
      original(count(2) + group('ACTC')) + information(transaction('RJCT') + transaction('RJCT')),
      'rejected',
    ],
    [
      'one of two rejected',
      original(group('ACTC')) + information(transaction('RJCT') + transaction('ACSC')),
      'partial',
    ],
    [
      'only the rejected ones listed of more',
      original(count(3) + group('ACSP')) + information(transaction('RJCT')),
      'partial',
    ],
    [
      'only the rejected ones listed of a partial group',
      original(group('PART')) + information(transaction('RJCT')),
      'partial',
    ],
    [
      'all settled',
      original(group('ACTC')) + information(transaction('ACSC') + transaction('ACCC')),
      'settled',
    ],
    [
      'one settled, one on the way',
      original(group('ACTC')) + information(transaction('ACSC') + transaction('ACSP')),
      'accepted',
    ],
    [
      'one settled of three',
      original(count(3) + group('ACTC')) + information(transaction('ACSC')),
      'received',
    ],
    ['one waiting for a signature', information(transaction('PDNG') + transaction('ACSP')), 'pending'],
    [
      'one with a code nobody knows',
      original(group('ACSC')) + information(transaction('ACSC') + transaction('XYZ1')),
      'unknown',
    ],
    ['a group alone', original(group('RJCT')), 'rejected'],
    ['a payment alone', original('') + information('<PmtInfSts>ACSC</PmtInfSts>'), 'settled'],
    [
      'payments that differ',
      original(group('ACCP')) +
        information('<PmtInfSts>RJCT</PmtInfSts>') +
        information('<PmtInfSts>ACSC</PmtInfSts>'),
      'partial',
    ],
    [
      'transactions that say nothing of their own',
      original(group('ACTC')) + information(`<PmtInfSts>RJCT</PmtInfSts>${transaction(null)}`),
      'rejected',
    ],
    ['a group of one payment that is cancelled', information(transaction('CANC')), 'cancelled'],
    ['one cancelled, one rejected', information(transaction('CANC') + transaction('RJCT')), 'rejected'],
    ['a date that was moved', original(group('ACWC')), 'changed'],
    ['nothing at all', original(''), 'unknown'],
  ])('%s', (_, content, outcome) => {
    expect(read(content).outcome).toBe(outcome);
  });

  it('and each level keeps what it said itself', () => {
    const { status, payments } = read(
      original(count(2) + group('ACTC')) +
        information(
          `<OrgnlPmtInfId>P1</OrgnlPmtInfId><PmtInfSts>ACTC</PmtInfSts>${transaction('RJCT')}${transaction(null, 'E2')}`,
        ),
    );
    expect(status).toBe('ACTC');
    expect(payments).toMatchObject([
      {
        id: 'P1',
        status: 'ACTC',
        outcome: 'partial',
        transactions: [
          { endToEndId: 'E1', status: 'RJCT', outcome: 'rejected' },
          { endToEndId: 'E2', status: null, outcome: 'received' },
        ],
      },
    ]);
  });

  it.each([
    ['RCVD', 'received'], ['ACTC', 'received'], ['PDNG', 'pending'], ['ACCP', 'accepted'], ['ACFC', 'accepted'],
    ['ACSP', 'accepted'], ['ACWC', 'changed'], ['ACSC', 'settled'], ['ACCC', 'settled'], ['PART', 'partial'],
    ['RJCT', 'rejected'], ['CANC', 'cancelled'], ['SIGE', 'unknown'], ['TNIE', 'unknown'], ['constructor', 'unknown'],
  ])('%s means %s', (status, outcome) => {
    expect(meaningOf(status)).toBe(outcome);
  }); // prettier-ignore

  it('never calls settled what holds anything else, nor rejected what holds anything that may be paid', () => {
    const outcomes: Outcome[] = [
      'received', 'pending', 'accepted', 'changed', 'settled', 'partial', 'rejected', 'cancelled', 'unknown',
    ]; // prettier-ignore
    const some = fc.array(fc.constantFrom(...outcomes), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(some, (all) => {
        const result = together(all);
        if (result === 'settled') expect(all.every((one) => one === 'settled')).toBe(true);
        if (result === 'rejected' || result === 'cancelled') {
          expect(all.every((one) => one === 'rejected' || one === 'cancelled')).toBe(true);
        }
        expect(together(all.toReversed())).toBe(result);
      }),
    );
    expect(outcomeOf('PART', 'unknown', ['rejected'], { covered: 1, count: 1 })).toBe('rejected');
  });
});

describe('reasons', () => {
  it('stand at every level, with code and words', () => {
    const { reasons, payments } = read(
      original(`<GrpSts>RJCT</GrpSts>${reason('NARR', 'File refused')}${reason('FF01')}`) +
        information(`${reason('AC01')}${transaction('RJCT', 'E1', reason('AM04', 'No funds'))}`),
    );
    expect(reasons).toEqual([
      { code: 'NARR', text: 'File refused' },
      { code: 'FF01', text: null },
    ]);
    expect(payments[0]?.reasons).toEqual([{ code: 'AC01', text: null }]);
    expect(payments[0]?.transactions[0]?.reasons).toEqual([{ code: 'AM04', text: 'No funds' }]);
  });

  it('may have a code of the bank’s own, several lines, or no code', () => {
    const own =
      '<StsRsnInf><Rsn><Prtry>X17</Prtry></Rsn><AddtlInf>one</AddtlInf><AddtlInf>two</AddtlInf></StsRsnInf>';
    const words = '<StsRsnInf><Orgtr><Nm>Účet nenalezen</Nm></Orgtr></StsRsnInf>';
    expect(read(original(own + words + '<StsRsnInf/>')).reasons).toEqual([
      { code: 'X17', text: 'one two' },
      { code: null, text: 'Účet nenalezen' },
    ]);
  });
});

describe('an import protocol with orders by their ordinal', () => {
  const order = (ordinal: number, status: string, reference: string, inner = ''): string =>
    information(
      `<OrgnlPmtInfId>${ordinal}</OrgnlPmtInfId><PmtInfSts>${status}</PmtInfSts>${inner}` +
        `<TxInfAndSts><StsId>Chyba</StsId><TxSts/><OrgnlTxRef>${reference}</OrgnlTxRef></TxInfAndSts>`,
    );
  const reference =
    '<Amt><InstdAmt Ccy="CZK">250.50</InstdAmt></Amt><ReqdColltnDt>2026-09-04</ReqdColltnDt>' +
    '<DbtrAcct><Id/></DbtrAcct><CdtrAgt><FinInstnId><Othr><Id>0100</Id></Othr></FinInstnId></CdtrAgt>' +
    '<CdtrAcct><Id><IBAN>190000000019</IBAN></Id></CdtrAcct>';
  const words =
    '<StsRsnInf><Orgtr><Nm>Účet klienta nenalezen</Nm></Orgtr><Rsn><Cd>065525</Cd></Rsn></StsRsnInf>';

  it('is read with its own places for words and accounts', () => {
    const {
      originalId,
      count: orders,
      outcome,
      payments,
      warnings,
    } = read(
      original(count(2) + group('PART')) + order(2, 'RJCT', reference, words) + order(1, 'ACCP', reference),
    );
    expect([originalId, orders, outcome, warnings]).toEqual(['M1', 2, 'partial', []]);
    expect(payments.map(({ id, outcome: each }) => [id, each])).toEqual([
      ['2', 'rejected'],
      ['1', 'accepted'],
    ]);
    expect(payments[0]).toMatchObject({
      reasons: [{ code: '065525', text: 'Účet klienta nenalezen' }],
      transactions: [
        {
          status: null,
          statusId: 'Chyba',
          amount: { minor: 25050n, currency: 'CZK' },
          date: '2026-09-04',
          debtor: { iban: null, number: null, bankCode: null },
          creditor: { iban: null, number: '19-19', bankCode: '0100' },
        },
      ],
    });
  });

  it.each([['SIGE'], ['TNIE']])('%s, whose meaning is not published, accepts nothing', (status) => {
    expect(read(original(count(1) + group(status))).outcome).toBe('unknown');
  });

  it('an amount that cannot be read costs a warning, not the status', () => {
    const { payments, warnings } = read(order(1, 'RJCT', reference.replace('250.50', '250,50')));
    expect(payments[0]).toMatchObject({ outcome: 'rejected', transactions: [{ amount: null }] });
    expect(warnings).toMatchObject([
      { rule: 'amount-unreadable', position: 'OrgnlPmtInfAndSts 1, transaction 1' },
    ]);
  });

  it('a transaction that cannot be read is set aside, and its order is not known', () => {
    const broken = transaction('RJCT', 'x'.repeat(5000));
    const { payments, quarantined } = read(information(`<PmtInfSts>RJCT</PmtInfSts>${broken}`));
    expect(quarantined).toMatchObject([{ rule: 'too-long', raw: broken }]);
    expect(payments[0]?.outcome).toBe('unknown');
  });

  it('an IBAN that holds is one', () => {
    const iban = reference.replace('190000000019', 'CZ0603000000190000000019');
    expect(read(order(1, 'ACCP', iban)).payments[0]?.transactions[0]?.creditor).toEqual({
      iban: 'CZ0603000000190000000019',
      number: '19-19',
      bankCode: '0300',
    });
  });
});

describe('documents', () => {
  const whole = report(
    original(group('ACTC')) + information(transaction('RJCT', 'E1', reason('AC01', 'Účet'))),
  );

  it('with another prefix or without a namespace are the same', () => {
    const expected = readPain002(bytesOf(whole));
    expect(readPain002(bytesOf(whole.replace(/ xmlns="[^"]*"/, ' Xmlns="x"')))).toEqual(expected);
    expect(
      readPain002(bytesOf(whole.replaceAll(/<(\/?)(?=[A-Z])/g, '<$1n:').replace('xmlns=', 'xmlns:n='))),
    ).toEqual(expected);
  });

  it.each([
    ['another message', '<Document><CstmrCdtTrfInitn/></Document>', 'not-pain002'],
    ['nothing', '', 'truncated'],
    ['a DOCTYPE', `<!DOCTYPE x>${whole}`, 'doctype'],
    ['a web page', '<html><body>Error</body></html>', 'not-pain002'],
  ])('with %s are refused', (_, xml, rule) => {
    expect(refusal(() => readPain002(bytesOf(xml))).rule).toBe(rule);
  });

  it('cut off at any byte are refused', () => {
    const bytes = bytesOf(whole);
    for (let length = 0; length < bytes.length; length++) {
      expect(refusal(() => readPain002(bytes.subarray(0, length))).rule).toBe('truncated');
    }
  });

  it('with changed bytes are read or refused, and never end an order by a code that is none', () => {
    const bytes = bytesOf(whole);
    const change = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const changed = Uint8Array.from(bytes);
        for (const [at, byte] of changes) changed[at] = byte;
        try {
          const { outcome } = readPain002(changed);
          expect(outcome).not.toBe('settled');
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** Documents that may lie beside the checkout; they are nobody's to copy into it. */
const SHARED = new URL('../../../../shared/', import.meta.url);
const present = existsSync(SHARED);
if (!present)
  console.log('SKIPPED: no sample files beside the checkout, pain.002 was checked on own fixtures only');

describe.skipIf(!present)('documents of others', () => {
  const sample = (path: string) => readPain002(readFileSync(new URL(path, SHARED)));

  it('a rejected file without a namespace', () => {
    expect(sample('samples/pain/iso20022js-cross_river-pain_002_batch_rejected.xml')).toMatchObject({
      originalId: null,
      originalFormat: 'pain.008.001.02',
      outcome: 'rejected',
      reasons: [{ code: 'NARR', text: expect.stringContaining('Error parsing file') }],
      payments: [],
    });
  });

  it('an accepted one that lists one of three', () => {
    expect(sample('samples/pain/iso20022js-cross_river-pain_002_credit_accepted.xml')).toMatchObject({
      originalId: 'AMBCD10000000',
      count: 3,
      outcome: 'received',
      payments: [
        { count: 3, transactions: [{ instructionId: '100ABCD012345', status: 'ACSP', outcome: 'accepted' }] },
      ],
    });
  });

  it('statuses at the level of a payment and of a transaction only', () => {
    expect(sample('samples/pain/iso20022js-goldman_sachs-pain_002_v3_payment_accepted.xml')).toMatchObject({
      count: 8,
      outcome: 'accepted',
      payments: [
        { status: 'ACCP', reasons: [{ code: 'NARR', text: 'Accepted post profile and tech validations' }] },
      ],
    });
    expect(sample('samples/pain/iso20022js-goldman_sachs-pain_002_v3_accepted.xml')).toMatchObject({
      count: 2,
      // The other one is not spoken of.
      outcome: 'unknown',
      payments: [
        {
          transactions: [{ status: 'ACCP', outcome: 'accepted', amount: { minor: 1000n, currency: 'USD' } }],
        },
      ],
    });
  });

  it.each([
    ['accepted', 'accepted', ['accepted']],
    ['partially-rejected', 'partial', ['rejected', 'accepted']],
  ])('an import protocol, %s', (name, outcome, orders) => {
    const {
      outcome: all,
      payments,
      warnings,
    } = sample(`contracts/csob-ceb/samples/import-protocol.${name}.xml`);
    expect([all, payments.map((each) => each.outcome), warnings]).toEqual([outcome, orders, []]);
  });
});
