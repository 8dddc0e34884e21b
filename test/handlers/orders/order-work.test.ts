import type { SQSRecord } from 'aws-lambda';
import { handler as completeDelivery } from '../../../lambdas/orders/handlers/complete-delivery';
import { handler as confirmKeys } from '../../../lambdas/orders/handlers/confirm-keys';
import { handler as failedDeliveries } from '../../../lambdas/orders/handlers/failed-deliveries';
import { handler as paymentDeadlines } from '../../../lambdas/orders/handlers/payment-deadlines';
import { handler as storefront } from '../../../lambdas/orders/handlers/storefront-orders';
import { handler as sweepHolds } from '../../../lambdas/orders/handlers/sweep-holds';
import { handler as sweepOrders } from '../../../lambdas/orders/handlers/sweep-orders';
import { lambdaContext } from '../../support/api-event';
import { type OrderServices, orderServices } from '../../support/order-services';

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

const eventOf = (...messages: unknown[]) => ({
  Records: messages.map((message, i) => ({ messageId: `m${i}`, body: JSON.stringify(message) }) as SQSRecord),
});
const statusOf = async (orderId: string) => (await services.order(orderId)).status;
const past = () => new Date(Date.now() - 1000).toISOString();

test('the two tasks of the workflow deliver a paid order, and hand each other what they need', async () => {
  const { orderId } = await services.place(storefront, shop);
  await services.pay(orderId);
  const confirmed = await confirmKeys({ orderId }, lambdaContext);
  expect(confirmed).toEqual({ orderId, confirmation: 'confirmed', attempt: 1 });
  await completeDelivery(confirmed, lambdaContext);
  expect(await statusOf(orderId)).toBe('delivered');
});

test('a task that is to be tried again fails by that name', async () => {
  const { orderId } = await services.place(storefront, shop);
  await services.pay(orderId);
  const stale = completeDelivery({ orderId, attempt: 2 }, lambdaContext);
  await expect(stale).rejects.toMatchObject({ name: 'DeliveryInProgress' });
  expect(await statusOf(orderId)).toBe('paid');
});

test('a redrive delivers what can be delivered and keeps the rest', async () => {
  const [paid, unpaid] = [await services.place(storefront, shop), await services.place(storefront, shop)];
  await services.pay(paid.orderId);
  const event = eventOf({ orderId: unpaid.orderId }, { orderId: paid.orderId });
  expect(await failedDeliveries(event, lambdaContext)).toEqual({
    batchItemFailures: [{ itemIdentifier: 'm0' }],
  });
  expect(await statusOf(paid.orderId)).toBe('delivered');
  expect(await statusOf(unpaid.orderId)).toBe('pending_payment');
});

test('deadlines that have come end their orders, others go back into the queue', async () => {
  const [due, early] = [await services.place(storefront, shop), await services.place(storefront, shop)];
  const again = { orderId: early.orderId, deadlineAt: early.deadlineAt };
  const before = services.deadlines().length;
  const event = eventOf({ orderId: due.orderId, deadlineAt: past() }, again);
  expect(await paymentDeadlines(event, lambdaContext)).toEqual({ batchItemFailures: [] });
  expect(await statusOf(due.orderId)).toBe('expired');
  expect(await statusOf(early.orderId)).toBe('pending_payment');
  expect(services.deadlines().slice(before)).toEqual([{ message: again, state: 'delayed' }]);
});

test('the sweepers end what is overdue and start what is paid', async () => {
  const [overdue, stuck] = [await services.place(storefront, shop), await services.place(storefront, shop)];
  await services.pay(stuck.orderId);
  for (const { orderId } of [overdue, stuck]) {
    await services.rewrite({ ...(await services.order(orderId)), dueAt: past() });
  }
  await sweepOrders({}, lambdaContext);
  await sweepHolds({}, lambdaContext);
  expect(await statusOf(overdue.orderId)).toBe('expired');
  expect(services.deliveries()).toContainEqual({ orderId: stuck.orderId });
});
