import * as z from 'zod/mini';
import { Problem } from './problem.ts';

/** Query fields of every list. */
export const pageQuery = {
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(500)), 100),
  cursor: z.optional(z.string().check(z.regex(/^[A-Za-z0-9_-]{1,400}$/))),
};

/** A cursor carries the sort key only; the partition comes from the caller. */
export const cursorOf = (sortKey: string | null): string | null =>
  sortKey === null ? null : Buffer.from(sortKey).toString('base64url');

/** @throws Problem 400 when the text is no cursor of that list */
export function sortKeyOf(cursor: string | undefined, prefix: string): string | null {
  if (cursor === undefined) return null;
  const sortKey = Buffer.from(cursor, 'base64url').toString('utf8');
  // Sort keys are ASCII; other text sorts differently here and in the table.
  if (sortKey.startsWith(prefix) && /^[ -~]*$/.test(sortKey)) return sortKey;
  throw new Problem({
    status: 400,
    code: 'invalid-cursor',
    title: 'Not a cursor of this list',
    detail: 'Send back the "next" of the page before, or leave the cursor out to begin anew.',
  });
}
