import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import {
  AwsError,
  type AwsJsonService,
  arnOf,
  type Log,
  type ProvisionedResource,
  type Provisioners,
  REGION,
  type ResourceDefinition,
} from '../aws';
import { flag, parseProperties, withoutEffect } from './resource-properties';

const keySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));

const projection = z.strictObject({
  ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
  NonKeyAttributes: z.array(z.string()).optional(),
});

/** Properties that protect, bill or watch a table; what a program sees is the same without them. */
const unseen = {
  ContributorInsightsSpecification: withoutEffect,
  OnDemandThroughput: withoutEffect,
  ProvisionedThroughput: withoutEffect,
  WarmThroughput: withoutEffect,
};

/** Strict, so that a property which DynamoDB Local does not honour is refused by its name. */
const tableSchema = z.strictObject({
  TableName: z.string().optional(),
  AttributeDefinitions: z.array(
    z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  KeySchema: keySchema,
  GlobalSecondaryIndexes: z
    .array(z.strictObject({ IndexName: z.string(), KeySchema: keySchema, Projection: projection, ...unseen }))
    .default([]),
  LocalSecondaryIndexes: z
    .array(z.strictObject({ IndexName: z.string(), KeySchema: keySchema, Projection: projection }))
    .default([]),
  StreamSpecification: z
    .strictObject({
      StreamViewType: z.enum(['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES']),
    })
    .optional(),
  TimeToLiveSpecification: z.strictObject({ AttributeName: z.string().optional(), Enabled: flag }).optional(),
  ...unseen,
  BillingMode: withoutEffect,
  DeletionProtectionEnabled: withoutEffect,
  PointInTimeRecoverySpecification: withoutEffect,
  SSESpecification: withoutEffect,
  TableClass: withoutEffect,
  Tags: withoutEffect,
});

type TableProperties = z.infer<typeof tableSchema>;

/** Headers that belong to one connection and must not travel on. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'host', 'expect'];

/** The tables of the stacks in DynamoDB Local, and the way of every DynamoDB request to it. */
export class DynamoDb implements AwsJsonService {
  readonly #url: string;
  readonly #log: Log;
  readonly #client: DynamoDBClient;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 });

  /** @param url where DynamoDB Local answers */
  constructor({ url, log }: { url: string; log: Log }) {
    this.#url = url;
    this.#log = log;
    this.#client = new DynamoDBClient({
      endpoint: url,
      region: REGION,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
  }

  readonly provisioners: Provisioners = {
    'AWS::DynamoDB::Table': (resource) => this.#provisionTable(resource),
  };

  /** One operation for another local service, such as a state machine's task. */
  async call(operation: string, input: Record<string, unknown>): Promise<unknown> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/${REGION}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify(input),
    });
    const answer: unknown = await response.json();
    if (response.ok) return answer;
    const { __type: type, message } = errorSchema.parse(answer);
    throw new AwsError(type.split('#').at(-1) ?? type, message ?? type, response.status);
  }

  /** Hands a request of an SDK client to DynamoDB Local and its answer back, byte for byte. */
  async proxy(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = { ...request.headers };
    for (const name of HOP_BY_HOP) delete headers[name];
    try {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const upstream = httpRequest(
          this.#url,
          { method: request.method, path: request.url, headers, agent: this.#agent },
          resolve,
        );
        upstream.once('error', reject);
        request.once('aborted', () => upstream.destroy());
        request.pipe(upstream);
      });
      const answered = { ...answer.headers };
      for (const name of HOP_BY_HOP) delete answered[name];
      response.writeHead(answer.statusCode ?? 502, answered);
      await pipeline(answer, response);
    } catch (error) {
      if (response.headersSent || response.destroyed) {
        response.destroy();
        return;
      }
      this.#log('dynamodb', `DynamoDB Local did not answer: ${String(error)}`);
      throw new AwsError('InternalServerError', 'DynamoDB Local did not answer', 500);
    }
  }

  close(): void {
    this.#client.destroy();
    this.#agent.destroy();
  }

  async #provisionTable(resource: ResourceDefinition): Promise<ProvisionedResource> {
    const properties = parseProperties(resource, tableSchema);
    const name = properties.TableName ?? resource.physicalName;
    const existing = await this.#describe(name);
    if (existing !== undefined) requireSameShape(name, existing, properties);
    const table = existing ?? (await this.#create(name, properties));
    await this.#setTimeToLive(name, properties);
    return {
      ref: name,
      attributes: {
        Arn: arnOf('dynamodb', `table/${name}`),
        ...(table.LatestStreamArn ? { StreamArn: table.LatestStreamArn } : {}),
      },
    };
  }

  async #describe(name: string): Promise<TableDescription | undefined> {
    try {
      return (await this.#client.send(new DescribeTableCommand({ TableName: name }))).Table;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  async #create(name: string, properties: TableProperties): Promise<TableDescription> {
    const { KeySchema, AttributeDefinitions, StreamSpecification: stream } = properties;
    const indexes = (list: TableProperties['LocalSecondaryIndexes']) =>
      list.length === 0
        ? undefined
        : list.map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection }));
    const input: CreateTableCommandInput = {
      TableName: name,
      KeySchema,
      AttributeDefinitions,
      // DynamoDB Local never throttles, whatever was provisioned.
      BillingMode: 'PAY_PER_REQUEST',
      GlobalSecondaryIndexes: indexes(properties.GlobalSecondaryIndexes),
      LocalSecondaryIndexes: indexes(properties.LocalSecondaryIndexes),
      StreamSpecification: stream && { StreamEnabled: true, ...stream },
    };
    const { TableDescription: table } = await this.#client.send(new CreateTableCommand(input));
    if (table === undefined) throw new Error(`DynamoDB Local did not describe the new table ${name}`);
    return table;
  }

  /** Enabling it a second time is an error in DynamoDB, so ask first. */
  async #setTimeToLive(name: string, { TimeToLiveSpecification: wanted }: TableProperties): Promise<void> {
    if (!wanted?.Enabled) return;
    const { TimeToLiveDescription: current } = await this.#client.send(
      new DescribeTimeToLiveCommand({ TableName: name }),
    );
    if (current?.TimeToLiveStatus === 'ENABLED' && current.AttributeName === wanted.AttributeName) return;
    await this.#client.send(
      new UpdateTimeToLiveCommand({
        TableName: name,
        TimeToLiveSpecification: { AttributeName: wanted.AttributeName, Enabled: true },
      }),
    );
  }
}

