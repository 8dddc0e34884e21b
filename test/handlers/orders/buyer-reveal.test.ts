import { DynamoDbRevealLog } from '../../../lambdas/audit';
import { buyerRevealRoutes, type PlacedOrder } from '../../../lambdas/contract/orders';
import { handler } from '../../../lambdas/orders/handlers/buyer-reveal';
import { handler as storefront } from '../../../lambdas/orders/handlers/storefront-orders';
import { apiEvent, callApi, lambdaContext, problemOf } from '../../support/api-event';
import { captureOutput } from '../../support/captured-output';
import { type OrderServices, orderServices } from '../../support/order-services';

const { createRevealToken, revealKeys } = buyerRevealRoutes;

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

async function delivered(quantity = 1): Promise<PlacedOrder> {
  const placed = await services.place(storefront, shop, { quantity });
  await services.deliver(placed.orderId);
  return placed;
}
async function tokenOf(order: PlacedOrder): Promise<string> {
  const { status, body } = await callApi(handler, createRevealToken, services.buying(shop, order));
  expect(status).toBe(201);
  return body.revealToken;
}
const revealing = (order: PlacedOrder, body: unknown) => ({ ...services.buying(shop, order), body });

test('201 and 200: the keys are shown once for a token, in the order they were delivered', async () => {
  const order = await delivered(2);
  const revealToken = await tokenOf(order);
  const { status, body } = await callApi(handler, revealKeys, revealing(order, { revealToken }));
  expect(status).toBe(200);
  expect(body).toEqual({
    keys: [1, 2].map((position) => ({
      position,
      fields: [{ label: 'Key', value: expect.stringMatching(/^KEY-\d+$/) }],
    })),
  });
  const again = await problemOf(handler, revealKeys, revealing(order, { revealToken }));
  expect([again.status, again.problem.code]).toEqual([409, 'orders.reveal_token_invalid']);
});

test('200: one key alone', async () => {
  const order = await delivered(2);
  const body = { revealToken: await tokenOf(order), position: 2 };
  const answer = await callApi(handler, revealKeys, revealing(order, body));
  expect(answer.body.keys).toMatchObject([{ position: 2 }]);
});

test('every reveal is on record with who looked from where, and no key is', async () => {
  const order = await delivered();
  await callApi(handler, revealKeys, {
    ...revealing(order, { revealToken: await tokenOf(order) }),
    address: '192.0.2.99',
  });
  const records = await new DynamoDbRevealLog(services.tables.audit).of(order.orderId);
  expect(records).toMatchObject([
    { actor: 'buyer', address: '192.0.2.99', userAgent: 'a browser', positions: [1] },
  ]);
  expect(JSON.stringify(records)).not.toContain('KEY-');
});

test('an answer with keys is kept by no cache', async () => {
  const order = await delivered();
  const call = revealing(order, { revealToken: await tokenOf(order) });
  const { headers, body } = await handler(apiEvent(revealKeys, call), lambdaContext);
  expect(body).toContain('KEY-');
  expect(headers).toMatchObject({ 'cache-control': 'no-store' });
});

test('400: what is wrong is named', async () => {
  const order = await delivered();
  const body = { position: 0, all: true };
  const { status, problem } = await problemOf(handler, revealKeys, revealing(order, body));
  expect(status).toBe(400);
  expect(problem.errors?.map(({ field }) => field).toSorted()).toEqual([
    'body.all',
    'body.position',
    'body.revealToken',
  ]);
});

test('400: the order has no key at that position', async () => {
  const order = await delivered();
  const body = { revealToken: await tokenOf(order), position: 2 };
  const { status, problem } = await problemOf(handler, revealKeys, revealing(order, body));
  expect(status).toBe(400);
  expect(problem.errors).toMatchObject([{ field: 'body.position' }]);
});

test('404: an order that is not the caller’s answers exactly as none', async () => {
  const [mine, other] = [await delivered(), await delivered()];
  const body = { revealToken: await tokenOf(mine) };
  for (const route of [createRevealToken, revealKeys]) {
    const ask = (order: PlacedOrder) => problemOf(handler, route, revealing(order, body));
    const missing = await ask({ ...mine, orderId: 'ord_0000000000' });
    expect([missing.status, missing.problem.code]).toEqual([404, 'orders.not_found']);
    expect(await ask({ ...other, orderToken: mine.orderToken })).toEqual(missing);
    expect(await ask({ ...mine, orderToken: 'guessed' })).toEqual(missing);
  }
});

test('409: an order that is not delivered has nothing to show', async () => {
  const order = await services.place(storefront, shop);
  for (const route of [createRevealToken, revealKeys]) {
    const { status, problem } = await problemOf(handler, route, revealing(order, { revealToken: 'x' }));
    expect([status, problem.code]).toEqual([409, 'orders.not_delivered']);
  }
});

test("409: another order's token opens nothing", async () => {
  const [mine, other] = [await delivered(), await delivered()];
  const body = { revealToken: await tokenOf(other) };
  const { status, problem } = await problemOf(handler, revealKeys, revealing(mine, body));
  expect([status, problem.code]).toEqual([409, 'orders.reveal_token_invalid']);
});

test('500: a ciphertext that was tampered with opens for nobody, and nothing of it is told', async () => {
  const order = await delivered();
  const { keys } = await services.order(order.orderId);
  await services.tamper(keys[0]?.slotId ?? '');
  const output = captureOutput();
  const call = revealing(order, { revealToken: await tokenOf(order) });
  const { status, problem } = await problemOf(handler, revealKeys, call).finally(output.restore);
  expect([status, problem.code]).toEqual([500, 'request.unexpected']);
  expect(problem).not.toHaveProperty('detail');
});
