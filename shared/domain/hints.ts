import type { Connection } from './records.ts';

/**
 * What an ERP's operator noted on a connection for whoever reads its files: their encoding, and the procedure that
 * imports them. Opaque to us: it goes along with every document of the bank that is handed out.
 */
export interface Hints {
  readonly contentEncoding: string | null;
  readonly processingProcedure: string | null;
}

/** @param connection `null` where it is gone */
export function hintsOf(connection: Pick<Connection, 'config'> | null): Hints {
  const noted = (name: keyof Hints): string | null => connection?.config[name]?.trim() || null;
  return { contentEncoding: noted('contentEncoding'), processingProcedure: noted('processingProcedure') };
}