const errorSchema = z.object({ __type: z.string(), message: z.string().optional() });

interface TableShape {
  readonly KeySchema?: readonly { AttributeName?: string; KeyType?: string }[];
  readonly AttributeDefinitions?: readonly { AttributeName?: string; AttributeType?: string }[];
  readonly GlobalSecondaryIndexes?: readonly IndexShape[];
  readonly LocalSecondaryIndexes?: readonly IndexShape[];
  readonly StreamSpecification?: { StreamViewType?: string };
}

interface IndexShape {
  readonly IndexName?: string;
  readonly KeySchema?: TableShape['KeySchema'];
  readonly Projection?: { ProjectionType?: string; NonKeyAttributes?: string[] };
}

/** What cannot simply change under a table that has items, without the order and whatever else a description adds. */
function shapeOf(table: TableShape): string {
  const keys = (schema: TableShape['KeySchema'] = []) =>
    schema.map((key) => `${key.AttributeName} ${key.KeyType}`);
  const indexes = (list: readonly IndexShape[] = []) =>
    list
      .map(({ IndexName, KeySchema, Projection }) =>
        JSON.stringify([
          IndexName,
          keys(KeySchema),
          Projection?.ProjectionType,
          [...(Projection?.NonKeyAttributes ?? [])].sort(),
        ]),
      )
      .sort();
  return JSON.stringify([
    keys(table.KeySchema),
    (table.AttributeDefinitions ?? []).map((known) => `${known.AttributeName} ${known.AttributeType}`).sort(),
    indexes(table.GlobalSecondaryIndexes),
    indexes(table.LocalSecondaryIndexes),
    table.StreamSpecification?.StreamViewType,
  ]);
}

function requireSameShape(name: string, existing: TableDescription, wanted: TableProperties): void {
  if (shapeOf(existing) === shapeOf(wanted)) return;
  throw new Error(
    `Table ${name} exists with other keys, indexes or stream than the template has now: start with --fresh`,
  );
}
