import { parseArgs } from 'node:util';

/** `npm run bench -- [name …] [--json]`: runs the benchmarks named, or all. */

/** What a file `test/bench/<name>.ts` exports. */
export interface Bench {
  /**
   * Measures. Progress goes to stderr; the readable report to stdout, unless `json`.
   * @returns the figures, JSON-safe
   */
  run(options: { readonly json: boolean }): Promise<unknown>;
}

const NAMES = ['imports', 'ingest', 'formats', 'payments'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !NAMES.includes(name));
if (unknown.length > 0) {
  console.error(`No benchmark is called ${unknown.join(', ')}. There are: ${NAMES.join(', ')}.`);
  process.exit(2);
}

const results: Record<string, unknown> = {};
for (const name of positionals.length > 0 ? positionals : NAMES) {
  const bench = (await import(`../test/bench/${name}.ts`)) as Bench;
  results[name] = await bench.run({ json: values.json });
}
if (values.json) console.log(JSON.stringify(results));
