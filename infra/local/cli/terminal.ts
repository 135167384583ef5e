import { usageError } from './exit.ts';

/** What a command has of the world. Tests hand in their own. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  out(text: string | Uint8Array): void;
  /** Progress and complaints. */
  err(text: string): void;
  /** Asks for a secret without showing it. @throws CliError where nobody can answer */
  askSecret(question: string, insteadOf: string): Promise<string>;
  /** Epoch milliseconds. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

export function terminal(): Terminal {
  // Whoever reads (`| head`) may have enough; that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
  return {
    env: process.env,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    askSecret,
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}

const ENTER = ['\r', '\n'];
const BACKSPACE = ['\u007f', '\b'];
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

async function askSecret(question: string, insteadOf: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) throw usageError(`Nobody can be asked here: ${insteadOf}.`);
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.resume();
  try {
    return await new Promise<string>((resolve, reject) => {
      let typed: string[] = [];
      const read = (text: string): void => {
        for (const key of text) {
          if (key === CTRL_C || key === CTRL_D) return end(() => reject(usageError('Given up.')));
          if (ENTER.includes(key)) return end(() => resolve(typed.join('')));
          typed = BACKSPACE.includes(key) ? typed.slice(0, -1) : [...typed, key];
        }
      };
      const end = (settle: () => void): void => {
        stdin.off('data', read);
        settle();
      };
      stdin.on('data', read);
    });
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}
