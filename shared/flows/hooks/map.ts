import {
  ADDRESS_FIELDS,
  BANK_FIELDS,
  CREDITOR_FIELDS,
  PAYMENT_FIELDS,
  type Mapping,
  type Source,
} from '../../domain/hook.ts';
import type { OrderFinding } from '../payments/order.ts';
import { isObject, numberText, valueAt } from './pointer.ts';

/** An order as a message says it, in the form of `POST /payments`, still to be judged. */
export interface MappedOrder {
  /** Id of the account (constant), or its IBAN or number as the message has it. */
  readonly account: string | undefined;
  readonly executionDate: string | undefined;
  readonly priority: string | undefined;
  readonly payments: readonly MappedPayment[];
  /** By the pointers of our own order. */
  readonly findings: readonly OrderFinding[];
  /** Where in the message stands what a pointer into our order speaks of. */
  readonly placeOf: (pointer: string) => string;
}

type Texts<Names extends readonly string[]> = { [Name in Names[number]]?: string };
export type MappedPayment = Texts<typeof PAYMENT_FIELDS> & {
  readonly creditor: Texts<Exclude<(typeof CREDITOR_FIELDS)[number], 'account'>[]>;
  readonly creditorAddress?: Texts<typeof ADDRESS_FIELDS>;
  readonly creditorBank?: { readonly name?: string; readonly address?: { readonly country: string } };
};

/** Reads an order from a message by the declared mapping. Amounts and numbers are taken as they are written. */
export function mapOrder(body: unknown, mapping: Mapping): MappedOrder {
  const reader = createReader(body);
  const account = reader.read('/account', mapping.account, body, '');
  const executionDate = reader.read('/executionDate', mapping.executionDate, body, '');
  const priority = reader.read('/priority', mapping.priority, body, '');
  const payments = itemsOf(body, mapping, reader).map(({ value, place }, at) =>
    paymentOf(reader, mapping.payment, value, place, `/payments/${at}`),
  );
  const { findings, placeOf } = reader;
  return { account, executionDate, priority, payments, findings, placeOf };
}

/** The payments of a message: what the pointer leads to, one or a list. */
function itemsOf(body: unknown, { payments }: Mapping, reader: Reader): { value: unknown; place: string }[] {
  reader.places.set('/payments', payments);
  const found = valueAt(body, payments);
  if (Array.isArray(found)) return found.map((value, at) => ({ value, place: `${payments}/${at}` }));
  if (isObject(found)) return [{ value: found, place: payments }];
  reader.find('/payments', 'There is neither a payment nor a list of payments here');
  return [];
}

function paymentOf(
  reader: Reader,
  sources: Mapping['payment'],
  value: unknown,
  place: string,
  pointer: string,
): MappedPayment {
  reader.places.set(pointer, place);
  const textsOf = <Names extends readonly string[]>(
    names: Names,
    from: Partial<Record<Names[number], Source | undefined>>,
    at: (name: string) => string,
  ): Texts<Names> => {
    const texts = names.flatMap((name: Names[number]) => {
      const text = reader.read(pointer + at(name), from[name], value, place);
      return text === undefined ? [] : [[name, text] as const];
    });
    return Object.fromEntries(texts) as Texts<Names>;
  };
  const creditor = textsOf(CREDITOR_FIELDS, sources.creditor, (name) => `/creditor/${name}`);
  const address = textsOf(
    ADDRESS_FIELDS,
    sources.creditorAddress ?? {},
    (name) => `/creditorAddress/${name}`,
  );
  const bank = textsOf(BANK_FIELDS, sources.creditorBank ?? {}, (name) =>
    name === 'country' ? '/creditorBank/address/country' : `/creditorBank/${name}`,
  );
  return {
    ...textsOf(PAYMENT_FIELDS, sources, (name) => `/${name}`),
    creditor: withAccount(creditor, `${pointer}/creditor`, reader),
    ...(isEmpty(address) ? {} : { creditorAddress: address }),
    ...(isEmpty(bank) ? {} : { creditorBank: bankOf(bank) }),
  };
}

const isEmpty = (texts: object): boolean => Object.keys(texts).length === 0;

const bankOf = ({
  name,
  country,
}: Texts<typeof BANK_FIELDS>): NonNullable<MappedPayment['creditorBank']> => ({
  ...(name === undefined ? {} : { name }),
  ...(country === undefined ? {} : { address: { country } }),
});

/** Parts an account written in one: an IBAN, or `number/bank code`. */
function withAccount(
  { account, ...creditor }: Texts<typeof CREDITOR_FIELDS>,
  pointer: string,
  { places, find }: Reader,
): MappedPayment['creditor'] {
  if (account === undefined) return creditor;
  // Whatever is found in the parts stands in this one place.
  places.set(pointer, places.get(`${pointer}/account`) ?? '');
  const written = /^([\d-]+)\/(\d+)$/.exec(account.replaceAll(' ', ''));
  if (written) return { ...creditor, number: written[1]!, bankCode: written[2]! };
  if (/^[A-Za-z]{2}\d{2}/.test(account)) return { ...creditor, iban: account };
  find(`${pointer}/account`, 'This is neither an IBAN nor number/bank code, e.g. 19-2000145399/0800');
  return creditor;
}

type Reader = ReturnType<typeof createReader>;

function createReader(body: unknown) {
  const findings: OrderFinding[] = [];
  const places = new Map<string, string>([['', '']]);
  const find = (pointer: string, detail: string): void => void findings.push({ pointer, detail });

  return {
    findings,
    places,
    find,

    /** The text of a field; `undefined` when nobody mapped it or the message leaves it empty. */
    read(pointer: string, source: Source | undefined, value: unknown, place: string): string | undefined {
      if (source?.pointer === undefined) return source?.constant;
      const inBody = source.from === 'body';
      places.set(pointer, (inBody ? '' : place) + source.pointer);
      const found = valueAt(inBody ? body : value, source.pointer);
      if (found === undefined) {
        if (!source.optional)
          find(pointer, 'The message has nothing here, and the hook does not call it optional');
        return undefined;
      }
      const text = scalarText(found);
      if (text === null) find(pointer, 'Here must be a text, or a number in plain decimals (no exponent)');
      return text === null || text === '' ? undefined : text;
    },

    /** The place of the pointer itself, or of what it is a part of. */
    placeOf(pointer: string): string {
      for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
        const place = places.get(at);
        if (place !== undefined) return place;
      }
      return '';
    },
  };
}

const PLAIN_NUMBER = /^-?\d+(\.\d+)?$/;

/**
 * A text without blanks around it, or the digits of a number as the message writes them. Empty is what ERPs write for
 * no value: `null`, an empty text, and `false` (Odoo).
 * @returns `null` for anything else
 */
export function scalarText(value: unknown): string | null {
  if (value === null || value === false) return '';
  if (typeof value === 'string') return value.trim();
  const digits = numberText(value);
  return digits !== null && PLAIN_NUMBER.test(digits) ? digits : null;
}
