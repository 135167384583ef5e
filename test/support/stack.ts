import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Package, Resource } from '../../infra/local/template.ts';

/** A function of a made-up stack. */
export interface FunctionSource {
  /** Text of its module. */
  readonly code: string;
  readonly timeout?: number;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly routes?: readonly string[];
}

/** A made-up packaged stack for tests of the runner: functions given as text, further resources as CloudFormation. */
export function makeStack(
  functions: Readonly<Record<string, FunctionSource>>,
  resources: Readonly<Record<string, Resource>> = {},
): { packaged: Package; remove(): void } {
  const root = mkdtempSync(join(tmpdir(), 'brana-stack-'));
  const all: Record<string, Resource> = { HttpApi: { Type: 'AWS::ApiGatewayV2::Api' }, ...resources };
  for (const [name, { code, timeout = 10, env = {}, routes = [] }] of Object.entries(functions)) {
    mkdirSync(join(root, 'dist', name), { recursive: true });
    writeFileSync(join(root, 'dist', name, 'index.mjs'), code);
    all[name] = {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: `test-${name}`,
        Handler: `dist/${name}/index.handler`,
        Timeout: timeout,
        MemorySize: 512,
        Environment: { Variables: env },
      },
    };
    all[`${name}Integration`] = {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: { IntegrationUri: { 'Fn::GetAtt': [name, 'Arn'] } },
    };
    for (const [index, RouteKey] of routes.entries()) {
      const Target = { 'Fn::Join': ['/', ['integrations', { Ref: `${name}Integration` }]] };
      all[`${name}Route${index}`] = { Type: 'AWS::ApiGatewayV2::Route', Properties: { RouteKey, Target } };
    }
  }
  return {
    packaged: { root, stackName: 'test-stack', template: { Resources: all } },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
