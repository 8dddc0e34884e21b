import { GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { epochSeconds, type Instant } from '../../kernel/time';
import { put } from '../../store/conditional-write';
import type { Table } from '../../store/table';
import type { ClientLimits } from '../app/ports';
import { admit, type Limits, type UnpaidOrders } from '../domain/client-limits';

/** A client that sends this many requests at once is told to slow down. */
const ROUNDS = 5;

/** How many seconds after the last deadline a row may be swept away. */
const KEEP_SECONDS = 3600;

interface Row {
  readonly unpaid: UnpaidOrders;
  readonly revision: number;
}

/**
 * Table `guards`, rows with a time to live. A row lists what one client's unpaid orders hold, each until its
 * deadline, so that what is never taken back lapses by itself.
 *
 * | access pattern             | key                 | index |
 * |----------------------------|---------------------|-------|
 * | what a client holds        | pk client#<client>  | -     |
 */
export class DynamoDbClientLimits implements ClientLimits {
  constructor(private readonly table: Table) {}

  async admit(
    client: string,
    order: { orderId: string; quantity: number; until: Instant },
    limits: Limits,
    now: Instant,
  ) {
    for (let round = 0; round < ROUNDS; round += 1) {
      const row = await this.#find(client);
      const admission = admit(row.unpaid, order, limits, now);
      if (admission.kind !== 'admitted') return admission;
      if (await this.#replace(client, row, admission.unpaid)) return { kind: 'admitted' as const };
    }
    return { kind: 'busy' as const };
  }

  async forget(client: string, orderId: string): Promise<void> {
    for (let round = 0; round < ROUNDS; round += 1) {
      const row = await this.#find(client);
      if (!(orderId in row.unpaid)) return;
      const { [orderId]: _, ...others } = row.unpaid;
      if (await this.#replace(client, row, others)) return;
    }
    // Under that much contention the entry is left: it lapses with the order's deadline.
  }

  async #find(client: string): Promise<Row> {
    const { Item } = await this.table.client.send(
      new GetCommand({ TableName: this.table.tableName, Key: clientKey(client), ConsistentRead: true }),
    );
    return Item === undefined ? { unpaid: {}, revision: 0 } : clientItem.parse(Item);
  }

  async #replace(client: string, { revision }: Row, unpaid: UnpaidOrders): Promise<boolean> {
    const last = Object.values(unpaid)
      .map((order) => order.until)
      .sort()
      .at(-1);
    const outcome = await put(this.table, {
      Item: {
        ...clientKey(client),
        unpaid,
        revision: revision + 1,
        expiresAtSeconds: epochSeconds(last ?? new Date().toISOString()) + KEEP_SECONDS,
      },
      ConditionExpression: revision === 0 ? 'attribute_not_exists(pk)' : 'revision = :revision',
      ...(revision === 0 ? {} : { ExpressionAttributeValues: { ':revision': revision } }),
    });
    return outcome.won;
  }
}

const clientKey = (client: string) => ({ pk: `client#${client}` });

const clientItem = z.object({
  unpaid: z.record(z.string(), z.object({ quantity: z.int(), until: z.string() })),
  revision: z.int(),
});
