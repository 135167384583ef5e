/**
 * The messages of the camt family that report entries. Versions 02 to 13 of each differ in where a few fields stand,
 * not in what they are called, so they are told apart by the message's element; the namespace is not looked at, as
 * banks misspell it.
 */
export interface CamtMessage {
  readonly format: CamtFormat;
  /** The element that holds one account's report. */
  readonly report: string;
  /** The element that numbers the pages of one report (version 08 and later). */
  readonly pagination: string;
  /** Codes of the balances the report begins and ends with, best first. */
  readonly opening: readonly string[];
  readonly closing: readonly string[];
  /** Whether the balances must close: only a statement is final, interim reports may leave entries out. */
  readonly final: boolean;
}

export type CamtFormat = 'camt.052' | 'camt.053' | 'camt.054';

/** By the element below `Document`. */
export const CAMT_MESSAGES: Readonly<Record<string, CamtMessage>> = {
  BkToCstmrStmt: {
    format: 'camt.053',
    report: 'Stmt',
    pagination: 'StmtPgntn',
    opening: ['OPBD', 'PRCD'],
    closing: ['CLBD'],
    final: true,
  },
  BkToCstmrAcctRpt: {
    format: 'camt.052',
    report: 'Rpt',
    pagination: 'RptPgntn',
    opening: ['OPBD', 'PRCD'],
    closing: ['CLBD', 'ITBD'],
    final: false,
  },
  BkToCstmrDbtCdtNtfctn: {
    format: 'camt.054',
    report: 'Ntfctn',
    pagination: 'NtfctnPgntn',
    opening: [],
    closing: [],
    final: false,
  },
};

/** The message whose element this is. */
export function camtMessage(element: string): CamtMessage | null {
  return Object.hasOwn(CAMT_MESSAGES, element) ? (CAMT_MESSAGES[element] ?? null) : null;
}
