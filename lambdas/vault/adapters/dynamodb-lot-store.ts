import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import {
  keyFormat,
  type LotStatus,
  lotStatus,
  type VerdictCounts,
  verdictCounts,
} from '../../contract/imports';
import { lotId } from '../../contract/values';
import { notFound } from '../../kernel/errors';
import { type Item, update } from '../../store/conditional-write';
import { decodeCursor, encodeCursor } from '../../store/cursor';
import type { Table } from '../../store/table';
import type { LotStore, Page, Transition } from '../app/import-ports';
import { type Lot, type LotRef, type LotSize, lotStatusesBefore } from '../domain/lot';
import { lotKey } from './vault-keys';

/**
 * | access pattern                | key                                              | index |
 * |-------------------------------|--------------------------------------------------|-------|
 * | a lot, its transitions        | pk merchant#<merchantId>, sk lotId               | -     |
 * | lots of a merchant, newest first | pk merchant#<merchantId>, sk from `lot_` on, ordered by time | - |
 */
export class DynamoDbLotStore implements LotStore {
  constructor(private readonly table: Table) {}

  async create(lot: Lot): Promise<void> {
    await this.table.client.send(
      new PutCommand({
        TableName: this.table.tableName,
        Item: { ...lotKey(lot.merchantId, lot.lotId), ...lot },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
  }

  async find({ merchantId, lotId }: LotRef): Promise<Lot | undefined> {
    const { Item } = await this.table.client.send(
      new GetCommand({
        TableName: this.table.tableName,
        Key: lotKey(merchantId, lotId),
        ConsistentRead: true,
      }),
    );
    return Item && parseLot(Item);
  }

  async load(ref: LotRef): Promise<Lot> {
    const lot = await this.find(ref);
    if (lot === undefined) throw notFound('vault.import_not_found');
    return lot;
  }

  async list(merchantId: string, { limit, cursor }: Page) {
    const { Items = [], LastEvaluatedKey } = await this.table.client.send(
      new QueryCommand({
        TableName: this.table.tableName,
        KeyConditionExpression: 'pk = :merchant AND begins_with(sk, :lot)',
        ExpressionAttributeValues: { ':merchant': lotKey(merchantId, '').pk, ':lot': 'lot_' },
        ScanIndexForward: false,
        Limit: limit,
        ExclusiveStartKey: cursor === undefined ? undefined : lotKey(merchantId, decodeCursor(cursor, lotId)),
      }),
    );
    const items = Items.map(parseLot);
    const last = items.at(-1);
    return LastEvaluatedKey && last ? { items, nextCursor: encodeCursor(last.lotId) } : { items };
  }

  start(ref: LotRef, startedAt: string): Promise<Transition> {
    return this.#move(ref, ['awaiting_upload'], 'splitting', { startedAt });
  }

  beginClaiming(ref: LotRef, size: LotSize): Promise<Transition> {
    return this.#move(ref, ['splitting'], 'claiming', { size });
  }

  refuse(ref: LotRef, failure: string, finishedAt: string): Promise<Transition> {
    return this.#move(ref, ['splitting'], 'failed', { failure, finishedAt });
  }

  beginWriting(ref: LotRef): Promise<Transition> {
    return this.#move(ref, ['claiming'], 'writing');
  }

  beginPublishing(ref: LotRef): Promise<Transition> {
    return this.#move(ref, ['writing'], 'publishing');
  }

  activate(ref: LotRef, counts: VerdictCounts, finishedAt: string): Promise<Transition> {
    return this.#move(ref, ['publishing'], 'active', { counts, finishedAt });
  }

  beginDiscarding(ref: LotRef, failure?: string): Promise<Transition> {
    return this.#move(
      ref,
      lotStatusesBefore('cancelling'),
      'cancelling',
      failure === undefined ? {} : { failure },
    );
  }

  endDiscarding(ref: LotRef, to: 'cancelled' | 'failed', finishedAt: string): Promise<Transition> {
    return this.#move(ref, ['cancelling'], to, { finishedAt });
  }

  /** Only from one of the statuses; a lot that does not exist has none. */
  async #move(
    { merchantId, lotId }: LotRef,
    from: readonly LotStatus[],
    to: LotStatus,
    facts: Item = {},
  ): Promise<Transition> {
    const set = Object.keys(facts).map((name) => `#${name} = :${name}`);
    const stillBefore = `#status IN (${from.map((_, i) => `:from${i}`).join(', ')})`;
    const outcome = await update(this.table, {
      Key: lotKey(merchantId, lotId),
      UpdateExpression: `SET ${['#status = :to', ...set].join(', ')}`,
      ConditionExpression: stillBefore,
      ExpressionAttributeNames: {
        '#status': 'status',
        ...Object.fromEntries(Object.keys(facts).map((name) => [`#${name}`, name])),
      },
      ExpressionAttributeValues: {
        ':to': to,
        ...Object.fromEntries(from.map((status, i) => [`:from${i}`, status])),
        ...Object.fromEntries(Object.entries(facts).map(([name, value]) => [`:${name}`, value])),
      },
    });
    return outcome.won ? 'moved' : 'raced';
  }
}

const lotItem = z.object({
  merchantId: z.string(),
  lotId: z.string(),
  productId: z.string(),
  skuId: z.string(),
  status: lotStatus,
  format: keyFormat,
  fileName: z.string().optional(),
  supplier: z.string().optional(),
  unitCostCents: z.int().optional(),
  expiresAt: z.string().optional(),
  createdBy: z.string(),
  createdAt: z.string(),
  startedAt: z.string().optional(),
  size: z.object({ parts: z.int(), lines: z.int(), blank: z.int(), header: z.int() }).optional(),
  counts: verdictCounts.optional(),
  failure: z.string().optional(),
  finishedAt: z.string().optional(),
});

const parseLot = (item: Item): Lot => lotItem.parse(item);
