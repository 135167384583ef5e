import { isPlainDate, type PlainDate } from '../../domain/dates.ts';
import { Failure } from '../../domain/failure.ts';
import type { BankDocument, QuarantinedItem, Window } from '../../domain/model.ts';
import type { BankCall } from '../../http/types.ts';
import type { AccountRef, AdviceList, AdviceRef } from '../contract.ts';
import {
  ADVICE_FORMATS,
  MAX_OPENED,
  ofEachListing,
  placeByName,
  statementsIn,
  unplaced,
} from './catalogue.ts';
import type { Config } from './config.ts';
import { downloadFile } from './download.ts';
import { identityOf, type BankFile, type Files, type Listing } from './files.ts';

const OPERATION = 'downloadFile';

interface ListedAdvice {
  readonly id: string;
  /** Number of the account, `prefix-number` or `number`. */
  readonly account: string;
  readonly day: PlainDate;
  readonly file: BankFile;
}

interface Advices {
  readonly listed: readonly ListedAdvice[];
  readonly quarantined: readonly QuarantinedItem[];
}

/** @param from day in Prague from which files are asked for */
export type AdviceCatalogues = (from: PlainDate) => Promise<Advices>;

/** What each list of files says of advices, worked out once; the list is the one that tells of statements. */
export function createAdvices(files: Files, call: BankCall, { origin }: Config): AdviceCatalogues {
  return ofEachListing(files, (listing) => readAdvices(listing, call, origin));
}

/**
 * Advices are named `AV_<account>_<yyyymmdd>_<number>.STA`, which was seen but is nowhere promised; one of another name
 * is opened to see whose it is. Unlike a statement it has one file and one format.
 */
async function readAdvices(listing: Listing, call: BankCall, origin: string): Promise<Advices> {
  const listed: ListedAdvice[] = [];
  const quarantined: QuarantinedItem[] = [];
  let opened = 0;
  for (const file of listing.files) {
    if (file.type !== 'AVIZO' || !Object.hasOwn(ADVICE_FORMATS, file.format ?? '')) continue;
    let place: Pick<ListedAdvice, 'account' | 'day'> | null = placeByName(file);
    if (place === null && file.state === 'ready' && opened < MAX_OPENED) {
      opened += 1;
      place = await placeByContent(file, call, origin);
    }
    if (place) listed.push({ id: identityOf(file), account: place.account, day: place.day, file });
    else if (file.state !== 'preparing') quarantined.push(unplaced(file));
  }
  return { listed, quarantined };
}

async function placeByContent(
  file: BankFile,
  call: BankCall,
  origin: string,
): Promise<Pick<ListedAdvice, 'account' | 'day'> | null> {
  const [statement] = await statementsIn(file, call, origin);
  const account = statement?.account.number ?? null;
  const day = file.createdAt.slice(0, 10);
  return account !== null && isPlainDate(day) ? { account, day } : null;
}

/** The advices of an account and of the days of a window; none where they are switched off. */
export async function adviceList(
  catalogues: AdviceCatalogues,
  account: AccountRef,
  window: Window,
): Promise<AdviceList> {
  if (account.settings['advices'] === 'no') return { advices: [], quarantined: [] };
  const { listed, quarantined } = await catalogues(window.from);
  const mine = listed.filter(
    (one) => one.account === account.handle && one.day >= window.from && one.day <= window.to,
  );
  return {
    advices: mine.filter(({ file }) => file.state !== 'failed').map(refOf),
    quarantined: [...quarantined, ...mine.filter(({ file }) => file.state === 'failed').map(failed)],
  };
}

const refOf = ({ id, day, file }: ListedAdvice): AdviceRef => ({
  id,
  day,
  format: ADVICE_FORMATS[file.format ?? '']!,
});

function failed({ file }: ListedAdvice): QuarantinedItem {
  const message =
    'The bank failed to prepare an advice and will not try again. What it would tell comes with the statement.';
  return { rule: 'file-failed', message, position: null, raw: identityOf(file) };
}

/**
 * An advice's file.
 * @returns `null` while the bank prepares it, and once it no longer has it
 * @throws Failure `rejected` for an advice the bank does not list
 */
export async function downloadAdvice(
  catalogues: AdviceCatalogues,
  call: BankCall,
  { origin }: Config,
  advice: AdviceRef,
): Promise<BankDocument | null> {
  const { listed } = await catalogues(advice.day);
  const found = listed.find(({ id }) => id === advice.id);
  if (!found) {
    const message = 'The bank no longer lists this advice. What it told stands in the statement of its day.';
    throw new Failure('rejected', message, { operation: OPERATION });
  }
  return downloadFile(call, found.file, origin);
}
