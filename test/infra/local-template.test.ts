import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cachedPackage, LOCAL_STAGE, packagedTemplate } from '../../infra/local/template.ts';

// A tiny project of its own: packaging it touches nothing of the checkout. Its one function writes when it was built.
const root = mkdtempSync(join(tmpdir(), 'brana-package-'));
const at = (...path: string[]) => join(root, ...path);

const SERVERLESS = `
service: tiny
frameworkVersion: '4'
configValidationMode: error
plugins: [./infra/plugin.js]
provider: { name: aws, runtime: nodejs24.x, region: eu-central-1, deploymentMethod: direct }
package: { individually: true, patterns: ['!**'] }
functions:
  one:
    handler: dist/one/index.handler
    package: { patterns: ['dist/one/**'] }
    environment: { STAGE: '\${sls:stage}' }
`;
const PLUGIN = `
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
export default class {
  constructor() {
    this.hooks = { 'before:package:createDeploymentArtifacts': () => {
      appendFileSync('builds.log', 'built\\n');
      mkdirSync('dist/one', { recursive: true });
      writeFileSync('dist/one/index.mjs', 'export const handler = () => {};');
    } };
  }
}`;

beforeAll(() => {
  for (const folder of ['infra', 'functions', 'shared']) mkdirSync(at(folder));
  writeFileSync(at('package.json'), '{"type":"module"}');
  writeFileSync(at('serverless.yml'), SERVERLESS);
  writeFileSync(at('infra', 'plugin.js'), PLUGIN);
  writeFileSync(at('functions', 'one.ts'), '1');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const current = () => cachedPackage(root, LOCAL_STAGE) !== null;

test('packages once for two who ask at the same time, and answers from the cache until something changes', async () => {
  const [first, second] = await Promise.all([packagedTemplate({ root }), packagedTemplate({ root })]);
  expect(second).toEqual(first);
  expect(await packagedTemplate({ root })).toEqual(first);
  expect(readFileSync(at('builds.log'), 'utf8')).toBe('built\n');
  expect([first.stackName, first.root]).toEqual(['tiny-local', root]);
  const [fn] = Object.values(first.template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  expect(fn?.Properties).toMatchObject({ Environment: { Variables: { STAGE: 'local' } } });

  for (const input of [at('shared', 'new.ts'), at('infra', 'new.yml'), at('package-lock.json')]) {
    writeFileSync(input, '{}');
    expect(current()).toBe(false);
    rmSync(input);
    expect(current()).toBe(true);
  }
  writeFileSync(at('dist', 'one', 'index.mjs'), 'something else, built by hand');
  expect(current()).toBe(false);
});

test('a package that fails shows what the tool said and leaves nothing to be taken for a package', async () => {
  writeFileSync(at('serverless.yml'), `${SERVERLESS}\nnonsense: true\n`);
  await expect(packagedTemplate({ root })).rejects.toThrow(
    /could not be packaged.*Correct what it says.*unrecognized property 'nonsense'/s,
  );
  expect(current()).toBe(false);
});
