import { createClient } from '../client.ts';
import type { Command } from '../command.ts';
import { saveKey } from '../settings.ts';
import type { Connection, List } from '../types.ts';

export const login: Command = {
  name: 'login',
  summary: 'Keep the API key of a gateway for later commands',
  args: '',
  options: {},
  takes: { least: 0, most: 0 },
  notes: `The key comes from --key-file, BRANA_KEY or a question. It is tried and kept in ~/.config/brana/keys.json,
readable by you alone; the gateway becomes the one used without --url.

Example: brana login --url https://abc123.execute-api.eu-central-1.amazonaws.com`,
  async run({ settings, terminal }) {
    const { url } = settings;
    const known = settings.keyIsGiven ? settings.key : null;
    const key =
      known ??
      (await terminal.askSecret(`API key for ${url}: `, 'give --key-file FILE, or set BRANA_KEY')).trim();
    await createClient(url, key).call<List<Connection>>('GET', '/connections');
    const file = saveKey(url, key, terminal.env);
    return { json: { url, file }, text: `The key works at ${url} and is kept in ${file}.` };
  },
};
