import { describe, expect, test } from 'vitest';
import { resolveValue, type Scope } from '../../infra/local/intrinsics.ts';
import { resolveStack } from '../../infra/local/resolve.ts';
import type { Resource, Template } from '../../infra/local/template.ts';
import { packagedTemplate } from '../../infra/local/template.ts';
import { UNSUPPORTED_PROPERTIES, UNSUPPORTED_TYPES } from '../../infra/local/unsupported.ts';

const place = { region: 'eu-central-1', accountId: '123456789012', sqsEndpoint: 'http://127.0.0.1:5' };
const resolve = (Resources: Template['Resources']) =>
  resolveStack({ template: { Resources }, root: '/checkout', stackName: 'brana-test' }, place);

const table = (more: object = {}): Resource => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    ...more,
  },
});
const fn = (Variables: object, more: object = {}): Resource => ({
  Type: 'AWS::Lambda::Function',
  Properties: { Handler: 'dist/pull-run/index.handler', Environment: { Variables }, ...more },
});

describe('an intrinsic function', () => {
  const scope: Scope = {
    ref: (name) => (name === 'AWS::NoValue' ? undefined : `<${name}>`),
    attribute: (name, attribute) => `<${name}.${attribute}>`,
  };
  const cases: [string, unknown, unknown][] = [
    ['Ref', { Ref: 'A' }, '<A>'],
    ['GetAtt as a list', { 'Fn::GetAtt': ['A', 'Arn'] }, '<A.Arn>'],
    ['GetAtt as a text', { 'Fn::GetAtt': 'A.Outputs.X' }, '<A.Outputs.X>'],
    [
      'Sub',
      { 'Fn::Sub': '${A}/${A.Arn}/${AWS::Region}/${!literal}' },
      '<A>/<A.Arn>/<AWS::Region>/${literal}',
    ],
    ['Sub with variables', { 'Fn::Sub': ['${x}-${A}', { x: { Ref: 'B' } }] }, '<B>-<A>'],
    ['Join', { 'Fn::Join': ['/', ['a', { Ref: 'A' }, { 'Fn::Sub': '${B}' }]] }, 'a/<A>/<B>'],
    ['nested deep', { a: [{ b: { Ref: 'A' } }, 1, true, null] }, { a: [{ b: '<A>' }, 1, true, null] }],
    ['NoValue in an object', { a: 1, b: { Ref: 'AWS::NoValue' } }, { a: 1 }],
    ['NoValue in a list', [1, { Ref: 'AWS::NoValue' }], [1]],
    ['none', { Reference: 'A', Ref2: 'x' }, { Reference: 'A', Ref2: 'x' }],
  ];
  test.each(cases)('resolves: %s', (_, value, expected) => {
    expect(resolveValue(value, scope)).toEqual(expected);
  });

  test('that is unknown is refused by name', () => {
    expect(() => resolveValue({ a: { 'Fn::ImportValue': 'x' } }, scope)).toThrow(/Fn::ImportValue/);
  });
});

