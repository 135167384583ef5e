import { isoInstant } from '../../domain/dates.ts';
import { asFailure, Failure, printable } from '../../domain/failure.ts';
import type { LastPull } from '../../domain/records.ts';
import { EFFECTS } from '../effects.ts';
import { pullAdvices } from './advices.ts';
import { pullBalances } from './balances.ts';
import { composeStatements } from './composed.ts';
import { finish } from './finish.ts';
import { LeaseLost, TimeShort, type AccountRun, type Through } from './ports.ts';
import { pullStatements } from './statements.ts';
import { pullTransactions } from './transactions.ts';

/**
 * Pulls one account: balances, statements, transactions, as its mode says and the bank offers. A step that fails in
 * a way that concerns only itself leaves the others their turn.
 * @param id the pull's id, or the slot of a scheduled one
 * @returns the failure that decides about the rest of the run, `null` when all went well
 * @throws TimeShort, LeaseLost
 */
export async function pullAccount(run: AccountRun, id: string, slot: string | null): Promise<Failure | null> {
  const startedAt = isoInstant(run.ports.clock.now());
  const failures: Failure[] = [];
  const through: Through = {};
  let late = false;
  for (const step of stepsOf(run)) {
    try {
      const day = await step.work(through);
      if (step.channel && day !== null) through[step.channel] = day;
      if (step.channel && day === null) late = true;
    } catch (error) {
      if (error instanceof TimeShort || error instanceof LeaseLost) throw error;
      const failure = asFailure(error);
      failures.push(failure);
      run.ports.log.warn('pull.step-failed', {
        account: run.account.id,
        step: step.name,
        kind: failure.kind,
        status: failure.detail.status,
        code: failure.detail.code,
        requestId: failure.detail.requestId,
        ...(error instanceof Failure ? { reason: failure.message } : printable(error)),
      });
      if (EFFECTS[failure.kind].alarms)
        run.ports.log.error('alarm.pull', { account: run.account.id, kind: failure.kind });
      if (EFFECTS[failure.kind].ends !== 'step') break;
    }
  }
  const worst = failures.at(-1) ?? null;
  const pull: LastPull = {
    id,
    startedAt,
    finishedAt: isoInstant(run.ports.clock.now()),
    outcome: worst ? 'failed' : late ? 'incomplete' : 'complete',
    failure: worst && { kind: worst.kind, message: worst.message, requestId: worst.detail.requestId ?? null },
    newTransactions: run.newTransactions,
    newStatements: run.newStatements,
  };
  await finish(run, pull, slot, through);
  return worst;
}

interface Step {
  readonly name: string;
  /** The channel whose completeness the returned day tells; `null` where nothing of the kind is kept. */
  readonly channel: 'transactions' | 'statements' | null;
  work(through: Through): Promise<string | null>;
}

function stepsOf(run: AccountRun): Step[] {
  const { connector, account } = run;
  const { mode } = account.settings;
  const steps: Step[] = [];
  if (connector.balances) {
    const { balances } = connector;
    steps.push({
      name: 'balances',
      channel: null,
      work: async () => {
        await pullBalances(run, { balances: balances.bind(connector) });
        return null;
      },
    });
  }
  if (connector.statements && connector.download && mode !== 'transactions') {
    const { statements, download } = connector;
    const reader = { statements: statements.bind(connector), download: download.bind(connector) };
    steps.push({ name: 'statements', channel: 'statements', work: () => pullStatements(run, reader) });
  }
  // A back-fill reads old days: whatever an advice told of them stands in a statement.
  if (connector.advices && connector.downloadAdvice && !run.asked) {
    const { advices, downloadAdvice } = connector;
    const reader = { advices: advices.bind(connector), downloadAdvice: downloadAdvice.bind(connector) };
    steps.push({
      name: 'advices',
      channel: null,
      work: async () => {
        await pullAdvices(run, reader);
        return null;
      },
    });
  }
  if (connector.transactions && mode !== 'statements') {
    const { transactions } = connector;
    const reader = { transactions: transactions.bind(connector) };
    steps.push({ name: 'transactions', channel: 'transactions', work: () => pullTransactions(run, reader) });
  }
  if (connector.transactions && connector.balances && !connector.statements) {
    const { balances } = connector;
    const reader = { balances: balances.bind(connector) };
    steps.push({
      name: 'statements',
      channel: 'statements',
      work: ({ transactions }) => composeStatements(run, reader, transactions ?? null),
    });
  }
  return steps;
}
