/**
 * Records of BBTXT, the statement in lines of ČSOB BusinessBanking ("Popis formátu TXT", version 7, chapter 3.1):
 * fields of any length behind each other with a separator the customer chooses, decimal comma.
 */

export const HEADER = [
  'HLAVA',
  'CISLO_UCTU',
  'MENA',
  'NAZEV_UCTU',
  'CISLO_VYPISU',
  'ROK_VYPISU',
  'DATUM_START',
  'ZUSTATEK_START',
  'DATUM_END',
  'ZUSTATEK_END',
  'OBRAT_DR',
  'OBRAT_CR',
  'UROK_SAZBA_START',
  'UROK_SAZBA_END',
  'FREKVENCE',
] as const;

export const ITEM = [
  'UC_POLOZKA',
  'TYP_TRANSAKCE',
  'TRACE_ID',
  'REF_KLIENT',
  'REF_BANKA',
  'DATUM_ODUCT',
  'CASTKA_PLATBY',
  'MENA_PLATBY',
  'KURZ',
  'ZUSTATEK',
  'POPIS_POLOZKY',
  'POZNAMKA',
  'POR_CISLO',
  'OPER_KOD',
  'DATUM_SPLAT',
  'DATUM_ZAUCT',
  'ZNAMENKO',
  'CASTKA',
  'MENA',
  'CISLO_SEKU',
  'DOM_ZAHR',
  'KOD_BANKY',
  'SS',
  'VS',
  'KS',
  'CISLO_PROTIUCTU',
  'NAZEV_PROTIUCTU',
  'SS_PLATCE',
  'VS_PLATCE',
  'ZPRAVA_PRIJEMCI1',
  'ZPRAVA_PRIJEMCI2',
  'ZPRAVA_PRIJEMCI3',
  'ZPRAVA_PRIJEMCI4',
  'ADRESA1',
  'ADRESA2',
  'ADRESA3',
  'ADRESA4',
  'ZPRAVA_PLATCI1',
  'ZPRAVA_PLATCI2',
  'ZPRAVA_PLATCI3',
  'ZPRAVA_PLATCI4',
  'KANAL',
] as const;

/** A line on the account's interest rate, which moves nothing. */
export const NOTE = 'NEUC_POLOZKA';

/** Fields that hold digits or nothing: text in them tells that a separator stood inside another field. */
export const NUMERIC: readonly (typeof ITEM)[number][] = ['SS', 'VS', 'KS', 'SS_PLATCE', 'VS_PLATCE'];

/** Separators a customer can choose, the longer of two that begin alike first. */
const SEPARATORS = ['|', '/', '::', ':', ';;', ';'];

/** The separator of a file, from its first line; `null` when it is no such file. */
export function separatorOf(line: string): string | null {
  const rest = line.startsWith(HEADER[0]) ? line.slice(HEADER[0].length) : '';
  return SEPARATORS.find((separator) => rest.startsWith(separator)) ?? null;
}
