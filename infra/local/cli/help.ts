import type { Command, Option, Options } from './command.ts';
import { EXIT_MEANINGS } from './exit.ts';
import { DEFAULT_URL } from './settings.ts';

/** The texts of `--help`. */

export function overview(commands: readonly Command[], common: Options): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const exits = Object.entries(EXIT_MEANINGS).map(([code, meaning]) => `  ${code}  ${meaning}`);
  return `Usage: brana COMMAND [OPTIONS]

The command line of a Brana gateway.

Commands:
${commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n')}

Options of every command:
${optionLines(common)}

An ACCOUNT is an id, an IBAN or a number, with ":EUR" behind it where one number has several currencies.
A CONNECTION is an id or a code.

Settings:
  BRANA_URL         the gateway (default: the one of the last "brana login", else ${DEFAULT_URL})
  BRANA_KEY         the API key (default: the one "brana login" or "brana init" kept for that gateway
                    in ~/.config/brana/keys.json, readable by you alone)
  BRANA_PASSPHRASE  passphrase of a certificate, for "brana certificate"

Exit codes:
${exits.join('\n')}

"brana COMMAND --help" tells more about one.`;
}

export function helpOf(command: Command, common: Options): string {
  const { name, args, summary, options, notes } = command;
  const own = Object.keys(options).length > 0 ? `\n\nOptions:\n${optionLines(options)}` : '';
  return `Usage: brana ${[name, args, '[OPTIONS]'].filter(Boolean).join(' ')}

${summary}.${own}

Options of every command:
${optionLines(common)}${notes === undefined ? '' : `\n\n${notes}`}`;
}

function optionLines(options: Options): string {
  const lines = Object.entries(options).map(([name, option]) => [flagOf(name, option), option.help] as const);
  const width = Math.max(...lines.map(([flag]) => flag.length));
  return lines.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}`).join('\n');
}

function flagOf(name: string, { short, value, multiple }: Option): string {
  const long = `--${name}${value === undefined ? '' : ` ${value}`}${multiple ? ' …' : ''}`;
  return short === undefined ? long : `-${short}, ${long}`;
}
