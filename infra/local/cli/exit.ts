import type { ProblemFields } from '../../../shared/api/problem.ts';

/** Exit codes of `brana`, the one table: `brana --help` and the documents print it. */
export const EXIT = {
  ok: 0,
  off: 1,
  usage: 2,
  unreachable: 3,
  refused: 4,
  failed: 5,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1:
    'done, but something is off: a finding of doctor, a pull that failed, a certificate not proven yet, ' +
    'a payment that came to nothing or whose outcome is unknown',
  2: 'the command line is wrong, or a setting is missing',
  3: 'the gateway cannot be reached',
  4: 'the gateway refused: no valid key, no such thing, not allowed in this state',
  5: 'the gateway or the bank behind it failed; try again later',
};

/** The end of a command that could not do its work. `message` says what happened and what to do next. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exit: ExitCode;
  /** The gateway's own words, when it answered with a problem (RFC 9457). */
  readonly problem: Problem | null;

  constructor(exit: ExitCode, message: string, problem: Problem | null = null) {
    super(message);
    this.exit = exit;
    this.problem = problem;
  }
}

export type Problem = ProblemFields & { readonly type?: string };

export const usageError = (message: string): CliError => new CliError(EXIT.usage, message);
