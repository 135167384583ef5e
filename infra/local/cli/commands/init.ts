import { resolve } from 'node:path';
import type { Command, Context } from '../command.ts';
import { CliError, EXIT, usageError } from '../exit.ts';
import { invokeFunction } from '../lambda.ts';
import { makePrivate } from '../../private.ts';
import { saveKey } from '../settings.ts';

/** The answer of the function `admin-bootstrap`. */
type Bootstrap =
  | { readonly company: { readonly id: string; readonly name: string }; readonly key: string }
  | { readonly error: string; readonly message: string };

export const init: Command = {
  name: 'init',
  summary: 'Make the first company and its admin key',
  args: '',
  options: {
    name: { type: 'string', value: 'NAME', help: 'name of the company' },
    data: {
      type: 'string',
      value: 'DIR',
      help: 'on this machine: the data folder of "npm start" (default .brana)',
    },
    stage: { type: 'string', value: 'STAGE', help: 'the stage of a deployed stack, e.g. production' },
    region: { type: 'string', value: 'REGION', help: 'its region (default AWS_REGION, else eu-central-1)' },
  },
  takes: { least: 0, most: 0 },
  notes: `Without --stage it works on this machine's data, while no gateway runs there; the first "npm start" does the
same. With --stage it invokes the function admin-bootstrap of the deployed stack with your AWS credentials; give the
address "npx serverless deploy" printed as --url, so that the key is kept for it.

Example: brana init --name "Example Ltd" --stage production --url https://abc123.execute-api.eu-central-1.amazonaws.com`,
  async run(context) {
    const { options, settings, terminal } = context;
    const name = options.text('name');
    if (name === undefined) throw usageError('Give the company a name: --name "Example Ltd"');
    const stage = options.text('stage');
    if (stage !== undefined && options.text('url') === undefined) {
      throw usageError(
        'Give the address of the deployed API too: --url https://… (printed by the deployment)',
      );
    }
    const made =
      stage === undefined ? await onThisMachine(context, name) : await deployed(context, stage, name);
    if ('error' in made) throw new CliError(EXIT.refused, made.message);
    const file = saveKey(settings.url, made.key, terminal.env);
    return {
      json: { ...made, url: settings.url, file },
      text: `Company "${made.company.name}" made. Its admin key, shown this once and kept in ${file}:

  ${made.key}

Next: brana banks`,
    };
  },
};

/** Starts the gateway on the data just long enough to make the company in it. */
async function onThisMachine({ options, progress }: Context, name: string): Promise<Bootstrap> {
  const { PROJECT_ROOT } = await import('../../template.ts');
  const { startGateway } = await import('../../gateway.ts');
  const dataDir = resolve(options.text('data') ?? resolve(PROJECT_ROOT, '.brana'));
  progress(`Making the company in ${dataDir} …`);
  try {
    makePrivate(dataDir);
    const gateway = await startGateway({ dataDir, schedule: false, print: () => {} });
    try {
      return (await gateway.invoke('admin-bootstrap', { name })) as Bootstrap;
    } finally {
      await gateway.stop();
    }
  } catch (error) {
    throw new CliError(EXIT.off, (error as Error).message);
  }
}

async function deployed(
  { options, terminal, progress }: Context,
  stage: string,
  name: string,
): Promise<Bootstrap> {
  const region = options.text('region') ?? (terminal.env['AWS_REGION'] || 'eu-central-1');
  const functionName = `brana-${stage}-admin-bootstrap`;
  progress(`Invoking ${functionName} in ${region} …`);
  const target = {
    region,
    functionName,
    credentials: await awsCredentials(region),
    endpoint: terminal.env['AWS_ENDPOINT_URL_LAMBDA'] ?? terminal.env['AWS_ENDPOINT_URL'],
  };
  return (await invokeFunction(target, { name }, terminal.now())) as Bootstrap;
}

/** The credentials of the deployment, by the SDK's own rules: environment, profile, single sign-on. */
async function awsCredentials(region: string) {
  const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
  const client = new DynamoDBClient({ region });
  try {
    return await client.config.credentials();
  } catch (error) {
    throw new CliError(
      EXIT.usage,
      `No AWS credentials: ${(error as Error).message}. Use those you deploy with.`,
    );
  } finally {
    client.destroy();
  }
}
