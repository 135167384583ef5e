import {
  accountOfIban,
  czechIban,
  isValidAccountNumber,
  localNumber,
  normaliseIban,
  parseAccountNumber,
  sixteenDigits,
  toEditForm,
} from '../../domain/account-number.ts';
import { bankOfCode } from '../../domain/bank-codes.ts';
import type { StatementAccount } from '../../domain/model.ts';
import type { AccountLayout } from './dialects.ts';

/** The own account of a statement, and what was noticed while telling its layout. */
export interface OwnDigits {
  readonly layout: AccountLayout;
  /** 16 digits in edit form. */
  readonly edit: string;
  /** Constant name of what is doubtful, `null` when nothing is. */
  readonly doubt: 'account-differs' | 'account-checksum' | null;
}

/** The 16 digits of an account given as number, number/code or IBAN; `null` when it is none of ours. */
export function configuredDigits(account: string | undefined): string | null {
  if (account === undefined) return null;
  const found = accountOfIban(normaliseIban(account) ?? '') ?? parseAccountNumber(account);
  return found && sixteenDigits(found);
}

/**
 * Tells how the digits of the own account are laid out: the configured account decides, then the dialect, then
 * modulo 11. A number that passes both ways is taken for the one without a prefix, as most are.
 */
export function readOwnDigits(
  raw: string,
  configured: string | null,
  layout: AccountLayout | null,
): OwnDigits {
  const permuted = toEditForm(raw);
  if (configured !== null && raw === configured) return { layout: 'edit', edit: raw, doubt: null };
  if (configured !== null && permuted === configured)
    return { layout: 'internal', edit: permuted, doubt: null };
  const chosen = layout ?? layoutByChecksum(raw, permuted);
  const edit = chosen === 'internal' ? permuted : raw;
  if (configured !== null) return { layout: chosen, edit, doubt: 'account-differs' };
  return { layout: chosen, edit, doubt: isValid(edit) ? null : 'account-checksum' };
}

/** Of 16 digits. */
function isValid(edit: string): boolean {
  const account = parseAccountNumber(edit);
  return account !== null && isValidAccountNumber(account);
}

function layoutByChecksum(raw: string, permuted: string): AccountLayout {
  if (!isValid(permuted)) return 'edit';
  if (!isValid(raw)) return 'internal';
  return permuted.startsWith('000000') && !raw.startsWith('000000') ? 'internal' : 'edit';
}

/** The account as the model has it; the IBAN follows from number and code where the number holds. */
export function statementAccount(
  edit: string,
  bankCode: string | null,
  currency: string | null,
): StatementAccount {
  const account = parseAccountNumber(edit);
  const isCzech = bankCode !== null && bankOfCode(bankCode) !== null;
  const iban =
    account && isCzech && isValidAccountNumber(account) ? czechIban({ ...account, bankCode }) : null;
  return { iban, number: account && localNumber(account), bankCode, currency };
}
