import { cancelOrder } from '../../../lambdas/orders/app/cancel-order';
import { aMerchant } from '../../support/a-merchant';
import { orderRig } from '../../support/order-rig';

test('a cancelled order gives its keys back at once and nothing is left to do for it', async () => {
  const { ports, placed, claimOf, slotsOf } = await orderRig({ keys: 2 });
  const order = await placed({ quantity: 2 });
  const cancelled = await cancelOrder(ports, claimOf(order.orderId));
  expect(cancelled).toMatchObject({ status: 'expired' });
  expect(cancelled.timeline.at(-1)).toMatchObject({ actor: 'buyer', reason: 'buyer' });
  expect(cancelled.dueAt).toBeUndefined();
  expect(await slotsOf(order)).toMatchObject([{ status: 'available' }, { status: 'available' }]);
  await expect(placed({ quantity: 2 })).resolves.toMatchObject({ status: 'pending_payment' });
});

test('cancelling again changes nothing', async () => {
  const { ports, cancelled, claimOf } = await orderRig();
  const order = await cancelled();
  expect(await cancelOrder(ports, claimOf(order.orderId))).toEqual(order);
});

test('an order whose deadline has passed is over all the same', async () => {
  const { ports, expired, claimOf } = await orderRig();
  const order = await expired();
  expect(await cancelOrder(ports, claimOf(order.orderId))).toEqual(order);
});

test('an order that is still being placed is cancelled, and its worker gives back what it gets', async () => {
  const { ports, abandoned, claimOf } = await orderRig();
  const { order } = await abandoned();
  expect(await cancelOrder(ports, claimOf(order.orderId))).toMatchObject({ status: 'expired' });
});

test.each(['paid', 'delivered'] as const)('an order that is %s cannot be cancelled', async (status) => {
  const rig = await orderRig();
  const order = await rig[status]();
  await expect(cancelOrder(rig.ports, rig.claimOf(order.orderId))).rejects.toMatchObject({
    code: 'orders.not_cancellable',
    kind: 'conflict',
  });
  expect(await rig.order(order.orderId)).toEqual(order);
});

test('who has not the token finds no order, be there one or not', async () => {
  const { ports, placed, claimOf } = await orderRig();
  const { orderId } = await placed();
  const attempts = [
    { ...claimOf(orderId), orderToken: 'token of ord_0000000000' },
    claimOf('ord_0000000000'),
  ];
  for (const claim of attempts) {
    await expect(cancelOrder(ports, claim)).rejects.toMatchObject({
      code: 'orders.not_found',
      kind: 'not_found',
    });
  }
});

test("another merchant's shop knows no such order, whatever token is sent", async () => {
  const { ports, placed, claimOf, order } = await orderRig();
  const before = await placed();
  const shops = { findShop: async () => aMerchant({ merchantId: 'mer_0000000002' }) };
  const attempt = cancelOrder({ ...ports, shops }, claimOf(before.orderId));
  await expect(attempt).rejects.toMatchObject({ code: 'orders.not_found' });
  expect(await order(before.orderId)).toEqual(before);
});
