import { acceptPayment } from '../../../lambdas/orders/app/accept-payment';
import { DeliveryInProgress, deliverOrder } from '../../../lambdas/orders/app/deliver-order';
import { meetDeadline } from '../../../lambdas/orders/app/meet-deadline';
import type { OrderStatus } from '../../../lambdas/orders/domain/order';
import { type OrderRig, orderRig, PRICE, paymentOf, SECONDS } from '../../support/order-rig';

/** An order in each status, the paid ones by transaction T1. */
const reach: Record<OrderStatus, (rig: OrderRig) => Promise<{ orderId: string }>> = {
  allocating: async ({ abandoned }) => (await abandoned()).order,
  pending_payment: ({ placed }) => placed(),
  sold_out: async ({ abandoned, ports }) => {
    const { order } = await abandoned();
    await ports.orders.declareSoldOut(order, order.placedAt);
    return order;
  },
  expired: ({ expired }) => expired(),
  reallocating: async ({ expired, pay }) => {
    const order = await expired();
    await pay(order.orderId);
    return order;
  },
  paid: ({ paid }) => paid(),
  delivered: ({ delivered }) => delivered(),
  refund_due: async ({ expired, pay, setLot, ports }) => {
    const order = await expired();
    await pay(order.orderId);
    await setLot('seg_0000000001', 'recalled');
    await deliverOrder(ports, order.orderId);
    return order;
  },
};

/** What a payment does to an order that has none yet. */
const first: [OrderStatus, string, OrderStatus, number][] = [
  ['allocating', 'not_yet', 'allocating', 0],
  ['pending_payment', 'applied', 'paid', 1],
  ['sold_out', 'surplus', 'sold_out', 0],
  ['expired', 'applied', 'reallocating', 1],
];

test.each(first)('paid while %s it is %s and the order is %s', async (status, outcome, becomes, starts) => {
  const rig = await orderRig();
  const { orderId } = await reach[status](rig);
  expect((await rig.order(orderId)).status).toBe(status);
  expect(await rig.pay(orderId)).toBe(outcome);
  const after = await rig.order(orderId);
  expect(after.status).toBe(becomes);
  expect(after.payment).toEqual(outcome === 'applied' ? paymentOf('T1') : undefined);
  expect(rig.started).toEqual(Array(starts).fill(orderId));
});

/** How often the same payment's repeat starts the delivery of an order that stands on it. */
const repeated: [OrderStatus, number][] = [
  ['reallocating', 1],
  ['paid', 1],
  ['delivered', 0],
  ['refund_due', 0],
];

describe.each(repeated)('an order that is %s', (status, starts) => {
  test(`is left as it is by its payment's repeat, which starts ${starts} deliveries`, async () => {
    const rig = await orderRig();
    const { orderId } = await reach[status](rig);
    const before = await rig.order(orderId);
    expect(before.status).toBe(status);
    rig.started.length = 0;
    expect(await rig.pay(orderId, 'T1')).toBe('applied');
    expect(await rig.order(orderId)).toEqual(before);
    expect(rig.started).toEqual(Array(starts).fill(orderId));
  });

  test('needs no other payment', async () => {
    const rig = await orderRig();
    const { orderId } = await reach[status](rig);
    const before = await rig.order(orderId);
    rig.started.length = 0;
    expect(await rig.pay(orderId, 'T2')).toBe('surplus');
    expect(await rig.order(orderId)).toEqual(before);
    expect(rig.started).toEqual([]);
  });
});

test("another gateway's transaction of the same number is another payment", async () => {
  const { paid, ports } = await orderRig();
  const { orderId } = await paid();
  const other = { gateway: 'epay', transactionId: 'T1', amount: PRICE };
  expect(await acceptPayment(ports, orderId, other)).toBe('surplus');
});

test.each([
  ['less', { ...PRICE, amountCents: 989 }],
  ['more', { ...PRICE, amountCents: 991 }],
  ['another currency', { ...PRICE, currency: 'USD' }],
])('%s than the price pays for nothing', async (_what, amount) => {
  const { placed, pay, order, started } = await orderRig();
  const before = await placed();
  expect(await pay(before.orderId, 'T1', amount)).toBe('wrong_amount');
  expect(await order(before.orderId)).toEqual(before);
  expect(started).toEqual([]);
});

test('a payment for an order that does not exist is told so', async () => {
  const { pay, started } = await orderRig();
  expect(await pay('ord_0000000000')).toBe('no_order');
  expect(started).toEqual([]);
});

test('a late payment waits for the release of what the order held, and gets new keys', async () => {
  const { placed, pay, order, ports, now, stock } = await orderRig({ keys: 1 });
  const { orderId } = await placed();
  // Killed between the order's end and the release of its key.
  await ports.orders.expire(await order(orderId), { actor: 'system', reason: 'deadline', at: now() });
  expect(await pay(orderId)).toBe('applied');
  expect(await order(orderId)).toMatchObject({ status: 'reallocating', keys: [] });
  expect(await stock.slots.findMany([{ segmentId: 'seg_0000000001', index: 0 }])).toMatchObject([
    { status: 'available' },
  ]);
  await deliverOrder(ports, orderId);
  expect(await order(orderId)).toMatchObject({
    status: 'delivered',
    keys: [{ slotId: 'seg_0000000001.0', attempt: 2 }],
  });
});

test('of payment and expiry at the same moment exactly one wins, and the buyer gets the key either way', async () => {
  const { placed, pay, order, ports, advance } = await orderRig({ keys: 1 });
  const { orderId, deadlineAt } = await placed();
  advance(15 * 60 * SECONDS);
  const [paid] = await Promise.all([pay(orderId), meetDeadline(ports, { orderId, deadlineAt })]);
  expect(paid).toBe('applied');
  const statuses = (await order(orderId)).timeline.map(({ status }) => status);
  expect([
    ['allocating', 'pending_payment', 'paid'],
    ['allocating', 'pending_payment', 'expired', 'reallocating'],
  ]).toContainEqual(statuses);
  await deliverOrder(ports, orderId).catch((error: unknown) =>
    expect(error).toBeInstanceOf(DeliveryInProgress),
  );
  expect((await order(orderId)).status).toBe('delivered');
});

test('of two payments at the same moment one is applied and the other is surplus', async () => {
  const { placed, pay } = await orderRig();
  const { orderId } = await placed();
  const outcomes = await Promise.all([pay(orderId, 'T1'), pay(orderId, 'T2')]);
  expect(outcomes.toSorted()).toEqual(['applied', 'surplus']);
});

test('a paid order no longer counts against its buyer', async () => {
  const { paid, placed } = await orderRig({ settings: { unpaidOrdersPerClient: 1 } });
  await paid();
  await expect(placed()).resolves.toMatchObject({ status: 'pending_payment' });
});
