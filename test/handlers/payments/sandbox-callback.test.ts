import { sandboxCallbackRoutes } from '../../../lambdas/contract/payments';
import { handler as storefront } from '../../../lambdas/orders/handlers/storefront-orders';
import { handler } from '../../../lambdas/payments/handlers/sandbox-callback';
import { signatureOf } from '../../../local/sandbox-gateway/signature';
import { apiEvent, lambdaContext, problemOf } from '../../support/api-event';
import { GATEWAY_SECRET, type OrderServices, orderServices } from '../../support/order-services';

const { sandboxCallback } = sandboxCallbackRoutes;

let services: OrderServices;
let shop: Awaited<ReturnType<OrderServices['openShop']>>;

beforeAll(async () => {
  services = await orderServices();
  shop = await services.openShop(
    'demo',
    Array.from({ length: 10 }, (_, i) => `KEY-${i}`),
  );
});
afterAll(() => services.close());

const callbackOf = (orderId: string, changes: Record<string, string> = {}) => {
  const fields = {
    orderId,
    transactionId: `sbx_${orderId}`,
    amountCents: '990',
    currency: 'CNY',
    status: 'paid',
    ...changes,
  };
  return new URLSearchParams({ ...fields, sign: signatureOf(fields, GATEWAY_SECRET) }).toString();
};
const report = async (body: string) => {
  const answer = await handler(apiEvent(sandboxCallback, { body }), lambdaContext);
  return { status: answer.statusCode, body: answer.body, type: answer.headers?.['content-type'] };
};
const success = { status: 200, body: 'success', type: 'text/plain' };

test('200: a signed payment is answered in plain text, once its order is paid and its delivery has begun', async () => {
  const { orderId } = await services.place(storefront, shop);
  expect(await report(callbackOf(orderId))).toEqual(success);
  expect(await services.order(orderId)).toMatchObject({
    status: 'paid',
    payment: { gateway: 'sandbox', transactionId: `sbx_${orderId}` },
  });
  expect(services.deliveries()).toContainEqual({ orderId });
});

test('200: repeats, second payments and failed ones need no repeat', async () => {
  const { orderId } = await services.place(storefront, shop);
  expect(await report(callbackOf(orderId, { status: 'failed' }))).toEqual(success);
  expect((await services.order(orderId)).status).toBe('pending_payment');
  expect(await report(callbackOf(orderId))).toEqual(success);
  expect(await report(callbackOf(orderId))).toEqual(success);
  expect(await report(callbackOf(orderId, { transactionId: 'sbx_second' }))).toEqual(success);
});

test('400: what the gateway has not signed changes nothing', async () => {
  const { orderId } = await services.place(storefront, shop);
  const { status, problem } = await problemOf(handler, sandboxCallback, {
    body: callbackOf(orderId).replace('amountCents=990', 'amountCents=1'),
  });
  expect([status, problem.code]).toEqual([400, 'payments.signature_invalid']);
  expect((await services.order(orderId)).status).toBe('pending_payment');
});

test.each([
  ['the wrong amount', { amountCents: '989' }],
  ['another currency', { currency: 'USD' }],
  ['no order', { orderId: 'ord_0000000000', transactionId: 'sbx_nobody' }],
])('409: a payment of %s is refused, however often', async (_what, changes) => {
  const { orderId } = await services.place(storefront, shop);
  for (let i = 0; i < 2; i += 1) {
    const { status, problem } = await problemOf(handler, sandboxCallback, {
      body: callbackOf(orderId, changes),
    });
    expect([status, problem.code]).toEqual([409, 'payments.not_applicable']);
  }
  expect((await services.order(orderId)).status).toBe('pending_payment');
});
