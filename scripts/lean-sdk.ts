import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/**
 * What the AWS SDK carries and Lambda never needs, left out of the bundles. Endpoint variables, regions, signing,
 * retries and errors are untouched; `npm run bench -- imports` measures what each part of this brings.
 */

/** A module of the SDK and what stands in for it. */
interface Replacement {
  readonly module: RegExp;
  readonly contents: string;
}

const REPLACEMENTS: readonly Replacement[] = [
  // Lambda hands its role's credentials over in the environment: no profile, SSO, process, web identity or
  // instance metadata is ever asked. The provider reads the same variables as the SDK's own first link.
  {
    module: /^@aws-sdk\/credential-provider-node$/,
    contents: `import { fromEnv } from '@aws-sdk/credential-provider-env';
      export const defaultProvider = (init) => fromEnv(init);`,
  },
  // Endpoint discovery is for tables of another era; only its cache is heavy.
  {
    module: /^@aws-sdk\/endpoint-cache$/,
    contents: `export class EndpointCache {}`,
  },
  // No client here speaks HTTP/2.
  {
    module: /\/node-http2-handler$/,
    contents: `export class NodeHttp2Handler {}`,
  },
  // Event streams serve S3 Select and its like. As a lazy import they would split every bundle in two.
  {
    module: /^@smithy\/core\/event-streams$/,
    contents: `const refuse = () => { throw new Error('Event streams are left out of this bundle, see scripts/lean-sdk.ts'); };
      export class EventStreamSerde { constructor() { refuse(); } }
      export const eventStreamSerdeProvider = refuse;
      export const resolveEventStreamSerdeConfig = (config) => config;`,
  },
  // Reads a browser's user agent.
  { module: /^bowser$/, contents: `export default {};` },
];

const STAND_IN = 'lean-sdk';
const BUILTIN = 'node-builtin';

/** The esbuild plugin. */
export function leanSdk(): Plugin {
  return {
    name: 'lean-sdk',
    setup(build) {
      REPLACEMENTS.forEach(({ module, contents }, index) => {
        build.onResolve({ filter: module }, ({ resolveDir }) => ({
          path: String(index),
          namespace: STAND_IN,
          sideEffects: false,
          pluginData: { contents, resolveDir },
        }));
      });
      build.onLoad({ filter: /.*/, namespace: STAND_IN }, ({ pluginData }) => pluginData);

      // `import … from 'node:http'` reads every export of the module, the lazy ones (WebSocket, webcrypto) included;
      // `getBuiltinModule` hands the module over without touching them.
      build.onResolve({ filter: /^node:/ }, ({ path, kind }) =>
        kind === 'import-statement' ? { path, namespace: BUILTIN, sideEffects: false } : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: BUILTIN }, ({ path }) => ({
        contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
      }));

      build.onLoad(
        { filter: /[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/ },
        async ({ path }) => ({
          contents: shakable(await readFile(path, 'utf8')),
        }),
      );
    },
  };
}

/**
 * Marks each schema constant of a client as free of side effects. Their computed keys (`{ [_hH]: … }`) look impure to
 * esbuild, which then keeps the schemas of all operations: 55 KB for S3 alone.
 */
export function shakable(schemas: string): string {
  return schemas.replace(
    /^((?:export )?var [\w$]+ = )(\[[^]*?\]);$/gm,
    (_, declaration: string, value: string) => `${declaration}/* @__PURE__ */ (() => ${value})();`,
  );
}
