import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { tables } from '../../contract/tables';
import type { Item } from '../../store/conditional-write';
import type { Table } from '../../store/table';
import type { DueOrders } from '../app/ports';
import { dueShard } from './order-item';

const PAGE = 100;

/**
 * | access pattern                    | key | index                          |
 * |-----------------------------------|-----|--------------------------------|
 * | orders due before a moment        | -   | due (dueShard, dueAt), sparse  |
 */
export class DynamoDbDueOrders implements DueOrders {
  constructor(private readonly table: Table) {}

  async due(shard: number, before: string, cursor?: string): Promise<{ orderIds: string[]; next?: string }> {
    const partition = dueShard(shard);
    const { Items = [], LastEvaluatedKey } = await this.table.client.send(
      new QueryCommand({
        TableName: this.table.tableName,
        IndexName: tables.orders.index.name,
        KeyConditionExpression: 'dueShard = :shard AND dueAt <= :before',
        ExpressionAttributeValues: { ':shard': partition, ':before': before },
        Limit: PAGE,
        ExclusiveStartKey: cursor === undefined ? undefined : placeOf(cursor, partition),
      }),
    );
    const rows = Items.map((item) => dueRow.parse(item));
    const orderIds = rows.map(({ pk }) => pk.slice('order#'.length));
    const last = rows.at(-1);
    return LastEvaluatedKey && last ? { orderIds, next: `${last.dueAt} ${last.pk}` } : { orderIds };
  }
}

const dueRow = z.object({ pk: z.string(), dueAt: z.string() });

/** Where a page ended. Cursors stay within the sweeper: nobody else writes one. */
function placeOf(cursor: string, partition: string): Item {
  const [dueAt, pk] = cursor.split(' ');
  return { pk, dueShard: partition, dueAt };
}
