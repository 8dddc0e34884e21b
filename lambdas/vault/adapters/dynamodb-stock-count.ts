import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../../store/table';
import { poolOf } from '../domain/segment';
import { DynamoDbPoolStore } from './dynamodb-pool-store';
import { DynamoDbSegmentStore } from './dynamodb-segment-store';
import { freePartition } from './vault-keys';

/** Stock is counted up to this many segments of each SKU: it is shown coarsely, so the rest changes nothing. */
const SEGMENTS = 20;
const FRESH_MS = 2000;

/** What a shop shows as stock. For display only: it may lag by seconds and never decides a sale. */
export class DynamoDbStockCount {
  readonly #pools: DynamoDbPoolStore;
  readonly #segments: DynamoDbSegmentStore;
  readonly #known = new Map<string, { count: Promise<number>; until: number }>();

  constructor(
    private readonly table: Table,
    private readonly now: () => number = Date.now,
  ) {
    this.#pools = new DynamoDbPoolStore(table, now);
    this.#segments = new DynamoDbSegmentStore(table);
  }

  /** Keys that may be sold of a SKU: those ahead of the cursors and those that came back. */
  available(skuId: string): Promise<number> {
    const known = this.#known.get(skuId);
    if (known !== undefined && known.until > this.now()) return known.count;
    const count = this.#count(skuId);
    this.#known.set(skuId, { count, until: this.now() + FRESH_MS });
    count.catch(() => this.#known.delete(skuId));
    return count;
  }

  async #count(skuId: string): Promise<number> {
    const { rows } = await this.#pools.rows(poolOf(skuId), new Date(this.now()).toISOString());
    const segmentIds = rows.slice(0, SEGMENTS).map((row) => row.segmentId);
    const segments = await this.#segments.findMany(segmentIds);
    const onSale = segments.filter((segment) => segment.status === 'active');
    const returned = await Promise.all(onSale.map((segment) => this.#returned(segment.segmentId)));
    return [...onSale.map((segment) => segment.avail), ...returned].reduce((sum, count) => sum + count, 0);
  }

  async #returned(segmentId: string): Promise<number> {
    const { Count = 0 } = await this.table.client.send(
      new QueryCommand({
        TableName: this.table.tableName,
        KeyConditionExpression: 'pk = :free',
        ExpressionAttributeValues: { ':free': freePartition(segmentId) },
        Select: 'COUNT',
      }),
    );
    return Count;
  }
}
