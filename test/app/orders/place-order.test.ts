import type { ProductVersion } from '../../../lambdas/catalog';
import { placedOrder } from '../../../lambdas/contract/orders';
import { cancelOrder } from '../../../lambdas/orders/app/cancel-order';
import { placeOrder } from '../../../lambdas/orders/app/place-order';
import type { OrderStore } from '../../../lambdas/orders/app/ports';
import { MINUTES, orderRig, SECONDS, SKU_ID } from '../../support/order-rig';
import { PRODUCT_ID } from '../../support/order-world';
import { overriding } from '../../support/overriding';

test('a placed order waits for payment, holds its keys until the deadline and tells where to pay', async () => {
  const { ports, aRequest, order, slotsOf } = await orderRig();
  const placed = await placeOrder(ports, aRequest({ quantity: 2 }));
  expect(placed).toMatchObject({
    orderToken: `token of ${placed.orderId}`,
    productId: PRODUCT_ID,
    quantity: 2,
    amountCents: 1980,
    currency: 'CNY',
    placedAt: '2026-01-31T08:00:00.000Z',
    deadlineAt: '2026-01-31T08:15:00.000Z',
    paymentUrl: `https://pay.example/${placed.orderId}`,
  });
  const stands = await order(placed.orderId);
  expect(stands.status).toBe('pending_payment');
  expect(await slotsOf(stands)).toMatchObject(
    Array(2).fill({ status: 'held', holder: `${placed.orderId}#1`, heldUntil: placed.deadlineAt }),
  );
});

test('the deadline is announced once the order stands, no longer ahead than a message can wait', async () => {
  const { ports, aRequest, scheduled } = await orderRig({ settings: { paymentDeadlineMinutes: 60 } });
  const { orderId, deadlineAt } = await placeOrder(ports, aRequest());
  expect(deadlineAt).toBe('2026-01-31T09:00:00.000Z');
  expect(scheduled).toEqual([{ orderId, deadlineAt, delaySeconds: 900 }]);
});

describe('a repeat with the same Idempotency-Key', () => {
  test('is answered the same and holds nothing more, whatever the order has become', async () => {
    const { ports, aRequest, pay, order, claimOf, scheduled, advance } = await orderRig();
    const [first, second] = [aRequest(), aRequest()];
    const answers = [await placeOrder(ports, first), await placeOrder(ports, second)] as const;
    const before = await order(answers[0].orderId);
    expect(await placeOrder(ports, first)).toMatchObject(placedOrder.parse(answers[0]));
    expect(await order(answers[0].orderId)).toEqual(before);

    await pay(answers[0].orderId);
    await cancelOrder(ports, claimOf(answers[1].orderId));
    advance(60 * MINUTES);
    expect(placedOrder.parse(await placeOrder(ports, first))).toEqual(placedOrder.parse(answers[0]));
    expect(placedOrder.parse(await placeOrder(ports, second))).toEqual(placedOrder.parse(answers[1]));
    expect(scheduled).toHaveLength(2);
  });

  test('from another address is a repeat all the same', async () => {
    const { ports, aRequest } = await orderRig();
    const request = aRequest();
    const { orderId } = await placeOrder(ports, request);
    expect((await placeOrder(ports, { ...request, address: '198.51.100.1' })).orderId).toBe(orderId);
  });

  test.each([
    { quantity: 2 },
    { contact: 'other@example.com' },
    { skuId: 'sku_0000000002' },
    { productVersion: 2 },
    { productId: 'prd_0000000002' },
  ])('but with %p is refused and changes nothing', async (change) => {
    const { ports, aRequest, order } = await orderRig();
    const request = aRequest();
    const { orderId } = await placeOrder(ports, request);
    const before = await order(orderId);
    await expect(placeOrder(ports, { ...request, ...change })).rejects.toMatchObject({
      code: 'orders.key_reused',
      kind: 'unprocessable',
    });
    expect(await order(orderId)).toEqual(before);
  });

  test('of a sold-out order is sold out still, though keys have come since', async () => {
    const { ports, aRequest, publish } = await orderRig({ keys: 0 });
    const request = aRequest();
    await expect(placeOrder(ports, request)).rejects.toMatchObject({ code: 'orders.sold_out' });
    await publish('seg_0000000002', 1);
    await expect(placeOrder(ports, request)).rejects.toMatchObject({ code: 'orders.sold_out' });
  });

  test('while the first is at work is told to wait, and takes over once its lease has lapsed', async () => {
    const { ports, abandoned, advance, slotsOf, order } = await orderRig();
    const { request, order: left } = await abandoned();
    advance(29 * SECONDS);
    await expect(placeOrder(ports, request)).rejects.toMatchObject({
      code: 'orders.in_progress',
      details: { retryAfterSeconds: 1 },
    });
    advance(1 * SECONDS);
    expect((await placeOrder(ports, request)).orderId).toBe(left.orderId);
    const taken = await order(left.orderId);
    expect(taken).toMatchObject({ status: 'pending_payment', attempt: 2 });
    expect(await slotsOf(taken)).toMatchObject([{ status: 'held', holder: `${left.orderId}#2` }]);
  });

  test('sent many times at once is one order with one key', async () => {
    const { ports, aRequest, stock } = await orderRig();
    const request = aRequest();
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => placeOrder(ports, request)));
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason.code] : []));
    expect(refused.filter((code) => code !== 'orders.in_progress')).toEqual([]);
    expect(answers.length - refused.length).toBeGreaterThan(0);
    expect((await stock.segments.find('seg_0000000001'))?.avail).toBe(2);
  });
});

