/**
 * The one error of the formats room: a document, or one item of it, that cannot be read. `message` is written for
 * the operator; it never holds more of the document than a name, a code or a number that is wrong.
 */
export class FormatError extends Error {
  /** Constant name of the rule that failed: `truncated`, `doctype`, `too-deep`, `not-camt`, … */
  readonly rule: string;
  /** Where: `line:column`, entry number or element path. */
  readonly position: string | null;

  constructor(rule: string, message: string, position: string | null = null) {
    super(message);
    this.name = 'FormatError';
    this.rule = rule;
    this.position = position;
  }
}
