import type { Command } from '../command.ts';
import { usageError } from '../exit.ts';
import { saveFile } from '../file-output.ts';

export const paymentFile: Command = {
  name: 'payments file',
  summary: 'Save the file of an order for a bank that Brana sends nothing to',
  args: 'ID',
  options: {
    output: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      help: 'where to; "-" for stdout (default its own name)',
    },
  },
  takes: { least: 1, most: 1 },
  notes: `Upload it in the bank's own banking and sign it there. The first time counts as handed out: from then on the order
may be at the bank, and Brana follows it by the booked movements. Upload it once.`,
  async run({ args, client, json, options, terminal }) {
    const output = options.text('output');
    if (output === '-' && json) throw usageError('--json and the file itself cannot both go to stdout.');
    const [id = ''] = args;
    const content = await client().content(`/payments/${encodeURIComponent(id)}/file`);
    if (output === '-') return terminal.out(content.bytes);
    const file = output ?? content.fileName ?? 'order';
    saveFile(file, content.bytes, output === undefined);
    return {
      json: { file, bytes: content.bytes.length, mediaType: content.mediaType },
      text: `${file}: ${content.bytes.length} bytes, ${content.mediaType}. Upload and sign it at the bank, once.`,
    };
  },
};
