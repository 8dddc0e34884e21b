import { GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { batchGet } from '../../store/batch';
import { type Item, update } from '../../store/conditional-write';
import type { Table } from '../../store/table';
import type { Bump, SegmentStore } from '../app/ports';
import { type Pool, type Segment, segmentStatuses } from '../domain/segment';
import { segmentKey } from './vault-keys';

/**
 * | access pattern                    | key                            | index |
 * |-----------------------------------|--------------------------------|-------|
 * | hand out the next indices         | pk segment#<segmentId>         | -     |
 * | a segment, several segments       | pk segment#<segmentId>         | -     |
 * | move the sweeper's window         | pk segment#<segmentId>         | -     |
 */
export class DynamoDbSegmentStore implements SegmentStore {
  /** Segments whose cursor is at its end: a segment never grows, so this stays true and saves the write. */
  readonly #exhausted = new Set<string>();

  constructor(private readonly table: Table) {}

  async bump(
    segmentId: string,
    { pool, quantity, outlive }: { pool: Pool; quantity: number; outlive: string },
  ): Promise<Bump> {
    if (this.#exhausted.has(segmentId)) return { kind: 'short', available: 0 };
    const enoughLeft = 'avail >= :quantity';
    const onSale = '#status = :active AND #pool = :pool';
    const livesLongEnough = 'expiresAt > :outlive';
    const outcome = await update(this.table, {
      Key: segmentKey(segmentId),
      UpdateExpression: 'SET head = head + :quantity, avail = avail - :quantity',
      ConditionExpression: [enoughLeft, onSale, livesLongEnough].join(' AND '),
      ExpressionAttributeNames: { '#status': 'status', '#pool': 'pool' },
      ExpressionAttributeValues: {
        ':quantity': quantity,
        ':active': 'active',
        ':pool': pool,
        ':outlive': outlive,
      },
      ReturnValues: 'UPDATED_OLD',
    });
    if (outcome.won) return { kind: 'taken', firstIndex: z.int().parse(outcome.attributes?.head) };
    if (outcome.item === undefined) return { kind: 'closed' };
    const segment = parseSegment(outcome.item);
    if (segment.avail === 0) this.#exhausted.add(segmentId);
    return segment.avail < quantity ? { kind: 'short', available: segment.avail } : { kind: 'closed' };
  }

  async find(segmentId: string): Promise<Segment | undefined> {
    const { Item } = await this.table.client.send(
      new GetCommand({ TableName: this.table.tableName, Key: segmentKey(segmentId), ConsistentRead: true }),
    );
    return Item && parseSegment(Item);
  }

  async findMany(segmentIds: readonly string[]): Promise<Segment[]> {
    return (await batchGet(this.table, segmentIds.map(segmentKey))).map(parseSegment);
  }

  async moveSweepWindow(
    segment: Segment,
    to: { swept: number; headSeen: number },
  ): Promise<'moved' | 'raced'> {
    const outcome = await update(this.table, {
      Key: segmentKey(segment.segmentId),
      UpdateExpression: 'SET swept = :swept, headSeen = :headSeen',
      ConditionExpression: 'swept = :sweptBefore AND headSeen = :headSeenBefore',
      ExpressionAttributeValues: {
        ':swept': to.swept,
        ':headSeen': to.headSeen,
        ':sweptBefore': segment.swept,
        ':headSeenBefore': segment.headSeen,
      },
    });
    return outcome.won ? 'moved' : 'raced';
  }
}

const segmentItem = z.object({
  segmentId: z.string(),
  merchantId: z.string(),
  skuId: z.string(),
  lotId: z.string(),
  size: z.int(),
  head: z.int(),
  avail: z.int(),
  status: z.enum(segmentStatuses),
  pool: z.templateLiteral([z.string(), '#', z.string()]),
  expiresAt: z.string(),
  labels: z.array(z.string()),
  wrappedDataKey: z.instanceof(Uint8Array),
  swept: z.int(),
  headSeen: z.int(),
});

const parseSegment = (item: Item): Segment => segmentItem.parse(item);
