import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { LOCAL_STAGE, packagedTemplate, PROJECT_ROOT, type Template } from '../../infra/local/template.ts';
import { listFunctions } from '../../scripts/bundle.ts';

// The packaged template: what CloudFormation is given.

const run = promisify(execFile);

type Json = Record<string, unknown>;
interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}
interface Resource {
  readonly Type: string;
  readonly Properties: Json;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}
interface RoleProperties {
  readonly AssumeRolePolicyDocument: { readonly Statement: readonly Statement[] };
  readonly Policies: readonly { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }[];
  readonly ManagedPolicyArns?: unknown;
}

let template: Template;
beforeAll(async () => {
  template = (await packagedTemplate()).template;
}, 120_000);

function resources<P = Json>(
  type: string,
): [id: string, resource: Omit<Resource, 'Properties'> & { Properties: P }][] {
  const all = Object.entries(template.Resources) as unknown as [string, Resource & { Properties: P }][];
  return all.filter(([, resource]) => resource.Type === type);
}

const one = <P = Json>(type: string, id: string): { Properties: P } => {
  const found = resources<P>(type).find(([name]) => name === id);
  if (!found) throw new Error(`The template has no ${type} called ${id}`);
  return found[1];
};

const list = <T>(value: T | readonly T[]): readonly T[] =>
  (Array.isArray(value) ? value : [value]) as readonly T[];
const getAtt = (id: string, attribute: string): Json => ({ 'Fn::GetAtt': [id, attribute] });
const logicalId = (name: string): string =>
  `${name[0]!.toUpperCase()}${name.slice(1).replaceAll('-', 'Dash')}LambdaFunction`;

function statementsOf(role: RoleProperties): readonly Statement[] {
  return role.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

interface FunctionProperties {
  readonly FunctionName: string;
  readonly Handler: string;
  readonly Role: Json;
  readonly Timeout: number;
  readonly Runtime: string;
  readonly Architectures: readonly string[];
  readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
}

const functionsOf = (): [string, { Properties: FunctionProperties }][] =>
  resources<FunctionProperties>('AWS::Lambda::Function');
const roleOf = (fn: FunctionProperties): string => (fn.Role['Fn::GetAtt'] as [string, string])[0];

const cfnLint = spawnSync('cfn-lint', ['--version']).status === 0;
if (!cfnLint)
  console.warn('SKIPPED: cfn-lint is not installed (pip install cfn-lint), the template is not linted');

describe('the template', () => {
  it.runIf(cfnLint)('passes cfn-lint', { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'brana-template-'));
    const file = join(folder, 'template.json');
    writeFileSync(file, JSON.stringify(template));
    // W3005: a DependsOn that a reference implies; the deploy tool writes them.
    const args = ['--ignore-checks', 'W3005', '--template', file];
    const findings = await run('cfn-lint', args).then(
      ({ stdout }) => stdout,
      (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
    );
    rmSync(folder, { recursive: true });
    expect(findings.trim()).toBe('');
  });

  it('holds exactly the functions of the tree, on the pinned runtime', () => {
    const expected = listFunctions(PROJECT_ROOT).map(({ name }) => [
      logicalId(name),
      `dist/${name}/index.handler`,
    ]);
    const actual = functionsOf().map(([id, { Properties }]) => [id, Properties.Handler]);
    expect(actual.toSorted()).toEqual(expected.toSorted());
    for (const [, { Properties }] of functionsOf()) {
      expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
    }
  });
});

