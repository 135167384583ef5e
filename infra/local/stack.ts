/** The stack as the local runner works with it: engines' resources, functions, and what starts a function. */

/** Attributes in the form of the DynamoDB API. */
export interface Table {
  readonly name: string;
  readonly keySchema: readonly KeyElement[];
  readonly attributes: readonly { readonly AttributeName: string; readonly AttributeType: 'S' | 'N' | 'B' }[];
  readonly indexes: readonly Index[];
}

export interface KeyElement {
  readonly AttributeName: string;
  readonly KeyType: 'HASH' | 'RANGE';
}

export interface Index {
  readonly IndexName: string;
  readonly KeySchema: readonly KeyElement[];
  readonly Projection: {
    readonly ProjectionType: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
    readonly NonKeyAttributes?: string[];
  };
}

export interface Queue {
  readonly name: string;
  readonly url: string;
  /** Attributes by their API names, the redrive policy included. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Bucket {
  readonly name: string;
}

/** A secret that is made with the stack. */
export interface StackSecret {
  readonly name: string;
  /** Letters and digits of its value. */
  readonly length: number;
}

export interface LambdaFunction {
  /** The folder of its bundle, e.g. `pull-run`. */
  readonly name: string;
  readonly arn: string;
  /** Absolute path of the module. */
  readonly handlerFile: string;
  /** Name of the export. */
  readonly handlerExport: string;
  readonly env: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly timeout: number;
  /** Megabytes. */
  readonly memory: number;
}

export interface Route {
  /** `GET /accounts/{id}`, or `$default`. */
  readonly routeKey: string;
  /** Name of the function. */
  readonly function: string;
}

export interface QueueMapping {
  readonly queue: Queue;
  readonly function: string;
  readonly batchSize: number;
  /** The function names the messages that failed; otherwise a batch fails whole. */
  readonly reportsFailures: boolean;
  /** Batches handled at the same time. */
  readonly concurrency: number;
}

export interface Schedule {
  /** Logical id. */
  readonly name: string;
  readonly function: string;
  /** `cron(…)` or `rate(…)`. */
  readonly expression: string;
  readonly timeZone: string;
  /** The event as text, when the schedule has one of its own. */
  readonly input: string | null;
}

export interface Stack {
  readonly name: string;
  readonly region: string;
  readonly accountId: string;
  readonly tables: readonly Table[];
  readonly queues: readonly Queue[];
  readonly buckets: readonly Bucket[];
  readonly secrets: readonly StackSecret[];
  readonly functions: readonly LambdaFunction[];
  readonly routes: readonly Route[];
  readonly queueMappings: readonly QueueMapping[];
  readonly schedules: readonly Schedule[];
}
