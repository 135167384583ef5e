import { spawn } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock.ts';

/** A CloudFormation template, as far as the local runner looks. */
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** The packaged stack: what CloudFormation would be given, and where the bundles are. */
export interface Package {
  readonly template: Template;
  /** Folder the template's handler paths are relative to. */
  readonly root: string;
  /** `<service>-<stage>`, the stack's name on AWS. */
  readonly stackName: string;
}

/** The checkout this file belongs to. */
export const PROJECT_ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The stage the runner and the tests package for. */
export const LOCAL_STAGE = 'local';

/** What the package is made from; files that are missing count as absent. */
const INPUTS = ['functions', 'shared', 'scripts', 'serverless.yml', 'package-lock.json', 'tsconfig.json'];
const INFRA_INPUTS = /\.(yml|json|js)$/;
const BUNDLES = 'dist';
const OUTPUT = '.serverless';

interface Cached extends Omit<Package, 'root'> {
  readonly inputs: string;
  readonly bundles: string;
}

/**
 * The packaged template: what `serverless package` makes of this tree. It is packaged anew only when its inputs or the
 * bundles differ from those of the last time; two processes that ask at once package once.
 * @throws Error with the tool's output when packaging fails
 */
export async function packagedTemplate(options: { root?: string; stage?: string } = {}): Promise<Package> {
  const { root = PROJECT_ROOT, stage = LOCAL_STAGE } = options;
  return (
    cachedPackage(root, stage) ??
    withLock(join(root, 'node_modules', '.cache', 'brana-package.lock'), async () => {
      const cached = cachedPackage(root, stage);
      if (cached) return cached;
      const inputs = hashInputs(root);
      await runServerless(root, stage);
      return writeCache(root, stage, inputs);
    })
  );
}

// The tool empties its output folder on every run, so a cache in it never outlives a package made by hand.
const cacheFile = (root: string, stage: string): string => join(root, OUTPUT, `brana-${stage}.json`);

/** The package made last, or `null` when its inputs or the bundles have changed since. */
export function cachedPackage(root: string, stage: string): Package | null {
  let cached: Cached;
  try {
    cached = JSON.parse(readFileSync(cacheFile(root, stage), 'utf8')) as Cached;
  } catch {
    return null;
  }
  if (cached.inputs !== hashInputs(root) || cached.bundles !== markBundles(root)) return null;
  return { template: cached.template, stackName: cached.stackName, root };
}

function writeCache(root: string, stage: string, inputs: string): Package {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(root, OUTPUT, name), 'utf8'));
  const template = read('cloudformation-template-update-stack.json') as Template;
  const { service } = read('serverless-state.json') as { service: { service: string } };
  const stackName = `${service.service}-${stage}`;
  const cached: Cached = { inputs, bundles: markBundles(root), stackName, template };
  writeFileSync(cacheFile(root, stage), JSON.stringify(cached));
  return { template, stackName, root };
}

function hashInputs(root: string): string {
  const hash = createHash('sha256');
  for (const input of INPUTS) hashPath(hash, root, input);
  const infra = existsSync(join(root, 'infra')) ? readdirSync(join(root, 'infra')).sort() : [];
  for (const name of infra.filter((name) => INFRA_INPUTS.test(name)))
    hashPath(hash, root, join('infra', name));
  return hash.digest('hex');
}

function hashPath(hash: Hash, root: string, path: string): void {
  const absolute = join(root, path);
  const stat = statSync(absolute, { throwIfNoEntry: false });
  if (stat?.isDirectory()) {
    for (const name of readdirSync(absolute).sort()) hashPath(hash, root, join(path, name));
  } else {
    const content = stat ? readFileSync(absolute) : Buffer.alloc(0);
    hash.update(`${path}\0${stat ? content.length : 'absent'}\0`).update(content);
  }
}

/** Sizes and times of the bundles: a build by hand from other sources shows. */
function markBundles(root: string): string {
  const folder = join(root, BUNDLES);
  if (!existsSync(folder)) return 'absent';
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const marks = names.map((name) => {
    const { size, mtimeMs } = statSync(join(folder, name));
    return `${name} ${size} ${mtimeMs}`;
  });
  return createHash('sha256').update(marks.join('\n')).digest('hex');
}

async function runServerless(root: string, stage: string): Promise<void> {
  const bin = createRequire(join(PROJECT_ROOT, 'package.json')).resolve('serverless/bin/serverless.js');
  // The build that packaging starts must find the pinned Node and tools first.
  const path = [join(PROJECT_ROOT, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter);
  const child = spawn(process.execPath, [bin, 'package', '--stage', stage], {
    cwd: root,
    env: { ...process.env, PATH: path, NODE_OPTIONS: '', FORCE_COLOR: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return;
  throw new Error(
    `The functions could not be packaged ("serverless package --stage ${stage}" ended with ${String(code)} in ` +
      `${root}). Correct what it says and start again:\n${output.trim()}`,
  );
}
