/**
 * Codes of payment providers in Czech payments. Data of the Czech National Bank as of {@link BANK_CODES_DATE}; to
 * refresh it, take the bank's CSV (code; provider; BIC; participant of CERTIS). Readers accept codes that are not
 * here: old files have some, and new ones come.
 */

/** Day the table is of. */
export const BANK_CODES_DATE = '2026-01-07';
/** Where the table comes from. */
export const BANK_CODES_SOURCE = 'Czech National Bank, codes in payment systems (cnb.cz, kody_bank_CR.csv)';

/** A payment provider with a code of its own. */
export interface Bank {
  /** Four digits. */
  readonly code: string;
  readonly name: string;
  /** Eight characters, `null` when it has none of its own. */
  readonly bic: string | null;
  /** Whether it takes part in CERTIS, the clearing of domestic payments. */
  readonly certis: boolean;
}

type Row = readonly [code: string, name: string, bic: string | null, certis: boolean];

const ROWS: readonly Row[] = [
  ['0100', 'Komerční banka, a.s.', 'KOMBCZPP', true],
  ['0300', 'Československá obchodní banka, a. s.', 'CEKOCZPP', true],
  ['0600', 'MONETA Money Bank, a.s.', 'AGBACZPP', true],
  ['0710', 'ČESKÁ NÁRODNÍ BANKA', 'CNBACZPP', true],
  ['0800', 'Česká spořitelna, a.s.', 'GIBACZPX', true],
  ['2010', 'Fio banka, a.s.', 'FIOBCZPP', true],
  ['2060', 'Citfin, spořitelní družstvo', 'CITFCZPP', true],
  ['2070', 'TRINITY BANK a.s.', 'MPUBCZPP', true],
  ['2100', 'ČSOB Hypoteční banka, a.s.', null, true],
  ['2200', 'Peněžní dům, spořitelní družstvo', null, true],
  ['2220', 'Artesa, spořitelní družstvo', 'ARTTCZPP', true],
  ['2250', 'Banka CREDITAS a.s.', 'CTASCZ22', true],
  ['2260', 'NEY spořitelní družstvo', null, true],
  ['2275', 'Podnikatelská družstevní záložna', null, false],
  ['2600', 'Citibank Europe plc, organizační složka', 'CITICZPX', true],
  ['2700', 'UniCredit Bank Czech Republic and Slovakia, a.s.', 'BACXCZPP', true],
  ['3030', 'Air Bank a.s.', 'AIRACZPP', true],
  ['3060', 'PKO BP S.A., Czech Branch', 'BPKOCZPP', true],
  ['3500', 'ING Bank N.V.', 'INGBCZPP', true],
  ['4000', 'doběh plateb ve prospěch Banky CREDITAS a.s.', 'EXPNCZPP', true],
  ['4300', 'Národní rozvojová banka, a.s.', 'NROZCZPP', true],
  ['5500', 'Raiffeisenbank a.s.', 'RZBCCZPP', true],
  ['5800', 'J&T BANKA, a.s.', 'JTBPCZPP', true],
  ['6000', 'PPF banka a.s.', 'PMBPCZPP', true],
  ['6200', 'COMMERZBANK Aktiengesellschaft, pobočka Praha', 'COBACZPX', true],
  ['6210', 'mBank S.A., organizační složka', 'BREXCZPP', true],
  ['6300', 'BNP Paribas S.A., pobočka Česká republika', 'GEBACZPP', true],
  ['6363', 'Partners Banka, a.s.', null, true],
  ['6700', 'Všeobecná úverová banka a.s., pobočka Praha', 'SUBACZPP', true],
  ['6800', 'Sberbank CZ, a.s. v likvidaci', 'VBOECZ2X', true],
  ['7910', 'Deutsche Bank Aktiengesellschaft Filiale Prag, organizační složka', 'DEUTCZPX', true],
  ['7950', 'Raiffeisen stavební spořitelna a.s.', null, true],
  ['7960', 'ČSOB Stavební spořitelna, a.s.', null, true],
  ['7970', 'MONETA Stavební Spořitelna, a.s.', null, true],
  ['7990', 'Modrá pyramida stavební spořitelna, a.s.', null, true],
  ['8030', 'Volksbank Raiffeisenbank Nordoberpfalz eG pobočka Cheb', 'GENOCZ21', true],
  ['8040', 'Oberbank AG pobočka Česká republika', 'OBKLCZ2X', true],
  ['8060', 'Stavební spořitelna České spořitelny, a.s.', null, true],
  ['8090', 'Česká exportní banka, a.s.', 'CZEECZPP', true],
  ['8150', 'HSBC Continental Europe, Czech Republic', 'MIDLCZPP', true],
  ['8190', 'Sparkasse Oberlausitz-Niederschlesien', null, true],
  ['8198', 'FAS finance company s.r.o.', 'FFCSCZP1', false],
  ['8220', 'Payment execution s.r.o.', 'PAERCZP1', false],
  ['8250', 'Bank of China (CEE) Ltd. Prague Branch', 'BKCHCZPP', true],
  ['8255', 'Bank of Communications Co., Ltd., Prague Branch odštěpný závod', 'COMMCZPP', true],
  [
    '8265',
    'Industrial and Commercial Bank of China Limited, Prague Branch, odštěpný závod',
    'ICBKCZPP',
    true,
  ],
  ['8280', 'B-Efekt a.s.', 'BEFKCZP1', false],
  ['8500', 'Multitude Bank p.l.c.', null, true],
];

/** All of them by code. */
export const BANKS: ReadonlyMap<string, Bank> = new Map(
  ROWS.map(([code, name, bic, certis]) => [code, { code, name, bic, certis }]),
);

/** The provider with this code, `null` when the table has none. */
export function bankOfCode(code: string): Bank | null {
  return BANKS.get(code) ?? null;
}

/** Its BIC, `null` when the code is unknown or has none. */
export function bicOfCode(code: string): string | null {
  return BANKS.get(code)?.bic ?? null;
}
