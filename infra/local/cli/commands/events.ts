import type { Command, Context } from '../command.ts';
import { harmless, jsonText, oneLine, table } from '../text.ts';
import type { FeedEvent } from '../types.ts';

interface Feed {
  readonly items: readonly FeedEvent[];
  readonly next: number;
}

export const events: Command = {
  name: 'events',
  summary: 'Show the feed of events in order',
  args: '',
  options: {
    after: { type: 'string', value: 'N', help: 'only events behind this sequence number (default 0)' },
    follow: { type: 'boolean', help: 'go on showing new ones until Ctrl-C; with --json one line each' },
  },
  takes: { least: 0, most: 0 },
  async run(context) {
    const after = context.options.number('after', 0);
    if (context.options.flag('follow')) return follow(context, after);
    const items: FeedEvent[] = [];
    let next = after;
    for (;;) {
      const page = await read(context, next);
      items.push(...page.items);
      if (page.next === next) break;
      next = page.next;
    }
    const rows = items.map((event) => [event.sequence, event.at, event.type, event.subject, dataOf(event)]);
    const columns = [
      { title: 'N', right: true },
      { title: 'AT' },
      { title: 'EVENT' },
      { title: 'SUBJECT' },
      { title: 'DATA', longest: 100 },
    ];
    const text = items.length === 0 ? `No event behind ${after}.` : table(columns, rows);
    return { json: { items, next }, text };
  },
};

const read = (context: Context, after: number): Promise<Feed> =>
  context.client().call<Feed>('GET', '/events', { query: { after, limit: 500 } });

const LOOK_AGAIN_MS = 2_000;

async function follow(context: Context, after: number): Promise<void> {
  const { terminal, json } = context;
  for (let next = after; ;) {
    const page = await read(context, next);
    for (const event of page.items) terminal.out(`${json ? jsonText(event, 0) : lineOf(event)}\n`);
    if (page.next === next) await terminal.sleep(LOOK_AGAIN_MS);
    next = page.next;
  }
}

const lineOf = (event: FeedEvent): string =>
  harmless([event.sequence, event.at, event.type, event.subject, dataOf(event)].join('  '));

/** `key=value` pairs; a long list as the count of its items. */
function dataOf({ data }: FeedEvent): string {
  const shown = Object.entries(data)
    .sort()
    .map(([name, value]) => {
      const text = Array.isArray(value) ? `${value.length} item(s)` : String(value);
      return `${name}=${oneLine(text)}`;
    });
  return shown.join(' ');
}
