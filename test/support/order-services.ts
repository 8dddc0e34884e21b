import { randomUUID } from 'node:crypto';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { DynamoDbCatalogStore } from '../../lambdas/catalog';
import { newProduct, publish } from '../../lambdas/catalog/domain/product';
import { environment } from '../../lambdas/contract/environment';
import type { OrderingSettings } from '../../lambdas/contract/merchants';
import { type PlacedOrder, storefrontOrderRoutes } from '../../lambdas/contract/orders';
import { type Role, roles } from '../../lambdas/contract/staff';
import { DynamoDbMerchantStore, DynamoDbStaffDirectory } from '../../lambdas/merchants';
import { DynamoDbClientLimits, DynamoDbOrderStore } from '../../lambdas/orders';
import { toItem } from '../../lambdas/orders/adapters/order-item';
import { deliverOrder } from '../../lambdas/orders/app/deliver-order';
import type { Order } from '../../lambdas/orders/domain/order';
import { randomId } from '../../lambdas/runtime/random-id';
import { DynamoDbSecretStore, dynamoDbStock, parseSlotId } from '../../lambdas/vault';
import { KmsSecretSealer } from '../../lambdas/vault/adapters/kms-secret-sealer';
import { SecretsManager } from '../../local/services/secrets-manager';
import { Sqs } from '../../local/services/sqs';
import { StepFunctions } from '../../local/services/step-functions/step-functions';
import { aMerchant } from './a-merchant';
import { type ApiCall, callApi } from './api-event';
import { serveAwsJson } from './aws-json-server';
import { lambdaEnvironment } from './lambda-environment';
import { startLocalKms } from './local-kms';
import { productDraft, skuDraft } from './product-drafts';
import { aSegment, publishSegment, writeSlots } from './stock-keys';

type Handler = Parameters<typeof callApi>[0];

export const GATEWAY_SECRET = 'shared with the gateway';

/**
 * What the functions of the orders and payments find around them: new tables, and KMS, SQS, Step Functions and
 * Secrets Manager of the local stack, all by the environment.
 */