describe('roles', () => {
  const roles = (): [string, { Properties: RoleProperties }][] => resources<RoleProperties>('AWS::IAM::Role');

  it('are one per function, and the scheduler’s', () => {
    const used = functionsOf().map(([, { Properties }]) => roleOf(Properties));
    expect(new Set(used).size).toBe(used.length);
    expect(
      roles()
        .map(([id]) => id)
        .toSorted(),
    ).toEqual([...used, 'SchedulerRole'].toSorted());
  });

  it('are trusted by Lambda alone, the scheduler’s by the scheduler of this account', () => {
    for (const [id, { Properties }] of roles()) {
      const [trust, ...others] = Properties.AssumeRolePolicyDocument.Statement;
      const service = id === 'SchedulerRole' ? 'scheduler' : 'lambda';
      expect(others).toEqual([]);
      expect(trust).toMatchObject({
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: `${service}.amazonaws.com` },
      });
    }
    expect(one<RoleProperties>('AWS::IAM::Role', 'SchedulerRole').Properties).toMatchObject({
      AssumeRolePolicyDocument: {
        Statement: [{ Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } } }],
      },
    });
  });

  it('name every action and every resource; a star stands only behind the archive and the vault’s prefix', () => {
    const stars: string[] = [];
    for (const [id, { Properties }] of roles()) {
      expect(Properties.ManagedPolicyArns, id).toBeUndefined();
      for (const { Effect, Action, Resource } of statementsOf(Properties)) {
        expect(Effect).toBe('Allow');
        for (const action of list(Action)) expect(action, id).toMatch(/^[a-z0-9]+:[A-Z][A-Za-z]+$/);
        for (const resource of list(Resource)) {
          const text = JSON.stringify(resource);
          expect(text, id).toMatch(/Fn::(GetAtt|Sub)/);
          if (text.includes('*')) stars.push((resource as { 'Fn::Sub': string })['Fn::Sub']);
        }
      }
    }
    expect([...new Set(stars)].toSorted()).toEqual([
      '${ArchiveBucket.Arn}/*',
      '${ArchiveBucket.Arn}/*/converted/*',
      '${ArchiveBucket.Arn}/*/order/*',
      `arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:brana/${LOCAL_STAGE}/*`,
    ]);
  });

  it('let each function write its own log and nothing else’s', () => {
    for (const [id, { Properties }] of functionsOf()) {
      const logs = statementsOf(one<RoleProperties>('AWS::IAM::Role', roleOf(Properties)).Properties).filter(
        ({ Action }) => list(Action).some((action) => action.startsWith('logs:')),
      );
      const group = id.replace(/LambdaFunction$/, 'LogGroup');
      expect(logs).toEqual([
        {
          Effect: 'Allow',
          Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          Resource: getAtt(group, 'Arn'),
        },
      ]);
    }
  });

  /** Settings are numbers and the stage; everything else names a table, a queue, a bucket or a prefix. */
  const namesAPlace = (value: string): boolean =>
    value !== '' && value !== LOCAL_STAGE && !/^\d+$/.test(value);

  it('grant what a function is told of in its environment, and nothing it is not told of', () => {
    for (const [id, { Properties }] of functionsOf()) {
      const told = Object.values(Properties.Environment.Variables).map((value) =>
        typeof value === 'string' ? value : (value as { Ref: string }).Ref,
      );
      const granted = statementsOf(one<RoleProperties>('AWS::IAM::Role', roleOf(Properties)).Properties)
        .filter(({ Action }) => !list(Action).some((action) => action.startsWith('logs:')))
        .flatMap(({ Resource }) => list(Resource))
        .map((resource) => {
          const { 'Fn::GetAtt': attribute, 'Fn::Sub': text } = resource as Record<string, string & string[]>;
          return attribute?.[0] ?? /^\$\{(\w+)\.Arn\}/.exec(text!)?.[1] ?? /secret:(.*)\*$/.exec(text!)![1]!;
        });
      expect(new Set(granted), id).toEqual(new Set(told.filter(namesAPlace)));
    }
  });

  it('let the scheduler start the plan, the sweep of payments and the watch only, each at its time', () => {
    const started = {
      'pull-plan': 'cron(0 * * * ? *)',
      'payments-sweep': 'rate(1 minute)',
      'watch-daily': 'cron(40 5 * * ? *)',
    };
    expect(statementsOf(one<RoleProperties>('AWS::IAM::Role', 'SchedulerRole').Properties)).toEqual([
      {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: Object.keys(started).map((name) => getAtt(logicalId(name), 'Arn')),
      },
    ]);
    const schedules = resources('AWS::Scheduler::Schedule').map(([, { Properties }]) => Properties);
    expect(schedules).toHaveLength(Object.keys(started).length);
    for (const [name, expression] of Object.entries(started)) {
      expect(schedules).toContainEqual(
        expect.objectContaining({
          ScheduleExpression: expression,
          ScheduleExpressionTimezone: 'Europe/Prague',
          Target: expect.objectContaining({
            Arn: getAtt(logicalId(name), 'Arn'),
            RoleArn: getAtt('SchedulerRole', 'Arn'),
          }) as unknown,
        }),
      );
    }
  });

  it('leave administration without a route', () => {
    const routed = resources<{ FunctionName: Json }>('AWS::Lambda::Permission').map(
      ([, { Properties }]) => (Properties.FunctionName['Fn::GetAtt'] as string[])[0],
    );
    expect(routed.length).toBeGreaterThan(0);
    const unrouted = [
      'admin-bootstrap',
      'pull-plan',
      'pull-run',
      'payments-work',
      'payments-sweep',
      'watch-daily',
    ];
    for (const name of unrouted) expect(routed).not.toContain(logicalId(name));
  });
});

