import { randomUUID } from 'node:crypto';
import { type PlaceOrderInput, placeOrder } from '../../../lambdas/orders/app/place-order';
import { type OrderRig, orderRig } from '../../support/order-rig';
import { overriding } from '../../support/overriding';

const KEYS = 100;

/** How many keys are held after forty orders of five, in waves of four at once. */
async function heldAfterHoarding(
  { ports, stock, aRequest }: OrderRig,
  changes: (n: number) => Partial<PlaceOrderInput>,
): Promise<number> {
  for (let wave = 0; wave < 10; wave += 1) {
    await Promise.allSettled(
      Array.from({ length: 4 }, (_, n) =>
        placeOrder(ports, aRequest({ quantity: 5, ...changes(wave * 4 + n) })),
      ),
    );
  }
  const all = Array.from({ length: KEYS }, (_, index) => ({ segmentId: 'seg_0000000001', index }));
  return (await stock.slots.findMany(all)).filter(({ status }) => status === 'held').length;
}

describe('of a hundred keys, by default, one client gets at most ten held', () => {
  test('who keeps the contact and changes the address', async () => {
    const rig = await orderRig({ keys: KEYS });
    const held = await heldAfterHoarding(rig, (n) => ({ address: `192.0.2.${n}` }));
    expect(held).toBe(10);
  });

  test('who keeps the address and changes the contact', async () => {
    const rig = await orderRig({ keys: KEYS });
    const held = await heldAfterHoarding(rig, (n) => ({ contact: `bot-${n}@example.com` }));
    expect(held).toBe(10);
  });

  test('who goes through the addresses of one network of version 6', async () => {
    const rig = await orderRig({ keys: KEYS });
    const held = await heldAfterHoarding(rig, (n) => ({
      contact: `bot-${n}@example.com`,
      address: `2001:db8:1:2::${n.toString(16)}`,
    }));
    expect(held).toBe(10);
  });

  test('who races small orders against large ones under the same Idempotency-Key', async () => {
    const rig = await orderRig({ keys: KEYS });
    let idempotencyKey = '';
    const held = await heldAfterHoarding(rig, (n) => {
      if (n % 2 === 0) idempotencyKey = randomUUID();
      return { idempotencyKey, quantity: n % 2 === 0 ? 5 : 1 };
    });
    expect(held).toBeLessThanOrEqual(10);
  });
});

test('a twin that comes too late to be placed does not count, though the order is sold out and forgotten', async () => {
  const { ports, aRequest } = await orderRig({ keys: 0 });
  const request = aRequest();
  await expect(placeOrder(ports, request)).rejects.toMatchObject({ code: 'orders.sold_out' });
  let looked = false;
  const orders = overriding(ports.orders, {
    // The twin has looked before the order stood.
    find: async (orderId) => {
      if (looked) return ports.orders.find(orderId);
      looked = true;
      return undefined;
    },
  });
  await expect(placeOrder({ ...ports, orders }, request)).rejects.toMatchObject({ code: 'orders.sold_out' });
  const orderId = await ports.credentials.orderId('mer_0000000001', 'guest', request.idempotencyKey);
  const order = await ports.orders.find(orderId);
  expect(order?.clients).toHaveLength(2);
  for (const client of order?.clients ?? []) {
    const probe = { orderId: 'probe', quantity: 1, until: order?.deadlineAt ?? '' };
    const admission = await ports.limits.admit(
      client,
      probe,
      { unpaidOrders: 1, heldKeys: 1 },
      order?.placedAt ?? '',
    );
    expect(admission.kind).toBe('admitted');
  }
});
