import type { Sandbox } from '../../sandbox/index.ts';
import type { BankId } from './operator.ts';
import type { Truth } from './verify.ts';

/** Days on which no simulated bank has anything. */
const [BEFORE, AFTER] = ['1990-01-01', '2999-12-31'];

/** What a simulated bank holds, by account number without its prefix. */
export function truthOf({ banks }: Sandbox, bank: BankId): Truth['source'] {
  if (bank !== 'erste') return banks[bank].source;
  const { books, issued, booked } = banks[bank];
  const ibanOf = (number: string): string =>
    books.ledgers.find(({ key }) => key.account.number === number)?.key.account.iban ?? '';
  return {
    statements: (number) => issued(ibanOf(number), BEFORE, AFTER),
    booked: (number, _, from, to) => booked(ibanOf(number), from, to),
  };
}