describe('what is stored', () => {
  it('is in five tables: encrypted, recoverable, billed by use, expiring by one attribute', () => {
    const tables = resources('AWS::DynamoDB::Table');
    expect(tables.map(([id]) => id).toSorted()).toEqual(
      ['Connections', 'Events', 'Ledger', 'Payments', 'Receivables'].map((name) => `${name}Table`),
    );
    for (const [id, table] of tables) {
      expect(table.UpdateReplacePolicy, id).toBe('Retain');
      expect(table.Properties, id).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        SSESpecification: { SSEEnabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      });
      expect(table.Properties['StreamSpecification'], id).toBeUndefined();
    }
  });

  it('is sealed with a data key that is made by chance, and read by those who seal alone', () => {
    const [[id, secret] = [], ...others] = resources('AWS::SecretsManager::Secret');
    expect(others).toEqual([]);
    expect(secret).toMatchObject({
      UpdateReplacePolicy: 'Retain',
      Properties: { GenerateSecretString: { PasswordLength: 64 } },
    });
    // A name of its own could lie below the vault's prefix.
    expect(secret!.Properties['Name']).toBeUndefined();
    const readers = resources<RoleProperties>('AWS::IAM::Role').filter(([, { Properties }]) =>
      JSON.stringify(statementsOf(Properties)).includes(`"${id}"`),
    );
    const told = functionsOf()
      .filter(([, { Properties }]) => 'DATA_KEY' in Properties.Environment.Variables)
      .map(([, { Properties }]) => roleOf(Properties));
    expect(readers.map(([role]) => role).sort()).toEqual(told.sort());
    expect(told).not.toContain('ApiConnectionsRole');
  });

  it('is archived in versions, encrypted, closed, over TLS only, and kept when the stack goes', () => {
    const [, bucket] = resources('AWS::S3::Bucket').find(([id]) => id === 'ArchiveBucket')!;
    expect(bucket).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(bucket.Properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: {} }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    const policy = one<{ PolicyDocument: { Statement: Statement[] } }>(
      'AWS::S3::BucketPolicy',
      'ArchiveBucketPolicy',
    );
    expect(policy.Properties.PolicyDocument.Statement).toEqual([
      expect.objectContaining({
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    ]);
  });

  it('expires in the archive only where the object says so', () => {
    const { LifecycleConfiguration } = one<{ LifecycleConfiguration: { Rules: Json[] } }>(
      'AWS::S3::Bucket',
      'ArchiveBucket',
    ).Properties;
    const expiring = LifecycleConfiguration.Rules.filter((rule) => rule['ExpirationInDays'] !== undefined);
    expect(expiring).toEqual([
      expect.objectContaining({ ExpirationInDays: 400, TagFilters: [{ Key: 'retention', Value: 'raw' }] }),
    ]);
  });

  it('stays in production: tables kept and protected, locks possible', { timeout: 120_000 }, async () => {
    const serverless = createRequire(import.meta.url).resolve('serverless/bin/serverless.js');
    const { stdout } = await run(
      process.execPath,
      [serverless, 'print', '--stage', 'production', '--format', 'json'],
      { cwd: PROJECT_ROOT, maxBuffer: 16 * 1024 * 1024 },
    );
    const { resources } = JSON.parse(stdout) as { resources: { Resources: Record<string, Resource> } };
    const tables = Object.values(resources.Resources).filter(({ Type }) => Type === 'AWS::DynamoDB::Table');
    expect(tables).toHaveLength(5);
    for (const table of tables) {
      expect(table).toMatchObject({
        DeletionPolicy: 'Retain',
        Properties: { DeletionProtectionEnabled: true },
      });
    }
    expect(resources.Resources['ArchiveBucket']!.Properties).toMatchObject({ ObjectLockEnabled: true });
  });
});

describe('queues', () => {
  interface QueueProperties {
    readonly VisibilityTimeout?: number;
    readonly SqsManagedSseEnabled?: boolean;
    readonly MessageRetentionPeriod: number;
    readonly RedrivePolicy?: { readonly deadLetterTargetArn: unknown; readonly maxReceiveCount: number };
  }
  const queues = (): [string, { Properties: QueueProperties }][] =>
    resources<QueueProperties>('AWS::SQS::Queue');
  const alarmed = (metric: string): unknown[] =>
    resources<Json & { MetricName: string; Dimensions: { Name: string; Value: unknown }[] }>(
      'AWS::CloudWatch::Alarm',
    )
      .filter(([, { Properties }]) => Properties.MetricName === metric)
      .map(([, { Properties }]) => Properties.Dimensions[0]!.Value);

  it('are encrypted, and each has dead letters that keep longer, and both have an alarm', () => {
    const sources = queues().filter(([, { Properties }]) => Properties.RedrivePolicy);
    const dead = new Map(queues().filter(([, { Properties }]) => !Properties.RedrivePolicy));
    expect(sources.length).toBe(dead.size);
    for (const [, { Properties }] of queues()) expect(Properties.SqsManagedSseEnabled).toBe(true);
    for (const [id, { Properties }] of sources) {
      const { deadLetterTargetArn, maxReceiveCount } = Properties.RedrivePolicy!;
      const target = (deadLetterTargetArn as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'][0];
      expect(maxReceiveCount).toBe(5);
      expect(dead.get(target)!.Properties.MessageRetentionPeriod).toBeGreaterThan(
        Properties.MessageRetentionPeriod,
      );
      expect(alarmed('ApproximateNumberOfMessagesVisible')).toContainEqual(getAtt(target, 'QueueName'));
      expect(alarmed('ApproximateAgeOfOldestMessage')).toContainEqual(getAtt(id, 'QueueName'));
    }
  });

  it('hide a message for six times what its worker may take', () => {
    const mappings = resources<{ EventSourceArn: Json; FunctionName: Json } & Json>(
      'AWS::Lambda::EventSourceMapping',
    );
    expect(mappings.length).toBeGreaterThan(0);
    for (const [, { Properties }] of mappings) {
      expect(Properties).toMatchObject({ BatchSize: 1, FunctionResponseTypes: ['ReportBatchItemFailures'] });
      const queue = (Properties.EventSourceArn['Fn::GetAtt'] as string[])[0]!;
      const worker = (Properties.FunctionName['Fn::GetAtt'] as string[])[0]!;
      const { Timeout } = one<FunctionProperties>('AWS::Lambda::Function', worker).Properties;
      const { VisibilityTimeout } = one<QueueProperties>('AWS::SQS::Queue', queue).Properties;
      expect(VisibilityTimeout).toBeGreaterThanOrEqual(6 * Timeout);
    }
  });
});

describe('logs and alarms', () => {
  it('keep every log group for a stated time', () => {
    const groups = resources('AWS::Logs::LogGroup');
    expect(groups.length).toBe(functionsOf().length + 1);
    for (const [id, { Properties }] of groups) expect(Properties['RetentionInDays'], id).toBeGreaterThan(0);
  });

  it('write the route into the access log, never path or query', () => {
    const [, stage] = resources<{ AccessLogSettings: { Format: string } }>('AWS::ApiGatewayV2::Stage')[0]!;
    const format = stage.Properties.AccessLogSettings.Format;
    const variables = [...format.matchAll(/\$context\.([\w.]+)/g)].map(([, name]) => name);
    expect(variables).toContain('routeKey');
    expect(variables.filter((name) => /path|query|querystring|header|^authorizer/i.test(name!))).toEqual([]);
    expect(JSON.parse(format)).toHaveProperty('requestId', '$context.requestId');
  });

  it('send every alarm somewhere', () => {
    const alarms = resources('AWS::CloudWatch::Alarm');
    expect(alarms.length).toBeGreaterThan(0);
    for (const [id, { Properties }] of alarms) {
      expect(Properties['AlarmActions'], id).toEqual([{ Ref: 'AlarmTopic' }]);
      expect(Properties['AlarmDescription'], id).toMatch(/\w/);
    }
  });

  it('listen to every function that reports alarms, and to no other', () => {
    const reporting = listFunctions(PROJECT_ROOT)
      .filter(({ name }) => alarmsIn(join(PROJECT_ROOT, 'dist', name)).some((alarm) => alarm !== 'alarm.api'))
      .map(({ name }) => logicalId(name).replace(/LambdaFunction$/, 'LogGroup'));
    const listening = resources<{ LogGroupName: Json }>('AWS::Logs::MetricFilter').map(
      ([, { Properties }]) => Properties.LogGroupName['Ref'],
    );
    expect(reporting.length).toBeGreaterThan(0);
    expect(listening.toSorted()).toEqual(reporting.toSorted());
  });
});

/** Names of the alarm events a bundle may log; those of the API are counted as 5xx by API Gateway. */
function alarmsIn(folder: string): string[] {
  const text = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  return [...text.join('\n').matchAll(/["'`](alarm\.[a-z-]+)["'`]/g)].map(([, name]) => name!);
}
