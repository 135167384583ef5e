import { join } from 'node:path';
import { resolveValue, type Scope } from './intrinsics.ts';
import { scopeOf, type Place } from './scope.ts';
import type {
  Bucket,
  Index,
  KeyElement,
  LambdaFunction,
  Queue,
  QueueMapping,
  Route,
  Schedule,
  Stack,
  StackSecret,
  Table,
} from './stack.ts';
import type { Package, Resource, Template } from './template.ts';
import { UNSUPPORTED_PROPERTIES, UNSUPPORTED_RESOURCES, UNSUPPORTED_TYPES } from './unsupported.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Types read here; every other one must stand in `unsupported.ts`. */
const SUPPORTED_TYPES = [
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::DynamoDB::Table',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::S3::Bucket',
  'AWS::SQS::Queue',
  'AWS::Scheduler::Schedule',
  'AWS::SecretsManager::Secret',
] as const;
type SupportedType = (typeof SUPPORTED_TYPES)[number];

/**
 * Reads the packaged template into what the runner needs, every reference resolved.
 * @throws Error for a resource type or property that is neither read nor listed in `unsupported.ts`
 */
export function resolveStack({ template, root, stackName }: Package, place: Place): Stack {
  refuseUnknownTypes(template);
  const scope = scopeOf(template, stackName, place);
  /** Reads every resource of a type; `read` names the properties it uses. */
  function each<T>(
    type: SupportedType,
    used: readonly string[],
    read: (fields: Fields, id: string) => T,
  ): T[] {
    return resourcesOf(template, type).map(([id, resource]) =>
      read(usedProperties(id, resource, used, scope), id),
    );
  }

  const queues = each('AWS::SQS::Queue', ['QueueName', 'RedrivePolicy', ...QUEUE_ATTRIBUTES], (fields, id) =>
    readQueue(scope.attribute(id, 'QueueName'), String(scope.ref(id)), fields),
  );
  const functions = each('AWS::Lambda::Function', FUNCTION_PROPERTIES, (fields, id) =>
    readFunction(scope.attribute(id, 'Arn'), root, fields),
  );
  const functionOf = (arn: unknown): string => {
    const found = functions.find((known) => known.arn === arn);
    if (!found) throw new Error(`The template starts ${String(arn)}, which is none of its functions.`);
    return found.name;
  };
  each('AWS::ApiGatewayV2::Api', ['Name', 'ProtocolType'], () => undefined);
  const integrations = new Map(
    each('AWS::ApiGatewayV2::Integration', INTEGRATION_PROPERTIES, (fields, id) => [
      id,
      fields['IntegrationUri'],
    ]),
  );

  return {
    name: stackName,
    region: place.region,
    accountId: place.accountId,
    tables: each('AWS::DynamoDB::Table', TABLE_PROPERTIES, (fields, id) =>
      readTable(String(scope.ref(id)), fields),
    ),
    queues,
    buckets: each('AWS::S3::Bucket', ['BucketName'], (_, id): Bucket => ({ name: String(scope.ref(id)) })),
    secrets: each('AWS::SecretsManager::Secret', ['Name', 'GenerateSecretString'], (fields, id) =>
      readSecret(String(scope.ref(id)), fields),
    ),
    functions,
    routes: each('AWS::ApiGatewayV2::Route', ['ApiId', 'RouteKey', 'Target'], (fields): Route => {
      const integration = String(fields['Target']).replace(/^integrations\//, '');
      return { routeKey: String(fields['RouteKey']), function: functionOf(integrations.get(integration)) };
    }),
    queueMappings: each('AWS::Lambda::EventSourceMapping', MAPPING_PROPERTIES, (fields) => {
      if (fields['Enabled'] === false) return null;
      return readMapping(fields, queues, functionOf(fields['FunctionName']));
    }).filter((mapping) => mapping !== null),
    schedules: each('AWS::Scheduler::Schedule', SCHEDULE_PROPERTIES, (fields, id) => {
      if (fields['State'] === 'DISABLED') return null;
      return readSchedule(id, fields, functionOf);
    }).filter((schedule) => schedule !== null),
  };
}

const TABLE_PROPERTIES = ['TableName', 'KeySchema', 'AttributeDefinitions', 'GlobalSecondaryIndexes'];

function readTable(name: string, fields: Fields): Table {
  const indexes = (fields['GlobalSecondaryIndexes'] as Fields[] | undefined) ?? [];
  for (const index of indexes) refuseOthers(`table ${name}`, index, ['IndexName', 'KeySchema', 'Projection']);
  return {
    name,
    keySchema: fields['KeySchema'] as KeyElement[],
    attributes: fields['AttributeDefinitions'] as Table['attributes'],
    indexes: indexes as unknown as Index[],
  };
}

function readSecret(name: string, fields: Fields): StackSecret {
  const made = (fields['GenerateSecretString'] ?? {}) as Fields;
  refuseOthers(`secret ${name}`, made, ['PasswordLength', 'ExcludePunctuation']);
  return { name, length: Number(made['PasswordLength']) };
}

const QUEUE_ATTRIBUTES = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'VisibilityTimeout',
];

function readQueue(name: string, url: string, fields: Fields): Queue {
  const attributes = QUEUE_ATTRIBUTES.filter((attribute) => fields[attribute] !== undefined).map(
    (attribute) => [attribute, String(fields[attribute])],
  );
  const redrive = fields['RedrivePolicy'];
  if (redrive !== undefined) attributes.push(['RedrivePolicy', JSON.stringify(redrive)]);
  return { name, url, attributes: Object.fromEntries(attributes) as Record<string, string> };
}

