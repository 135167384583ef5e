import { parseArgs } from 'node:util';
import { startEngines } from './engines.ts';
import { runPaySeed } from './pay-flow.ts';
import { runPeerSeed } from './peer-flow.ts';
import { runSeed } from './pull-flow.ts';
import { runTokenSeed } from './token-flow.ts';

/**
 * `npm run faults -- [--flow pull|payments|tokens] [--seeds N] [--first S] [--peer] [--json]`: runs seeds and tells the violations; a violation
 * prints its seed, and `--first SEED --seeds 1` replays it. `--peer` shows, as a contrast, how often
 * the usual policy of repeating pays twice.
 */
const { values } = parseArgs({
  options: {
    flow: { type: 'string', default: 'pull' },
    seeds: { type: 'string', default: '100' },
    first: { type: 'string', default: '1' },
    peer: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const FLOWS = { pull: runSeed, payments: runPaySeed, tokens: runTokenSeed } as const;
const run = Object.hasOwn(FLOWS, values.flow) ? FLOWS[values.flow as keyof typeof FLOWS] : null;
if (!run) {
  console.error(`There is no flow "${values.flow}"; the flows are: ${Object.keys(FLOWS).join(', ')}`);
  process.exit(2);
}

if (values.peer) await peer();

const seeds = Number(values.seeds);
const first = Number(values.first);
const engines = await startEngines();
const perFault: Record<string, number> = {};
const perState: Record<string, number> = {};
let violations = 0;
const started = performance.now();
for (let seed = first; seed < first + seeds; seed++) {
  const result = await run(engines, seed);
  for (const fault of result.faults) perFault[fault] = (perFault[fault] ?? 0) + 1;
  const { states = [] } = result as { states?: readonly string[] };
  for (const state of states) perState[state] = (perState[state] ?? 0) + 1;
  violations += result.violations.length;
  for (const violation of result.violations) console.error(`seed ${seed}: ${violation}`);
  if ((seed - first + 1) % 50 === 0)
    console.error(`${seed - first + 1} of ${seeds} seeds, ${violations} violations`);
}
await engines.stop();
const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
const summary = {
  flow: values.flow,
  seeds,
  runs: seeds,
  violations,
  perFault,
  ...(values.flow === 'payments' ? { perState } : {}),
  seconds,
};
if (values.json) console.log(JSON.stringify(summary));
else console.log(`${seeds} seeds of the flow "${values.flow}" in ${seconds} s: ${violations} violations`);
process.exit(violations > 0 ? 1 : 0);

/** The same bank and misbehaviour under a client that repeats whatever got no good answer. */
async function peer(): Promise<never> {
  const engines = await startEngines();
  const sum = {
    policy: 'repeat what got no good answer',
    seeds: Number(values.seeds),
    orders: 0,
    doubled: 0,
  };
  for (let seed = Number(values.first); seed < Number(values.first) + sum.seeds; seed++) {
    const { orders, doubled } = await runPeerSeed(engines, seed);
    sum.orders += orders;
    sum.doubled += doubled;
  }
  await engines.stop();
  console.log(
    values.json
      ? JSON.stringify(sum)
      : `${sum.doubled} of ${sum.orders} orders are at the bank twice or more`,
  );
  process.exit(0);
}
