import { count } from '../cli/text.ts';

/** Hears what the functions log. */
export interface Listener {
  /** Takes one line. */
  print(line: string): void;
  /** Makes later progress speak of an account by its name. */
  call(account: string, name: string): void;
  /** What functions raised as alarms. */
  readonly alarms: readonly string[];
  /** Lines worth showing when something is off. */
  readonly complaints: readonly string[];
}

interface Entry {
  readonly event?: string;
  readonly level?: string;
  readonly account?: string;
  readonly newStatements?: number;
  readonly newTransactions?: number;
}

/** @param progress is told of every account pulled */
export function createListener(progress: (line: string) => void): Listener {
  const names = new Map<string, string>();
  const alarms: string[] = [];
  const complaints: string[] = [];
  return {
    alarms,
    complaints,
    call: (account, name) => void names.set(account, name),
    print(line) {
      const { event = '', level, account = '', newStatements = 0, newTransactions = 0 } = read(line);
      if (event === 'pull.done') {
        const brought = `${count(newStatements, 'new statement')}, ${count(newTransactions, 'new transaction')}`;
        progress(`  ${names.get(account) ?? account}: ${brought}`);
      }
      if (event.startsWith('alarm.')) alarms.push(`a function raised ${event}: ${line}`);
      if (level !== 'info') complaints.push(line);
    },
  };
}

function read(line: string): Entry {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return {};
  }
}
