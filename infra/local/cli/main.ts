import { parseArgs, type ParseArgsConfig } from 'node:util';
import { createClient, type Client } from './client.ts';
import { given, type Command, type Context, type Options, type Result } from './command.ts';
import { COMMANDS } from './commands/index.ts';
import { CliError, EXIT, usageError, type ExitCode } from './exit.ts';
import { helpOf, overview } from './help.ts';
import { readSettings, type Settings } from './settings.ts';
import type { Terminal } from './terminal.ts';
import { harmless, jsonText } from './text.ts';

/** Options of every command. */
export const COMMON: Options = {
  json: { type: 'boolean', help: 'one JSON document on stdout; messages go to stderr' },
  url: { type: 'string', value: 'URL', help: 'the gateway' },
  'key-file': { type: 'string', value: 'FILE', help: 'file that holds the API key' },
  help: { type: 'boolean', short: 'h', help: 'this text' },
};

/** Runs one command line. @returns the exit code, see `exit.ts` */
export async function main(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const json = argv.includes('--json');
  try {
    const result = await dispatch(argv, terminal);
    if (result) terminal.out(`${json ? jsonText(result.json) : harmless(result.text)}\n`);
    return result?.exit ?? EXIT.ok;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    terminal.err(`${harmless(complaint(error))}\n`);
    if (json) terminal.out(`${jsonText({ error: error.problem ?? { detail: error.message } })}\n`);
    return error.exit;
  }
}

async function dispatch(argv: readonly string[], terminal: Terminal): Promise<Result | void> {
  const words = argv[0] === 'help' ? argv.slice(1) : argv;
  if (words.length === 0 || words[0] === '--help' || words[0] === '-h') {
    return plain(overview(COMMANDS, COMMON));
  }
  const { command, rest } = commandOf(words);
  if (argv[0] === 'help' || rest.includes('--help') || rest.includes('-h')) {
    return plain(helpOf(command, COMMON));
  }
  return command.run(await contextOf(command, rest, terminal));
}

const plain = (text: string): Result => ({ json: { help: text }, text });

/** The command with the longest name the words begin with; `keys` alone is `keys list`. @throws CliError for none */
function commandOf(words: readonly string[]): { command: Command; rest: readonly string[] } {
  const [first, second] = words;
  const found = [
    { name: `${first} ${second}`, words: 2 },
    { name: String(first), words: 1 },
    { name: `${first} list`, words: 1 },
  ].flatMap(({ name, words: taken }) => {
    const command = COMMANDS.find((one) => one.name === name);
    return command ? [{ command, rest: words.slice(taken) }] : [];
  })[0];
  if (found) return found;
  throw usageError(`There is no command "${first}". "brana --help" lists them.`);
}

async function contextOf(command: Command, rest: readonly string[], terminal: Terminal): Promise<Context> {
  const known = { ...COMMON, ...command.options };
  // Options that only the gateway knows: a first, lenient look finds where it is and what the arguments are.
  const further = command.furtherOptions
    ? await command.furtherOptions(context(parse(known, rest, false), terminal))
    : {};
  const parsed = parse({ ...known, ...further }, rest, true);
  const { least, most } = command.takes;
  if (parsed.positionals.length < least || parsed.positionals.length > most) {
    throw usageError(
      `Usage: brana ${command.name} ${command.args}\n"brana ${command.name} --help" says more.`,
    );
  }
  return context(parsed, terminal);
}

type Parsed = ReturnType<typeof parseArgs<ParseArgsConfig>>;

function parse(options: Options, args: readonly string[], strict: boolean): Parsed {
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { type, multiple, short }]) => [
      name,
      { type, ...(multiple ? { multiple } : {}), ...(short === undefined ? {} : { short }) },
    ]),
  );
  try {
    return parseArgs({ args: [...args], options: config, strict, allowPositionals: true });
  } catch (error) {
    throw usageError((error as Error).message.split('. To specify')[0] ?? 'The command line is wrong.');
  }
}

function context({ values, positionals }: Parsed, terminal: Terminal): Context {
  const options = given(values);
  const url = options.text('url');
  const keyFile = options.text('key-file');
  const settings = readSettings(
    { ...(url === undefined ? {} : { url }), ...(keyFile === undefined ? {} : { keyFile }) },
    terminal.env,
  );
  return {
    args: positionals,
    options,
    json: options.flag('json'),
    terminal,
    settings,
    client: () => clientOf(settings),
    progress: (line) => terminal.err(`${harmless(line)}\n`),
  };
}

function clientOf({ url, key }: Settings): Client {
  if (key !== null) return createClient(url, key);
  throw usageError(
    `No API key for ${url}. Set BRANA_KEY, or run "brana login". The first key is shown at the first "npm start", ` +
      'or made by "brana init".',
  );
}

/** What happened and what to do, then the findings one by one, then what support needs. */
function complaint({ message, problem }: CliError): string {
  if (!problem) return `brana: ${message}`;
  const { title, status, code, detail, errors = [], bank, bankCode, bankRequestId, retryAfter } = problem;
  const further = [
    ...errors.map(({ pointer, detail }) => `${pointer}: ${detail}`),
    ...(bankCode === undefined ? [] : [`${bank ?? 'the bank'} said ${bankCode}`]),
    ...(bankRequestId === undefined ? [] : [`the bank's support finds it as ${bankRequestId}`]),
    ...(retryAfter === undefined ? [] : [`try again in ${retryAfter} s`]),
  ];
  return [`brana: ${title} (${status} ${code})`, detail, ...further].join('\n  ');
}
