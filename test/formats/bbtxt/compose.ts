import { HEADER, ITEM } from '../../../shared/formats/bbtxt/records.ts';

/** Records of a BBTXT file of our own: the fields that are given, the others empty. */

export type Values = Readonly<Record<string, string>>;

const line = (names: readonly string[], values: Values, separator: string): string =>
  names.map((name, at) => (at === 0 ? name : (values[name] ?? ''))).join(separator);

export const header = (values: Values = {}, separator = '|'): string =>
  line(
    HEADER,
    {
      CISLO_UCTU: '0000000630804003',
      MENA: 'CZK',
      NAZEV_UCTU: 'VZOROVÁ FIRMA',
      CISLO_VYPISU: '171',
      ROK_VYPISU: '2026',
      DATUM_START: '20260902000000',
      ZUSTATEK_START: '1000,00',
      DATUM_END: '20260903000000',
      ZUSTATEK_END: '1638,30',
      OBRAT_DR: '100,00',
      OBRAT_CR: '738,30',
      FREKVENCE: 'denní',
      ...values,
    },
    separator,
  );

export const item = (values: Values = {}, separator = '|'): string =>
  line(
    ITEM,
    {
      TYP_TRANSAKCE: '11',
      TRACE_ID: 'SBAX468232',
      POPIS_POLOZKY: 'Příchozí úhrada',
      POR_CISLO: '26520',
      OPER_KOD: 'TRF',
      DATUM_SPLAT: '20260902000000',
      DATUM_ZAUCT: '20260903000000',
      ZNAMENKO: 'C',
      CASTKA: '745,30',
      MENA: 'CZK',
      DOM_ZAHR: 'INH',
      KOD_BANKY: '0800',
      SS: '0055501234',
      VS: '260000777',
      KS: '0308',
      CISLO_PROTIUCTU: '19-2000145399',
      NAZEV_PROTIUCTU: 'ODBĚRATEL S.R.O.',
      VS_PLATCE: '4711',
      ZPRAVA_PRIJEMCI1: 'Faktura 07.2026',
      ...values,
    },
    separator,
  );

export const FEE = { POR_CISLO: '26521', ZNAMENKO: 'D', CASTKA: '100,00' };
export const STORNO = { POR_CISLO: '26522', ZNAMENKO: 'CR', CASTKA: '7,00' };
const RATE = (separator: string): string => ['NEUC_POLOZKA', '0,01', '20260903000000'].join(separator);
export const file = (separator = '|'): string =>
  [
    header({}, separator),
    RATE(separator),
    ...[{}, FEE, STORNO].map((values) => item(values, separator)),
    '',
  ].join('\r\n');
