import { randomUUID } from 'node:crypto';
import { PutCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { Table } from '../store/table';
import type { RevealLog, RevealRecord } from './reveal-log';

/**
 * Table `audit`; rows are only ever added.
 *
 * | access pattern             | key                              | index |
 * |----------------------------|----------------------------------|-------|
 * | reveals of an order        | pk order#<orderId>, sk reveal#<at>#<random> | -  |
 */
export class DynamoDbRevealLog implements RevealLog {
  constructor(private readonly table: Table) {}

  async record(reveal: RevealRecord): Promise<void> {
    await this.table.client.send(
      new PutCommand({
        TableName: this.table.tableName,
        Item: { pk: `order#${reveal.orderId}`, sk: `reveal#${reveal.at}#${randomUUID()}`, ...reveal },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
  }

  async of(orderId: string): Promise<RevealRecord[]> {
    const records: RevealRecord[] = [];
    const pages = paginateQuery(
      { client: this.table.client },
      {
        TableName: this.table.tableName,
        KeyConditionExpression: 'pk = :order AND begins_with(sk, :reveal)',
        ExpressionAttributeValues: { ':order': `order#${orderId}`, ':reveal': 'reveal#' },
        ConsistentRead: true,
      },
    );
    for await (const { Items = [] } of pages) records.push(...Items.map((item) => revealItem.parse(item)));
    return records;
  }
}

const revealItem = z.object({
  orderId: z.string(),
  at: z.string(),
  actor: z.string(),
  address: z.string(),
  userAgent: z.string(),
  positions: z.array(z.int()),
});
