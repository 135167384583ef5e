/** FINSTA and BBTXT are formats of one bank; a 16-digit account in them has no bank code. */
export const FINSTA_ISSUER = '0300';

/** Names an older edition of the description has for the same header fields. */
export const FINSTA_OLDER_NAMES: Readonly<Record<string, string>> = {
  S28_CIS_VYPISU: 'S28_CISLO_VYPISU',
  S62F_CD_INDIK: 'S62_CD_INDIK',
  S62F_DATUM: 'S62_DATUM',
  S62F_CASTKA: 'S62_CASTKA',
};
