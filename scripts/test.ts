import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * `npm test`: types, linter, formatting, then the tests. The last line is `N passed, N failed`: tests counted one by
 * one, a failed check counts as one failure. Arguments go to vitest and leave the checks out (`npm test -- pull`).
 */

const root = join(import.meta.dirname, '..');

interface Counts {
  passed: number;
  failed: number;
}

/** Runs a program, given by its path. @returns its exit code and, unless it inherits the terminal, what it printed */
function run(
  program: string,
  args: readonly string[],
  inherit = false,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, program), ...args], {
      cwd: root,
      stdio: inherit ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

const CHECKS = [
  { name: 'types and linter', program: 'scripts/check.ts', args: [] },
  {
    name: 'formatting',
    program: 'node_modules/prettier/bin/prettier.cjs',
    args: ['--check', '.', '--log-level', 'warn'],
  },
] as const;

/** @returns what each check says, one after another: they run beside the tests, which wait for engines half their time */
async function check(): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const { name, program, args } of CHECKS) {
    const { code, output } = await run(program, args);
    console.log(`${name}: ${code === 0 ? 'ok' : 'FAILED, see the end'}`);
    if (code !== 0) failures.push(`${name}: FAILED\n${output.trimEnd()}`);
  }
  return failures;
}

/** What vitest's JSON report says of a run. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

async function test(args: readonly string[]): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'brana-test-'));
  const file = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const { code } = await run('node_modules/vitest/vitest.mjs', ['run', ...reporters, ...args], true);
    const counts = count(JSON.parse(readFileSync(file, 'utf8')) as Report);
    // Something vitest holds against the run as a whole: an unhandled error, no test found.
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } catch (error) {
    console.error(`The tests left no report: ${(error as Error).message}`);
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file that could not even be loaded has no tests to count; it is one failure. */
function count({ numPassedTests, numFailedTests, testResults }: Report): Counts {
  const broken = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  return { passed: numPassedTests, failed: numFailedTests + broken.length };
}

const args = process.argv.slice(2);
const [{ passed, failed }, broken] = await Promise.all([test(args), args.length === 0 ? check() : []]);
for (const failure of broken) console.log(failure);
console.log(`${passed} passed, ${failed + broken.length} failed`);
process.exitCode = failed + broken.length === 0 ? 0 : 1;
