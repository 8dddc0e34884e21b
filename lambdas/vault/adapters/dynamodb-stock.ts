import type { Table } from '../../store/table';
import type { StockPorts } from '../app/ports';
import { DynamoDbHintStore } from './dynamodb-hint-store';
import { DynamoDbLiveSegments } from './dynamodb-live-segments';
import { DynamoDbPoolStore } from './dynamodb-pool-store';
import { DynamoDbSegmentStore } from './dynamodb-segment-store';
import { DynamoDbSlotStore } from './dynamodb-slot-store';

/** The stock side of the vault on its table. */
export const dynamoDbStock = (vault: Table): StockPorts => ({
  segments: new DynamoDbSegmentStore(vault),
  slots: new DynamoDbSlotStore(vault),
  pools: new DynamoDbPoolStore(vault),
  hints: new DynamoDbHintStore(vault),
  live: new DynamoDbLiveSegments(vault),
  random: Math.random,
});
