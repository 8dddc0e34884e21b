import { DynamoDbCatalogStore } from '../../../lambdas/catalog';
import { unpublish } from '../../../lambdas/catalog/domain/product';
import { storefrontOrderRoutes } from '../../../lambdas/contract/orders';
import { handler } from '../../../lambdas/orders/handlers/storefront-orders';
import { callApi, problemOf } from '../../support/api-event';
import { type OrderServices, orderServices } from '../../support/order-services';

const { placeOrder, getOrder, cancelOrder } = storefrontOrderRoutes;
const NO_ORDER = 'ord_0000000000';

let services: OrderServices;
let shop: Awaited<ReturnType<OrderServices['openShop']>>;

beforeAll(async () => {
  services = await orderServices();
  shop = await services.openShop(
    'demo',
    Array.from({ length: 20 }, (_, i) => `KEY-${i}`),
  );
});
afterAll(() => services.close());

describe('placeOrder', () => {
  test('201: an order is placed, its deadline is on its way, and a repeat is answered the same', async () => {
    const call = services.placing(shop, { quantity: 2, contact: ' Buyer@Example.com ' });
    const first = await callApi(handler, placeOrder, call);
    expect(first).toMatchObject({ status: 201, body: { quantity: 2, amountCents: 1980, currency: 'CNY' } });
    const { orderId, deadlineAt, paymentUrl } = first.body;
    expect(Object.keys(first.body).toSorted()).toEqual(Object.keys(placeOrder.response.shape).toSorted());
    expect(new URL(paymentUrl).searchParams.get('orderId')).toBe(orderId);
    expect(await services.order(orderId)).toMatchObject({ contact: 'buyer@example.com' });
    expect(services.deadlines()).toContainEqual({ message: { orderId, deadlineAt }, state: 'delayed' });
    expect(await callApi(handler, placeOrder, call)).toEqual(first);
  });

  test('400: every wrong field is named, and nothing that the buyer may not set is taken', async () => {
    const body = { quantity: 101, contact: 'nobody', productVersion: 0, amountCents: 1 };
    const call = { ...services.placing(shop, body), headers: { 'Idempotency-Key': 'x' } };
    const { status, problem } = await problemOf(handler, placeOrder, call);
    expect([status, problem.code]).toEqual([400, 'request.invalid']);
    expect(problem.errors?.map(({ field }) => field).toSorted()).toEqual([
      'body.amountCents',
      'body.contact',
      'body.productVersion',
      'body.quantity',
      'headers.idempotency-key',
    ]);
  });

  test.each([
    ['a shop that does not exist', { params: { shop: 'nowhere' } }, {}, 'shops.not_found'],
    ['a product that does not exist', {}, { productId: 'prd_0000000000' }, 'catalog.product_not_found'],
    ['a SKU that does not exist', {}, { skuId: 'sku_0000000000' }, 'catalog.sku_not_found'],
  ])('404: there is nothing to buy of %s', async (_what, call, body, code) => {
    const refused = await problemOf(handler, placeOrder, { ...services.placing(shop, body), ...call });
    expect([refused.status, refused.problem.code]).toEqual([404, code]);
  });

  test("404: another shop's product answers exactly as none", async () => {
    const { productId, skuId } = await services.openShop('neighbour', ['K']);
    const ask = (body: object) => problemOf(handler, placeOrder, services.placing(shop, { ...body }));
    expect(await ask({ productId, skuId })).toEqual(await ask({ productId: 'prd_0000000000', skuId }));
  });

  test('409: the product has changed, or is not on sale any more', async () => {
    const changed = await problemOf(handler, placeOrder, services.placing(shop, { productVersion: 2 }));
    expect([changed.status, changed.problem.code]).toEqual([409, 'catalog.version_changed']);

    const closing = await services.openShop('closing', []);
    const catalog = new DynamoDbCatalogStore(services.tables.catalog);
    const product = await catalog.findProduct(closing.merchantId, closing.productId);
    if (product?.status !== 'published') throw new Error('not on sale');
    await catalog.takeOffSale(unpublish(product, new Date().toISOString()));
    const off = await problemOf(handler, placeOrder, services.placing(closing));
    expect([off.status, off.problem.code]).toEqual([409, 'catalog.unpublished']);
  });

  test('409: sold out', async () => {
    const small = await services.openShop('small', ['K1']);
    const call = services.placing(small, { quantity: 2 });
    for (let i = 0; i < 2; i += 1) {
      const { status, problem } = await problemOf(handler, placeOrder, call);
      expect([status, problem.code]).toEqual([409, 'orders.sold_out']);
    }
    expect((await callApi(handler, placeOrder, services.placing(small))).status).toBe(201);
  });

  test('409: the same order is being placed', async () => {
    const call = services.placing(shop);
    const { body } = await callApi(handler, placeOrder, call);
    // As it was a moment ago.
    const leaseUntil = new Date(Date.now() + 30_000).toISOString();
    const placed = await services.order(body.orderId);
    await services.rewrite({ ...placed, status: 'allocating', leaseUntil, keys: [] });
    const { status, problem } = await problemOf(handler, placeOrder, call);
    expect([status, problem.code]).toEqual([409, 'orders.in_progress']);
  });

  test('422: the Idempotency-Key belongs to another order', async () => {
    const call = services.placing(shop);
    await callApi(handler, placeOrder, call);
    const body = { ...(call.body as object), quantity: 2 };
    const { status, problem } = await problemOf(handler, placeOrder, { ...call, body });
    expect([status, problem.code]).toEqual([422, 'orders.key_reused']);
  });

  test('422: more than one order may hold', async () => {
    const { status, problem } = await problemOf(handler, placeOrder, services.placing(shop, { quantity: 6 }));
    expect([status, problem.code]).toEqual([422, 'orders.over_limit']);
    expect(problem.errors).toMatchObject([{ field: 'body.quantity' }]);
  });

  test.each([
    ['too_many_unpaid', { unpaidOrdersPerClient: 1 }],
    ['too_many_held', { heldKeysPerClient: 1 }],
  ])('429: %s', async (reason, settings) => {
    const strict = await services.openShop(`strict-${reason.slice(-4)}`, ['K1', 'K2'], settings);
    const contact = 'buyer@example.com';
    await services.place(handler, strict, { contact });
    const { status, problem } = await problemOf(handler, placeOrder, services.placing(strict, { contact }));
    expect([status, problem.code]).toEqual([429, `orders.${reason}`]);
  });
});

