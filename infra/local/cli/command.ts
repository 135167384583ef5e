import type { Client } from './client.ts';
import { usageError, type ExitCode } from './exit.ts';
import type { Settings } from './settings.ts';
import type { Terminal } from './terminal.ts';

export interface Option {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  readonly short?: string;
  /** What the value is, e.g. `FILE`; none for a switch. */
  readonly value?: string;
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;

/** One command of `brana`. */
export interface Command {
  /** One word, or two: `keys create`. */
  readonly name: string;
  readonly summary: string;
  /** Arguments after the name, e.g. `ACCOUNT`. */
  readonly args: string;
  readonly options: Options;
  /** How many arguments it takes. */
  readonly takes: { readonly least: number; readonly most: number };
  /** Further lines of its help. */
  readonly notes?: string;
  /** Options that are known only after asking the gateway, given the arguments. */
  readonly furtherOptions?: (context: Context) => Promise<Options>;
  run(context: Context): Promise<Result | void>;
}

/** What a command did: a document for `--json`, a text for people. */
export interface Result {
  readonly json: unknown;
  readonly text: string;
  /** `off` for what succeeded and is still not as it should be. */
  readonly exit?: ExitCode;
}

export interface Context {
  readonly args: readonly string[];
  readonly options: Given;
  readonly json: boolean;
  readonly terminal: Terminal;
  readonly settings: Settings;
  /** The gateway, with the key. @throws CliError when there is none */
  client(): Client;
  /** A line about work in progress, to stderr. */
  progress(line: string): void;
}

/** The options given, read by name. */
export interface Given {
  text(name: string): string | undefined;
  list(name: string): readonly string[];
  flag(name: string): boolean;
  /** A whole number. @throws CliError for anything else */
  number(name: string, fallback: number): number;
}

export function given(
  values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>,
): Given {
  return {
    text: (name) => (typeof values[name] === 'string' ? values[name] : undefined),
    list: (name) => (Array.isArray(values[name]) ? values[name].map(String) : []),
    flag: (name) => values[name] === true,
    number: (name, fallback) => {
      const text = values[name];
      if (text === undefined) return fallback;
      if (typeof text === 'string' && /^\d{1,15}$/.test(text)) return Number(text);
      throw usageError(`--${name} is a whole number, not "${String(text)}"`);
    },
  };
}

/** Options of every command that names days. */
export const SPAN: Options = {
  from: { type: 'string', value: 'YYYY-MM-DD', help: 'first day' },
  to: { type: 'string', value: 'YYYY-MM-DD', help: 'last day' },
};
