export { DynamoDbRevealLog } from './dynamodb-reveal-log';
export type { RevealLog, RevealRecord } from './reveal-log';
