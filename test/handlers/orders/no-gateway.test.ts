import { environment } from '../../../lambdas/contract/environment';
import { storefrontOrderRoutes } from '../../../lambdas/contract/orders';
import { handler } from '../../../lambdas/orders/handlers/storefront-orders';
import { DynamoDbStockCount } from '../../../lambdas/vault';
import { problemOf } from '../../support/api-event';
import { orderServices } from '../../support/order-services';

test('503: on a stage without a payment gateway nothing is ordered and no key is held', async () => {
  const services = await orderServices();
  try {
    process.env[environment.paymentGateway] = 'none';
    const shop = await services.openShop('demo', ['KEY-1']);
    const { status, problem } = await problemOf(
      handler,
      storefrontOrderRoutes.placeOrder,
      services.placing(shop),
    );
    expect([status, problem.code]).toEqual([503, 'payments.no_gateway']);
    expect(services.deadlines()).toEqual([]);
    const count = new DynamoDbStockCount(services.tables.vault);
    expect(await count.available(shop.skuId)).toBe(1);
  } finally {
    await services.close();
  }
});
