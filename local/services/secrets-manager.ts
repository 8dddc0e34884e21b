import { createHash, randomUUID } from 'node:crypto';
import * as z from 'zod';
import {
  AwsError,
  type AwsJsonService,
  arnOf,
  type ProvisionedResource,
  type Provisioners,
  type ResourceDefinition,
} from '../aws';
import { DurableMap } from '../state/durable-map';
import { callOperation, type Operations, operationsWith } from './aws-json-operations';
import { pageOf } from './paging';
import { parseProperties, withoutEffect } from './resource-properties';
import { generatedSecret, secretGeneration } from './secret-generation';

const operation = operationsWith('InvalidParameterException');

const secretProperties = z
  .strictObject({
    Name: z.string().min(1).max(512).optional(),
    Description: z.string().optional(),
    KmsKeyId: z.string().optional(),
    SecretString: z.string().min(1).optional(),
    GenerateSecretString: secretGeneration.optional(),
    Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).default([]),
  })
  .refine(
    ({ SecretString, GenerateSecretString }) =>
      SecretString === undefined || GenerateSecretString === undefined,
    'SecretString and GenerateSecretString exclude each other',
  );

/** Permissions are not enforced locally: the policy itself is not read. */
const resourcePolicyProperties = z.strictObject({
  SecretId: z.string(),
  ResourcePolicy: withoutEffect,
  BlockPublicPolicy: withoutEffect,
});

interface SecretVersion {
  readonly id: string;
  readonly value: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly kmsKeyId: string | undefined;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
  readonly createdAt: number;
  readonly changedAt: number;
  /** What the template says about the value: another value is made only when that changes. */
  readonly origin: string;
  readonly current?: SecretVersion;
  readonly previous?: SecretVersion;
}

type Stage = 'AWSCURRENT' | 'AWSPREVIOUS';

export interface SecretsManagerOptions {
  /** Holds the secrets, readable by the owner alone; without it they are kept in memory only. */
  readonly stateFile?: string;
  readonly now?: () => number;
}

/** Secrets Manager with string values, each with its current and its previous version. */
export class SecretsManager implements AwsJsonService {
  readonly provisioners: Provisioners = {
    'AWS::SecretsManager::Secret': (resource) => this.#provision(resource),
    'AWS::SecretsManager::ResourcePolicy': (resource) => ({
      ref: this.#find(parseProperties(resource, resourcePolicyProperties).SecretId).arn,
    }),
  };
  readonly #secrets: DurableMap<Secret>;
  readonly #now: () => number;
  readonly #operations: Operations;

  constructor({ stateFile, now = Date.now }: SecretsManagerOptions = {}) {
    this.#secrets = new DurableMap(stateFile);
    this.#now = now;
    this.#operations = this.#define();
  }

