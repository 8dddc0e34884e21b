import { DynamoDbClientLimits } from '../../../lambdas/orders/adapters/dynamodb-client-limits';
import { completeDelivery, confirmKeys } from '../../../lambdas/orders/app/deliver-order';
import { placeOrder } from '../../../lambdas/orders/app/place-order';
import { DynamoDbPaymentStore } from '../../../lambdas/payments/adapters/dynamodb-payment-store';
import { receiveCallback } from '../../../lambdas/payments/app/receive-callback';
import { allocateKeys } from '../../../lambdas/vault';
import { poolOf } from '../../../lambdas/vault/domain/segment';
import { aMerchant } from '../../support/a-merchant';
import { CostModel } from '../../support/cost-model';
import {
  aShop,
  ordersOn,
  plainCredentials,
  plainPaymentLinks,
  stockOn,
  trustingGateway,
} from '../../support/order-world';
import { settableClock } from '../../support/settable-clock';
import { aSegment, publishSegment, writeSlots } from '../../support/stock-keys';
import { createTable } from '../../support/tables';

// Ids as long as real ones.
const long = (prefix: string) => `${prefix}_${'0'.repeat(26)}`;
const MERCHANT = aMerchant({ merchantId: long('mer') });
const SKU = long('sku');
const CONTACT = 'a.buyer.of.some.length@mail.example.com.cn';

/** A shop with one segment of keys, and the model that counts what is written from the first order on. */
async function countedShop(size: number) {
  const { clock, advance } = settableClock();
  const vault = await createTable('vault');
  const orders = await createTable('orders');
  const guards = await createTable('guards');
  const stock = stockOn(vault, clock);
  const segment = aSegment({ segmentId: `seg_${'0'.repeat(16)}`, size, skuId: SKU });
  await writeSlots(vault, segment);
  await publishSegment(vault, stock, segment);

  const model = new CostModel();
  model.attach('vault', vault);
  model.attach('orders', orders);
  model.attach('guards', guards);
  const shop = aShop([SKU]);
  const onShelf = await shop.shelf.findOnShelf('', 'prd_0000000001');
  const ports = {
    ...shop,
    ...ordersOn(orders),
    shops: { findShop: async () => MERCHANT },
    shelf: { findOnShelf: async () => onShelf },
    clock,
    stock,
    limits: new DynamoDbClientLimits(guards),
    credentials: plainCredentials,
    paymentLinks: plainPaymentLinks,
    deadlines: { schedule: async () => {} },
    workflow: { start: async () => {} },
    payments: new DynamoDbPaymentStore(orders),
    gateway: trustingGateway,
  };

  const place = (quantity: number) =>
    placeOrder(ports, {
      shop: MERCHANT.slug,
      idempotencyKey: '0f8b6c1e-6c3c-4a38-9f5a-3f6f2f1f9a10',
      productId: long('prd'),
      productVersion: 1,
      skuId: SKU,
      quantity,
      contact: CONTACT,
      address: '192.0.2.1',
    });
  const deliver = async ({ orderId, amountCents, currency }: Awaited<ReturnType<typeof place>>) => {
    advance(1000);
    const transactionId = `sbx_${'0'.repeat(32)}`;
    const report = { orderId, transactionId, amount: { amountCents, currency }, status: 'paid' };
    await receiveCallback(ports, JSON.stringify(report));
    advance(1000);
    const { attempt } = await confirmKeys(ports, orderId);
    await completeDelivery(ports, orderId, attempt);
  };
  return { model, ports, stock, segment, place, deliver };
}

describe.each([1, 2, 3, 4, 5])('an order of %d keys from one segment', (quantity) => {
  test('costs 3 + q writes when it is placed, 6 + 2q and at most 4 of the index when it is delivered', async () => {
    const { model, ports, place, deliver } = await countedShop(quantity);
    const placed = await place(quantity);
    expect(model.units('orders', 'vault')).toBe(3 + quantity);

    await deliver(placed);
    expect((await ports.orders.find(placed.orderId))?.status).toBe('delivered');
    expect(model.units('orders', 'vault')).toBe(6 + 2 * quantity);
    expect(model.indexUnits()).toBeLessThanOrEqual(4);
    expect(model.writes.filter(({ failed }) => failed)).toEqual([]);
  });

  test('stays within a kilobyte, and its slots too, through its whole life', async () => {
    const { model, place, deliver } = await countedShop(quantity);
    await deliver(await place(quantity));
    expect(model.largest('order')).toBeGreaterThan(500);
    expect(model.largest('order')).toBeLessThanOrEqual(1024);
    expect(model.largest('slot')).toBeGreaterThan(100);
    expect(model.largest('slot')).toBeLessThanOrEqual(1024);
  });
});

test('the limits of clients are counted in their own table: a write for each of two clients, and one to forget it', async () => {
  const { model, place, deliver } = await countedShop(1);
  const placed = await place(1);
  expect(model.units('guards')).toBe(2);
  await deliver(placed);
  expect(model.units('guards')).toBe(4);
});

test('a key from a cursor takes two calls and no second try', async () => {
  const { model, stock, segment } = await countedShop(40);
  await stock.pools.rows(poolOf(SKU), segment.expiresAt);
  model.calls.length = 0;
  await Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      allocateKeys(stock, {
        pool: poolOf(SKU),
        quantity: 1,
        holder: `ord_${n}#1`,
        heldUntil: '2026-01-31T08:15:00.000Z',
      }),
    ),
  );
  const perKey = (kind: string) => model.calls.filter((call) => call.kind === kind).length / 40;
  expect({ bumps: perKey('segment'), holds: perKey('slot'), all: model.calls.length / 40 }).toEqual({
    bumps: 1,
    holds: 1,
    all: 2,
  });
});

describe('the model counts what DynamoDB bills', () => {
  test('an update bills the whole item, the larger of old and new, a failed condition the old one', async () => {
    const { model, stock, segment, ports } = await countedShop(1);
    const order = { segmentId: segment.segmentId, index: 0 };
    expect(await stock.slots.hold(order, 'ord_1#1', '2026-01-31T08:15:00.000Z')).toBe('held');
    expect(await stock.slots.hold(order, 'ord_2#1', '2026-01-31T08:15:00.000Z')).toBe('taken');
    expect(model.writes.map(({ units, failed }) => ({ units, failed }))).toEqual([
      { units: 1, failed: false },
      { units: 1, failed: true },
    ]);
    const { orders } = ports;
    await orders.create({ ...aLargeOrder, orderId: 'ord_large', contact: 'x'.repeat(2500) });
    expect(model.writes.at(-1)).toMatchObject({ kind: 'order', units: 3, indexUnits: 1 });
  });
});

const aLargeOrder = {
  merchantId: MERCHANT.merchantId,
  status: 'allocating',
  attempt: 1,
  requestHash: '',
  productId: long('prd'),
  productVersion: 1,
  skuId: SKU,
  quantity: 1,
  amountCents: 990,
  currency: 'CNY',
  clients: [],
  placedAt: '2026-01-31T08:00:00.000Z',
  deadlineAt: '2026-01-31T08:15:00.000Z',
  dueAt: '2026-01-31T08:15:00.000Z',
  keys: [],
  timeline: [],
} as const;
