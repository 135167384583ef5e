import { recordedUntil, type Activity } from '../../domain/activity.ts';
import { printable } from '../../domain/failure.ts';
import { newId } from '../../domain/id.ts';
import type { Clock, Log, Random } from '../../domain/ports.ts';
import type { Connection } from '../../domain/records.ts';
import type { Exchanged } from '../../http/activity.ts';
import type { ActivityLog } from '../../store/activity.ts';

/**
 * The activity log of one run: collects what is said to the banks of the connections for which it is on, and writes it
 * when the run is over. It never stands in the way: what fails here is a line in the log and nothing else.
 */

export interface RecordPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly activity: ActivityLog;
}

export interface Recorder {
  /** Who hears of the connection's exchanges; `null` while its log is off. */
  listener(connection: Connection): Promise<((exchanged: Exchanged) => void) | null>;
  /** Writes what was collected. Never throws. */
  save(): Promise<void>;
}

/** Entries of one connection in one run; the latest stay, for the fault stands at the end. */
const MOST_ENTRIES = 200;

export function createRecorder(ports: RecordPorts): Recorder {
  const { clock, random, log, activity } = ports;
  const collected = new Map<Connection, Activity[]>();

  return {
    async listener(connection) {
      if (recordedUntil(connection, clock.now()) === null) return null;
      // Loaded when somebody looks for a fault, not by every run.
      const [{ shownExchange }, { structureOf }] = await Promise.all([
        import('../../http/activity.ts'),
        import('./structure.ts'),
      ]);
      const entries: Activity[] = [];
      collected.set(connection, entries);
      return (exchanged) => {
        try {
          if (recordedUntil(connection, clock.now()) === null) return;
          entries.push({
            id: newId('act', exchanged.started, random),
            ...shownExchange(exchanged, structureOf),
          });
          if (entries.length > MOST_ENTRIES) entries.shift();
        } catch (error) {
          log.warn('activity.not-recorded', { connection: connection.id, ...printable(error) });
        }
      };
    },

    async save() {
      for (const [{ company, id }, entries] of collected) {
        try {
          await activity.add(company, id, entries.splice(0));
        } catch (error) {
          log.warn('activity.not-written', { connection: id, ...printable(error) });
        }
      }
    },
  };
}
