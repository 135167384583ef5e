import { isValidIban } from '../../domain/account-number.ts';
import { bicOfCode } from '../../domain/bank-codes.ts';
import type { Counterparty } from '../../domain/model.ts';
import type { PaymentKind } from '../../domain/payment-kind.ts';
import { FormatError } from '../errors.ts';
import { isWrittenIn, type LetterSet } from '../letters.ts';
import { partyIban } from '../order-party.ts';
import type { Loss } from '../stream.ts';
import { BIC, BICFI } from '../xml-write.ts';
import type { PainDialect } from './dialects.ts';
import { element, optional, type Node } from './xml.ts';

/** What the header, the groups and the payments of a pain.001 are all made of. */

/** How payments of one kind and currency are written. */
export interface Scheme {
  readonly kind: PaymentKind;
  readonly currency: string;
  readonly letters: LetterSet;
}

/** What every part of the document is written with. */
export interface WriteContext {
  readonly version: '03' | '09';
  readonly scheme: Scheme;
  readonly dialect: PainDialect;
  readonly losses: Loss[];
}

/** Letters of a name (EPC). */
export const MAX_NAME = 70;

/** An id of up to 35 letters of SEPA. Ids are never rewritten, because answers are matched by them. */
export function checkedId(id: string, pointer: string): string {
  const fits = id.length >= 1 && id.length <= 35 && isWrittenIn(id, 'epc') && id.trim() === id;
  if (fits && !id.startsWith('/') && !id.endsWith('/') && !id.includes('//')) return id;
  const rule =
    "an id has 1 to 35 of the letters a-z A-Z 0-9 / - ? : ( ) . , ' + and no slash at its ends or doubled";
  throw new FormatError('id-unwritable', `"${id.slice(0, 40)}" cannot be written: ${rule}`, pointer);
}

/** The IBAN of a party, which must hold. @throws FormatError `account-missing`, `account-conflict`, `account-checksum` */
export function checkedIban(party: Counterparty, pointer: string): string {
  const iban = partyIban(party);
  if (iban === null) {
    const message = 'There is no account: give an IBAN, or a Czech number and bank code';
    throw new FormatError('account-missing', message, pointer);
  }
  if (iban === 'conflict') {
    const message = 'The number and the IBAN name different accounts: give one of them';
    throw new FormatError('account-conflict', message, pointer);
  }
  if (isValidIban(iban)) return iban;
  throw new FormatError(
    'account-checksum',
    'The account does not pass its checksum: check the number',
    pointer,
  );
}

/** A bank by its BIC, or by what else is known of it. */
export function agent(
  name: string,
  bic: string | null,
  version: '03' | '09',
  more: readonly (Node | null)[] = [],
): Node {
  return element(name, [element('FinInstnId', [optional(version === '03' ? 'BIC' : 'BICFI', bic), ...more])]);
}

/** The BIC given, else that of a Czech bank code. @throws FormatError `bic-unwritable` */
export function bicOf(
  { bic }: Counterparty,
  bankCode: string | null,
  pointer: string,
  version: '03' | '09',
): string | null {
  if (bic !== null && !(version === '03' ? BIC : BICFI).test(bic)) {
    throw new FormatError(
      'bic-unwritable',
      'The BIC does not have the shape of one: correct it',
      `${pointer}/bic`,
    );
  }
  return bic ?? (bankCode === null ? null : bicOfCode(bankCode));
}
