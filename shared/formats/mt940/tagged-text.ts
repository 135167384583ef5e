/**
 * Texts that carry SEPA fields by name, as German banks (`EREF+…SVWZ+…`, DFÜ agreement, annex 3) and Dutch ones
 * (`/EREF/…/NAME/…/REMI/…`, SWIFT field 86 structured) write them.
 */
export interface TaggedText {
  readonly endToEndId: string | null;
  readonly name: string | null;
  readonly iban: string | null;
  readonly bic: string | null;
  readonly message: string | null;
}

const PLUS_WORDS = /(?<![A-Z])(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC)\+/g;
const SLASH_WORDS =
  /\/(TRTP|EREF|KREF|PREF|MARF|CSID|IBAN|BIC|BENM|ORDP|NAME|ADDR|REMI|RTRN|ISDT|PURP|ULTD|ULTC|ULTB|ID|CDTRREFTP|CDTRREF)\//g;
/** Words that may begin a Dutch text. */
const SLASH_BEGINNING = /^\/(TRTP|EREF|KREF|PREF|MARF|CSID|BENM|ORDP|NAME|REMI|RTRN|IBAN|BIC)\//;

/** Whether the text is of the Dutch kind, whose lines are cut anywhere. */
export function isSlashed(text: string): boolean {
  return text.charCodeAt(0) === 47 && SLASH_BEGINNING.test(text);
}

/** The fields of a tagged text, `null` when the text is not of this kind. */
export function readTaggedText(text: string): TaggedText | null {
  if (isSlashed(text)) return slashed(text);
  if (!text.includes('+')) return null;
  const fields = fieldsOf(text, PLUS_WORDS);
  if (fields.size === 0) return null;
  const rest = text.slice(0, text.search(PLUS_WORDS)).trim() || null;
  return taggedOf(fields, 'ABWA', fields.get('SVWZ') ?? rest);
}

function slashed(text: string): TaggedText {
  const fields = fieldsOf(text, SLASH_WORDS);
  return taggedOf(fields, 'NAME', fields.get('REMI') ?? null);
}

/** What stands behind each word, up to the next; the first of a repeated word counts. */
function fieldsOf(text: string, words: RegExp): Map<string, string> {
  const matches = [...text.matchAll(words)];
  const fields = new Map<string, string>();
  for (const [at, match] of matches.entries()) {
    const value = text.slice(match.index + match[0].length, matches[at + 1]?.index ?? text.length).trim();
    const name = match[1] ?? '';
    if (value !== '' && !fields.has(name)) fields.set(name, value);
  }
  return fields;
}

function taggedOf(fields: ReadonlyMap<string, string>, name: string, message: string | null): TaggedText {
  const field = (word: string): string | null => fields.get(word) ?? null;
  return {
    endToEndId: field('EREF'),
    name: field(name),
    iban: field('IBAN'),
    bic: field('BIC'),
    message,
  };
}
