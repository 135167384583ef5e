import { createHash } from 'node:crypto';
import { isoInstant } from '../domain/dates.ts';
import type { EventData, EventType, FeedEvent, NewEvent } from '../domain/event.ts';
import type { Clock, Random } from '../domain/ports.ts';
import { ConditionFailed, type Dynamo, type Item, type Write } from './dynamo.ts';
import { counterKey, eventKey, eventSk, type Places } from './keys.ts';

/** Days an event stays readable. */
export const RETENTION_DAYS = 90;
const DAY_MS = 86_400_000;
/** Writers of one company that may meet at the counter before one gives up. */
const ROUNDS = 30;
const LONGEST_DELAY = 400;

/**
 * The event feed. The counter of the company is part of every transaction that makes an event, so the order of the
 * feed is the order of the changes and no event exists without its change.
 */
export interface Feed {
  /**
   * Makes the changes and appends their events, all or nothing. At most 100 writes, events and the counter included.
   * @throws ConditionFailed with the index into `writes`
   */
  commit(company: string, writes: readonly Write[], events: readonly NewEvent[]): Promise<void>;
  /** Events after a sequence number, oldest first; `last` is where to go on, expired events passed over. */
  read(company: string, after: number, limit: number): Promise<{ events: FeedEvent[]; last: number }>;
}

export function createFeed(dynamo: Dynamo, places: Places, clock: Clock, random: Random): Feed {
  return {
    async commit(company, writes, events) {
      if (events.length === 0) return dynamo.transact(writes);
      for (let round = 1; ; round++) {
        const counter = await dynamo.get(places.events, counterKey(company));
        const last = Number(counter?.['last'] ?? 0);
        try {
          // The counter stands last: an index below it is a failed condition of the caller's own.
          await dynamo.transact([
            ...events.map((event, i) => appended(company, last + 1 + i, event)),
            ...writes,
            {
              table: places.events,
              update: counterKey(company),
              set: { last: last + events.length },
              when: { equals: { last: counter ? last : null } },
            },
          ]);
          return;
        } catch (error) {
          if (!(error instanceof ConditionFailed)) throw error;
          const own = error.index - events.length;
          if (own >= 0 && own < writes.length) throw new ConditionFailed(own);
          if (round >= ROUNDS) throw error;
          await clock.sleep(random.next() * Math.min(LONGEST_DELAY, 10 * 2 ** round));
        }
      }
    },

    async read(company, after, limit) {
      const oldest = clock.now() - RETENTION_DAYS * DAY_MS;
      const { items } = await dynamo.query({
        table: places.events,
        pk: company,
        between: [eventSk(after + 1), eventSk(Number.MAX_SAFE_INTEGER)],
        limit,
      });
      const events = items.map(eventOf);
      return {
        events: events.filter((event) => Date.parse(event.at) >= oldest),
        last: events.at(-1)?.sequence ?? after,
      };
    },
  };

  function appended(company: string, sequence: number, event: NewEvent): Write {
    const now = clock.now();
    const id = createHash('sha256').update(`${company}|${sequence}`).digest('base64url').slice(0, 22);
    return {
      table: places.events,
      put: {
        ...eventKey(company, sequence),
        id: `evt_${id}`,
        sequence,
        type: event.type,
        subject: event.subject,
        at: isoInstant(now),
        data: event.data,
        expiresAt: Math.floor(now / 1000) + RETENTION_DAYS * 86_400,
      },
      when: 'absent',
    };
  }
}

function eventOf(item: Item): FeedEvent {
  return {
    id: item['id'] as string,
    sequence: item['sequence'] as number,
    type: item['type'] as EventType,
    subject: item['subject'] as string,
    at: item['at'] as string,
    data: item['data'] as EventData,
  };
}
