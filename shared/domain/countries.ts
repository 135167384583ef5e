/** Countries as ISO 3166-1 has them, and which of them pay each other by SEPA. */

const CODES = `
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD
CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF
GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN
KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI
SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI
VN VU WF WS YE YT ZA ZM ZW`;

/** ISO 3166-1 alpha-2, and XK for Kosovo, which BICs and IBANs use (a user-assigned code). */
const COUNTRIES: ReadonlySet<string> = new Set([...CODES.trim().split(/\s+/), 'XK']);

/**
 * Countries of the SEPA schemes by the first letters of an IBAN (European Payments Council, EPC409-09: the European
 * Economic Area and those that joined). Dependencies use the IBAN of their country or one of their own (GI).
 */
const SEPA: ReadonlySet<string> = new Set(
  (
    'AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE ' +
    'SI SK SM VA'
  ).split(' '),
);

/** Whether a text is the code of a country: two capital letters. */
export const isCountry = (code: string): boolean => COUNTRIES.has(code);

/** Whether an IBAN, without spaces and in capital letters, is one of a SEPA country. */
export const isSepaIban = (iban: string): boolean => SEPA.has(iban.slice(0, 2));
