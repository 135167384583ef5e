import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EVENT_TYPES } from '../../shared/domain/event.ts';
import { manifests } from '../../shared/banks/catalog.ts';
import type { Capability, Manifest } from '../../shared/banks/contract.ts';
import { COMMANDS } from '../../infra/local/cli/commands/index.ts';
import { EXIT_MEANINGS } from '../../infra/local/cli/exit.ts';
import { PROJECT_ROOT } from '../../infra/local/template.ts';

/** The documents say what is true. */

const read = (name: string): string => readFileSync(join(PROJECT_ROOT, name), 'utf8');
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(PROJECT_ROOT, 'docs')).map((name) => `docs/${name}`),
];

/** The row of a bank in the README's table. */
function rowOf(bank: Manifest): string[] {
  const marked = (evidence: string): string =>
    (Object.keys(bank.evidence) as Capability[]).filter((one) => bank.evidence[one] === evidence).join(', ');
  const formats = bank.statementFormats.map(({ format, parsed, default: pulled }) =>
    pulled ? `**${format}**` : parsed ? format : `${format} (kept)`,
  );
  return [
    bank.name,
    `\`${bank.id}\``,
    bank.country,
    bank.product,
    bank.authentication.replace('-', ' '),
    formats.join(', '),
    marked('verified'),
    marked('inferred'),
  ];
}

const cellsOf = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

test('the table of banks is the manifests', async () => {
  const [, block = ''] = /<!-- banks:[^>]*-->([^]*)<!-- \/banks -->/.exec(read('README.md')) ?? [];
  const rows = block.trim().split('\n').slice(2).map(cellsOf);
  expect(rows).toEqual((await manifests()).map(rowOf));
});

test('the table of exit codes is that of the command line', () => {
  const rows = [...read('docs/configuration.md').matchAll(/^\| (\d) +\| (.+?) +\|$/gm)].map(
    ([, code, text]) => [code, text],
  );
  expect(rows).toEqual(Object.entries(EXIT_MEANINGS));
});

test('every alarm has its chapter in the runbook', () => {
  const sources = ['shared', 'functions'].flatMap((folder) =>
    readdirSync(join(PROJECT_ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => read(join(folder, name))),
  );
  const raised = new Set(sources.flatMap((source) => source.match(/(?<=')alarm\.[a-z-]+(?=')/g) ?? []));
  const chapters = read('docs/operations.md').match(/(?<=^### `)alarm\.[a-z-]+/gm) ?? [];
  expect([...chapters].sort()).toEqual([...raised].sort());
  const alarms = readdirSync(join(PROJECT_ROOT, 'infra'))
    .filter((name) => name.endsWith('.yml'))
    .flatMap((name) => [...read(`infra/${name}`).matchAll(/AlarmName: \$\{self:custom\.name\}(-[a-z-]+)/g)])
    .map(([, name]) => `…${name}`);
  const told = [...read('docs/operations.md').matchAll(/^\| `(…-[a-z-]+)`/gm)].map(([, name]) => name);
  expect(told.sort()).toEqual(alarms.sort());
});

test('every event stands in the API document', () => {
  const document = read('docs/api.md');
  expect(EVENT_TYPES.filter((type) => !document.includes(`\`${type}\``))).toEqual([]);
});

describe.each(DOCUMENTS)('%s', (name) => {
  const text = read(name);

  test('names only commands there are', () => {
    const names = COMMANDS.map((command) => command.name);
    const used = [...text.matchAll(/(?<=`|npx |^)brana ([a-z]+)(?: ([a-z]+))?/gm)].map(
      ([, first, second]) => [first!, `${first} ${second}`],
    );
    expect(used.filter((forms) => !forms.some((form) => names.includes(form)))).toEqual([]);
  });

  test('names only scripts and files there are', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const run = [...text.matchAll(/npm (?:run )?(test|start|demo|faults|bench|build)\b/g)].map(
      ([, script]) => script!,
    );
    expect(run.filter((script) => !(script in scripts))).toEqual([]);
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target]) => target!);
    for (const target of links) expect(() => read(join(name, '..', target))).not.toThrow();
    const paths = [
      ...text.matchAll(/`((?:shared|infra|scripts|test|functions)\/[\w./-]+\.(?:ts|js|json|yml))`/g),
    ];
    for (const [, path] of paths) expect(() => read(path!)).not.toThrow();
  });
});
