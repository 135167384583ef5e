import type { FormatError } from './errors.ts';
import type { StatementEvent } from './stream.ts';
import { detach } from './xml.ts';

/** Warnings given of one statement; a file that is wrong throughout is wrong a hundred times in the same way. */
const MAX_WARNINGS = 100;
/** Characters of the raw text of an unreadable entry. The archived document has the rest. */
const MAX_RAW = 64 * 1024;

export type Warn = (rule: string, message: string, position?: string | null) => void;

/** What a reader notices and survives in one statement. */
export interface Notes {
  readonly warn: Warn;
  quarantine(error: FormatError, position: string, raw: string): void;
  /** Says how many warnings were too many. */
  finish(): void;
}

export function takeNotes(emit: (event: StatementEvent) => void): Notes {
  let count = 0;
  return {
    warn(rule, message, position = null) {
      count += 1;
      if (count <= MAX_WARNINGS) emit({ type: 'warning', warning: { rule, message, position } });
    },
    quarantine({ rule, message }, position, raw) {
      const text = `${position} was not read. ${message}. It is kept aside: compare the original with the bank.`;
      emit({
        type: 'quarantined',
        item: { rule, message: text, position, raw: detach(raw.slice(0, MAX_RAW)) },
      });
    },
    finish() {
      if (count <= MAX_WARNINGS) return;
      const message = `${count - MAX_WARNINGS} more warnings were left out.`;
      emit({ type: 'warning', warning: { rule: 'more-warnings', message, position: null } });
    },
  };
}
