import { DynamoDbCatalogStore } from '../../catalog';
import { environment } from '../../contract/environment';
import { storefrontOrderRoutes } from '../../contract/orders';
import { CachedShopDirectory, DynamoDbMerchantStore } from '../../merchants';
import { wirePaymentLinks } from '../../payments';
import { kms } from '../../runtime/aws/kms';
import { sqs } from '../../runtime/aws/sqs';
import { table } from '../../runtime/aws/table';
import { fromEnvironment } from '../../runtime/environment';
import { httpHandler } from '../../runtime/http-handler';
import { DerivedMacs } from '../../store/derived-mac';
import { dynamoDbStock } from '../../vault';
import { DynamoDbClientLimits } from '../adapters/dynamodb-client-limits';
import { DynamoDbOrderStore } from '../adapters/dynamodb-order-store';
import { MacOrderCredentials } from '../adapters/mac-order-credentials';
import { SqsDeadlineQueue } from '../adapters/sqs-deadline-queue';
import { cancelOrder } from '../app/cancel-order';
import { loadBuyersOrder } from '../app/load-buyers-order';
import { placeOrder } from '../app/place-order';
import { showToBuyer } from '../app/show-order';

function wire() {
  const clock = () => new Date();
  const catalog = new DynamoDbCatalogStore(table('catalog'));
  return {
    clock,
    shops: new CachedShopDirectory(new DynamoDbMerchantStore(table('merchants')), clock),
    shelf: catalog,
    products: catalog,
    versions: catalog,
    orders: new DynamoDbOrderStore(table('orders')),
    limits: new DynamoDbClientLimits(table('guards')),
    deadlines: new SqsDeadlineQueue(sqs(), fromEnvironment(environment.deadlineQueue)),
    credentials: new MacOrderCredentials(new DerivedMacs(kms(), fromEnvironment(environment.macKey))),
    paymentLinks: wirePaymentLinks(),
    stock: dynamoDbStock(table('vault')),
  };
}

export const handler = httpHandler(storefrontOrderRoutes, wire, {
  placeOrder: ({ params: { shop }, headers, body, client: { address } }, ports) =>
    placeOrder(ports, { ...body, shop, idempotencyKey: headers['idempotency-key'], address }),
  getOrder: async ({ params, headers }, ports) =>
    showToBuyer(ports, await loadBuyersOrder(ports, { ...params, orderToken: headers['order-token'] })),
  cancelOrder: async ({ params, headers }, ports) =>
    showToBuyer(ports, await cancelOrder(ports, { ...params, orderToken: headers['order-token'] })),
});