  call(name: string, input: Record<string, unknown>): unknown {
    return callOperation('Secrets Manager', this.#operations, name, input);
  }

  close(): void {
    this.#secrets.close();
  }

  #define(): Operations {
    return {
      GetSecretValue: operation(
        z.strictObject({
          SecretId: z.string(),
          VersionId: z.string().optional(),
          VersionStage: z.string().optional(),
        }),
        ({ SecretId, VersionId, VersionStage }) => {
          const secret = this.#find(SecretId);
          const found = versionsOf(secret).find(
            ({ version, stage }) =>
              (VersionId === undefined || version.id === VersionId) &&
              stage === (VersionStage ?? (VersionId === undefined ? 'AWSCURRENT' : stage)),
          );
          if (found === undefined) {
            throw notFound(
              `Secrets Manager can't find the specified secret value for ${VersionId === undefined ? `staging label: ${VersionStage ?? 'AWSCURRENT'}` : `VersionId: ${VersionId}`}`,
            );
          }
          return {
            ARN: secret.arn,
            Name: secret.name,
            VersionId: found.version.id,
            SecretString: found.version.value,
            VersionStages: [found.stage],
            CreatedDate: found.version.createdAt / 1000,
          };
        },
      ),
      DescribeSecret: operation(z.strictObject({ SecretId: z.string() }), ({ SecretId }) => {
        const secret = this.#find(SecretId);
        return { ...listed(secret), VersionIdsToStages: stagesOf(secret) };
      }),
      PutSecretValue: operation(
        z.strictObject({
          SecretId: z.string(),
          SecretString: z.string().min(1).max(65_536),
          ClientRequestToken: z.string().min(32).max(64),
          VersionStages: z.tuple([z.literal('AWSCURRENT')]).optional(),
        }),
        ({ SecretId, SecretString, ClientRequestToken }) =>
          this.#put(this.#find(SecretId), ClientRequestToken, SecretString),
      ),
      ListSecrets: operation(
        z.strictObject({
          MaxResults: z.int().min(1).max(100).default(100),
          NextToken: z.string().optional(),
        }),
        ({ MaxResults, NextToken }) => {
          const { page, next } = pageOf([...this.#secrets.values()], MaxResults, NextToken);
          return {
            SecretList: page.map((secret) => ({
              ...listed(secret),
              SecretVersionsToStages: stagesOf(secret),
            })),
            NextToken: next,
          };
        },
      ),
    };
  }

  #put(secret: Secret, versionId: string, value: string) {
    const answer = { ARN: secret.arn, Name: secret.name, VersionId: versionId };
    const repeated = versionsOf(secret).find(({ version }) => version.id === versionId);
    if (repeated !== undefined) {
      if (repeated.version.value === value) return { ...answer, VersionStages: [repeated.stage] };
      throw new AwsError(
        'ResourceExistsException',
        `A version ${versionId} of this secret exists with another value.`,
      );
    }
    this.#secrets.set(secret.arn, withValue(secret, versionId, value, this.#now()));
    return { ...answer, VersionStages: ['AWSCURRENT'] };
  }

  /** By name, ARN, or ARN without the six characters that Secrets Manager appends. */
  #find(secretId: string): Secret {
    const byArn = this.#secrets.get(secretId);
    if (byArn !== undefined) return byArn;
    for (const secret of this.#secrets.values()) {
      if (secret.name === secretId || secret.arn.slice(0, -7) === secretId) return secret;
    }
    throw notFound("Secrets Manager can't find the specified secret.");
  }

  #provision(resource: ResourceDefinition): ProvisionedResource {
    const properties = parseProperties(resource, secretProperties);
    const name = properties.Name ?? resource.physicalName;
    const arn = arnOf('secretsmanager', `secret:${name}-${digest(name).slice(0, 6)}`);
    const origin = digest(JSON.stringify([properties.SecretString, properties.GenerateSecretString]));
    const earlier = this.#secrets.get(arn);
    const now = this.#now();
    const described: Secret = {
      createdAt: now,
      changedAt: now,
      ...earlier,
      arn,
      name,
      origin,
      description: properties.Description,
      kmsKeyId: properties.KmsKeyId,
      tags: properties.Tags,
    };
    const value = earlier?.origin === origin ? undefined : valueByTemplate(properties);
    this.#secrets.set(arn, value === undefined ? described : withValue(described, randomUUID(), value, now));
    return { ref: arn, attributes: { Id: arn } };
  }
}

function valueByTemplate(properties: z.output<typeof secretProperties>): string | undefined {
  const { SecretString, GenerateSecretString } = properties;
  return GenerateSecretString === undefined ? SecretString : generatedSecret(GenerateSecretString);
}

const withValue = (secret: Secret, versionId: string, value: string, now: number): Secret => ({
  ...secret,
  current: { id: versionId, value, createdAt: now },
  previous: secret.current,
  changedAt: now,
});

function versionsOf(secret: Secret): { version: SecretVersion; stage: Stage }[] {
  return [
    ...(secret.current ? [{ version: secret.current, stage: 'AWSCURRENT' as const }] : []),
    ...(secret.previous ? [{ version: secret.previous, stage: 'AWSPREVIOUS' as const }] : []),
  ];
}

const stagesOf = (secret: Secret): Record<string, Stage[]> =>
  Object.fromEntries(versionsOf(secret).map(({ version, stage }) => [version.id, [stage]]));

const listed = (secret: Secret) => ({
  ARN: secret.arn,
  Name: secret.name,
  Description: secret.description,
  KmsKeyId: secret.kmsKeyId,
  Tags: secret.tags,
  CreatedDate: secret.createdAt / 1000,
  LastChangedDate: secret.changedAt / 1000,
});

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

const notFound = (message: string) => new AwsError('ResourceNotFoundException', message);
