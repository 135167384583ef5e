import type { Statement } from '../../domain/model.ts';
import type { Money } from '../../domain/money.ts';
import { FormatError } from '../errors.ts';
import type { XmlElement } from '../xml.ts';
import { decimalOf, textAt } from './fields.ts';
import type { Warn } from '../notes.ts';

type Declared = Statement['declared'];

/** The document's own totals (`TxsSummry`), which carry no currency: they are in the account's. */
export function readTotals(summary: XmlElement | null, currency: string, warn: Warn): Declared {
  const count = (group: string): number | null => {
    const text = textAt(summary, group, 'NbOfNtries');
    return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
  };
  const sum = (group: string): Money | null => {
    const text = textAt(summary, group, 'Sum');
    return text === null ? null : readSum(text, currency, warn);
  };
  const [credits, debits] = [count('TtlCdtNtries'), count('TtlDbtNtries')];
  return {
    credits: sum('TtlCdtNtries'),
    debits: sum('TtlDbtNtries'),
    count: count('TtlNtries') ?? (credits === null || debits === null ? null : credits + debits),
  };
}

function readSum(text: string, currency: string, warn: Warn): Money | null {
  try {
    return decimalOf(text, currency);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    warn('total-unreadable', `A total of the document was left out: ${error.message}.`, 'TxsSummry');
    return null;
  }
}
