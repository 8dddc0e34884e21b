import { randomUUID } from 'node:crypto';
import type { Table } from '../../../lambdas/store/table';
import { DynamoDbStockCount } from '../../../lambdas/vault/adapters/dynamodb-stock-count';
import { poolOf, type Segment } from '../../../lambdas/vault/domain/segment';
import { stockOn } from '../../support/order-world';
import { settableClock } from '../../support/settable-clock';
import { aSegment, publishSegment } from '../../support/stock-keys';
import { createTable } from '../../support/tables';

let vault: Table;
beforeAll(async () => {
  vault = await createTable('vault');
});

function aShelf() {
  const { clock, advance } = settableClock();
  const stock = stockOn(vault, clock);
  const skuId = `sku_${randomUUID()}`;
  const count = new DynamoDbStockCount(vault, () => clock().getTime());
  const publish = async (changes: Partial<Segment> & { size: number }) => {
    const segment = aSegment({ segmentId: `seg_${randomUUID()}`, skuId, ...changes });
    await publishSegment(vault, stock, segment);
    return segment;
  };
  return { stock, skuId, publish, advance, available: () => count.available(skuId) };
}

test('a SKU without keys has none', async () => {
  expect(await aShelf().available()).toBe(0);
});

test('what is ahead of all cursors counts, and what came back', async () => {
  const { publish, available, stock } = aShelf();
  await publish({ size: 10, head: 4, avail: 6 });
  const { segmentId } = await publish({ size: 5, head: 5, avail: 0 });
  for (const index of [1, 3]) await stock.hints.push({ segmentId, index });
  expect(await available()).toBe(8);
});

test('paused and recalled lots, expired keys and other channels do not count', async () => {
  const { publish, available, skuId } = aShelf();
  await publish({ size: 1, status: 'paused' });
  await publish({ size: 2, status: 'recalled' });
  await publish({ size: 4, expiresAt: '2026-01-31T07:59:59.999Z' });
  await publish({ size: 8, pool: poolOf(skuId, 'agent') });
  await publish({ size: 16 });
  expect(await available()).toBe(16);
});

test('a count is kept for two seconds', async () => {
  const { publish, available, stock, skuId, advance } = aShelf();
  const { segmentId } = await publish({ size: 10 });
  expect(await available()).toBe(10);
  const outlive = '2026-01-31T09:00:00.000Z';
  await stock.segments.bump(segmentId, { pool: poolOf(skuId), quantity: 3, outlive });
  advance(1999);
  expect(await available()).toBe(10);
  advance(1);
  expect(await available()).toBe(7);
});
