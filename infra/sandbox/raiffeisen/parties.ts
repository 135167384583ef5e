import type { Chance } from '../chance.ts';
import type { Party } from './movement.ts';
import { drawNumber, ibanOf } from './numbers.ts';

/** Invented companies; letters that XML must escape and that single-byte charsets spell differently are meant. */
const COMPANIES = [
  'Kovovýroba Luční s.r.o.',
  'Truhlářství Modřín a.s.',
  'Pekárna Žito, družstvo',
  'Šroubárna Čápí Hnízdo & synové',
  'Účetní kancelář Křída s.r.o.',
  'Zahradnictví Kopřiva',
  'Tiskárna "Olovo" s.r.o.',
  'Dopravní podnik Úvoz a.s.',
  'Železářství Nýt',
  'Papírnictví Skoba <velkoobchod>',
];
const ABROAD = [
  'Nordlicht Handels GmbH',
  'Weberei Lindenthal KG',
  'Müller & Söhne OHG',
  'Spedition Überland AG',
];
const MERCHANTS = [
  'CERPACI STANICE 114, BRNO',
  'PAPIR A PERO, PRAHA 5',
  'HOTEL U MLYNA, LIBEREC',
  'ZELEZNICNI JIZDENKY',
  'HOBBY TRH OSTRAVA',
];
const BANKS = [
  { code: '0100', bic: 'KOMBCZPP' },
  { code: '0300', bic: 'CEKOCZPP' },
  { code: '0800', bic: 'GIBACZPX' },
  { code: '2010', bic: 'FIOBCZPP' },
  { code: '2700', bic: 'BACXCZPP' },
] as const;
const PREFIXES = ['19', '35', '43', '107'];

const NOBODY: Party = {
  name: null,
  prefix: '',
  number: null,
  bankCode: null,
  iban: null,
  bic: null,
  city: null,
  country: null,
};

/** A Czech counterparty; sometimes without a name, often with nothing but its account number. */
export function domesticParty(chance: Chance): Party {
  const name = chance.flip(0.15) ? null : chance.pick(COMPANIES);
  const number = drawNumber(chance);
  if (chance.flip(0.3)) return { ...NOBODY, name, number };
  const bank = chance.pick(BANKS);
  const prefix = chance.flip(0.3) ? chance.pick(PREFIXES) : '';
  const known = { ...NOBODY, name, prefix, number, bankCode: bank.code };
  return chance.flip(0.5)
    ? { ...known, iban: ibanOf({ prefix, number, bankCode: bank.code }), bic: bank.bic }
    : known;
}

/** A German counterparty with IBAN and BIC. */
export function foreignParty(chance: Chance): Party {
  const bban = `${chance.int(10000000, 99999999)}${drawNumber(chance)}`;
  const check = 98n - (BigInt(`${bban}131400`) % 97n);
  return {
    ...NOBODY,
    name: chance.pick(ABROAD),
    iban: `DE${String(check).padStart(2, '0')}${bban}`,
    bic: 'MARKDEFFXXX',
    city: 'Leipzig',
    country: 'DE',
  };
}

/** An office or employee named as given, with a drawn account. */
export function namedParty(name: string, chance: Chance): Party {
  return { ...NOBODY, name, number: drawNumber(chance), bankCode: chance.pick(BANKS).code };
}

export function merchant(chance: Chance): string {
  return chance.pick(MERCHANTS);
}
