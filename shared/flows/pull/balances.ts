import { createHash } from 'node:crypto';
import type { ReadsBalances } from '../../banks/contract.ts';
import { isoInstant } from '../../domain/dates.ts';
import { formatMoney } from '../../domain/money.ts';
import { ingest, newReading } from './ingest.ts';
import { keep } from './documents.ts';
import type { AccountRun } from './ports.ts';

/** Reads the balances and stores them when they changed; equal ones cost no write. @throws Failure */
export async function pullBalances(run: AccountRun, connector: ReadsBalances): Promise<void> {
  const answer = await connector.balances(run.ref);
  const record = await keep(run, 'balances', answer.document, 'json', null);
  const { balances } = answer.parse();
  const digest = balances
    .map(({ kind, amount }) => `${kind}:${formatMoney(amount)}:${amount.currency}`)
    .sort();
  const balancesHash = createHash('sha256').update(digest.join('|')).digest('base64url');
  if (balancesHash === run.account.balancesHash) return;
  const at = isoInstant(run.ports.clock.now());
  const source = { channel: 'transactions', document: record.sha256, parser: PARSER } as const;
  await ingest(run, [], source, newReading(null), {
    writes: [
      run.ledger.putDocument({ ...record, parser: PARSER }),
      run.ledger.putBalances({ at, balances, document: record.sha256 }),
    ],
    events: [{ type: 'balances.changed', subject: run.account.id, data: { document: record.sha256 } }],
    progress: { balancesHash },
  });
}

const PARSER = 'balances/1';
