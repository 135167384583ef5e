/**
 * Hooks: addresses at which an ERP that can only send webhooks submits payment orders. A hook knows how its messages
 * are proven, which accounts it may use, how much in a day, and where in a message the order stands.
 */

export const VERIFICATIONS = ['standard-webhooks', 'hmac', 'static'] as const;

/**
 * How a message proves who sent it: by Standard Webhooks (standardwebhooks.com), by an HMAC-SHA256 over the raw body in
 * a header, or by a header that is the secret itself.
 */
export type Verification =
  | { readonly kind: 'standard-webhooks' }
  | {
      readonly kind: 'hmac';
      /** Lower case. */
      readonly header: string;
      readonly encoding: 'hex' | 'base64';
      /** What stands before the signature, e.g. `sha256=`. */
      readonly prefix: string;
    }
  | { readonly kind: 'static'; readonly header: string };

/** Where a value comes from: a constant, or a place in the message (RFC 6901). One of the two is given. */
export interface Source {
  readonly constant?: string | undefined;
  readonly pointer?: string | undefined;
  /** Of a field of a payment: `body` looks in the whole message instead of the payment. */
  readonly from?: 'body' | undefined;
  /** True lets the place be missing. */
  readonly optional?: boolean | undefined;
}

export const CREDITOR_FIELDS = ['name', 'account', 'iban', 'number', 'bankCode', 'bic'] as const;
export const PAYMENT_FIELDS = [
  'amount',
  'currency',
  'variableSymbol',
  'constantSymbol',
  'specificSymbol',
  'message',
  'endToEndId',
  'charges',
] as const;
/** Of foreign payments: where the payee lives, and their bank where it has no BIC. */
export const ADDRESS_FIELDS = ['street', 'buildingNumber', 'postCode', 'town', 'country'] as const;
export const BANK_FIELDS = ['name', 'country'] as const;
type Sources<Names extends readonly string[]> = { readonly [Name in Names[number]]?: Source | undefined };

/** How an order is read from a message; the fields are those of `POST /payments`. */
export interface Mapping {
  /** A constant is the id of the account that pays; a place holds its IBAN or `number/bank code`. */
  readonly account: Source;
  readonly executionDate?: Source | undefined;
  readonly priority?: Source | undefined;
  /** Place of the payment, or of a list of them; empty = the whole message. */
  readonly payments: string;
  /** Places in a payment; `creditor.account` holds an IBAN or `number/bank code` in one. */
  readonly payment: Sources<typeof PAYMENT_FIELDS> & {
    readonly creditor: Sources<typeof CREDITOR_FIELDS>;
    readonly creditorAddress?: Sources<typeof ADDRESS_FIELDS> | undefined;
    readonly creditorBank?: Sources<typeof BANK_FIELDS> | undefined;
  };
}

/** What was accepted through a hook on one day. */
export interface Usage {
  /** Calendar day in {@link HOOK_ZONE}. */
  readonly day: string;
  /** Sums by currency, decimal strings. */
  readonly sums: Readonly<Record<string, string>>;
}

/** In whose calendar a day of a limit begins and ends. */
export const HOOK_ZONE = 'Europe/Prague';

export interface Hook {
  readonly id: string;
  readonly company: string;
  readonly name: string;
  /** Its owner, who counts as the submitter of its orders. */
  readonly user: string | null;
  /** Key it was made with. */
  readonly createdBy: string;
  readonly verification: Verification;
  /** Place of the idempotency key in the message; `null` where the signed message id is the key. */
  readonly idempotencyKey: string | null;
  /** Ids of the accounts it may pay from. */
  readonly accounts: readonly string[];
  /** Highest sum of a day by currency, decimal strings; a currency that is not listed is refused. */
  readonly limits: Readonly<Record<string, string>>;
  readonly mapping: Mapping;
  /** The secret, sealed (`store/seal.ts`). */
  readonly sealed: string;
  readonly usage: Usage | null;
  readonly revision: number;
  readonly createdAt: string;
  /** Instant of the last order it brought. */
  readonly lastOrderAt: string | null;
}
