import { randomUUID } from 'node:crypto';
import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { remove } from '../../store/conditional-write';
import type { Table } from '../../store/table';
import { LIVE_SHARDS, type LiveSegment, type LiveSegments } from '../app/ports';
import { livePartition } from './vault-keys';

const PAGE = 100;

/**
 * | access pattern                        | key                            | index |
 * |---------------------------------------|--------------------------------|-------|
 * | segments that the sweeper looks after | pk live#<shard>, sk segmentId  | -     |
 */
export class DynamoDbLiveSegments implements LiveSegments {
  constructor(private readonly table: Table) {}

  async add(segmentId: string): Promise<void> {
    await this.table.client.send(
      new PutCommand({
        TableName: this.table.tableName,
        Item: { ...liveKey(segmentId), revision: randomUUID() },
      }),
    );
  }

  async remove({ segmentId, revision }: LiveSegment): Promise<void> {
    await remove(this.table, {
      Key: liveKey(segmentId),
      ConditionExpression: 'revision = :revision',
      ExpressionAttributeValues: { ':revision': revision },
    });
  }

  async page(shard: number, cursor?: string): Promise<{ rows: LiveSegment[]; next?: string }> {
    const { Items = [], LastEvaluatedKey } = await this.table.client.send(
      new QueryCommand({
        TableName: this.table.tableName,
        KeyConditionExpression: 'pk = :shard AND sk > :cursor',
        ExpressionAttributeValues: { ':shard': livePartition(shard), ':cursor': cursor ?? '-' },
        ConsistentRead: true,
        Limit: PAGE,
      }),
    );
    const rows = Items.map((item) => liveItem.parse(item)).map(({ sk, revision }) => ({
      segmentId: sk,
      revision,
    }));
    return LastEvaluatedKey === undefined ? { rows } : { rows, next: z.string().parse(LastEvaluatedKey.sk) };
  }
}

const liveItem = z.object({ sk: z.string(), revision: z.string() });

/** Segment ids are random, so their last character spreads them. */
const liveKey = (segmentId: string) => ({
  pk: livePartition(segmentId.charCodeAt(segmentId.length - 1) % LIVE_SHARDS),
  sk: segmentId,
});
