import { describe, expect, it } from 'vitest';
import { parseMt940 } from '../../../shared/formats/mt940/reader.ts';
import { czk, file, item, only, statementOf } from './compose.ts';

/** What other readers of MT940 were seen to get wrong, one test a row; none of their code or data is used. */
describe('known failures of other parsers', () => {
  it('wolph/mt940 17, 121: entry year', () => {
    expect(item(statementOf(100100, ':61:1412310105C1,N570NONREF')).bookingDate).toBe('2015-01-05');
    expect(item(statementOf(100100, ':61:2601011230C1,NMSCNONREF')).bookingDate).toBe('2025-12-30');
  });

  it('wolph/mt940: :86: after nine lines truncated', () => {
    const lines = Array.from({ length: 14 }, (_, at) => `line ${at}`);
    const read = item(statementOf(100100, ':61:260903C1,NTRFNONREF', `:86:${lines[0]}`, ...lines.slice(1)));
    expect(read.message).toBe(lines.join(' '));
  });

  it('wolph/mt940 127: free-form :NS: aborts the file', () => {
    const bytes = statementOf(
      100200,
      ':61:260903C1,NTRFNONREF',
      ':86:text',
      ':NS:22Rechnung',
      ':61:260903C1,NTRFNONREF',
      ':NS:17free',
    );
    expect(only(bytes)).toMatchObject({
      count: 2,
      reconciles: true,
      transactions: [{ message: 'text :NS:22Rechnung' }, {}],
    });
  });

  it('wolph/mt940: RC sign', () => {
    expect(item(statementOf(97967, ':61:260903RC20,33NTRFNONREF'))).toMatchObject({
      amount: czk(-2033n),
      reversal: true,
    });
  });

  it('a-fas/mt940js 8: reversal marks', () => {
    expect(item(statementOf(100100, ':61:2609030903RDR1,NTRFNONREF')).amount).toEqual(czk(100n));
  });

  it('a-fas/mt940js 15: supplementary line', () => {
    const read = item(statementOf(100100, ':61:260903C1,NTRF1234//99', 'Card transaction', ':86:051?24text'));
    expect(read).toMatchObject({ bankReference: '99', endToEndId: '1234', message: 'text' });
    expect(item(statementOf(100100, ':61:260903C1,NTRFNONREF', 'Card transaction')).message).toBe(
      'Card transaction',
    );
  });

  it('a-fas/mt940js 89: year roll-over, CR with R as funds code, zero amount', () => {
    expect(item(statementOf(100000, ':61:2101011230CR0,00NCHGNONREF'))).toMatchObject({
      bookingDate: '2020-12-30',
      valueDate: '2021-01-01',
      amount: czk(0n),
      reversal: false,
      transactionCode: 'NCHG',
    });
  });

  it('webschik/mt940-js 12: statement-level :86: mixed into the last item', () => {
    const bytes = file(
      ':20:X',
      ':25:2700/19',
      ':60F:C260902CZK0,',
      ':61:260903C1,NTRFNONREF',
      ':62F:C260903CZK1,',
      ':86:of the statement',
      '-',
    );
    expect(only(bytes).transactions).toMatchObject([{ message: null }]);
  });

  it('railslove/cmxl 34: D-104,12 turns the mark round and is told', () => {
    const statement = only(statementOf(110412, ':61:2609030903D-104,12NMSCNONREF//010F214191270328'));
    expect(statement.transactions[0]?.amount).toEqual(czk(10412n));
    expect(statement).toMatchObject({
      reconciles: true,
      warnings: [{ rule: 'negative-amount', position: 'line 5' }],
    });
  });

  it('nemiah/phpFinTS 341: RC and RD told apart', () => {
    const { transactions } = only(
      statementOf(100000, ':61:260903RC5,00NTRFNONREF', ':61:260903RD5,00NTRFNONREF'),
    );
    expect(transactions.map(({ amount }) => amount.minor)).toEqual([-500n, 500n]);
  });

  it('radekhulan/myinvoice 150: right zeros of symbols stay', () => {
    const read = item(
      statementOf(100100, ':61:260903C1,NTRFNONREF', ':86:051?21KS 0300?22VS 0260100010?23SS 100'),
    );
    expect(read).toMatchObject({
      variableSymbol: '260100010',
      constantSymbol: '0300',
      specificSymbol: '100',
    });
  });

  it('radekhulan/myinvoice: equal payments are two', () => {
    const twice = [':61:260903C1,NTRFNONREF', ':86:051?22VS 1', ':61:260903C1,NTRFNONREF', ':86:051?22VS 1'];
    expect(only(statementOf(100200, ...twice))).toMatchObject({ count: 2, reconciles: true });
  });

  it('nothing of a statement is lost when a message ends in `-}` and the next follows on the line', () => {
    const frame = '{1:F01BACXCZPPAXXX0000000000}{2:I940BACXCZPPAXXXN}{4:';
    const body = [
      ':20:X',
      ':25:2700/19',
      ':60F:C260902CZK0,',
      ':61:260903C1,NTRFNONREF',
      ':62F:C260903CZK1,',
    ];
    expect(parseMt940(file(frame, ...body, `-}${frame}`, ...body, '-}{5:{CHK:0}}'))).toMatchObject([
      { count: 1, reconciles: true },
      { count: 1, reconciles: true },
    ]);
  });
});