export async function orderServices() {
  const tables = await lambdaEnvironment(
    'merchants',
    'catalog',
    'vault',
    'secrets',
    'orders',
    'guards',
    'audit',
  );
  const kms = await startLocalKms();
  const services: Parameters<typeof serveAwsJson>[0] = {};
  const { url, close } = await serveAwsJson(services);
  const sqs = new Sqs({ baseUrl: url });
  const secretsManager = new SecretsManager();
  const stepFunctions = new StepFunctions({
    integrations: {
      invokeFunction: async () => ({}),
      sendMessage: async () => ({ MessageId: '' }),
    },
    log: () => {},
  });
  Object.assign(services, {
    AmazonSQS: sqs,
    secretsmanager: secretsManager,
    AWSStepFunctions: stepFunctions,
  });
  const provision = async (
    { provisioners }: Pick<Sqs, 'provisioners'>,
    type: string,
    properties: Record<string, unknown>,
  ) => {
    const resource = { type, stackName: 'test', logicalId: 'One', physicalName: 'one', properties };
    return (await provisioners[type]?.(resource))?.ref;
  };
  const queueUrl = await provision(sqs, 'AWS::SQS::Queue', {});
  const workflowArn = await provision(stepFunctions, 'AWS::StepFunctions::StateMachine', {
    StateMachineType: 'EXPRESS',
    RoleArn: 'arn:aws:iam::000000000000:role/delivery',
    Definition: { StartAt: 'Done', States: { Done: { Type: 'Succeed' } } },
  });
  const secretArn = await provision(secretsManager, 'AWS::SecretsManager::Secret', {
    SecretString: GATEWAY_SECRET,
  });

  Object.assign(process.env, {
    AWS_ENDPOINT_URL_KMS: kms.url,
    AWS_ENDPOINT_URL_SQS: url,
    AWS_ENDPOINT_URL_SFN: url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
    [environment.cardKeysKey]: kms.cardKeysKey,
    [environment.macKey]: kms.macKey,
    [environment.deadlineQueue]: queueUrl,
    [environment.deliveryWorkflow]: workflowArn,
    [environment.paymentGateway]: 'sandbox',
    [environment.sandboxGatewayUrl]: 'https://pay.example/sandbox',
    [environment.sandboxGatewaySecret]: secretArn,
  });

  const merchants = new DynamoDbMerchantStore(tables.merchants);
  const staff = new DynamoDbStaffDirectory(tables.merchants);
  const catalog = new DynamoDbCatalogStore(tables.catalog);
  const orders = new DynamoDbOrderStore(tables.orders);
  const limits = new DynamoDbClientLimits(tables.guards);
  const stock = dynamoDbStock(tables.vault);
  const sealer = new KmsSecretSealer(kms.client, kms.cardKeysKey);
  const secrets = new DynamoDbSecretStore(tables.secrets);

  /** A shop with one product of one SKU at 9.90 and these keys, and one member of staff of each role. */
  const openShop = async (
    slug: string,
    keys: readonly string[],
    settings: Partial<OrderingSettings> = {},
  ) => {
    const defaults = aMerchant();
    const merchant = aMerchant({
      merchantId: randomId('mer'),
      slug,
      settings: { ...defaults.settings, ...settings },
    });
    const { merchantId } = merchant;
    await merchants.openMerchant(merchant, `${slug}@example.com`);
    for (const role of roles) {
      await staff.admit({ merchantId, staffId: `sub-${role}`, email: `${role}@x.org`, role });
    }
    const now = new Date().toISOString();
    const draft = productDraft({ skus: [skuDraft({ limitPerOrder: 5, tiers: [] })] });
    const product = newProduct({ merchantId, productId: randomId('prd') }, draft, () => randomId('sku'), now);
    await catalog.createProduct(product);
    await catalog.putOnSale(publish(product, now));
    const skuId = product.draft.skus[0]?.skuId ?? '';
    const shop = { slug, merchantId, product, productId: product.productId, skuId };
    if (keys.length > 0) await importKeys(shop, keys);
    return shop;
  };

  const importKeys = async (
    { merchantId, skuId }: { merchantId: string; skuId: string },
    keys: readonly string[],
  ) => {
    const empty = aSegment({ segmentId: randomId('seg'), merchantId, skuId, size: keys.length });
    const dataKey = await sealer.newDataKey(empty);
    const segment = { ...empty, wrappedDataKey: dataKey.wrapped };
    await writeSlots(tables.vault, segment);
    const refs = keys.map((_, index) => ({ segmentId: segment.segmentId, index }));
    const slots = await stock.slots.findMany(refs);
    await secrets.putAll(
      slots.map(({ secretId, index }) => ({
        secretId,
        ciphertext: dataKey.seal(secretId, [keys[index] ?? '']),
      })),
    );
    await publishSegment(tables.vault, stock, segment);
  };

  type Shop = Awaited<ReturnType<typeof openShop>>;

  let buyers = 0;
  /** The call of a buyer whom the shop has never seen. */
  const placing = ({ slug, productId, skuId }: Shop, body: Record<string, unknown> = {}): ApiCall => {
    buyers += 1;
    const contact = `buyer-${buyers}@example.com`;
    return {
      params: { shop: slug },
      headers: { 'Idempotency-Key': randomUUID() },
      body: { productId, productVersion: 1, skuId, quantity: 1, contact, ...body },
      address: `198.51.100.${buyers % 256}`,
    };
  };
  /** The call of an order's buyer. */
  const buying = (
    { slug }: Shop,
    { orderId, orderToken }: Pick<PlacedOrder, 'orderId' | 'orderToken'>,
  ): ApiCall => ({
    params: { shop: slug, orderId },
    headers: { 'Order-Token': orderToken },
  });
  const place = async (
    handler: Handler,
    shop: Shop,
    body: Record<string, unknown> = {},
  ): Promise<PlacedOrder> => {
    const answer = await callApi(handler, storefrontOrderRoutes.placeOrder, placing(shop, body));
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return answer.body;
  };
  const order = async (orderId: string): Promise<Order> => {
    const found = await orders.find(orderId);
    if (found === undefined) throw new Error(`no order ${orderId}`);
    return found;
  };
  /** Puts an order into a state that none of the tests can wait for. */
  const rewrite = async (changed: Order) => {
    const { client, tableName: TableName } = tables.orders;
    await client.send(new PutCommand({ TableName, Item: toItem(changed) }));
  };
  const pay = async (orderId: string): Promise<Order> => {
    const payment = { gateway: 'sandbox', transactionId: `T-${orderId}` };
    const paid = await orders.pay(await order(orderId), payment, new Date().toISOString());
    if (paid === 'raced') throw new Error('not payable');
    return paid;
  };
  const deliver = async (orderId: string): Promise<void> => {
    await pay(orderId);
    await deliverOrder({ clock: () => new Date(), orders, stock, limits }, orderId);
  };
  const delivered = async (handler: Handler, shop: Shop): Promise<PlacedOrder> => {
    const placed = await place(handler, shop);
    await deliver(placed.orderId);
    return placed;
  };
  /** Flips a bit of the ciphertext behind a slot. */
  const tamper = async (slotId: string): Promise<void> => {
    const [slot] = await stock.slots.findMany([parseSlotId(slotId)]);
    const secretId = slot?.secretId ?? '';
    const ciphertext = Uint8Array.from((await secrets.findMany([secretId])).get(secretId) ?? []);
    ciphertext[20] = (ciphertext[20] ?? 0) ^ 1;
    await secrets.putAll([{ secretId, ciphertext }]);
  };
  const claimsOf = (role: Role, { merchantId }: Pick<Shop, 'merchantId'>) => ({
    sub: `sub-${role}`,
    'custom:merchantId': merchantId,
  });

  return {
    tables,
    orders,
    order,
    rewrite,
    pay,
    deliver,
    delivered,
    tamper,
    stock,
    openShop,
    placing,
    buying,
    place,
    claimsOf,
    /** Bodies of the messages in the deadline queue. */
    deadlines: () => sqs.messages('one').map(({ body, state }) => ({ message: JSON.parse(body), state })),
    /** Inputs of the executions of the delivery workflow, the oldest first. */
    deliveries: () =>
      stepFunctions
        .executions()
        .map(({ input }) => JSON.parse(input))
        .toReversed(),
    close: async () => {
      sqs.close();
      await stepFunctions.close();
      secretsManager.close();
      await close();
      await kms.close();
    },
  };
}

export type OrderServices = Awaited<ReturnType<typeof orderServices>>;
