import type { PlainDate } from '../../domain/dates.ts';
import type { QuarantinedItem } from '../../domain/model.ts';
import { children, textAt } from '../../formats/camt/fields.ts';
import { branch, leaf } from '../../formats/xml-write.ts';
import type { XmlElement } from '../../formats/xml.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';

/** A file the bank lists (`FileDetail_v3`). */
export interface BankFile {
  /** Where it can be had, only when it is ready; differs from call to call and never identifies anything. */
  readonly url: string | null;
  readonly name: string;
  /** `VYPIS` statement, `AVIZO` advice, `KURZY` rates, `IMPPROT` import protocol. */
  readonly type: string;
  /** The bank's name of the format, of statements and advices only. */
  readonly format: string | null;
  /** As the bank wrote it: with or without milliseconds and zone. */
  readonly createdAt: string;
  readonly size: number;
  /** Of the uploaded file, lower-case hex; import protocols only. */
  readonly uploadHash: string | null;
  /** `ready`, `preparing` (ask again), or `failed` for good. */
  readonly state: 'ready' | 'preparing' | 'failed';
}

export interface Listing {
  readonly files: readonly BankFile[];
  readonly quarantined: readonly QuarantinedItem[];
}

const OPERATION = 'GetDownloadFileList_v4';

/**
 * The bank's list of files, asked for as rarely as can be: every call counts, and one answer holds the files of all
 * accounts, so a connector keeps what it was told as long as it lives (one run). No `PrevQueryTimestamp` is sent: a
 * cursor that is lost, or moved on past a file still in preparation, would lose that file.
 */
export interface Files {
  /**
   * Statements and advices created on a day (in Prague) or later; of the last 45 days for `null`. Both in one call: it
   * is calls that the bank counts.
   */
  documents(from: PlainDate | null): Promise<Listing>;
  /** Files of exchange rates of the last 45 days. */
  rates(): Promise<Listing>;
  /** Protocols of orders that this installation uploaded in the last 45 days. */
  protocols(): Promise<Listing>;
  /** The cheapest call: protocols of nobody. */
  prove(): Promise<void>;
}

export function createFiles(client: Client, { contractNumber, clientAppGuid }: Config): Files {
  let widest: { readonly from: PlainDate | null; readonly listing: Promise<Listing> } | null = null;

  async function list(filter: string): Promise<Listing> {
    const fields = [leaf('ContractNumber', contractNumber), filter];
    const { element } = await client(OPERATION, fields, { read: true, unclear: 'transient' });
    return listingOf(element);
  }

  return {
    async documents(from) {
      if (widest && (widest.from === null || (from !== null && from >= widest.from))) return widest.listing;
      const asked = { from, listing: list(filterOf(['VYPIS', 'AVIZO'], createdAfter(from))) };
      widest = asked;
      try {
        return await asked.listing;
      } catch (error) {
        if (widest === asked) widest = null;
        throw error;
      }
    },
    rates: () => list(filterOf(['KURZY'], '')),
    protocols: () => list(filterOf(['IMPPROT'], leaf('ClientAppGuid', clientAppGuid))),
    prove: async () => void (await list(filterOf(['IMPPROT'], ''))),
  };
}

const filterOf = (types: readonly string[], rest: string): string =>
  branch('Filter', branch('FileTypes', ...types.map((type) => leaf('FileType', type))), rest);

/** Midnight by summer time, which in winter is an hour before the day begins: never too late. */
const createdAfter = (from: PlainDate | null): string =>
  from === null ? '' : leaf('CreatedAfter', `${from}T00:00:00+02:00`);

function listingOf(element: XmlElement): Listing {
  const files: BankFile[] = [];
  const quarantined: QuarantinedItem[] = [];
  for (const [at, detail] of children(element, 'FileList', 'FileDetail').entries()) {
    const file = fileOf(detail);
    if (file) files.push(file);
    else quarantined.push(asideOf(detail, `file ${at + 1} of the list`));
  }
  return { files, quarantined };
}

/** @returns `null` for an item without what every file has */
function fileOf(detail: XmlElement): BankFile | null {
  const name = textAt(detail, 'Filename');
  const type = textAt(detail, 'Type');
  const createdAt = textAt(detail, 'CreationDateTime');
  const size = textAt(detail, 'Size') ?? '';
  if (name === null || type === null || createdAt === null || !/^\d{1,10}$/.test(size)) return null;
  const url = textAt(detail, 'Url');
  const status = textAt(detail, 'Status');
  return {
    url,
    name,
    type,
    format: textAt(detail, 'Format'),
    createdAt,
    size: Number(size),
    // Protocols of older uploads have an MD5 here, filled up with spaces.
    uploadHash: textAt(detail, 'UploadFileHash')?.trim().toLowerCase() ?? null,
    state: status === 'F' ? 'failed' : status === 'D' && url !== null ? 'ready' : 'preparing',
  };
}

function asideOf(detail: XmlElement, position: string): QuarantinedItem {
  const raw = detail.children.map(({ name, text }) => (name === 'Url' ? '' : `${name}: ${text}`)).join('\n');
  const message = `${position} has no name, type, time or size and was passed over. Ask the bank for it.`;
  return { rule: 'file-incomplete', message, position, raw };
}

/** What a file is known by, whenever it is listed. */
export const identityOf = ({ type, format, name, createdAt, size }: BankFile): string =>
  [type, format ?? '', name, createdAt, size].join('|');
