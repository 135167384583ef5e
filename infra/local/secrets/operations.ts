import { randomUUID } from 'node:crypto';
import { badInput, badParameter, exists, notFound, refused } from './errors.ts';
import type { SecretRow, SecretsStore, Version } from './store.ts';

/** The operations of AWS Secrets Manager that Brana uses, by the rules of the service's API reference. */

export type Input = Readonly<Record<string, unknown>>;
export type Operation = (input: Input) => Record<string, unknown>;

const MAX_BYTES = 65_536;
const PAGE = 100;
const DAY = 86_400;

/** @param now seconds since the epoch */
export function secretsOperations(store: SecretsStore, region: string, now: () => number) {
  function find(input: Input): SecretRow {
    const found = store.find(text(input, 'SecretId', true));
    if (!found) throw notFound("Secrets Manager can't find the specified secret.");
    return found;
  }

  function findLive(input: Input): SecretRow {
    const secret = find(input);
    if (secret.deletion === null) return secret;
    throw refused("You can't perform this operation on the secret because it was marked for deletion.");
  }

  function addVersion(name: string, input: Input, labels: readonly string[]): string {
    const id = text(input, 'ClientRequestToken') ?? randomUUID();
    if (id.length < 32 || id.length > 64) throw badInput('clientRequestToken must have 32 to 64 characters');
    store.addVersion(name, { id, ...valueOf(input), created: now() }, labels);
    return id;
  }

  const named = ({ arn, name }: SecretRow) => ({ ARN: arn, Name: name });
  const dated = ({ created, changed, deletion }: SecretRow) => ({
    CreatedDate: created,
    LastChangedDate: changed,
    ...(deletion === null ? {} : { DeletedDate: deletion }),
  });

  const operations: Readonly<Record<string, Operation>> = {
    CreateSecret(input) {
      const name = text(input, 'Name', true);
      const known = store.find(name);
      if (known && known.deletion !== null) {
        throw refused(
          "You can't create this secret because a secret with this name is already scheduled for deletion.",
        );
      }
      if (known && !store.version(name, text(input, 'ClientRequestToken') ?? '')) {
        throw exists(`The operation failed because the secret ${name} already exists.`);
      }
      const arn = known?.arn ?? `arn:aws:secretsmanager:${region}:000000000000:secret:${name}-${suffix()}`;
      if (!known) store.add(name, arn, now());
      const holdsValue = input['SecretString'] !== undefined || input['SecretBinary'] !== undefined;
      return {
        ARN: arn,
        Name: name,
        ...(holdsValue ? { VersionId: addVersion(name, input, ['AWSCURRENT']) } : {}),
      };
    },

    GetSecretValue(input) {
      const secret = findLive(input);
      const stage = text(input, 'VersionStage');
      const asked = text(input, 'VersionId');
      const id = asked ?? store.labelled(secret.name, stage ?? 'AWSCURRENT') ?? '';
      const version = store.version(secret.name, id);
      const stages = store.stages(secret.name)[id] ?? [];
      if (!version || (stage !== undefined && !stages.includes(stage))) {
        const what = asked === undefined ? `staging label: ${stage ?? 'AWSCURRENT'}` : `VersionId: ${asked}`;
        throw notFound(`Secrets Manager can't find the specified secret value for ${what}`);
      }
      return {
        ...named(secret),
        VersionId: id,
        VersionStages: stages,
        CreatedDate: version.created,
        ...(version.string === null ? {} : { SecretString: version.string }),
        ...(version.binary === null ? {} : { SecretBinary: version.binary }),
      };
    },

    PutSecretValue(input) {
      const secret = findLive(input);
      const labels = (input['VersionStages'] as string[] | undefined) ?? ['AWSCURRENT'];
      const id = addVersion(secret.name, input, labels);
      return { ...named(secret), VersionId: id, VersionStages: store.stages(secret.name)[id] ?? [] };
    },

    DescribeSecret(input) {
      const secret = find(input);
      return { ...named(secret), ...dated(secret), VersionIdsToStages: store.stages(secret.name) };
    },

    ListSecrets(input) {
      if (input['Filters'] !== undefined) throw badParameter('The local Secrets Manager has no filters.');
      const limit = Number(input['MaxResults'] ?? PAGE);
      const found = store
        .list(text(input, 'NextToken') ?? '')
        .filter(({ deletion }) => deletion === null || input['IncludePlannedDeletion'] === true);
      const page = found.slice(0, limit);
      return {
        SecretList: page.map((secret) => ({
          ...named(secret),
          ...dated(secret),
          SecretVersionsToStages: store.stages(secret.name),
        })),
        ...(found.length > limit ? { NextToken: page.at(-1)?.name } : {}),
      };
    },

    UpdateSecretVersionStage(input) {
      const secret = findLive(input);
      const label = text(input, 'VersionStage', true);
      const [to, from] = [text(input, 'MoveToVersionId'), text(input, 'RemoveFromVersionId')];
      const holder = store.labelled(secret.name, label);
      if (to !== undefined && !store.version(secret.name, to)) {
        throw notFound(`Secrets Manager can't find the specified secret value for VersionId: ${to}`);
      }
      // Moving needs the right holder, or none; removing needs the holder itself.
      if (from === undefined ? holder !== undefined && holder !== to : holder !== from) {
        throw badParameter(`RemoveFromVersionId must be the version ${label} is attached to.`);
      }
      if (to !== undefined) store.setLabel(secret.name, label, to);
      else if (label === 'AWSCURRENT') throw badParameter('AWSCURRENT can be moved, never removed.');
      else store.removeLabel(secret.name, label);
      return named(secret);
    },

    DeleteSecret(input) {
      const secret = find(input);
      const days = Number(input['RecoveryWindowInDays'] ?? 30);
      if (days < 7 || days > 30) throw badParameter('RecoveryWindowInDays must be between 7 and 30.');
      const force = input['ForceDeleteWithoutRecovery'] === true;
      if (force) store.erase(secret.name);
      else store.markDeleted(secret.name, now());
      return { ...named(secret), DeletionDate: now() + (force ? 0 : days * DAY) };
    },

    RestoreSecret(input) {
      const secret = find(input);
      store.markDeleted(secret.name, null);
      return named(secret);
    },
  };
  return operations;
}

function text(input: Input, field: string, required: true): string;
function text(input: Input, field: string): string | undefined;
function text(input: Input, field: string, required = false): string | undefined {
  const value = input[field];
  if (typeof value === 'string' && value !== '') return value;
  if (value === undefined && !required) return undefined;
  throw badInput(`${field} must be a text that is not empty`);
}

function valueOf(input: Input): Pick<Version, 'string' | 'binary'> {
  const string = text(input, 'SecretString') ?? null;
  const binary = text(input, 'SecretBinary') ?? null;
  if ((string === null) === (binary === null)) {
    throw badParameter('You must provide either SecretString or SecretBinary.');
  }
  const bytes = string === null ? Buffer.byteLength(binary ?? '', 'base64') : Buffer.byteLength(string);
  if (bytes > MAX_BYTES) throw badInput(`the value must have at most ${MAX_BYTES} bytes`);
  return { string, binary };
}

/** The six characters the service puts behind a name in its ARN. */
const suffix = (): string => randomUUID().replaceAll('-', '').slice(0, 6);
