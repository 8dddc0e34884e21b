import { consoleOrderRoutes } from '../../../lambdas/contract/orders';
import { roles } from '../../../lambdas/contract/staff';
import { handler } from '../../../lambdas/orders/handlers/console-orders';
import { handler as storefront } from '../../../lambdas/orders/handlers/storefront-orders';
import { callApi, problemOf } from '../../support/api-event';
import { type OrderServices, orderServices } from '../../support/order-services';

const { getStaffOrder } = consoleOrderRoutes;

let services: OrderServices;
let shop: Awaited<ReturnType<OrderServices['openShop']>>;
let other: typeof shop;

beforeAll(async () => {
  services = await orderServices();
  shop = await services.openShop('demo', ['KEY-1', 'KEY-2', 'KEY-3', 'KEY-4']);
  other = await services.openShop('other', ['KEY-5']);
});
afterAll(() => services.close());

test.each(roles)('200: %s sees an order with its time line and masked keys', async (role) => {
  const { orderId } = await services.delivered(storefront, shop);
  const call = { claims: services.claimsOf(role, shop), params: { orderId } };
  const { status, body } = await callApi(handler, getStaffOrder, call);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    orderId,
    status: 'delivered',
    payment: { gateway: 'sandbox', transactionId: `T-${orderId}` },
    keys: [{ position: 1, mask: 'ABCD****WXYZ', status: 'sold' }],
    reveals: [],
  });
  expect(
    body.timeline.map((entry: { status: string; actor: string }) => [entry.status, entry.actor]),
  ).toEqual([
    ['allocating', 'buyer'],
    ['pending_payment', 'system'],
    ['paid', 'gateway'],
    ['delivered', 'system'],
  ]);
  const text = JSON.stringify(body);
  for (const hidden of ['KEY-', 'seg_', 'requestHash', 'clients', 'merchantId', 'orderToken']) {
    expect(text).not.toContain(hidden);
  }
});

test('400: an id that is none is named', async () => {
  const call = { claims: services.claimsOf('owner', shop), params: { orderId: 'nonsense' } };
  const { status, problem } = await problemOf(handler, getStaffOrder, call);
  expect(status).toBe(400);
  expect(problem.errors).toMatchObject([{ field: 'path.orderId' }]);
});

test("404: another merchant's order answers exactly as none", async () => {
  const foreign = await services.place(storefront, other);
  const ask = (orderId: string) =>
    problemOf(handler, getStaffOrder, { claims: services.claimsOf('owner', shop), params: { orderId } });
  const missing = await ask('ord_0000000000');
  expect([missing.status, missing.problem.code]).toEqual([404, 'orders.not_found']);
  expect(await ask(foreign.orderId)).toEqual(missing);
});
