import * as z from 'zod/mini';
import { isPlainDate } from '../domain/dates.ts';

/** The fields several shapes share. */

export const text = (longest: number) => z.string().check(z.minLength(1), z.maxLength(longest));
export const plainDate = z
  .string()
  .check(z.regex(/^\d{4}-\d{2}-\d{2}$/), z.refine(isPlainDate, 'Not a calendar day (YYYY-MM-DD)'));
/** UTC, ISO 8601. */
export const instant = z.string();
export const nullable = <T extends z.ZodMiniType>(schema: T) => z.nullable(schema);
/** An amount: decimal point, all decimals of the currency, minus for debits. */
export const decimal = z.string();
/** The other side of a movement or payment, as far as it is known. */
export const party = z.object({
  name: z.nullable(z.string()),
  iban: z.nullable(z.string()),
  number: z.nullable(z.string()),
  bankCode: z.nullable(z.string()),
  bic: z.nullable(z.string()),
});
/** A map of the bank's own fields or settings. */
export const bankFields = z.record(
  z.string().check(z.regex(/^[A-Za-z][A-Za-z0-9]{0,40}$/)),
  z.string().check(z.maxLength(500)),
);

/** A list without pages. */
export const listOf = (item: z.ZodMiniType) => z.object({ items: z.array(item) });
/** A page; `next` is the cursor of the one behind it. */
export const pageOf = (item: z.ZodMiniType) => z.object({ items: z.array(item), next: nullable(z.string()) });
