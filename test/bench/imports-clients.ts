import type { Bundle } from '../../scripts/bundle.ts';

/** The AWS clients of a function: what it would load if it were nothing but them. */

const COMMAND = /@aws-sdk\/(client-[^/]+)\/dist-es\/commands\/(\w+Command)\.js$/;
const CLIENT = /@aws-sdk\/(client-[^/]+)\/dist-es\/(\w+Client)\.js$/;
const HELPERS: Readonly<Record<string, string>> = {
  '@aws-sdk/util-dynamodb': 'marshall, unmarshall',
  '@aws-sdk/s3-request-presigner': 'getSignedUrl',
};

/**
 * Source of a module that constructs the clients which the function's cold start loads, and holds the commands it
 * uses. Read from the bundle, so that it cannot drift from the code.
 */
export function bareClients(of: Bundle): string {
  const names = new Map<string, Set<string>>();
  const clients: string[] = [];
  for (const path of of.inputs(of.start).keys()) {
    const client = CLIENT.exec(path);
    if (client) clients.push(client[2]!);
    const [, from, name] = client ?? COMMAND.exec(path) ?? [];
    if (from && name) names.set(from, (names.get(from) ?? new Set()).add(name));
  }
  const helpers = Object.entries(HELPERS).filter(([name]) =>
    [...of.inputs(of.start).keys()].some((path) => path.includes(`node_modules/${name}/`)),
  );
  return [
    ...[...names].map(
      ([from, imported]) => `import { ${[...imported].sort().join(', ')} } from '@aws-sdk/${from}';`,
    ),
    ...helpers.map(([from, imported]) => `import { ${imported} } from '${from}';`),
    `export const clients = [${clients.map((client) => `new ${client}({})`).join(', ')}];`,
    `export const uses = [${[...[...names.values()].flatMap((set) => [...set]), ...helpers.map(([, imported]) => imported)].join(', ')}];`,
  ].join('\n');
}
