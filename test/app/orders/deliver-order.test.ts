import {
  completeDelivery,
  confirmKeys,
  DeliveryInProgress,
  deliverOrder,
} from '../../../lambdas/orders/app/deliver-order';
import { orderRig, PRICE, SECONDS } from '../../support/order-rig';

test('the keys of a paid order become the buyer’s, and nothing is left to do', async () => {
  const { ports, paid, order, slotsOf } = await orderRig();
  const { orderId } = await paid({ quantity: 2 });
  await deliverOrder(ports, orderId);
  const delivered = await order(orderId);
  expect(delivered).toMatchObject({ status: 'delivered' });
  expect(delivered.dueAt).toBeUndefined();
  expect(await slotsOf(delivered)).toMatchObject(Array(2).fill({ status: 'sold', holder: `${orderId}#1` }));
});

test('driven again after each step and once more at the end, it changes nothing', async () => {
  const { ports, paid, order } = await orderRig();
  const { orderId } = await paid();
  const confirmed = { confirmation: 'confirmed', attempt: 1 } as const;
  for (let i = 0; i < 2; i += 1) expect(await confirmKeys(ports, orderId)).toEqual(confirmed);
  expect((await order(orderId)).status).toBe('paid');
  await completeDelivery(ports, orderId, 1);
  const delivered = await order(orderId);
  await completeDelivery(ports, orderId, 1);
  expect(await confirmKeys(ports, orderId)).toEqual(confirmed);
  expect(await order(orderId)).toEqual(delivered);
});

test('many deliveries of one order at once deliver it once', async () => {
  const { ports, paid, order, stock } = await orderRig();
  const { orderId } = await paid();
  await Promise.all(Array.from({ length: 5 }, () => deliverOrder(ports, orderId)));
  expect((await order(orderId)).timeline.map(({ status }) => status)).toEqual([
    'allocating',
    'pending_payment',
    'paid',
    'delivered',
  ]);
  expect((await stock.segments.find('seg_0000000001'))?.avail).toBe(2);
});

test('a key that was voided meanwhile is replaced; the others stay', async () => {
  const { ports, paid, order, slotsOf, voidKey } = await orderRig({ keys: 3 });
  const { orderId, keys } = await paid({ quantity: 2 });
  await voidKey(keys[0]?.slotId ?? '');
  await deliverOrder(ports, orderId);
  const delivered = await order(orderId);
  expect(delivered.status).toBe('delivered');
  expect(delivered.keys).toEqual([keys[1], { slotId: 'seg_0000000001.2', attempt: 3 }]);
  expect(delivered.timeline.map(({ status, reason }) => [status, reason])).toContainEqual([
    'reallocating',
    'key_lost',
  ]);
  expect(await slotsOf(delivered)).toMatchObject([
    { status: 'sold', holder: `${orderId}#1` },
    { status: 'sold', holder: `${orderId}#3` },
  ]);
});

test('keys that were confirmed before another worker replaced one are not delivered in its stead', async () => {
  const { ports, paid, order, voidKey } = await orderRig({ keys: 3 });
  const { orderId, keys } = await paid({ quantity: 2 });
  const { attempt } = await confirmKeys(ports, orderId);
  await voidKey(keys[0]?.slotId ?? '');
  await confirmKeys(ports, orderId);
  await expect(completeDelivery(ports, orderId, attempt)).rejects.toThrow(DeliveryInProgress);
  expect((await order(orderId)).status).toBe('paid');
});

test("a recalled lot's keys are replaced by another lot's and never sold", async () => {
  const { ports, paid, order, publish, setLot, slotsOf } = await orderRig({ keys: 2 });
  const before = await paid({ quantity: 2 });
  await publish('seg_0000000002', 2);
  await setLot('seg_0000000001', 'recalled');
  await deliverOrder(ports, before.orderId);
  const { status, keys } = await order(before.orderId);
  expect(status).toBe('delivered');
  expect(keys.map(({ slotId }) => slotId).toSorted()).toEqual(['seg_0000000002.0', 'seg_0000000002.1']);
  expect(await slotsOf(before)).toMatchObject(Array(2).fill({ status: 'available' }));
});

test('a key of a recalled lot is taken back even when it was sold, as long as it is not delivered', async () => {
  const { ports, paid, order, publish, setLot } = await orderRig({ keys: 1 });
  const { orderId } = await paid();
  await confirmKeys(ports, orderId);
  await publish('seg_0000000002', 1);
  await setLot('seg_0000000001', 'recalled');
  await deliverOrder(ports, orderId);
  expect((await order(orderId)).keys).toEqual([{ slotId: 'seg_0000000002.0', attempt: 3 }]);
});

test('without keys in stock a refund is due, and the keys that the order still had are free again', async () => {
  const { ports, paid, order, voidKey, slotsOf } = await orderRig({ keys: 2 });
  const before = await paid({ quantity: 2 });
  await voidKey(before.keys[0]?.slotId ?? '');
  expect(await confirmKeys(ports, before.orderId)).toMatchObject({ confirmation: 'refund_due' });
  const after = await order(before.orderId);
  expect(after).toMatchObject({ status: 'refund_due', payment: { transactionId: 'T1' } });
  expect(after.dueAt).toBeUndefined();
  expect(await slotsOf(before)).toMatchObject([{ status: 'voided' }, { status: 'available' }]);
});

test('a refund stays due, whatever comes into stock', async () => {
  const { ports, paid, order, publish, voidKey } = await orderRig({ keys: 1 });
  const { orderId, keys } = await paid();
  await voidKey(keys[0]?.slotId ?? '');
  await deliverOrder(ports, orderId);
  await publish('seg_0000000002', 1);
  expect(await confirmKeys(ports, orderId)).toMatchObject({ confirmation: 'refund_due' });
  expect((await order(orderId)).status).toBe('refund_due');
  await expect(completeDelivery(ports, orderId, 3)).rejects.toThrow(DeliveryInProgress);
});

test('a worker that finds another getting the keys is to come again, and takes over when that one is gone', async () => {
  const { ports, expired, pay, order, advance, now } = await orderRig();
  const { orderId } = await expired();
  await pay(orderId, 'T1', PRICE);
  const until = new Date(Date.parse(now()) + 30 * SECONDS).toISOString();
  await ports.orders.takeOver(await order(orderId), { now: now(), until });
  await expect(deliverOrder(ports, orderId)).rejects.toThrow(DeliveryInProgress);
  advance(30 * SECONDS);
  await deliverOrder(ports, orderId);
  expect(await order(orderId)).toMatchObject({ status: 'delivered', attempt: 3 });
});

test.each(['placed', 'expired', 'cancelled'] as const)(
  'an order that is %s delivers nothing',
  async (how) => {
    const rig = await orderRig();
    const { orderId } = await rig[how]();
    const before = await rig.order(orderId);
    await expect(deliverOrder(rig.ports, orderId)).rejects.toThrow('cannot be delivered');
    await expect(completeDelivery(rig.ports, orderId, 1)).rejects.toThrow(DeliveryInProgress);
    expect(await rig.order(orderId)).toEqual(before);
  },
);

test('an order that does not exist cannot be delivered', async () => {
  const { ports } = await orderRig();
  await expect(deliverOrder(ports, 'ord_0000000000')).rejects.toThrow('missing cannot be delivered');
});