test('a worker that wakes up after another took over gives back what it got', async () => {
  const { ports, abandoned, advance, stock, order } = await orderRig({ keys: 1 });
  const { request, order: left } = await abandoned();
  advance(30 * SECONDS);
  let late = true;
  const overtaken = {
    ...ports,
    orders: overriding<OrderStore>(ports.orders, {
      // Just before the commit somebody else becomes the order's worker.
      awaitPayment: async (...input) => {
        if (late) {
          late = false;
          advance(30 * SECONDS);
          const now = new Date(ports.clock()).toISOString();
          await ports.orders.takeOver(await order(left.orderId), { now, until: now });
        }
        return ports.orders.awaitPayment(...input);
      },
    }),
  };
  await expect(placeOrder(overtaken, request)).rejects.toMatchObject({ code: 'orders.in_progress' });
  const [slot] = await stock.slots.findMany([{ segmentId: 'seg_0000000001', index: 0 }]);
  expect(slot).toMatchObject({ status: 'available' });
  expect((await placeOrder(ports, request)).orderId).toBe(left.orderId);
});

describe('when stock is short', () => {
  test('the order is sold out, keeps no key, and what it held is for the next buyer', async () => {
    const { ports, aRequest, order } = await orderRig({ keys: 2 });
    const request = aRequest({ quantity: 3 });
    await expect(placeOrder(ports, request)).rejects.toMatchObject({ code: 'orders.sold_out' });
    const orderId = await ports.credentials.orderId('', 'guest', request.idempotencyKey);
    expect(await order(orderId)).toMatchObject({ status: 'sold_out', keys: [] });
    expect(await order(orderId)).not.toHaveProperty('dueAt');
    await expect(placeOrder(ports, aRequest({ quantity: 2 }))).resolves.toMatchObject({ quantity: 2 });
  });

  test('it counts against nobody', async () => {
    const { ports, aRequest, publish } = await orderRig({ keys: 0, settings: { unpaidOrdersPerClient: 1 } });
    await expect(placeOrder(ports, aRequest())).rejects.toMatchObject({ code: 'orders.sold_out' });
    await publish('seg_0000000002', 1);
    await expect(placeOrder(ports, aRequest())).resolves.toMatchObject({ quantity: 1 });
  });

  test('two buyers never get the last key', async () => {
    const { ports, aRequest } = await orderRig({ keys: 1 });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 4 }, (_, i) =>
        placeOrder(ports, aRequest({ contact: `b${i}@x.org`, address: `198.51.100.${i}` })),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('nothing stands of an order', () => {
  const shelf = (content?: Partial<ProductVersion>) => ({
    findOnShelf: async (): Promise<ProductVersion | undefined> =>
      content && ({ productId: PRODUCT_ID, version: 1, ...content } as ProductVersion),
  });

  async function refusal(
    change: object,
    request: Parameters<Awaited<ReturnType<typeof orderRig>>['aRequest']>[0] = {},
  ) {
    const rig = await orderRig();
    const input = rig.aRequest(request);
    const refused = await placeOrder({ ...rig.ports, ...change }, input).then(
      () => undefined,
      (error: unknown) => error,
    );
    const orderId = await rig.ports.credentials.orderId('', 'guest', input.idempotencyKey);
    expect(await rig.ports.orders.find(orderId)).toBeUndefined();
    expect(rig.scheduled).toEqual([]);
    expect((await rig.stock.segments.find('seg_0000000001'))?.avail).toBe(3);
    return refused;
  }

  test('in a shop that does not exist', async () => {
    expect(await refusal({}, { shop: 'nowhere' })).toMatchObject({ code: 'shops.not_found' });
  });

  test('for a product that was taken off sale, which says so', async () => {
    const products = { findProduct: async () => ({ status: 'unpublished' }) };
    expect(await refusal({ shelf: shelf(), products })).toMatchObject({ code: 'catalog.unpublished' });
  });

  test.each([undefined, { status: 'draft' }])(
    'for a product never on sale (%p): not found',
    async (found) => {
      const products = { findProduct: async () => found };
      const refused = await refusal({ shelf: shelf(), products });
      expect(refused).toMatchObject({ code: 'catalog.product_not_found', kind: 'not_found' });
    },
  );

  test('when the product has changed since the buyer looked', async () => {
    expect(await refusal({}, { productVersion: 2 })).toMatchObject({ code: 'catalog.version_changed' });
  });

  test('for a SKU that the product does not have', async () => {
    expect(await refusal({}, { skuId: 'sku_0000000009' })).toMatchObject({ code: 'catalog.sku_not_found' });
  });

  test("above the SKU's limit, which is named", async () => {
    expect(await refusal({}, { quantity: 11 })).toMatchObject({
      code: 'orders.over_limit',
      details: { fields: [{ field: 'body.quantity', message: 'is at most 10 for this SKU' }] },
    });
  });

  test('while there is no way to pay', async () => {
    const paymentLinks = { linkFor: async () => Promise.reject(new Error('no gateway')) };
    expect(await refusal({ paymentLinks })).toMatchObject({ message: 'no gateway' });
  });
});

describe('a client that does not pay', () => {
  test('has so many unpaid orders and no more, until one is cancelled, paid or expired', async () => {
    const rig = await orderRig({ settings: { unpaidOrdersPerClient: 1 } });
    const { ports, aRequest, placed, pay, claimOf, advance } = rig;
    const refused = () => placeOrder(ports, aRequest()).catch((error: unknown) => error);

    const first = await placed();
    advance(1 * MINUTES);
    expect(await refused()).toMatchObject({
      code: 'orders.too_many_unpaid',
      kind: 'too_many',
      details: { retryAfterSeconds: 14 * 60 },
    });
    await cancelOrder(ports, claimOf(first.orderId));
    const second = await placed();
    expect(await refused()).toMatchObject({ code: 'orders.too_many_unpaid' });
    await pay(second.orderId);
    await placed();
    expect(await refused()).toMatchObject({ code: 'orders.too_many_unpaid' });
    advance(15 * MINUTES);
    await expect(placeOrder(ports, aRequest())).resolves.toMatchObject({ quantity: 1 });
  });

  test('holds so many keys and no more', async () => {
    const { ports, aRequest, placed } = await orderRig({ settings: { heldKeysPerClient: 2 } });
    await placed({ quantity: 2 });
    await expect(placeOrder(ports, aRequest())).rejects.toMatchObject({ code: 'orders.too_many_held' });
  });

  test.each([
    ['the same contact from elsewhere', { address: '198.51.100.1' }],
    ['the same address under another name', { contact: 'other@example.com' }],
  ])('is known by %s', async (_how, change) => {
    const { ports, aRequest, placed } = await orderRig({ settings: { unpaidOrdersPerClient: 1 } });
    await placed();
    await expect(placeOrder(ports, aRequest(change))).rejects.toMatchObject({
      code: 'orders.too_many_unpaid',
    });
  });

  test('and is refused by its address is not counted under its contact', async () => {
    const { ports, aRequest, placed } = await orderRig({ settings: { unpaidOrdersPerClient: 1 } });
    await placed({ contact: 'other@example.com' });
    await expect(placeOrder(ports, aRequest())).rejects.toMatchObject({ code: 'orders.too_many_unpaid' });
    await expect(placeOrder(ports, aRequest({ address: '198.51.100.1' }))).resolves.toMatchObject({
      skuId: SKU_ID,
    });
  });
});
