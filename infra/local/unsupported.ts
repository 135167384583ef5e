/**
 * What the template says and the local engines do without: every such property and resource type is listed here with
 * what it means for a run on this machine. Anything that is neither read nor listed stops the runner.
 */

const NO_IAM = 'nothing is authorised locally';
const NO_KMS = 'nothing is encrypted at rest locally';
const NO_LOGS = 'logs go to the terminal';
const NO_WATCH = 'nothing watches locally';
const NAMES_ONLY = 'describes, changes nothing';

/** Resource types that have no local counterpart at all. */
export const UNSUPPORTED_TYPES: Readonly<Record<string, string>> = {
  'AWS::ApiGatewayV2::Stage': 'the local gateway has one stage and writes no access log',
  'AWS::CloudWatch::Alarm': NO_WATCH,
  'AWS::CloudWatch::Dashboard': NO_WATCH,
  'AWS::IAM::ManagedPolicy': NO_IAM,
  'AWS::IAM::Policy': NO_IAM,
  'AWS::IAM::Role': NO_IAM,
  'AWS::KMS::Alias': NO_KMS,
  'AWS::KMS::Key': NO_KMS,
  'AWS::Lambda::Permission': NO_IAM,
  'AWS::Lambda::Version': 'the newest bundle always runs',
  'AWS::Logs::LogGroup': NO_LOGS,
  'AWS::Logs::MetricFilter': NO_WATCH,
  'AWS::S3::BucketPolicy': NO_IAM,
  'AWS::SNS::Subscription': NO_WATCH,
  'AWS::SNS::Topic': NO_WATCH,
  'AWS::SNS::TopicPolicy': NO_IAM,
  'AWS::SQS::QueuePolicy': NO_IAM,
};

/** Single resources without a counterpart, by logical id. */
export const UNSUPPORTED_RESOURCES: Readonly<Record<string, string>> = {
  ServerlessDeploymentBucket: 'holds the zips of a deployment; bundles are read from dist/',
};

/** Properties of supported types; nested ones by their path. */
export const UNSUPPORTED_PROPERTIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'AWS::ApiGatewayV2::Api': {
    Description: NAMES_ONLY,
    DisableExecuteApiEndpoint: 'there is only one address',
    Tags: NAMES_ONLY,
  },
  'AWS::ApiGatewayV2::Integration': {
    TimeoutInMillis: "the function's own timeout is the shorter one",
  },
  'AWS::ApiGatewayV2::Route': { AuthorizationType: NO_IAM },
  'AWS::DynamoDB::Table': {
    BillingMode: 'nothing is billed or throttled locally',
    ContributorInsightsSpecification: NO_WATCH,
    DeletionProtectionEnabled: 'the data folder is yours',
    OnDemandThroughput: 'nothing is billed or throttled locally',
    PointInTimeRecoverySpecification: 'back up the data folder instead',
    SSESpecification: NO_KMS,
    TableClass: 'nothing is billed or throttled locally',
    Tags: NAMES_ONLY,
    TimeToLiveSpecification: 'expired items stay; every read checks expiry itself',
  },
  'AWS::Lambda::EventSourceMapping': { Tags: NAMES_ONLY },
  'AWS::Lambda::Function': {
    Architectures: 'bundles run on any processor',
    Code: 'bundles are read from dist/',
    Description: NAMES_ONLY,
    KmsKeyArn: NO_KMS,
    LoggingConfig: NO_LOGS,
    ReservedConcurrentExecutions: 'the event source limits concurrency',
    Role: NO_IAM,
    Runtime: 'the Node pinned in package.json runs',
    Tags: NAMES_ONLY,
    TracingConfig: NO_WATCH,
  },
  'AWS::S3::Bucket': {
    BucketEncryption: NO_KMS,
    LifecycleConfiguration: 'objects stay',
    LoggingConfiguration: NO_LOGS,
    ObjectLockConfiguration: 'objects can be deleted locally',
    ObjectLockEnabled: 'objects can be deleted locally',
    OwnershipControls: NO_IAM,
    PublicAccessBlockConfiguration: NO_IAM,
    Tags: NAMES_ONLY,
    VersioningConfiguration: 'keys are content-addressed: a second put writes the same bytes',
  },
  'AWS::SQS::Queue': {
    KmsDataKeyReusePeriodSeconds: NO_KMS,
    KmsMasterKeyId: NO_KMS,
    RedriveAllowPolicy: NO_IAM,
    SqsManagedSseEnabled: NO_KMS,
    Tags: NAMES_ONLY,
  },
  'AWS::Scheduler::Schedule': {
    Description: NAMES_ONLY,
    FlexibleTimeWindow: 'schedules run on time',
    GroupName: NAMES_ONLY,
    KmsKeyArn: NO_KMS,
    'Target.DeadLetterConfig': 'a failed start is logged; the next slot follows',
    'Target.RetryPolicy': 'a failed start is logged; the next slot follows',
    'Target.RoleArn': NO_IAM,
  },
};
