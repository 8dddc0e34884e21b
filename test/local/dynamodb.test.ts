import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConditionalCheckFailedException,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DynamoDb } from '../../local/services/dynamodb';
import { type DynamoDbLocal, JavaMissing, startDynamoDbLocal } from '../../local/services/dynamodb-local';
import { serveHttp } from '../support/serve-http';

const clientOf = (endpoint: string) =>
  new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });

const properties = {
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [
    { AttributeName: 'id', AttributeType: 'S' },
    { AttributeName: 'merchant', AttributeType: 'S' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byMerchant',
      KeySchema: [{ AttributeName: 'merchant', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
  StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
  SSESpecification: { SSEEnabled: true },
  PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  DeletionProtectionEnabled: true,
  Tags: [{ Key: 'a', Value: 'b' }],
};

let tables = 0;
/** A table of the jest-wide DynamoDB Local. */
const aTable = (
  changed: Record<string, unknown> = {},
  physicalName = `Orders-${process.pid}-${++tables}`,
) => ({
  type: 'AWS::DynamoDB::Table',
  stackName: 'Data',
  logicalId: 'Orders',
  physicalName,
  properties: { ...properties, ...changed },
});

const open = (url = process.env.DYNAMODB_URL ?? '') => {
  const dynamoDb = new DynamoDb({ url, log: () => {} });
  const provision = async (resource: ReturnType<typeof aTable>) =>
    dynamoDb.provisioners['AWS::DynamoDB::Table']?.(resource);
  return { dynamoDb, provision };
};

describe('a table of a template', () => {
  const { dynamoDb, provision } = open();
  const client = clientOf(process.env.DYNAMODB_URL ?? '');
  afterAll(() => {
    dynamoDb.close();
    client.destroy();
  });

  test('is created with its keys, indexes, stream and time to live, and found again', async () => {
    const table = aTable();
    const created = await provision(table);
    expect(created).toMatchObject({
      ref: table.physicalName,
      attributes: {
        Arn: `arn:aws:dynamodb:us-east-1:000000000000:table/${table.physicalName}`,
        StreamArn: expect.stringContaining('/stream/'),
      },
    });
    const { TimeToLiveDescription } = await client.send(
      new DescribeTimeToLiveCommand({ TableName: created?.ref }),
    );
    expect(TimeToLiveDescription).toEqual({ AttributeName: 'expiresAt', TimeToLiveStatus: 'ENABLED' });
    expect(await provision(table)).toEqual(created);
  });

  test.each([
    ['keys', { KeySchema: [{ AttributeName: 'merchant', KeyType: 'HASH' }] }],
    [
      'indexes',
      { GlobalSecondaryIndexes: [], AttributeDefinitions: properties.AttributeDefinitions.slice(0, 1) },
    ],
    ['stream', { StreamSpecification: { StreamViewType: 'KEYS_ONLY' } }],
  ])('with other %s than the one that exists is refused', async (_, changed) => {
    const table = aTable();
    await provision(table);
    await expect(provision(aTable(changed, table.physicalName))).rejects.toThrow(
      `Table ${table.physicalName} exists with other keys, indexes or stream than the template has now: start with --fresh`,
    );
  });

  test('with a property that is not supported is refused by its name', async () => {
    await expect(provision(aTable({ KinesisStreamSpecification: {} }))).rejects.toThrow(
      /Orders.*KinesisStreamSpecification/s,
    );
  });

  test('answers another service, errors of DynamoDB included', async () => {
    const { ref: TableName } = (await provision(aTable())) ?? {};
    await dynamoDb.call('PutItem', { TableName, Item: { id: { S: 'a' } } });
    expect(await dynamoDb.call('GetItem', { TableName, Key: { id: { S: 'a' } } })).toEqual({
      Item: { id: { S: 'a' } },
    });
    await expect(
      dynamoDb.call('PutItem', {
        TableName,
        Item: { id: { S: 'a' } },
        ConditionExpression: 'attribute_not_exists(id)',
      }),
    ).rejects.toMatchObject({ code: 'ConditionalCheckFailedException', status: 400 });
  });
});

test('requests of SDK clients pass through, checksums and conditional failures included', async () => {
  const { dynamoDb, provision } = open();
  const server = await serveHttp(async (request, response) => {
    await dynamoDb.proxy(request, response);
    return true;
  });
  const client = clientOf(server.url);
  const { ref: TableName } = (await provision(aTable())) ?? {};
  const put = new PutItemCommand({
    TableName,
    Item: { id: { S: 'a' }, note: { S: '卡密'.repeat(50_000) } },
    ConditionExpression: 'attribute_not_exists(id)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  await client.send(put);
  const failure = await client.send(put).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ConditionalCheckFailedException);
  expect(failure).toMatchObject({ Item: { id: { S: 'a' } } });
  await Promise.all(
    Array.from({ length: 40 }, () => client.send(new GetItemCommand({ TableName, Key: { id: { S: 'a' } } }))),
  );
  client.destroy();
  await server.close();
  dynamoDb.close();
});

describe('DynamoDB Local', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dynamodb-test-'));
  });
  const running: DynamoDbLocal[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((local) => local.close()));
    rmSync(folder, { recursive: true, force: true });
  });
  const start = async (): Promise<DynamoDbLocal> => {
    const local = await startDynamoDbLocal({ folder });
    running.push(local);
    return local;
  };

  /** Runs a script in a process of its own that has DynamoDB Local on the folder, until it prints a line. */
  const startElsewhere = async () => {
    const elsewhere = spawn(
      process.execPath,
      ['--import', 'tsx', '-e', START, join(__dirname, '../../local/services/dynamodb-local.ts'), folder],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const url = await new Promise((printed) => elsewhere.stdout.once('data', printed));
    return { parent: elsewhere, url: String(url) };
  };
  const kill = async (elsewhere: ChildProcess) => {
    const gone = new Promise((exit) => elsewhere.once('exit', exit));
    elsewhere.kill('SIGKILL');
    await gone;
  };
  const START =
    'require(process.argv[1]).startDynamoDbLocal({ folder: process.argv[2] }).then(({ url }) => console.log(url))';

  test('keeps its tables over a kill of its parent, whose Java the next start ends', async () => {
    const { parent, url: orphan } = await startElsewhere();
    await kill(parent);
    expect((await fetch(orphan)).status).toBe(400);

    const first = open((await start()).url);
    await expect(fetch(orphan)).rejects.toThrow();
    const table = aTable();
    await first.provision(table);
    await first.dynamoDb.call('PutItem', { TableName: table.physicalName, Item: { id: { S: 'a' } } });
    first.dynamoDb.close();
    await running.pop()?.close();

    const second = open((await start()).url);
    await second.provision(table);
    expect(
      await second.dynamoDb.call('GetItem', { TableName: table.physicalName, Key: { id: { S: 'a' } } }),
    ).toEqual({ Item: { id: { S: 'a' } } });
    second.dynamoDb.close();
  });

  test('does not take the folder of a process that is running', async () => {
    const { parent } = await startElsewhere();
    await expect(start()).rejects.toThrow(`is in use by process ${parent.pid}`);
    await kill(parent);
    await start();
  });

  test('without Java says in one line what to install', async () => {
    const home = process.env.JAVA_HOME;
    process.env.JAVA_HOME = folder;
    try {
      const failure = await startDynamoDbLocal({ inMemory: true }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(JavaMissing);
      expect(String(failure)).toMatch(/^JavaMissing: DynamoDB Local needs Java 17 or newer .*\.$/);
    } finally {
      if (home === undefined) delete process.env.JAVA_HOME;
      else process.env.JAVA_HOME = home;
    }
  });
});
