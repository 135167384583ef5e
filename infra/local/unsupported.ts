/**
 * What the template says and the local engines do without: every such property and resource type is listed here with
 * what it means for a run on this machine. Anything that is neither read nor listed stops the runner.
 */

const NO_IAM = 'nothing is authorised locally';
const NO_KMS = 'nothing is encrypted at rest locally';
const NO_LOGS = 'logs go to the terminal';
const NO_WATCH = 'nothing watches locally';
const DESCRIBES = 'describes, changes nothing';

/** Resource types that have no local counterpart at all. */
export const UNSUPPORTED_TYPES: Readonly<Record<string, string>> = {
  'AWS::ApiGatewayV2::Stage': 'the local gateway has one stage and writes no access log',
  'AWS::CloudWatch::Alarm': NO_WATCH,
  'AWS::IAM::Role': NO_IAM,
  'AWS::Lambda::Permission': NO_IAM,
  'AWS::Logs::LogGroup': NO_LOGS,
  'AWS::Logs::MetricFilter': NO_WATCH,
  'AWS::S3::BucketPolicy': NO_IAM,
  'AWS::SNS::Topic': NO_WATCH,
};

/** Single resources without a counterpart, by logical id. */
export const UNSUPPORTED_RESOURCES: Readonly<Record<string, string>> = {
  ServerlessDeploymentBucket: 'holds the zips of a deployment; bundles are read from dist/',
};

/** Properties of supported types; nested ones by their path. */
export const UNSUPPORTED_PROPERTIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'AWS::ApiGatewayV2::Integration': {
    TimeoutInMillis: "the function's own timeout is the shorter one",
  },
  'AWS::DynamoDB::Table': {
    BillingMode: 'nothing is billed or throttled locally',
    DeletionProtectionEnabled: 'the data folder is yours',
    PointInTimeRecoverySpecification: 'back up the data folder instead',
    SSESpecification: NO_KMS,
    TimeToLiveSpecification: 'expired items stay; every read checks expiry itself',
  },
  'AWS::Lambda::Function': {
    Architectures: 'bundles run on any processor',
    Code: 'bundles are read from dist/',
    Description: DESCRIBES,
    Role: NO_IAM,
    Runtime: 'the Node pinned in package.json runs',
  },
  'AWS::S3::Bucket': {
    BucketEncryption: NO_KMS,
    LifecycleConfiguration: 'objects stay',
    ObjectLockEnabled: 'objects can be deleted locally',
    OwnershipControls: NO_IAM,
    PublicAccessBlockConfiguration: NO_IAM,
    VersioningConfiguration: 'keys are content-addressed: a second put writes the same bytes',
  },
  'AWS::SQS::Queue': {
    SqsManagedSseEnabled: NO_KMS,
  },
  'AWS::SecretsManager::Secret': {
    Description: DESCRIBES,
  },
  'AWS::Scheduler::Schedule': {
    Description: DESCRIBES,
    FlexibleTimeWindow: 'schedules run on time',
    'Target.RoleArn': NO_IAM,
  },
};
