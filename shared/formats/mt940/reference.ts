/** What banks write for no reference; `EREF` says that it stands in the text. */
const NO_REFERENCE = /^(?:N|NONREF|NOREF|NOTPROVIDED|EREF|KREF|0+)?$/;

/** The reference a field holds, `null` for none. */
export function referenceIn(text: string): string | null {
  const first = text.charCodeAt(0);
  // Most references begin with another digit.
  return first > 48 && first < 58 ? text : NO_REFERENCE.test(text) ? null : text;
}