const FUNCTION_PROPERTIES = ['FunctionName', 'Handler', 'Environment', 'Timeout', 'MemorySize'];
/** What Lambda gives a function that asks for nothing. */
const LAMBDA_DEFAULTS = { timeout: 3, memory: 128 };

function readFunction(arn: string, root: string, fields: Fields): LambdaFunction {
  const [, path, name, handlerExport] =
    /^(.*?([^/]+)\/[^/]+)\.([^./]+)$/.exec(String(fields['Handler'])) ?? [];
  if (path === undefined || name === undefined || handlerExport === undefined) {
    throw new Error(`The handler ${String(fields['Handler'])} is not written dist/<function>/index.handler.`);
  }
  const environment = fields['Environment'] as { Variables?: Record<string, unknown> } | undefined;
  const variables = Object.entries(environment?.Variables ?? {}).map(([key, value]) => [key, String(value)]);
  return {
    name,
    arn,
    handlerFile: join(root, `${path}.mjs`),
    handlerExport,
    env: Object.fromEntries(variables) as Record<string, string>,
    timeout: Number(fields['Timeout'] ?? LAMBDA_DEFAULTS.timeout),
    memory: Number(fields['MemorySize'] ?? LAMBDA_DEFAULTS.memory),
  };
}

const INTEGRATION_PROPERTIES = ['ApiId', 'IntegrationType', 'IntegrationUri', 'PayloadFormatVersion'];
const MAPPING_PROPERTIES = [
  'BatchSize',
  'Enabled',
  'EventSourceArn',
  'FunctionName',
  'FunctionResponseTypes',
  'ScalingConfig',
];
/** Lambda's own figures for a queue without them. */
const MAPPING_DEFAULTS = { batchSize: 10, concurrency: 5 };

function readMapping(fields: Fields, queues: readonly Queue[], name: string): QueueMapping {
  const source = String(fields['EventSourceArn']);
  const queue = queues.find((known) => source.endsWith(`:${known.name}`));
  if (!queue) throw new Error(`The template lets ${source} start ${name}, which is none of its queues.`);
  const scaling = fields['ScalingConfig'] as { MaximumConcurrency?: number } | undefined;
  const responses = (fields['FunctionResponseTypes'] as string[] | undefined) ?? [];
  return {
    queue,
    function: name,
    batchSize: Number(fields['BatchSize'] ?? MAPPING_DEFAULTS.batchSize),
    reportsFailures: responses.includes('ReportBatchItemFailures'),
    concurrency: Math.min(scaling?.MaximumConcurrency ?? Infinity, MAPPING_DEFAULTS.concurrency),
  };
}

const SCHEDULE_PROPERTIES = ['Name', 'ScheduleExpression', 'ScheduleExpressionTimezone', 'State', 'Target'];

function readSchedule(id: string, fields: Fields, functionOf: (arn: unknown) => string): Schedule {
  const target = fields['Target'] as Fields;
  refuseOthers(`the target of ${id}`, target, ['Arn', 'Input']);
  return {
    name: String(fields['Name'] ?? id),
    function: functionOf(target['Arn']),
    expression: String(fields['ScheduleExpression']),
    timeZone: String(fields['ScheduleExpressionTimezone'] ?? 'UTC'),
    input: target['Input'] === undefined ? null : String(target['Input']),
  };
}

const isListed = (id: string, resource: Resource): boolean =>
  Object.hasOwn(UNSUPPORTED_RESOURCES, id) || Object.hasOwn(UNSUPPORTED_TYPES, resource.Type);

function refuseUnknownTypes(template: Template): void {
  for (const [id, resource] of Object.entries(template.Resources)) {
    const known = (SUPPORTED_TYPES as readonly string[]).includes(resource.Type);
    if (known || isListed(id, resource)) continue;
    throw new Error(
      `The local runner does not know the resource type ${resource.Type} (${id}). Read it in ` +
        'infra/local/resolve.ts, or list it in infra/local/unsupported.ts with what its absence means.',
    );
  }
}

function resourcesOf(template: Template, type: SupportedType): [string, Resource][] {
  return Object.entries(template.Resources).filter(
    ([id, resource]) => resource.Type === type && !isListed(id, resource),
  );
}

/** The properties `used`, resolved; one that is neither used nor listed as unsupported is refused. */
function usedProperties(id: string, resource: Resource, used: readonly string[], scope: Scope): Fields {
  const properties = withoutListed(resource.Properties ?? {}, UNSUPPORTED_PROPERTIES[resource.Type] ?? {});
  refuseOthers(`${id} (${resource.Type})`, properties, used);
  try {
    return resolveValue(properties, scope) as Fields;
  } catch (error) {
    throw new Error(`${id}: ${(error as Error).message}`, { cause: error });
  }
}

/** Leaves out what is listed, nested properties by their path (`Target.RoleArn`). */
function withoutListed(fields: Fields, listed: Fields, prefix = ''): Fields {
  const kept = Object.entries(fields).filter(([key]) => !Object.hasOwn(listed, prefix + key));
  return Object.fromEntries(
    kept.map(([key, value]) => {
      const nested = typeof value === 'object' && value !== null && !Array.isArray(value);
      return [key, nested ? withoutListed(value as Fields, listed, `${prefix}${key}.`) : value];
    }),
  );
}

function refuseOthers(what: string, fields: Fields, used: readonly string[]): void {
  const other = Object.keys(fields).find((key) => !used.includes(key));
  if (other === undefined) return;
  throw new Error(
    `The local runner does not know the property ${other} of ${what}. Read it in infra/local/resolve.ts, or list ` +
      'it in infra/local/unsupported.ts with what its absence means.',
  );
}