describe('getOrder', () => {
  test('200: the buyer sees the order that waits, without keys', async () => {
    const placed = await services.place(handler, shop);
    const { status, body } = await callApi(handler, getOrder, services.buying(shop, placed));
    expect(status).toBe(200);
    expect(body).toEqual({
      orderId: placed.orderId,
      status: 'pending_payment',
      productId: shop.productId,
      productVersion: 1,
      productName: shop.product.draft.name,
      skuId: shop.skuId,
      skuName: shop.product.draft.skus[0]?.name,
      quantity: 1,
      amountCents: 990,
      currency: 'CNY',
      placedAt: placed.placedAt,
      deadlineAt: placed.deadlineAt,
      paymentUrl: placed.paymentUrl,
      keys: [],
    });
  });

  test('200: once delivered the keys are there, masked, with instructions', async () => {
    const placed = await services.place(handler, shop, { quantity: 2 });
    expect((await callApi(handler, getOrder, services.buying(shop, placed))).body).toMatchObject({
      keys: [],
    });
    await services.deliver(placed.orderId);
    const { body } = await callApi(handler, getOrder, services.buying(shop, placed));
    const { instructions, redeemLink } = shop.product.draft;
    expect(body).toMatchObject({ status: 'delivered', instructions, redeemLink });
    expect(body.keys).toEqual([1, 2].map((position) => ({ position, mask: 'ABCD****WXYZ', status: 'sold' })));
    expect(body).toHaveProperty('paidAt');
    expect(body).toHaveProperty('deliveredAt');
    expect(body).not.toHaveProperty('paymentUrl');
    expect(JSON.stringify(body)).not.toContain('KEY-');
  });

  test('400: without token, or with an id that is none', async () => {
    const call = { params: { shop: 'demo', orderId: 'nonsense' } };
    const { status, problem } = await problemOf(handler, getOrder, call);
    expect(status).toBe(400);
    expect(problem.errors?.map(({ field }) => field)).toEqual(['path.orderId', 'headers.order-token']);
  });
});

describe('404: an order that is not the caller’s answers exactly as none', () => {
  test.each([
    ['getOrder', getOrder],
    ['cancelOrder', cancelOrder],
  ])('to %s', async (_name, route) => {
    const [mine, other] = [await services.place(handler, shop), await services.place(handler, shop)];
    const elsewhere = await services.openShop(`other-${route.method.toLowerCase()}`, ['K']);
    const ask = (where: typeof shop, orderId: string, orderToken: string) =>
      problemOf(handler, route, services.buying(where, { orderId, orderToken }));
    const missing = await ask(shop, NO_ORDER, mine.orderToken);
    expect([missing.status, missing.problem.code]).toEqual([404, 'orders.not_found']);
    expect(await ask(shop, other.orderId, mine.orderToken)).toEqual(missing);
    expect(await ask(shop, mine.orderId, 'guessed')).toEqual(missing);
    expect(await ask(shop, mine.orderId, '')).toEqual(missing);
    expect(await ask(elsewhere, mine.orderId, mine.orderToken)).toEqual(missing);
    expect((await services.order(mine.orderId)).status).toBe('pending_payment');
  });
});

describe('cancelOrder', () => {
  test('200: an unpaid order is given up, and again', async () => {
    const placed = await services.place(handler, shop);
    for (let i = 0; i < 2; i += 1) {
      const { status, body } = await callApi(handler, cancelOrder, services.buying(shop, placed));
      expect(status).toBe(200);
      expect(body).toMatchObject({ status: 'expired', reason: 'buyer', keys: [] });
      expect(body).not.toHaveProperty('paymentUrl');
    }
  });

  test('409: a paid order is not', async () => {
    const placed = await services.place(handler, shop);
    await services.pay(placed.orderId);
    const { status, problem } = await problemOf(handler, cancelOrder, services.buying(shop, placed));
    expect([status, problem.code]).toEqual([409, 'orders.not_cancellable']);
  });
});
