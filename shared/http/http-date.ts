/** Epoch milliseconds of an HTTP date in the one form senders may use (`Sun, 06 Nov 1994 08:49:37 GMT`), else `null`. */
export function parseHttpDate(value: string | undefined): number | null {
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(value?.trim() ?? ''))
    return null;
  const instant = Date.parse(value ?? '');
  return Number.isNaN(instant) ? null : instant;
}

/**
 * How far the clock behind an answer is ahead of ours, whole seconds. `Date` names a second and was written at some
 * moment between our question and its answer; within these bounds the clocks may agree, and then the skew is 0.
 * @param date the answer's `Date`, epoch milliseconds
 * @param asked our instant of the question
 * @param answered our instant of the answer
 */
export function clockSkew(date: number, asked: number, answered: number): number {
  const least = date - answered;
  const most = date + 1_000 - asked;
  return least <= 0 && most >= 0 ? 0 : Math.trunc((least + most) / 2_000);
}
