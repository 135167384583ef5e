import type { QuarantinedItem, Statement, Transaction, Warning } from '../domain/model.ts';

/**
 * What a reader yields while it goes through a file: items as they come, then the statement that closes over them.
 * Nothing of the file is kept, so memory does not grow with it.
 */
export type StatementEvent =
  | { readonly type: 'transaction'; readonly transaction: Transaction }
  | { readonly type: 'quarantined'; readonly item: QuarantinedItem }
  | { readonly type: 'warning'; readonly warning: Warning }
  /** Ends a statement: its figures, without what was yielded before. */
  | {
      readonly type: 'statement';
      readonly statement: Omit<Statement, 'transactions' | 'warnings' | 'quarantined'>;
    };

/** A reader of a statement format: an incremental iterator over the file's chunks. @throws FormatError */
export type StatementReader<Options> = (
  chunks: Iterable<Uint8Array>,
  options?: Options,
) => Generator<StatementEvent, void, undefined>;

/** The whole-file form: every statement with its items. Nothing is given of a file that ends in an error. */
export function collect(events: Iterable<StatementEvent>): Statement[] {
  const statements: Statement[] = [];
  let transactions: Transaction[] = [];
  let warnings: Warning[] = [];
  let quarantined: QuarantinedItem[] = [];
  for (const event of events) {
    switch (event.type) {
      case 'transaction':
        transactions.push(event.transaction);
        break;
      case 'quarantined':
        quarantined.push(event.item);
        break;
      case 'warning':
        warnings.push(event.warning);
        break;
      case 'statement':
        statements.push({ ...event.statement, transactions, warnings, quarantined });
        [transactions, warnings, quarantined] = [[], [], []];
    }
  }
  // What a bank writes behind the last statement belongs to it.
  const last = statements.at(-1);
  if (last && (warnings.length > 0 || quarantined.length > 0)) {
    statements[statements.length - 1] = {
      ...last,
      warnings: [...last.warnings, ...warnings],
      quarantined: [...last.quarantined, ...quarantined],
    };
  }
  return statements;
}

/** What a writer gives: the file, and everything it could not carry over unchanged. */
export interface Written {
  readonly bytes: Uint8Array;
  readonly losses: readonly Loss[];
}

/** Something the target format cannot say as it was: replaced, shortened by a declared rule, or left out. */
export interface Loss {
  /** Constant name of the rule, e.g. `letter-replaced`, `rate-left-out`. */
  readonly rule: string;
  readonly message: string;
  /** Which item and field. */
  readonly position: string;
}
