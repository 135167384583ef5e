/** A message of the pull queue: one credential and the accounts to pull with it, in order. */
export interface PullMessage {
  readonly version: 1;
  readonly company: string;
  readonly credential: string;
  /** The schedule's slot (UTC instant), `null` for pulls somebody asked for. */
  readonly slot: string | null;
  readonly accounts: readonly PullTarget[];
  /** How often the message was put back because the credential was busy or silent. */
  readonly postponed: number;
  /** How often it was put back because the time of a run was over. */
  readonly continued: number;
}

export interface PullTarget {
  readonly account: string;
  /** Id of the pull somebody asked for, `null` for the schedule's. */
  readonly pull: string | null;
}

/** A message that is no pull message: it goes to the dead letters, where an operator finds it. */
export class PoisonMessage extends Error {
  override readonly name = 'PoisonMessage';
}

/** Reads a message body. Unknown fields of a newer version are passed over. @throws PoisonMessage */
export function parsePullMessage(body: string): PullMessage {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new PoisonMessage('The message is not JSON');
  }
  const message = value as Partial<PullMessage> | null;
  const sound =
    message?.version === 1 &&
    typeof message.company === 'string' &&
    typeof message.credential === 'string' &&
    (message.slot === null || typeof message.slot === 'string') &&
    [message.postponed ?? 0, message.continued ?? 0].every((count) => typeof count === 'number') &&
    Array.isArray(message.accounts) &&
    message.accounts.every(isTarget);
  if (!sound) throw new PoisonMessage('The message is not a pull message of version 1');
  return { postponed: 0, continued: 0, ...message } as PullMessage;
}

function isTarget(value: unknown): boolean {
  const target = value as Partial<PullTarget> | null;
  return typeof target?.account === 'string' && (target.pull === null || typeof target.pull === 'string');
}
