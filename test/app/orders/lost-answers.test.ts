import { deliverOrder } from '../../../lambdas/orders/app/deliver-order';
import { finishRelease } from '../../../lambdas/orders/app/expire-order';
import { meetDeadline } from '../../../lambdas/orders/app/meet-deadline';
import { placeOrder } from '../../../lambdas/orders/app/place-order';
import type { OrderStore } from '../../../lambdas/orders/app/ports';
import { sweepHolds } from '../../../lambdas/orders/app/sweep-holds';
import { holderOf, parseSlotId } from '../../../lambdas/vault';
import { MINUTES, orderRig } from '../../support/order-rig';
import { overriding } from '../../support/overriding';

/** The write is done, its answer is lost; `meanwhile` happens before the SDK's repeat finds the write's condition broken. */
const losingAnswerOf = (
  orders: OrderStore,
  method: 'awaitPayment' | 'restore',
  meanwhile: () => Promise<void>,
) =>
  overriding(orders, {
    [method]: async (...args: Parameters<OrderStore['restore']>) => {
      await orders[method](...args);
      await meanwhile();
      return orders[method](...args);
    },
  });

test('an order whose commit goes unanswered keeps its keys', async () => {
  const { ports, aRequest, order, slotsOf } = await orderRig();
  const orders = losingAnswerOf(ports.orders, 'awaitPayment', async () => {});
  const { orderId } = await placeOrder({ ...ports, orders }, aRequest({ quantity: 2 }));
  const stands = await order(orderId);
  expect(stands.status).toBe('pending_payment');
  expect(await slotsOf(stands)).toMatchObject(Array(2).fill({ status: 'held', holder: `${orderId}#1` }));
});

test('an order that is delivered before its commit is repeated keeps its keys', async () => {
  const { ports, aRequest, pay, order, slotsOf } = await orderRig();
  const request = aRequest();
  const orderId = await ports.credentials.orderId('', 'guest', request.idempotencyKey);
  const orders = losingAnswerOf(ports.orders, 'awaitPayment', async () => {
    await pay(orderId);
    await deliverOrder(ports, orderId);
  });
  await placeOrder({ ...ports, orders }, request);
  const delivered = await order(orderId);
  expect(delivered.status).toBe('delivered');
  expect(await slotsOf(delivered)).toMatchObject([{ status: 'sold', holder: `${orderId}#1` }]);
});

test('a late-paid order whose new keys are committed without an answer is delivered with them', async () => {
  const { ports, expired, pay, order, slotsOf } = await orderRig();
  const { orderId } = await expired();
  await pay(orderId);
  const orders = losingAnswerOf(ports.orders, 'restore', async () => {});
  await deliverOrder({ ...ports, orders }, orderId);
  const delivered = await order(orderId);
  expect(delivered).toMatchObject({ status: 'delivered', attempt: 2 });
  expect(await slotsOf(delivered)).toMatchObject([{ status: 'sold', holder: `${orderId}#2` }]);
});

test('a key is found that a slow worker took between its release and the hint, and died with', async () => {
  const { ports, stock, advance, placed, order } = await orderRig({ keys: 1 });
  const { orderId, deadlineAt, keys } = await placed();
  advance(20 * MINUTES);
  const dying = overriding(stock.hints, {
    push: async () => {
      throw new Error('killed');
    },
  });
  await expect(
    meetDeadline({ ...ports, stock: { ...stock, hints: dying } }, { orderId, deadlineAt }),
  ).rejects.toThrow('killed');
  // The sweeper's window has passed the slot by now; a worker with an old ticket takes it and dies.
  for (let run = 0; run < 3; run += 1) await sweepHolds(ports);
  const slot = parseSlotId(keys[0]?.slotId ?? '');
  await stock.segments
    .find(slot.segmentId)
    .then((segment) => segment && stock.segments.moveSweepWindow(segment, { swept: 1, headSeen: 1 }));
  for (const hint of await stock.hints.take(slot.segmentId, 9)) await stock.hints.remove(hint);
  await stock.slots.hold(slot, holderOf('ord_dead', 1), deadlineAt);

  await finishRelease(ports, await order(orderId));
  await sweepHolds(ports);
  expect(await stock.slots.findMany([slot])).toMatchObject([{ status: 'available' }]);
});