describe('a stack', () => {
  test('has every resource with its references resolved', () => {
    const stack = resolve({
      Ledger: table({
        TableName: { 'Fn::Sub': '${AWS::StackName}-ledger' },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        GlobalSecondaryIndexes: [
          {
            IndexName: 'due',
            KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
          },
        ],
      }),
      Unnamed: table(),
      Archive: {
        Type: 'AWS::S3::Bucket',
        Properties: { BucketName: { 'Fn::Sub': 'archive-${AWS::AccountId}' } },
      },
      Plain: { Type: 'AWS::S3::Bucket' },
      Key: {
        Type: 'AWS::SecretsManager::Secret',
        Properties: {
          Name: { 'Fn::Sub': '${AWS::StackName}-key' },
          GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true },
        },
      },
      Work: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          QueueName: 'work',
          VisibilityTimeout: 90,
          RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 3 },
        },
      },
      Dead: { Type: 'AWS::SQS::Queue' },
      Run: fn(
        {
          TABLE: { Ref: 'Ledger' },
          BUCKET: { Ref: 'Archive' },
          KEY: { Ref: 'Key' },
          QUEUE_URL: { Ref: 'Work' },
          QUEUE_NAME: { 'Fn::GetAtt': ['Dead', 'QueueName'] },
          TABLE_ARN: { 'Fn::GetAtt': ['Ledger', 'Arn'] },
          PLACE: { 'Fn::Join': [' ', [{ Ref: 'AWS::Region' }, { Ref: 'AWS::Partition' }]] },
          GONE: { Ref: 'AWS::NoValue' },
          NUMBER: 5,
        },
        { Timeout: 300, MemorySize: 512, Role: { 'Fn::GetAtt': ['Role', 'Arn'] } },
      ),
      Role: { Type: 'AWS::IAM::Role', Properties: { Anything: true } },
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: { 'Fn::GetAtt': ['Work', 'Arn'] },
          FunctionName: { 'Fn::GetAtt': ['Run', 'Arn'] },
          BatchSize: 2,
          Enabled: true,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          ScalingConfig: { MaximumConcurrency: 3 },
        },
      },
      Nightly: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: {
          ScheduleExpression: 'cron(0 3 * * ? *)',
          ScheduleExpressionTimezone: 'Europe/Prague',
          State: 'ENABLED',
          FlexibleTimeWindow: { Mode: 'OFF' },
          Target: {
            Arn: { 'Fn::GetAtt': ['Run', 'Arn'] },
            RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
            Input: '{"a":1}',
          },
        },
      },
      Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'x', ProtocolType: 'HTTP' } },
      Integration: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: { ApiId: { Ref: 'Api' }, IntegrationUri: { 'Fn::GetAtt': ['Run', 'Arn'] } },
      },
      Route: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          ApiId: { Ref: 'Api' },
          RouteKey: 'GET /accounts/{id}',
          Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
        },
      },
    });

    const work = {
      name: 'work',
      url: 'http://127.0.0.1:5/123456789012/work',
      attributes: {
        VisibilityTimeout: '90',
        RedrivePolicy: JSON.stringify({
          deadLetterTargetArn: 'arn:aws:sqs:eu-central-1:123456789012:brana-test-Dead',
          maxReceiveCount: 3,
        }),
      },
    };
    expect(stack).toEqual({
      name: 'brana-test',
      region: 'eu-central-1',
      accountId: '123456789012',
      tables: [
        {
          name: 'brana-test-ledger',
          keySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          attributes: [{ AttributeName: 'pk', AttributeType: 'S' }],
          indexes: [
            {
              IndexName: 'due',
              KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
              Projection: { ProjectionType: 'ALL' },
            },
          ],
        },
        expect.objectContaining({ name: 'brana-test-Unnamed', indexes: [] }),
      ],
      buckets: [{ name: 'archive-123456789012' }, { name: 'brana-test-plain' }],
      secrets: [{ name: 'brana-test-key', length: 64 }],
      queues: [work, expect.objectContaining({ name: 'brana-test-Dead', attributes: {} })],
      functions: [
        {
          name: 'pull-run',
          arn: 'arn:aws:lambda:eu-central-1:123456789012:function:brana-test-Run',
          handlerFile: '/checkout/dist/pull-run/index.mjs',
          handlerExport: 'handler',
          env: {
            TABLE: 'brana-test-ledger',
            BUCKET: 'archive-123456789012',
            KEY: 'brana-test-key',
            QUEUE_URL: work.url,
            QUEUE_NAME: 'brana-test-Dead',
            TABLE_ARN: 'arn:aws:dynamodb:eu-central-1:123456789012:table/brana-test-ledger',
            PLACE: 'eu-central-1 aws',
            NUMBER: '5',
          },
          timeout: 300,
          memory: 512,
        },
      ],
      routes: [{ routeKey: 'GET /accounts/{id}', function: 'pull-run' }],
      queueMappings: [
        { queue: work, function: 'pull-run', batchSize: 2, reportsFailures: true, concurrency: 3 },
      ],
      schedules: [
        {
          name: 'Nightly',
          function: 'pull-run',
          expression: 'cron(0 3 * * ? *)',
          timeZone: 'Europe/Prague',
          input: '{"a":1}',
        },
      ],
    });
  });

  test.each<[string, Template['Resources'], RegExp]>([
    [
      'a type nobody listed',
      { X: { Type: 'AWS::Kinesis::Stream' } },
      /AWS::Kinesis::Stream \(X\).*unsupported\.ts/,
    ],
    ['a property nobody listed', { X: table({ StreamSpecification: {} }) }, /StreamSpecification of X/],
    [
      'a property of an index',
      { X: table({ GlobalSecondaryIndexes: [{ IndexName: 'i', Odd: 1 }] }) },
      /Odd of table/,
    ],
    [
      'a property of a schedule target',
      {
        F: fn({}),
        X: {
          Type: 'AWS::Scheduler::Schedule',
          Properties: {
            ScheduleExpression: 'rate(1 hour)',
            Target: { Arn: { 'Fn::GetAtt': ['F', 'Arn'] }, Odd: 1 },
          },
        },
      },
      /Odd of the target of X/,
    ],
    [
      'a variable that names what does not exist here',
      { Topic: { Type: 'AWS::SNS::Topic' }, F: fn({ TOPIC: { Ref: 'Topic' } }) },
      /F: it refers to Topic \(AWS::SNS::Topic\)/,
    ],
    [
      'a variable that names nothing',
      { F: fn({ X: { Ref: 'Nowhere' } }) },
      /Nowhere \(not in the template\)/,
    ],
    [
      'an attribute nobody knows',
      { T: table(), F: fn({ X: { 'Fn::GetAtt': ['T', 'StreamArn'] } }) },
      /StreamArn of T/,
    ],
    ['a handler elsewhere', { F: fn({}, { Handler: 'handler' }) }, /dist\/<function>\/index\.handler/],
  ])('is refused for %s', (_, resources, message) => {
    expect(() => resolve(resources)).toThrow(message);
  });

  test('leaves out a switched-off mapping and schedule', () => {
    const Properties = { EventSourceArn: 'x', FunctionName: 'y', Enabled: false };
    const stack = resolve({
      M: { Type: 'AWS::Lambda::EventSourceMapping', Properties },
      S: { Type: 'AWS::Scheduler::Schedule', Properties: { State: 'DISABLED' } },
    });
    expect([stack.queueMappings, stack.schedules]).toEqual([[], []]);
  });

  test('of this project is read whole, and nothing stands in the list that the template does not say', async () => {
    const packaged = await packagedTemplate();
    const stack = resolveStack(packaged, place);
    expect(stack.tables.map(({ name }) => name.replace(`${stack.name}-`, '')).sort()).toEqual([
      'connections',
      'events',
      'ledger',
      'payments',
      'receivables',
    ]);
    expect(stack.schedules).toMatchObject([
      { function: 'pull-plan', expression: 'cron(0 * * * ? *)', timeZone: 'Europe/Prague' },
      { function: 'payments-sweep', expression: 'rate(1 minute)', timeZone: 'Europe/Prague' },
      { function: 'watch-daily', expression: 'cron(40 5 * * ? *)', timeZone: 'Europe/Prague' },
    ]);
    expect(stack.queueMappings.map((mapping) => [mapping.queue.name, mapping.function])).toEqual([
      [`${stack.name}-pull`, 'pull-run'],
      [`${stack.name}-payment`, 'payments-work'],
    ]);

    const used = Object.values(packaged.template.Resources);
    const unusedTypes = Object.keys(UNSUPPORTED_TYPES).filter(
      (type) => !used.some(({ Type }) => Type === type),
    );
    const unusedProperties = Object.entries(UNSUPPORTED_PROPERTIES).flatMap(([type, properties]) =>
      Object.keys(properties)
        .filter((path) => !used.some(({ Type, Properties }) => Type === type && has(Properties, path)))
        .map((path) => `${type}.${path}`),
    );
    expect([...unusedTypes, ...unusedProperties]).toEqual([]);
  });
});

/** True when `fields` has the property at a dotted path. */
function has(fields: unknown, path: string): boolean {
  let value = fields;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return false;
    value = (value as Record<string, unknown>)[name];
  }
  return true;
}
