import type { AccountRef } from '../banks/contract.ts';
import type { Account } from '../domain/records.ts';

/** An account as a connector is asked about it. */
export const refOf = ({ handle, number, iban, currency, settings }: Account): AccountRef => ({
  handle,
  number,
  iban,
  currency,
  settings: settings.bank,
});
