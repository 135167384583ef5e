import { FormatError } from '../../../../shared/formats/errors.ts';
import { fileView } from '../../../../shared/formats/view.ts';
import { TARGETS, writeFile, type Target } from '../../../../shared/formats/write.ts';
import type { Command, Context } from '../command.ts';
import { CliError, EXIT, usageError } from '../exit.ts';
import { encodingOf, FILE_OPTIONS, oneOf, readBankFile } from '../file-input.ts';

/** `brana convert FILE…`: bank files as JSON, or in another format. */
export const convert: Command = {
  name: 'convert',
  summary: 'Turn bank files into JSON, or into another format',
  args: 'FILE…',
  options: {
    ...FILE_OPTIONS,
    to: { type: 'string', value: 'FORMAT', help: `json (default), ${TARGETS.join(', ')}` },
  },
  takes: { least: 1, most: 1_000 },
  notes:
    'FILE "-" is stdin; the result goes to stdout. With --to json each file gives one object on a line of its own.\n' +
    'What the target cannot say is listed on stderr, item by item; nothing is cut in silence.',
  async run(context) {
    const { args, options, terminal } = context;
    const to = oneOf<Target | 'json'>('to', options.text('to') ?? 'json', ['json', ...TARGETS]);
    if (to === 'json') {
      const views = [];
      for (const name of args) views.push(fileView(name, await readBankFile(name, options)));
      if (context.json && views.length === 1) return { json: views[0], text: '' };
      for (const view of views) terminal.out(`${JSON.stringify(view)}\n`);
      return;
    }
    if (args.length > 1) throw usageError(`--to ${to} takes one file at a time; call it once for each`);
    terminal.out(await written(context, to, args[0] ?? '-'));
  },
};

async function written(
  { options, terminal, progress }: Context,
  to: Target,
  name: string,
): Promise<Uint8Array> {
  const file = await readBankFile(name, options);
  const bankCode = options.text('bank');
  const encoding = encodingOf(options);
  const createdAt = new Date(terminal.now()).toISOString().slice(0, 19);
  try {
    const { bytes, losses } = await writeFile(to, file, {
      ...(bankCode === undefined ? {} : { bankCode }),
      ...(encoding === undefined ? {} : { encoding }),
      createdAt,
      id: `BRANA-${createdAt.replace(/\D/g, '')}`,
    });
    for (const { position, rule, message } of losses) progress(`${position}: ${rule}: ${message}`);
    return bytes;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const place = error.position === null ? '' : ` (${error.position})`;
    throw new CliError(EXIT.off, `${name} cannot be written as ${to}: ${error.message}${place}`);
  }
}
