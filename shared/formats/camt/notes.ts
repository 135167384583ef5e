import type { QuarantinedItem, Warning } from '../../domain/model.ts';
import type { FormatError } from '../errors.ts';
import { detach } from '../xml.ts';

/** Warnings kept of one statement; a file that is wrong throughout is wrong a hundred times in the same way. */
const MAX_WARNINGS = 100;
/** Characters of the raw text of an unreadable entry. The archived document has the rest. */
const MAX_RAW = 64 * 1024;

export type Warn = (rule: string, message: string, position?: string | null) => void;

/** What a reader noticed and survived in one statement. */
export interface Notes {
  readonly warn: Warn;
  quarantine(error: FormatError, position: string, raw: string): void;
  warnings(): readonly Warning[];
  quarantined(): readonly QuarantinedItem[];
}

export function takeNotes(): Notes {
  const kept: Warning[] = [];
  const quarantined: QuarantinedItem[] = [];
  let dropped = 0;
  return {
    warn(rule, message, position = null) {
      if (kept.length < MAX_WARNINGS) kept.push({ rule, message, position });
      else dropped += 1;
    },
    quarantine({ rule, message }, position, raw) {
      const text = detach(raw.slice(0, MAX_RAW));
      quarantined.push({
        rule,
        message: `${position} was not read. ${message}. It is kept aside: compare the original with the bank.`,
        position,
        raw: text,
      });
    },
    warnings() {
      if (dropped === 0) return kept;
      const message = `${dropped} more warnings were left out.`;
      return [...kept, { rule: 'more-warnings', message, position: null }];
    },
    quarantined: () => quarantined,
  };
}
