import { sweepHolds } from '../../../lambdas/orders/app/sweep-holds';
import { orderRig, SECONDS } from '../../support/order-rig';

const NOTHING = { BurntTickets: 0, AbandonedHolds: 0 };

test('what orders stand on is left alone', async () => {
  const { ports, placed, paid, delivered, slotsOf } = await orderRig();
  const orders = [await placed(), await paid(), await delivered()];
  for (let run = 0; run < 3; run += 1) expect(await sweepHolds(ports)).toEqual(NOTHING);
  const slots = await Promise.all(orders.map(slotsOf));
  expect(slots.flat().map(({ status }) => status)).toEqual(['held', 'held', 'sold']);
});

test('keys that a worker held when it was killed come back once another has its order', async () => {
  const { ports, abandoned, stock, advance, now } = await orderRig({ keys: 1 });
  const { order } = await abandoned();
  const pool = `${order.skuId}#direct` as const;
  await stock.segments.bump('seg_0000000001', { pool, quantity: 1, outlive: now() });
  const slot = { segmentId: 'seg_0000000001', index: 0 };
  await stock.slots.hold(slot, `${order.orderId}#1`, order.deadlineAt);
  for (let run = 0; run < 2; run += 1) expect(await sweepHolds(ports)).toEqual(NOTHING);

  advance(30 * SECONDS);
  await ports.orders.takeOver(order, { now: now(), until: now() });
  expect(await sweepHolds(ports)).toEqual({ ...NOTHING, AbandonedHolds: 1 });
  expect(await stock.slots.findMany([slot])).toMatchObject([{ status: 'available' }]);
});

test('keys that are held for an order that never was come back', async () => {
  const { ports, stock, now } = await orderRig({ keys: 1 });
  await stock.segments.bump('seg_0000000001', { pool: 'sku_0000000001#direct', quantity: 1, outlive: now() });
  await stock.slots.hold({ segmentId: 'seg_0000000001', index: 0 }, 'ord_0000000000#1', now());
  await sweepHolds(ports);
  expect(await sweepHolds(ports)).toEqual({ ...NOTHING, AbandonedHolds: 1 });
});
