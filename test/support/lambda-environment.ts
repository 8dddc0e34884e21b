import { environment } from '../../lambdas/contract/environment';
import type { TableName } from '../../lambdas/contract/tables';
import { createTable } from './tables';

/** What a function of this process finds in its environment: new tables on DynamoDB Local and credentials for it. */
export async function lambdaEnvironment<T extends TableName>(...names: T[]) {
  process.env.AWS_ENDPOINT_URL_DYNAMODB = process.env.DYNAMODB_URL;
  process.env.AWS_REGION = 'us-east-1';
  process.env.AWS_ACCESS_KEY_ID = 'local';
  process.env.AWS_SECRET_ACCESS_KEY = 'local';
  const tables = await Promise.all(names.map(async (name) => [name, await createTable(name)] as const));
  for (const [name, { tableName }] of tables) process.env[environment.table[name]] = tableName;
  return Object.fromEntries(tables) as Record<T, Awaited<ReturnType<typeof createTable>>>;
}
