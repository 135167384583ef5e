import type { NewEvent } from '../../domain/event.ts';
import { maxDate } from '../../domain/dates.ts';
import type { LastPull, PullRecord, Sync } from '../../domain/records.ts';
import type { AccountProgress } from '../../store/accounts.ts';
import type { Write } from '../../store/dynamo.ts';
import { ALARM_AFTER } from '../effects.ts';
import { LeaseLost, type AccountRun, type Through } from './ports.ts';

/**
 * Records the end of a pull on the account: what was reached, how it went, how fresh it is. A scheduled pull that
 * changes nothing else is this one write. @throws LeaseLost
 */
export async function finish(
  run: AccountRun,
  pull: LastPull,
  slot: string | null,
  through: Through,
): Promise<void> {
  const { account } = run;
  const failed = pull.outcome === 'failed';
  const failures = failed ? account.failures + 1 : 0;
  const fresh = pull.outcome === 'complete' && !run.asked;
  // Told stale before this pull read the account: what is told of it meanwhile, the next pull ends.
  const healed = fresh && account.staleSince !== undefined;
  const progress: AccountProgress = {
    // A back-fill reads old days: it says nothing about the present.
    sync: run.asked ? account.sync : syncOf(account.sync, through),
    lastPull: pull,
    freshAt: fresh ? pull.finishedAt : account.freshAt,
    ...(healed ? { staleSince: undefined } : {}),
    slot: slot ?? account.slot,
    failures,
    balancesHash: account.balancesHash,
  };
  const asked = slot === null ? await run.ledger.pull(pull.id) : null;
  const events = [
    ...healthEvents(run, failures),
    ...(healed ? [freshAgain(run)] : []),
    ...(asked ? [finished(run, pull)] : []),
  ];
  if (events.length === 0) {
    const recorded = await run.ports.accounts.record(account, run.fence, progress);
    if (!recorded) throw new LeaseLost();
    run.account = recorded;
    return;
  }
  const writes: Write[] = [run.ports.accounts.progress(account, run.fence, progress)];
  if (asked) writes.push(run.ledger.putPull(ended(asked, pull)));
  await run.ports.feed.commit(account.company, writes, events);
}

function syncOf(sync: Sync, through: Through): Sync {
  const later = (a: string | null, b: string | undefined): string | null =>
    b === undefined ? a : a === null ? b : maxDate(a, b);
  return {
    transactions: later(sync.transactions, through.transactions),
    statements: later(sync.statements, through.statements),
    resume: through.transactions === undefined ? sync.resume : null,
  };
}

/** An account that fails three times in a row, and one that came back, are news; the failures between are not. */
function healthEvents(run: AccountRun, failures: number): NewEvent[] {
  const { account } = run;
  if (failures === ALARM_AFTER) {
    run.ports.log.error('alarm.account-failing', { account: account.id, failures });
    return [{ type: 'account.failing', subject: account.id, data: { failures } }];
  }
  if (failures === 0 && account.failures >= ALARM_AFTER) {
    return [{ type: 'account.recovered', subject: account.id, data: { failures: account.failures } }];
  }
  return [];
}

/** The watch told that the account had no complete pull for too long; now it had one. */
const freshAgain = ({ account: { id, staleSince } }: AccountRun): NewEvent => ({
  type: 'account.fresh',
  subject: id,
  data: { since: staleSince ?? null },
});

function finished(run: AccountRun, pull: LastPull): NewEvent {
  const { outcome, newTransactions, newStatements } = pull;
  return {
    type: 'pull.finished',
    subject: pull.id,
    data: { account: run.account.id, outcome, newTransactions, newStatements },
  };
}

const ended = (asked: PullRecord, pull: LastPull): PullRecord => ({
  ...asked,
  status: pull.outcome === 'failed' ? 'failed' : 'done',
  result: pull,
});
