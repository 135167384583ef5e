import { randomUUID } from 'node:crypto';
import type { Schedule, Stack } from './stack.ts';

/** EventBridge Scheduler on this machine. */

const MINUTE = 60_000;
/** How far back a missed slot is made up for: the machine slept. */
const CATCH_UP = 24 * 60;

/** True when a schedule has a slot at this minute. */
export type IsDue = (minute: Date) => boolean;

/**
 * Reads an expression as far as the template uses them: `rate(…)` in minutes, hours or days, counted from midnight
 * UTC, and `cron(minutes hours ? * * *)` with numbers, lists or `*` for minutes and hours.
 * @throws Error for any other expression
 */
export function parseSchedule(expression: string, timeZone: string): IsDue {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count !== undefined && unit !== undefined) {
    const minutes = Number(count) * { minute: 1, hour: 60, day: 1440 }[unit as 'minute'];
    return (at) => Math.floor(at.getTime() / MINUTE) % minutes === 0;
  }
  const [, minutes, hours] =
    /^cron\((\*|[\d,]+) (\*|[\d,]+) (?:\* \* \?|\? \* \*) \*\)$/.exec(expression) ?? [];
  if (minutes === undefined || hours === undefined) {
    throw new Error(
      `The local runner cannot read the schedule ${expression}. Extend infra/local/schedule.ts, or write it as ` +
        'rate(…) or as cron(minutes hours * * ? *).',
    );
  }
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const includes = (field: string, value: number): boolean =>
    field === '*' || field.split(',').some((item) => Number(item) === value);
  return (at) => {
    const [hour, minute] = clock.format(at).split(':').map(Number) as [number, number];
    return includes(minutes, minute) && includes(hours, hour);
  };
}

/**
 * The event a schedule gives its function: its own input with the context keywords filled in, else the default one.
 * @param slot instant of the slot, ISO 8601
 */
export function scheduledEvent(schedule: Schedule, stack: Stack, slot: string): unknown {
  const id = randomUUID();
  const time = new Date(slot).toISOString().replace('.000Z', 'Z');
  const arn = `arn:aws:scheduler:${stack.region}:${stack.accountId}:schedule/default/${schedule.name}`;
  if (schedule.input !== null) {
    const keywords = {
      'schedule-arn': arn,
      'scheduled-time': time,
      'execution-id': id,
      'attempt-number': '1',
    };
    let input = schedule.input;
    for (const [name, value] of Object.entries(keywords))
      input = input.replaceAll(`<aws.scheduler.${name}>`, value);
    return JSON.parse(input);
  }
  return {
    version: '0',
    id,
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account: stack.accountId,
    time,
    region: stack.region,
    resources: [arn],
    detail: '{}',
  };
}

/**
 * Starts schedules at their minutes. Slots missed while the machine slept are made up for by one start of the latest.
 * @param start runs a schedule's function for a slot; must not throw
 * @returns stops it
 */
export function runOnTime(
  schedules: readonly Schedule[],
  start: (schedule: Schedule, slot: string) => void,
): () => void {
  const parsed = schedules.map((schedule) => ({
    schedule,
    isDue: parseSchedule(schedule.expression, schedule.timeZone),
  }));
  let last = Math.floor(Date.now() / MINUTE);
  let timer: NodeJS.Timeout;

  function tick(): void {
    const now = Math.floor(Date.now() / MINUTE);
    for (const { schedule, isDue } of parsed) {
      const slot = latestSlot(isDue, Math.max(last, now - CATCH_UP), now);
      if (slot) start(schedule, slot.toISOString());
    }
    last = Math.max(last, now);
    wait();
  }
  function wait(): void {
    timer = setTimeout(tick, MINUTE - (Date.now() % MINUTE));
  }
  wait();
  return () => clearTimeout(timer);
}

/** The latest slot after `from` up to `to`, in minutes since the epoch. */
export function latestSlot(isDue: IsDue, from: number, to: number): Date | null {
  for (let minute = to; minute > from; minute--) {
    const at = new Date(minute * MINUTE);
    if (isDue(at)) return at;
  }
  return null;
}
