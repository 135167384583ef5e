import { SPAN, type Command } from '../command.ts';
import { usageError } from '../exit.ts';
import { saveFile } from '../file-output.ts';
import { findAccount } from '../find.ts';
import { count, table } from '../text.ts';
import type { Statement } from '../types.ts';
import { ENCODINGS } from '../../../../shared/formats/encoding/encodings.ts';
import { STATEMENT_TARGETS } from '../../../../shared/formats/write.ts';

export const statements: Command = {
  name: 'statements',
  summary: 'List statements of an account, oldest first',
  args: 'ACCOUNT',
  options: SPAN,
  takes: { least: 1, most: 1 },
  notes: `Continuity: first (nothing before it), continuous, gap (statements are missing before it), mismatch (its own
figures, or its opening balance, do not add up), empty when it could not be read.`,
  async run(context) {
    const client = context.client();
    const account = await findAccount(client, context.args[0] ?? '');
    const query = { from: context.options.text('from'), to: context.options.text('to') };
    const items: Statement[] = [];
    for await (const item of client.pages<Statement>(`/accounts/${account.id}/statements`, query)) {
      items.push(item);
    }
    const text =
      items.length === 0
        ? `No statement in these days. "brana pull ${context.args[0]} --from YYYY-MM-DD --wait" asks the bank.`
        : `${statementTable(items)}\n\n${count(items.length, 'statement')}`;
    return { json: { items }, text };
  },
};

export const downloadStatement: Command = {
  name: 'statements download',
  summary: 'Save a statement as the bank sent it, or in another format',
  args: 'ID',
  options: {
    format: {
      type: 'string',
      value: 'FORMAT',
      help: `original (default), a format of the bank, or ${[...STATEMENT_TARGETS, 'json'].join(', ')}`,
    },
    encoding: { type: 'string', value: 'ENCODING', help: `of a format we write: ${ENCODINGS.join(', ')}` },
    output: { type: 'string', short: 'o', value: 'FILE', help: 'where to; "-" for stdout (default its id)' },
  },
  takes: { least: 1, most: 1 },
  notes: 'What a format cannot say is counted on stderr by rule; nothing is cut in silence.',
  async run(context) {
    const { options, terminal, json, progress } = context;
    const output = options.text('output');
    if (output === '-' && json) throw usageError('--json and the document itself cannot both go to stdout.');
    const [id = ''] = context.args;
    const path = `/statements/${encodeURIComponent(id)}/content`;
    const query = { format: options.text('format'), encoding: options.text('encoding') };
    const content = await context.client().content(path, query);
    if (content.losses !== null) progress(`Left out or replaced: ${content.losses}`);
    if (output === '-') return terminal.out(content.bytes);
    const file = output ?? content.fileName ?? 'statement';
    saveFile(file, content.bytes, output === undefined);
    return {
      json: { file, bytes: content.bytes.length, mediaType: content.mediaType, losses: content.losses },
      text: `${file}: ${content.bytes.length} bytes, ${content.mediaType}`,
    };
  },
};

function statementTable(items: readonly Statement[]): string {
  const rows = items.map((one) => [
    one.number,
    one.from,
    one.to,
    one.opening,
    one.credits,
    one.debits,
    one.closing,
    one.currency,
    one.count,
    one.continuity,
    one.formats.join(', '),
    one.id,
  ]);
  const columns = [
    { title: 'NUMBER', right: true },
    { title: 'FROM' },
    { title: 'TO' },
    { title: 'OPENING', right: true },
    { title: 'CREDITS', right: true },
    { title: 'DEBITS', right: true },
    { title: 'CLOSING', right: true },
    { title: 'CUR' },
    { title: 'ITEMS', right: true },
    { title: 'CONTINUITY' },
    { title: 'FORMATS' },
    { title: 'ID' },
  ];
  return table(columns, rows);
}
