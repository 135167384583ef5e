import { isoInstant } from '../../domain/dates.ts';
import { newId } from '../../domain/id.ts';
import type { Window } from '../../domain/model.ts';
import type { Clock, Random } from '../../domain/ports.ts';
import type { Account, Connection, PullRecord } from '../../domain/records.ts';
import type { Dynamo } from '../../store/dynamo.ts';
import type { Ledger } from '../../store/ledger.ts';
import type { Queue } from '../../store/queues.ts';
import type { PullMessage } from './message.ts';

/**
 * Takes a pull somebody asked for: recorded first, then queued. Asking for a window is a back-fill: it reads those
 * days and leaves the schedule's own progress alone.
 * @param connection active, with a credential
 */
export async function requestPull(
  ports: { clock: Clock; random: Random; dynamo: Dynamo; queue: Queue<PullMessage> },
  ledger: Ledger,
  account: Account,
  connection: Connection & { credential: string },
  window: Window | null,
): Promise<PullRecord> {
  const now = ports.clock.now();
  const pull: PullRecord = {
    id: newId('pul', now, ports.random),
    account: account.id,
    kind: window ? 'back-fill' : 'on-demand',
    window,
    status: 'queued',
    requestedAt: isoInstant(now),
    result: null,
  };
  await ports.dynamo.transact([ledger.putPull(pull)]);
  await ports.queue.send({
    version: 1,
    company: account.company,
    credential: connection.credential,
    slot: null,
    accounts: [{ account: account.id, pull: pull.id }],
    postponed: 0,
    continued: 0,
  });
  return pull;
}
