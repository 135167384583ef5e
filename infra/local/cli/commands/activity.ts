import type { Command, Context } from '../command.ts';
import { usageError } from '../exit.ts';
import { findConnection } from '../find.ts';
import { table } from '../text.ts';
import type { Activity, Connection } from '../types.ts';

export const activity: Command = {
  name: 'activity',
  summary: 'Show what was said to a bank, or switch the recording of it on and off',
  args: 'CONNECTION',
  options: {
    on: { type: 'string', value: 'DAYS', help: 'record for so many days from now, 1 to 7' },
    off: { type: 'boolean', help: 'stop recording' },
    limit: { type: 'string', value: 'N', help: 'show the last N exchanges, 1 to 500 (default 50)' },
  },
  takes: { least: 1, most: 1 },
  notes: `Values are not recorded, only names, sizes and times; --json shows headers and the structure of bodies too.

Example: brana activity RB --on 1`,
  async run(context) {
    const { options } = context;
    const connection = await findConnection(context.client(), context.args[0] ?? '');
    const days = daysOf(context);
    return days === null
      ? list(context, connection, options.number('limit', 50))
      : switchTo(context, connection, days);
  },
};

/** Days to record from now; `null`: nothing is to be switched. @throws CliError */
function daysOf({ options }: Context): number | null {
  const off = options.flag('off');
  if (options.text('on') === undefined) return off ? 0 : null;
  const days = options.number('on', 0);
  if (!off && days >= 1 && days <= 7) return days;
  throw usageError('Give either --on with 1 to 7 days, or --off.');
}

async function switchTo({ client }: Context, { id, code }: Connection, days: number) {
  const path = `/connections/${id}/activity`;
  const switched = await client().call<Connection>('PUT', path, { body: { days } });
  const { activityUntil } = switched;
  return {
    json: switched,
    text:
      activityUntil === null
        ? `What is said to the bank of ${code} is not recorded.`
        : `What is said to the bank of ${code} is recorded until ${activityUntil}. Pull, then: brana activity ${code}`,
  };
}

async function list({ client }: Context, { id, code, activityUntil }: Connection, limit: number) {
  const page = await client().call<{ items: readonly Activity[]; next: string | null }>('GET', '/activity', {
    query: { connection: id, limit },
  });
  const state =
    activityUntil === null
      ? `Nothing is being recorded; "brana activity ${code} --on 1" records for a day.`
      : `Recording until ${activityUntil}.`;
  const titles = ['AT', 'OPERATION', 'METHOD', 'ADDRESS', 'TRY', 'ANSWER', 'MS', 'BYTES', 'REQUEST ID'];
  const rows = page.items.map((one) => [
    one.at,
    one.operation,
    one.method,
    one.url,
    one.attempt,
    outcomeOf(one),
    one.milliseconds,
    one.answer?.bytes ?? null,
    one.requestId,
  ]);
  const columns = titles.map((title) => ({ title }));
  const text = rows.length === 0 ? state : `${table(columns, rows)}\n\n${state}`;
  return { json: { ...page, activityUntil }, text };
}

/** `200`, `429 rate-limited`, `transient connect ECONNREFUSED` */
const outcomeOf = ({ answer, failure }: Activity): string =>
  [answer?.status, failure?.kind, failure?.stage, failure?.code]
    .filter((part) => part !== null && part !== undefined)
    .join(' ');
