import { sweepOrders } from '../../../lambdas/orders/app/sweep-orders';
import { MINUTES, orderRig, SECONDS } from '../../support/order-rig';

const NOTHING = { OverdueOrders: 0, UnreleasedOrders: 0, UndeliveredOrders: 0 };

test('there is nothing to find where everything has ended or has its time', async () => {
  const { ports, placed, paid, delivered, cancelled, started } = await orderRig({ keys: 4 });
  await cancelled();
  await delivered();
  await paid();
  await placed();
  started.length = 0;
  expect(await sweepOrders(ports)).toEqual(NOTHING);
  expect(started).toEqual([]);
});

test('overdue orders whose message was lost expire, with and without keys', async () => {
  const { ports, placed, abandoned, order, advance, slotsOf } = await orderRig();
  const unpaid = await placed();
  const { order: left } = await abandoned();
  advance(15 * MINUTES);
  expect(await sweepOrders(ports)).toEqual({ ...NOTHING, OverdueOrders: 2 });
  for (const { orderId } of [unpaid, left]) expect((await order(orderId)).status).toBe('expired');
  expect(await slotsOf(unpaid)).toMatchObject([{ status: 'available' }]);
  expect(await sweepOrders(ports)).toEqual(NOTHING);
});

test('a release that a crash has cut short is finished', async () => {
  const { ports, placed, order, advance, now, slotsOf } = await orderRig();
  const unpaid = await placed();
  advance(15 * MINUTES);
  await ports.orders.expire(unpaid, { actor: 'system', reason: 'deadline', at: now() });
  expect(await slotsOf(unpaid)).toMatchObject([{ status: 'held' }]);
  expect(await sweepOrders(ports)).toEqual({ ...NOTHING, UnreleasedOrders: 1 });
  expect(await slotsOf(unpaid)).toMatchObject([{ status: 'available' }]);
  expect((await order(unpaid.orderId)).dueAt).toBeUndefined();
});

test('a paid order is driven on once it had time enough, run after run until it is delivered', async () => {
  const { ports, paid, advance, started } = await orderRig();
  const { orderId } = await paid();
  started.length = 0;
  advance(59 * SECONDS);
  expect(await sweepOrders(ports)).toEqual(NOTHING);
  advance(1 * SECONDS);
  for (let run = 0; run < 2; run += 1) {
    expect(await sweepOrders(ports)).toEqual({ ...NOTHING, UndeliveredOrders: 1 });
  }
  expect(started).toEqual([orderId, orderId]);
});

test('a late-paid order without keys is driven on too', async () => {
  const { ports, expired, pay, advance, started } = await orderRig();
  const { orderId } = await expired();
  await pay(orderId);
  started.length = 0;
  advance(60 * SECONDS);
  expect(await sweepOrders(ports)).toEqual({ ...NOTHING, UndeliveredOrders: 1 });
  expect(started).toEqual([orderId]);
});

test('what the index still says of an order does not count, only the order', async () => {
  const { ports, delivered, placed, order, started } = await orderRig();
  const [done, early] = [await delivered(), await placed()];
  started.length = 0;
  const orderIds = [done.orderId, early.orderId, 'ord_gone'];
  const stale = { due: async (shard: number) => ({ orderIds: shard === 0 ? orderIds : [] }) };
  expect(await sweepOrders({ ...ports, dueOrders: stale })).toEqual(NOTHING);
  expect(started).toEqual([]);
  expect(await order(early.orderId)).toEqual(early);
});
