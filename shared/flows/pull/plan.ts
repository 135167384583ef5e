import { isoInstant } from '../../domain/dates.ts';
import type { Clock, Log } from '../../domain/ports.ts';
import type { Connection } from '../../domain/records.ts';
import type { DueAccount } from '../../store/accounts.ts';
import type { PullMessage } from './message.ts';
import type { PlanPorts } from './ports.ts';

/**
 * The hour's plan: every due account, as one message per credential. A slot planned twice makes messages twice; the
 * run knows the slots it served.
 * @param slot UTC instant of the schedule
 */
export async function planPulls(
  ports: PlanPorts & { clock: Clock; log: Log },
  slot: string,
): Promise<{ messages: number; accounts: number }> {
  const due = await ports.accounts.due(isoInstant(ports.clock.now()));
  const connections = await connectionsOf(ports, due);
  const messages = new Map<string, PullMessage>();
  for (const { company, account, connection } of due) {
    const credential = credentialOf(connections.get(`${company}|${connection}`));
    if (credential === null) continue;
    const key = `${company}|${credential}`;
    const planned = messages.get(key);
    const accounts = [...(planned?.accounts ?? []), { account, pull: null }];
    messages.set(key, { version: 1, company, credential, slot, accounts, postponed: 0, continued: 0 });
  }
  for (const message of messages.values()) await ports.queue.send(message);
  const accounts = [...messages.values()].reduce((sum, message) => sum + message.accounts.length, 0);
  ports.log.info('pull.planned', { slot, messages: messages.size, accounts });
  return { messages: messages.size, accounts };
}

async function connectionsOf(
  ports: PlanPorts,
  due: readonly DueAccount[],
): Promise<Map<string, Connection | null>> {
  const found = new Map<string, Connection | null>();
  for (const { company, connection } of due) {
    const key = `${company}|${connection}`;
    if (!found.has(key)) found.set(key, await ports.connections.get(company, connection));
  }
  return found;
}

/** The credential to pull with, `null` where the connection must stay silent. */
function credentialOf(connection: Connection | null | undefined): string | null {
  return connection?.status === 'active' ? connection.credential : null;
}
