import type { Chance } from '../chance.ts';
import { PLAIN as PLAIN_MOVEMENT, type Movement, type Party } from './movement.ts';
import { domesticParty, foreignParty, merchant, namedParty } from './parties.ts';

/** A movement before it has its reference, its currency and its instant. */
export type Draft = Omit<Movement, 'reference' | 'currency' | 'bookedAt' | 'visibleAt' | 'valueDay'> & {
  /** Wall-clock time in Prague, `HH:MM:SS`. */
  readonly time: string;
  /** Days the value date lies before the booking; `null` = the bank tells none. */
  readonly valueLag: number | null;
};

/**
 * Transaction codes of the Czech Banking Association. Seen in the bank's own texts and files: incoming and outgoing
 * domestic payment, fees; composed in their manner: the rest.
 */
const CODES = {
  incoming: '10000107000',
  outgoing: '10000101000',
  foreignIn: '10000207000',
  foreignOut: '10000201000',
  card: '10000401000',
  fee: '40000104000',
  interest: '40000601000',
  conversion: '10000501000',
};

const PLAIN: Omit<Draft, 'time' | 'minor' | 'code'> = { ...PLAIN_MOVEMENT, valueLag: 0 };

const two = (value: number): string => String(value).padStart(2, '0');

/** A time in the bank's working day. */
export function daytime(chance: Chance, from = 5, to = 20): string {
  return `${two(chance.int(from, to))}:${two(chance.int(0, 59))}:${two(chance.int(0, 59))}`;
}

function variableSymbol(chance: Chance): string {
  // Some payers pad with zeros, the bank passes on what they wrote.
  const digits = `26${String(chance.int(1, 99_999)).padStart(6, '0')}`;
  return chance.flip(0.2) ? digits.padStart(10, '0') : digits;
}

export function incomingPayment(chance: Chance): Draft {
  const variable = chance.flip(0.85) ? variableSymbol(chance) : null;
  return {
    ...PLAIN,
    time: daytime(chance),
    minor: BigInt(chance.int(250_00, 48_000_00)),
    code: CODES.incoming,
    party: domesticParty(chance),
    variable,
    constant: chance.pick([null, '0', '0308', '308', '0558']),
    specific: chance.flip(0.2) ? String(chance.int(1, 9_999_999)) : null,
    endToEnd: variable,
    message: chance.flip(0.6) ? chance.pick(['Faktura', 'Úhrada <zálohy> & doplatku', 'Platba zboží']) : null,
  };
}

/** Two payments equal in everything but the reference: the payer paid twice. */
export function equalPair(chance: Chance): Draft[] {
  const variable = variableSymbol(chance);
  const first = { ...incomingPayment(chance), variable, endToEnd: variable, message: 'Faktura podruhé' };
  return [first, { ...first }];
}

export function outgoingPayment(chance: Chance, party: Party = domesticParty(chance)): Draft {
  const variable = variableSymbol(chance);
  return {
    ...PLAIN,
    time: daytime(chance),
    minor: -BigInt(chance.int(120_00, 39_000_00)),
    code: CODES.outgoing,
    party,
    variable,
    constant: chance.pick(['0', '0008', null]),
    endToEnd: variable,
    remittance: chance.flip(0.7) ? 'Úhrada dodavateli' : null,
    bearer: 'SHAR',
    signed: chance.flip(0.5),
  };
}

/** Booked in the small hours two days after the purchase; the merchant stands in the text, there is no party. */
export function cardPayment(chance: Chance): Draft {
  const shop = merchant(chance);
  return {
    ...PLAIN,
    time: `00:${two(chance.int(2, 55))}:${two(chance.int(0, 59))}`,
    valueLag: 2,
    minor: -BigInt(chance.int(39_00, 4_900_00)),
    code: CODES.card,
    constant: '1178',
    remittance: shop,
    card: `516844XXXXXX${chance.pick(['1207', '7730'])}`,
    signed: chance.flip(0.5),
  };
}

