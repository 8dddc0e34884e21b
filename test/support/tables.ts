import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type TableFacts, type TableName, tables } from '../../lambdas/contract/tables';

/** A client of the DynamoDB Local that the test run has started. */
export const localDynamoDb = () =>
  new DynamoDBClient({
    endpoint: process.env.DYNAMODB_URL ?? '',
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });

/** A document client as the functions have it. */
export const localDynamoDbDocuments = (client = localDynamoDb()) =>
  DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });

/** A new, empty table with the keys and index that the contract gives it, under a name of its own. */
export async function createTable(
  name: TableName,
): Promise<{ client: DynamoDBDocumentClient; tableName: string }> {
  const client = localDynamoDb();
  const tableName = `${name}-${randomUUID()}`;
  const { partitionKey, sortKey, index }: TableFacts = tables[name];
  const attributes = [partitionKey, sortKey, index?.partitionKey, index?.sortKey].filter(
    (attribute) => attribute !== undefined,
  );
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: attributes.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: keySchema(partitionKey, sortKey),
      ...(index && {
        GlobalSecondaryIndexes: [
          {
            IndexName: index.name,
            KeySchema: keySchema(index.partitionKey, index.sortKey),
            Projection: { ProjectionType: 'KEYS_ONLY' as const },
          },
        ],
      }),
    }),
  );
  return {
    client: localDynamoDbDocuments(client),
    tableName,
  };
}

const keySchema = (partitionKey: string, sortKey?: string) => [
  { AttributeName: partitionKey, KeyType: 'HASH' as const },
  ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: 'RANGE' as const }]),
];
