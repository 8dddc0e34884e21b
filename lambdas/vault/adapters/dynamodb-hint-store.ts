import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { type Item, remove } from '../../store/conditional-write';
import type { Table } from '../../store/table';
import type { Hint, HintStore } from '../app/ports';
import { type SlotRef, slotId } from '../domain/slot';
import { freePartition } from './vault-keys';

const PAGE = 100;

/**
 * | access pattern                    | key                                           | index |
 * |-----------------------------------|-----------------------------------------------|-------|
 * | returned slots of a segment       | pk free#<segmentId>, sk hash of the slot's id | -     |
 *
 * The hash spreads the hints evenly, so that buyers who start at a random place meet different ones.
 */
export class DynamoDbHintStore implements HintStore {
  constructor(
    private readonly table: Table,
    /** 16 hex digits, anywhere in the range of the hashes. */
    private readonly randomStart: () => string = () => randomBytes(8).toString('hex'),
  ) {}

  async push({ segmentId, index }: SlotRef): Promise<void> {
    await this.table.client.send(
      new PutCommand({
        TableName: this.table.tableName,
        Item: { ...hintKey({ segmentId, index }), segmentId, index, revision: randomUUID() },
      }),
    );
  }

  async take(segmentId: string, limit: number): Promise<Hint[]> {
    const start = this.randomStart();
    const after = await this.#query(segmentId, 'sk >= :start', start, limit);
    if (after.hints.length >= limit) return after.hints;
    const before = await this.#query(segmentId, 'sk < :start', start, limit - after.hints.length);
    return [...after.hints, ...before.hints];
  }

  async page(segmentId: string, cursor = ''): Promise<{ hints: Hint[]; next?: string }> {
    return this.#query(segmentId, 'sk > :start', cursor || '-', PAGE);
  }

  async remove(hint: Hint): Promise<void> {
    await remove(this.table, {
      Key: hintKey(hint),
      ConditionExpression: 'revision = :revision',
      ExpressionAttributeValues: { ':revision': hint.revision },
    });
  }

  async #query(segmentId: string, range: string, start: string, limit: number) {
    const { Items = [], LastEvaluatedKey } = await this.table.client.send(
      new QueryCommand({
        TableName: this.table.tableName,
        KeyConditionExpression: `pk = :segment AND ${range}`,
        ExpressionAttributeValues: { ':segment': freePartition(segmentId), ':start': start },
        ConsistentRead: true,
        Limit: limit,
      }),
    );
    const hints = Items.map(parseHint);
    return LastEvaluatedKey === undefined
      ? { hints }
      : { hints, next: z.string().parse(LastEvaluatedKey.sk) };
  }
}

const hintKey = (slot: SlotRef) => ({
  pk: freePartition(slot.segmentId),
  sk: createHash('sha256').update(slotId(slot)).digest('hex').slice(0, 16),
});

const hintItem = z.object({ segmentId: z.string(), index: z.int(), revision: z.string() });
const parseHint = (item: Item): Hint => hintItem.parse(item);