/** A card payment and, later that day, its storno. */
export function stornoPair(chance: Chance): Draft[] {
  const payment = { ...cardPayment(chance), time: '09:20:00' };
  const storno = { ...payment, time: '16:45:10', minor: -payment.minor, reversal: true };
  return [payment, { ...storno, remittance: `STORNO ${payment.remittance}` }];
}

export function fee(chance: Chance): Draft {
  return {
    ...PLAIN,
    time: '21:30:00',
    valueLag: null,
    minor: -BigInt(chance.pick([5_00, 7_00, 12_00])),
    code: CODES.fee,
    constant: '898',
    message: 'Přích. TPS',
    signed: chance.flip(0.5),
  };
}

/** Credit interest at the end of a month, without any details. */
export function interest(chance: Chance): Draft {
  return {
    ...PLAIN,
    time: '22:59:59',
    minor: BigInt(chance.int(1, 90_00)),
    code: CODES.interest,
    detailed: false,
  };
}

/** Paid abroad from a folder in another currency: the original amount and the rate stand beside the booked one. */
export function foreignPayment(chance: Chance, currency: string): Draft {
  const original = BigInt(chance.int(150_00, 2_500_00));
  const thousandths = currency === 'CZK' ? 24_500 + chance.int(0, 900) : 920 + chance.int(0, 30);
  const minor = (original * BigInt(thousandths) + 500n) / 1000n;
  return {
    ...PLAIN,
    time: daytime(chance, 9, 16),
    valueLag: -1,
    minor: -minor,
    code: CODES.foreignOut,
    party: foreignParty(chance),
    endToEnd: chance.flip(0.5) ? 'NOTPROVIDED' : `RF${chance.int(10, 99)}INV${chance.int(1000, 9999)}`,
    remittance: `Invoice ${chance.int(1000, 9999)}`,
    instructed: { minor: original, currency: currency === 'CZK' ? 'EUR' : 'USD', rate: thousandths / 1000 },
    bearer: 'SHAR',
  };
}

export function incomingFromAbroad(chance: Chance): Draft {
  return {
    ...PLAIN,
    time: daytime(chance, 7, 17),
    minor: BigInt(chance.int(80_00, 9_000_00)),
    code: CODES.foreignIn,
    party: foreignParty(chance),
    endToEnd: chance.pick(['NOTPROVIDED', `E2E-${chance.int(10_000, 99_999)}`]),
    message: chance.flip(0.7) ? `Rechnung ${chance.int(100, 999)} für Müllerei` : null,
    bearer: 'SHAR',
  };
}

/** One leg of a conversion between two folders; both legs carry the same reference. */
export function conversion(minor: bigint, other: { minor: bigint; currency: string; rate: number }): Draft {
  return {
    ...PLAIN,
    time: '10:00:00',
    minor,
    code: CODES.conversion,
    remittance: 'Konverze mezi měnovými složkami',
    instructed: other,
  };
}

export function wage(chance: Chance, employee: number): Draft {
  const pay = chance.pick([31_400_00, 31_400_00, 38_250_00, 45_900_00]);
  return {
    ...outgoingPayment(chance, namedParty(`Zaměstnanec ${employee}`, chance)),
    time: '06:00:00',
    minor: -BigInt(pay),
    variable: null,
    constant: '0138',
    specific: String(employee),
    endToEnd: null,
    remittance: 'Mzda',
  };
}

export function contribution(chance: Chance, office: string): Draft {
  return {
    ...outgoingPayment(chance, namedParty(office, chance)),
    time: '06:30:00',
    minor: -BigInt(chance.int(18_000_00, 64_000_00)),
    variable: '27604381',
    constant: '1148',
    remittance: null,
  };
}

/** Money brought over from an own account at another bank. */
export function topUp(chance: Chance): Draft {
  return {
    ...incomingPayment(chance),
    time: '08:15:00',
    minor: BigInt(chance.int(60_000_00, 90_000_00)),
    party: namedParty('Lísková & spol. s.r.o.', chance),
    variable: null,
    constant: '0',
    specific: null,
    endToEnd: null,
    message: 'Převod na mzdy',
  };
}
