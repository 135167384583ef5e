import { resolveValue, type Scope } from './intrinsics.ts';
import type { Template } from './template.ts';

/** Where the stack lives. */
export interface Place {
  readonly region: string;
  readonly accountId: string;
  /** Endpoint of SQS: queue URLs are below it. */
  readonly sqsEndpoint: string;
}

/** What `Ref` and `Fn::GetAtt` mean: names, ARNs and URLs as AWS forms them. */
export function scopeOf(template: Template, stackName: string, place: Place): Scope {
  const { region, accountId } = place;
  const pseudo: Readonly<Record<string, string | undefined>> = {
    'AWS::AccountId': accountId,
    'AWS::NoValue': undefined,
    'AWS::Partition': 'aws',
    'AWS::Region': region,
    'AWS::StackId': `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/local`,
    'AWS::StackName': stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  };

  /** The physical name: as the template says, else made of the stack's name and the logical id. */
  function nameOf(id: string, property: string): string {
    const given = template.Resources[id]?.Properties?.[property];
    return given === undefined ? `${stackName}-${id}` : String(resolveValue(given, scope));
  }

  function identify(id: string): Readonly<Record<string, string>> {
    const type = template.Resources[id]?.Type;
    const arn = (service: string, rest: string): string =>
      `arn:aws:${service}:${region}:${accountId}:${rest}`;
    switch (type) {
      case 'AWS::DynamoDB::Table': {
        const name = nameOf(id, 'TableName');
        return { Ref: name, Arn: arn('dynamodb', `table/${name}`) };
      }
      case 'AWS::SQS::Queue': {
        const name = nameOf(id, 'QueueName');
        const url = `${place.sqsEndpoint}/${accountId}/${name}`;
        return { Ref: url, QueueUrl: url, QueueName: name, Arn: arn('sqs', name) };
      }
      case 'AWS::S3::Bucket': {
        const name = nameOf(id, 'BucketName').toLowerCase();
        return { Ref: name, Arn: `arn:aws:s3:::${name}` };
      }
      case 'AWS::Lambda::Function': {
        const name = nameOf(id, 'FunctionName');
        return { Ref: name, Arn: arn('lambda', `function:${name}`) };
      }
      case 'AWS::SecretsManager::Secret':
        // On AWS `Ref` is the ARN; wherever a secret is asked for, its name means the same.
        return { Ref: nameOf(id, 'Name') };
      case 'AWS::ApiGatewayV2::Api':
      case 'AWS::ApiGatewayV2::Integration':
        return { Ref: id };
      default:
        throw new Error(
          `it refers to ${id} (${type ?? 'not in the template'}), which does not exist locally.`,
        );
    }
  }

  function known(id: string, attribute: string): string {
    const value = identify(id)[attribute];
    if (value === undefined)
      throw new Error(`it asks for ${attribute} of ${id}, which the local runner cannot tell.`);
    return value;
  }

  const scope: Scope = {
    ref: (name) => (Object.hasOwn(pseudo, name) ? pseudo[name] : known(name, 'Ref')),
    attribute: known,
  };
  return scope;
}
