import { meetDeadline } from '../../../lambdas/orders/app/meet-deadline';
import { MINUTES, orderRig } from '../../support/order-rig';

test('at its deadline an unpaid order expires and its keys are for others', async () => {
  const { ports, placed, order, advance, slotsOf } = await orderRig();
  const before = await placed();
  advance(15 * MINUTES);
  await meetDeadline(ports, before);
  const after = await order(before.orderId);
  expect(after).toMatchObject({ status: 'expired' });
  expect(after.timeline.at(-1)).toMatchObject({ actor: 'system', reason: 'deadline' });
  expect(after.dueAt).toBeUndefined();
  expect(await slotsOf(before)).toMatchObject([{ status: 'available' }]);
});

test('an order that got no keys by then expires too', async () => {
  const { ports, abandoned, order, advance } = await orderRig();
  const { order: left } = await abandoned();
  advance(15 * MINUTES);
  await meetDeadline(ports, left);
  expect((await order(left.orderId)).status).toBe('expired');
});

test('a message that comes too early is sent again, for no longer than a message can wait', async () => {
  const { ports, placed, order, advance, scheduled } = await orderRig({
    settings: { paymentDeadlineMinutes: 31 },
  });
  const { orderId, deadlineAt } = await placed();
  for (let i = 0; i < 2; i += 1) {
    advance(15 * MINUTES);
    await meetDeadline(ports, { orderId, deadlineAt });
  }
  expect(scheduled.map(({ delaySeconds }) => delaySeconds)).toEqual([900, 900, 60]);
  expect(new Set(scheduled.map((message) => message.orderId))).toEqual(new Set([orderId]));
  expect((await order(orderId)).status).toBe('pending_payment');
});

test.each(['paid', 'delivered', 'cancelled'] as const)('an order that is %s stays so', async (status) => {
  const rig = await orderRig();
  const order = await rig[status]();
  rig.advance(15 * MINUTES);
  await meetDeadline(rig.ports, order);
  expect(await rig.order(order.orderId)).toEqual(order);
});

test('a message for an order that was never placed is done', async () => {
  const { ports, now } = await orderRig();
  await expect(
    meetDeadline(ports, { orderId: 'ord_0000000000', deadlineAt: now() }),
  ).resolves.toBeUndefined();
});
