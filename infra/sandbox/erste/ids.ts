import { createHash } from 'node:crypto';
import type { SandboxClock } from '../types.ts';

/** The bank's ids of accounts: forty capitals and digits, another one every day, each good for 24 hours. */
export interface AccountIds {
  /** The id of today; asking for it is listing it. */
  idOf(iban: string): string;
  /** The account of an id that is still good. */
  ibanOf(id: string): string | null;
  /** All ids change now, and the old ones are unknown. */
  renumber(): void;
}

const DAY = 86_400_000;

export function accountIds(seed: string, clock: SandboxClock): AccountIds {
  const listed = new Map<string, { iban: string; at: number }>();
  let generation = 0;
  return {
    idOf: (iban) => {
      const day = Math.floor(clock.now() / DAY);
      const id = createHash('sha1')
        .update(`${seed}|${iban}|${day}|${generation}`)
        .digest('hex')
        .toUpperCase();
      listed.set(id, { iban, at: clock.now() });
      return id;
    },
    ibanOf: (id) => {
      const found = listed.get(id);
      return found && clock.now() - found.at < DAY ? found.iban : null;
    },
    renumber: () => {
      listed.clear();
      generation += 1;
    },
  };
}
