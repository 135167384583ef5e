import type { PlainDate } from '../../domain/dates.ts';
import { Failure } from '../../domain/failure.ts';
import type { QuarantinedItem } from '../../domain/model.ts';
import { FormatError } from '../../formats/errors.ts';
import { readQuotes, type Quote, type QuoteList, type Quotes } from '../../formats/quotes/reader.ts';
import type { BankCall } from '../../http/types.ts';
import type { ExchangeRate, RateList } from '../contract.ts';
import type { Config } from './config.ts';
import { downloadFile } from './download.ts';
import type { BankFile, Files } from './files.ts';

const OPERATION = 'downloadFile';

/** Names as the manual prints them: `EXRT_CNB_yyyymmdd.BBF`, `EXRT_CSOB_yyyymmdd.BBF`. */
const NAME = /^EXRT_([A-Za-z]+)_(\d{4})(\d{2})(\d{2})\b/;

interface RateFile {
  readonly provider: string;
  readonly day: PlainDate;
  readonly file: BankFile;
}

/**
 * Rates of the Czech National Bank and of ČSOB, as far as the contract may download them: of each the newest file of a
 * day or before, for no rates are made on days without banking.
 * @param date day they are valid on, `null` for the newest
 * @throws Failure `rejected` for what is no currency code and for days the bank no longer has, `protocol`
 */
export async function exchangeRates(
  files: Files,
  call: BankCall,
  { origin }: Config,
  date: PlainDate | null,
  currency: string | null,
): Promise<RateList> {
  if (currency !== null && !/^[A-Z]{3}$/.test(currency)) {
    const message = 'A currency has three capital letters (ISO 4217). Ask for one like EUR.';
    throw new Failure('rejected', message, { operation: OPERATION, field: 'currency' });
  }
  const listing = await files.rates();
  const chosen = newest(listing.files, date);
  const rates: ExchangeRate[] = [];
  const quarantined: QuarantinedItem[] = [...listing.quarantined];
  let had = 0;
  for (const { file, provider } of chosen) {
    const document = await downloadFile(call, file, origin);
    if (!document) continue;
    had += 1;
    const read = readFile(document.bytes);
    quarantined.push(...read.quarantined);
    rates.push(...read.lists.flatMap((list) => list.quotes.map((quote) => rateOf(provider, list, quote))));
  }
  if (chosen.length > 0 && had === 0) {
    const message =
      'The bank lists the rates of that day but no longer has them: it keeps files for 15 days.';
    throw new Failure('rejected', message, { operation: OPERATION, field: 'date' });
  }
  return { rates: rates.filter(({ from }) => currency === null || from === currency), quarantined };
}

/** Of each provider the last file that can be had of the day or before. */
function newest(files: readonly BankFile[], date: PlainDate | null): RateFile[] {
  const found = new Map<string, RateFile>();
  for (const file of files) {
    const [, named = '', year, month, last] = NAME.exec(file.name) ?? [];
    const provider = named.toLowerCase();
    const day = `${year}-${month}-${last}`;
    if (file.type !== 'KURZY' || provider === '' || file.state !== 'ready') continue;
    if (date !== null && day > date) continue;
    const other = found.get(provider);
    const isLater = !other || day > other.day || (day === other.day && file.createdAt > other.file.createdAt);
    if (isLater) found.set(provider, { provider, day, file });
  }
  return [...found.values()];
}

/** @throws Failure `protocol` */
function readFile(bytes: Uint8Array): Quotes {
  try {
    return readQuotes(bytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const message = `The bank's file of rates is none (${error.rule}). Report it to the bank with its time.`;
    throw new Failure('protocol', message, { operation: OPERATION });
  }
}

function rateOf(
  provider: string,
  { validFrom }: QuoteList,
  { currency, units, transfers, cash }: Quote,
): ExchangeRate {
  return {
    provider,
    from: currency,
    to: 'CZK',
    units,
    ...transfers,
    cash: (cash.buy ?? cash.sell ?? cash.middle) === null ? null : cash,
    validFrom,
  };
}
