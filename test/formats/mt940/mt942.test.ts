import { describe, expect, it } from 'vitest';
import { czk, file, only, rules } from './compose.ts';

const HEADER = [':20:FIRMA', ':25:0300/226047602', ':28C:13/1', ':34F:CZKD0,'];

describe('row 45: MT942, which announces what is not booked yet', () => {
  it('has no balances and is marked as information only', () => {
    const advice = only(
      file(
        ...HEADER,
        ':13D:2609031733+0200',
        ':61:2609030903C9341,35FMSC //26762',
        ':86:111?00ANDREJ?20ZAUCT.PLATBA?21000000-0028556622/0300',
        '?22VS:0201502045?23SS:?24KS:?25Sorry?26.?29VS:5?30SS:6',
        ':90D:0CZK0,00',
        ':90C:1CZK9341,35',
      ),
    );
    expect(advice).toMatchObject({
      account: { number: '226047602', bankCode: '0300', currency: 'CZK' },
      number: '13',
      opening: null,
      closing: null,
      reconciles: null,
      credits: czk(934135n),
      declared: { credits: czk(934135n), debits: czk(0n), count: 1 },
      transactions: [
        {
          bankReference: '26762',
          variableSymbol: '201502045',
          specificSymbol: null,
          message: 'Sorry',
          endToEndId: null,
        },
      ],
    });
    expect(rules(advice)).toEqual(['information-only']);
  });

  it('expected items are told and left out', () => {
    const advice = only(
      file(...HEADER, ':61:260903EC5,NTRFNONREF', ':61:260903ED7,NTRFNONREF', ':61:260903C1,NTRFNONREF'),
    );
    expect(advice).toMatchObject({ count: 1, credits: czk(100n), debits: czk(0n), quarantined: [] });
    expect(rules(advice)).toEqual(['information-only', 'entries-not-booked']);
  });

  it('wrong totals are told', () => {
    const advice = only(file(...HEADER, ':61:260903C1,NTRFNONREF', ':90D:1CZK5,', ':90C:1CZK2,'));
    expect(rules(advice)).toEqual([
      'information-only',
      'turnover-differs',
      'turnover-differs',
      'count-differs',
    ]);
  });

  it('without items', () => {
    expect(only(file(...HEADER, '-'))).toMatchObject({ count: 0, account: { currency: 'CZK' } });
  });

  it('without a currency its items are kept aside, unless the caller knows it', () => {
    const bytes = file(':20:X', ':25:19', ':13D:2609031733+0200', ':61:260903C1,NTRFNONREF');
    expect(only(bytes)).toMatchObject({ count: 0, quarantined: [{ rule: 'currency-missing' }] });
    expect(only(bytes, { currency: 'CZK' })).toMatchObject({ count: 1, quarantined: [] });
  });
});
