import { type DynamoDbLocal, startDynamoDbLocal } from '../../local/services/dynamodb-local';

declare global {
  // Jest runs set-up and teardown in one process, but gives them nothing else to share.
  var dynamoDbLocal: DynamoDbLocal | undefined;
}

/** One DynamoDB Local in memory for all test files; they find it at `process.env.DYNAMODB_URL`. */
export default async function globalSetup(): Promise<void> {
  globalThis.dynamoDbLocal = await startDynamoDbLocal({ inMemory: true });
  process.env.DYNAMODB_URL = globalThis.dynamoDbLocal.url;
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  process.env.TZ = 'UTC';
  // Functions that run in the tests' own process say nothing unless they are asked to; those of the local stack have
  // their own environment.
  process.env.POWERTOOLS_METRICS_DISABLED = 'true';
  process.env.POWERTOOLS_METRICS_NAMESPACE = 'tests';
  process.env.POWERTOOLS_LOG_LEVEL ??= 'SILENT';
}
