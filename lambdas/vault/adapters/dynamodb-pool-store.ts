import { randomUUID } from 'node:crypto';
import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { remove } from '../../store/conditional-write';
import type { Table } from '../../store/table';
import type { PoolRow, PoolStore } from '../app/ports';
import type { Pool } from '../domain/segment';
import { poolPartition } from './vault-keys';

/** As many segments as buyers need to spread over; the next page is read when these are used up. */
const PAGE = 100;
/** A buyer may see a new segment this much later. */
const FRESH_MS = 1000;

interface Page {
  readonly rows: PoolRow[];
  readonly next?: string;
}

/**
 * | access pattern                         | key                                           | index |
 * |----------------------------------------|-----------------------------------------------|-------|
 * | segments to sell from, earliest expiry | pk pool#<sku>#<channel>, sk <expiry>#<segment> | -     |
 */
export class DynamoDbPoolStore implements PoolStore {
  /** The first page of each pool, which every buyer reads. */
  readonly #first = new Map<Pool, { page: Promise<Page>; until: number }>();

  constructor(
    private readonly table: Table,
    private readonly now: () => number = Date.now,
  ) {}

  async rows(pool: Pool, after: string, cursor?: string): Promise<Page> {
    const page = cursor === undefined ? await this.#firstPage(pool) : await this.#query(pool, cursor);
    return { ...page, rows: page.rows.filter((row) => row.expiresAt > after) };
  }

  async put(pool: Pool, { segmentId, expiresAt }: { segmentId: string; expiresAt: string }): Promise<void> {
    await this.table.client.send(
      new PutCommand({
        TableName: this.table.tableName,
        Item: {
          pk: poolPartition(pool),
          sk: sortKey({ segmentId, expiresAt }),
          segmentId,
          expiresAt,
          revision: randomUUID(),
        },
      }),
    );
    this.#first.delete(pool);
  }

  async remove(pool: Pool, row: PoolRow): Promise<void> {
    await remove(this.table, {
      Key: { pk: poolPartition(pool), sk: sortKey(row) },
      ConditionExpression: 'revision = :revision',
      ExpressionAttributeValues: { ':revision': row.revision },
    });
    this.#first.delete(pool);
  }

  #firstPage(pool: Pool): Promise<Page> {
    const known = this.#first.get(pool);
    if (known !== undefined && known.until > this.now()) return known.page;
    const page = this.#query(pool, new Date(this.now()).toISOString());
    this.#first.set(pool, { page, until: this.now() + FRESH_MS });
    page.catch(() => this.#first.delete(pool));
    return page;
  }

  async #query(pool: Pool, after: string): Promise<Page> {
    const { Items = [], LastEvaluatedKey } = await this.table.client.send(
      new QueryCommand({
        TableName: this.table.tableName,
        KeyConditionExpression: 'pk = :pool AND sk > :after',
        ExpressionAttributeValues: { ':pool': poolPartition(pool), ':after': after },
        Limit: PAGE,
      }),
    );
    const rows = Items.map((item) => poolItem.parse(item));
    return LastEvaluatedKey === undefined ? { rows } : { rows, next: z.string().parse(LastEvaluatedKey.sk) };
  }
}

const sortKey = (row: { segmentId: string; expiresAt: string }) => `${row.expiresAt}#${row.segmentId}`;

const poolItem = z.object({ segmentId: z.string(), expiresAt: z.string(), revision: z.string() });
