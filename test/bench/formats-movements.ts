import { isValidSixteen } from '../../shared/domain/account-number.ts';
import { addDays, type PlainDate } from '../../shared/domain/dates.ts';
import { chance, type Chance } from '../faults/chance.ts';

/** What a company's statement holds, before any format: names, symbols and messages as people write them. */
export interface Movement {
  /** From 0. */
  readonly at: number;
  /** Signed, in hellers. */
  readonly minor: number;
  readonly date: PlainDate;
  /** 16 digits, prefix and number. */
  readonly account: string;
  readonly bankCode: string;
  readonly name: string;
  /** Ten, four and ten digits; zeros for none. */
  readonly variableSymbol: string;
  readonly constantSymbol: string;
  readonly specificSymbol: string;
  readonly message: string;
}

export const FIRST_DAY: PlainDate = '2026-09-01';
export const LAST_DAY: PlainDate = '2026-09-30';
const DAYS = 30;

const PARTIES = 500;
const NAMES = [
  'Novák',
  'Dvořáková',
  'Truhlářství Říha',
  'Pekárna U Zvonu',
  'Ocelárny Podbrdy',
  'Květinka',
  'Žďár',
];
const FORMS = ['', ' s.r.o.', ' a.s.', ' Jiří', ' Božena'];
const BANKS = ['0800', '0100', '0300', '2010', '5500', '2700', '0600'];
const WORDS = [
  'Úhrada faktury',
  'záloha',
  'nájemné za září',
  'oprava střechy',
  'platba',
  'zboží dle objednávky',
  'č.',
];

type Party = Pick<Movement, 'account' | 'bankCode' | 'name'>;

/** Movements in the order of their days; half of them with a regular counterparty, half with one of their own. */
export function* movements(count: number): Generator<Movement> {
  const luck = chance(count);
  const regular = Array.from({ length: PARTIES }, () => partyOf(luck));
  for (let at = 0; at < count; at++) {
    const variableSymbol = digits(luck, 10);
    const hasMessage = luck.int(4) > 0;
    const words = Array.from({ length: 1 + luck.int(4) }, () => luck.pick(WORDS)).join(' ');
    yield {
      at,
      minor: (luck.int(3) === 0 ? -1 : 1) * (1 + luck.int(luck.int(10) === 0 ? 90_000_000 : 900_000)),
      date: addDays(FIRST_DAY, Math.floor((at * DAYS) / count)),
      ...(luck.int(2) === 0 ? luck.pick(regular) : partyOf(luck)),
      variableSymbol: luck.int(5) === 0 ? '0000000000' : variableSymbol,
      constantSymbol: luck.pick(['0308', '0558', '0000']),
      specificSymbol: luck.int(3) === 0 ? digits(luck, 10) : '0000000000',
      message: hasMessage ? `${words} ${variableSymbol}` : '',
    };
  }
}

const digits = (luck: Chance, count: number): string => String(luck.int(10 ** count)).padStart(count, '0');

function partyOf(luck: Chance): Party {
  const prefix = luck.pick(['000000', '000000', '000019', '000115']);
  let account = '';
  do account = prefix + digits(luck, 10);
  while (!isValidSixteen(Buffer.from(account)));
  return { account, bankCode: luck.pick(BANKS), name: luck.pick(NAMES) + luck.pick(FORMS) };
}
