/**
 * The ports every flow is handed: time, chance and the log. Nothing below `functions/` reads the clock, the
 * environment or a random source by itself, so a whole day of the gateway runs under a virtual clock in a test.
 */

/** Time. `now` is milliseconds since the Unix epoch, UTC. */
export interface Clock {
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Chance: ids, request ids, jitter. */
export interface Random {
  bytes(length: number): Uint8Array;
  /** A number in [0, 1). */
  next(): number;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/**
 * The log. `event` is a constant dotted name; `fields` pass an allow-list before they are printed
 * (`http/redaction.ts`), so a field nobody listed never reaches an output.
 */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}
