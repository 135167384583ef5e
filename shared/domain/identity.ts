import { createHash } from 'node:crypto';
import type { PlainDate } from './dates.ts';
import type { Transaction } from './model.ts';

/**
 * Who a movement is. The one rule that decides whether a row is new, for every bank and both channels: a movement
 * lost or doubled here is a movement lost or doubled in somebody's books.
 */

/** The road a row came by: the bank's transaction list, or its statement documents. */
export type Channel = 'transactions' | 'statements';

/** What the ledger must tell of a stored row so that it can be recognised. */
export interface KnownRow {
  readonly id: string;
  readonly bookingDate: PlainDate;
  /** Signed minor units. */
  readonly minor: bigint;
  readonly channel: Channel;
  /** The bank's reference, `null` when the row has none. */
  readonly reference: string | null;
  /** Reference of the batch the row is a detail of, `null` when it is none. */
  readonly entry: string | null;
}

export interface IdentifiedRow {
  readonly id: string;
  /** `v1|scope|identity`, from which the id is the hash. */
  readonly key: string;
  readonly transaction: Transaction;
}

/** What a pass over a window remembers from page to page. */
export interface Pass {
  /** How often each content was met: equal payments on one day are several rows. */
  readonly contents: ReadonlyMap<string, number>;
  /** Ids that are spoken for: rows taken as the same movement, of either channel. */
  readonly claimed: ReadonlySet<string>;
}

export const NEW_PASS: Pass = { contents: new Map(), claimed: new Set() };

const hash = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22);

/**
 * The transaction key, `v1|account scope|identity` (design, chapter 4). The identity is the bank's reference where
 * the manifest vouches for it (details of a batch that only have their entry's reference add their index), else a
 * hash of the content with an occurrence number.
 */
function keyOf(
  scope: string,
  transaction: Transaction,
  vouched: boolean,
  contents: Map<string, number>,
): string {
  const { bankReference, batch } = transaction;
  if (vouched && bankReference !== null) {
    const detail = batch !== null && batch.reference === bankReference ? `#${batch.index}` : '';
    return `v1|${scope}|ref|${bankReference}${detail}`;
  }
  const content = contentOf(transaction);
  const occurrence = (contents.get(content) ?? 0) + 1;
  contents.set(content, occurrence);
  return `v1|${scope}|content|${content}|${occurrence}`;
}

/** Hash of what a bank keeps stable about a booked movement. Texts are folded: banks re-wrap them. */
function contentOf(t: Transaction): string {
  const party = t.counterparty;
  const fold = (text: string | null): string => (text ?? '').normalize('NFC').replace(/\s+/g, ' ').trim();
  return hash(
    [
      t.bookingDate,
      t.amount.minor,
      t.amount.currency,
      party.iban ?? `${party.number ?? ''}/${party.bankCode ?? ''}`,
      t.variableSymbol,
      t.constantSymbol,
      t.specificSymbol,
      t.reversal ? 'R' : '',
      fold(t.message),
    ].join('|'),
  );
}

/** A row as the ledger tells of it once it is stored. */
export function asKnown({ id, transaction }: IdentifiedRow, channel: Channel): KnownRow {
  const { bookingDate, amount, bankReference, batch } = transaction;
  return {
    id,
    bookingDate,
    minor: amount.minor,
    channel,
    reference: bankReference,
    entry: batch?.reference ?? null,
  };
}

/**
 * Splits what a document says into rows the ledger lacks and rows it has.
 *
 * A row is known when the ledger holds its id; or when the other channel already brought the same bank reference
 * (a batch is one row in one channel and several in the other, under the reference of their entry); or, where one of
 * the two has no reference at all or the bank's two channels are not known to share theirs, when the other channel
 * brought a row of the same day and amount that no other row of this pass claims. So an account pulled by statements *and* transactions never doubles a movement.
 *
 * @param known every stored row of the days the document speaks of, and a few around them
 * @param options.vouched whether the bank's reference identifies a movement within its channel
 * @param options.shared whether both channels name a movement by the same reference
 * @returns the new rows, and what the next page of the same pass must know
 */
export function selectNew(
  rows: readonly Transaction[],
  known: readonly KnownRow[],
  options: { scope: string; channel: Channel; vouched: boolean; shared: boolean; pass: Pass },
): { fresh: IdentifiedRow[]; pass: Pass } {
  const contents = new Map(options.pass.contents);
  const claimed = new Set(options.pass.claimed);
  const ids = new Set(known.map((row) => row.id));
  const others = known.filter((row) => row.channel !== options.channel);
  const references = new Set(others.flatMap(({ reference, entry }) => [reference, entry]));
  const candidates = Map.groupBy(others, ({ bookingDate, minor }) => `${bookingDate} ${minor}`);
  const identified = rows.map((transaction) => {
    const key = keyOf(options.scope, transaction, options.vouched, contents);
    return { id: hash(key), key, transaction };
  });
  for (const { id } of identified) if (ids.has(id)) claimed.add(id);
  const fresh: IdentifiedRow[] = [];
  for (const row of identified) {
    // A row shown twice (pages shift while we read them) must not count twice.
    if (claimed.has(row.id)) continue;
    claimed.add(row.id);
    const { bankReference, batch, bookingDate, amount } = row.transaction;
    const reference = options.vouched ? bankReference : null;
    if (reference !== null && (references.has(reference) || references.has(batch?.reference ?? reference)))
      continue;
    const twin = candidates
      .get(`${bookingDate} ${amount.minor}`)
      ?.find(
        (other) =>
          !claimed.has(other.id) && (!options.shared || reference === null || other.reference === null),
      );
    if (twin) claimed.add(twin.id);
    else fresh.push(row);
  }
  return { fresh, pass: { contents, claimed } };
}
