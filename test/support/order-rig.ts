import { randomUUID } from 'node:crypto';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { OrderingSettings } from '../../lambdas/contract/merchants';
import { DynamoDbClientLimits } from '../../lambdas/orders/adapters/dynamodb-client-limits';
import { acceptPayment, type PaymentOutcome } from '../../lambdas/orders/app/accept-payment';
import { cancelOrder } from '../../lambdas/orders/app/cancel-order';
import { deliverOrder } from '../../lambdas/orders/app/deliver-order';
import { meetDeadline } from '../../lambdas/orders/app/meet-deadline';
import { type PlaceOrderInput, placeOrder } from '../../lambdas/orders/app/place-order';
import type { Order, Payment } from '../../lambdas/orders/domain/order';
import { parseSlotId, type Slot } from '../../lambdas/vault';
import { segmentKey, slotKey } from '../../lambdas/vault/adapters/vault-keys';
import type { SegmentStatus } from '../../lambdas/vault/domain/segment';
import {
  aShop,
  MemoryRevealLog,
  MemoryRevealTokens,
  openVault,
  ordersOn,
  PRODUCT_ID,
  plainCredentials,
  plainPaymentLinks,
  stockOn,
} from './order-world';
import { settableClock } from './settable-clock';
import { aSegment, publishSegment, writeSlots } from './stock-keys';
import { createTable } from './tables';

export const SKU_ID = 'sku_0000000001';

/** What a payment of the rig's orders of one key amounts to. */
export const PRICE = { amountCents: 990, currency: 'CNY' };
export const SECONDS = 1000;
export const MINUTES = 60 * SECONDS;

export const paymentOf = (transactionId: string): Payment => ({ gateway: 'sandbox', transactionId });

/**
 * A shop with `keys` keys of one SKU, the orders' use cases on it, and what they have sent: stores on DynamoDB
 * Local, a clock that stands, queue and workflow that record.
 */
export async function orderRig({
  keys = 3,
  settings = {},
}: {
  keys?: number;
  settings?: Partial<OrderingSettings>;
} = {}) {
  const [vault, ordersTable, guards] = await Promise.all([
    createTable('vault'),
    createTable('orders'),
    createTable('guards'),
  ]);
  const { clock, advance } = settableClock();
  const stock = stockOn(vault, clock);
  const scheduled: { orderId: string; deadlineAt: string; delaySeconds: number }[] = [];
  const started: string[] = [];
  const ports = {
    ...aShop([SKU_ID], settings),
    ...ordersOn(ordersTable),
    clock,
    stock,
    limits: new DynamoDbClientLimits(guards),
    credentials: plainCredentials,
    paymentLinks: plainPaymentLinks,
    deadlines: {
      schedule: async (message: { orderId: string; deadlineAt: string }, delaySeconds: number) => {
        scheduled.push({ ...message, delaySeconds });
      },
    },
    workflow: {
      start: async (orderId: string) => {
        started.push(orderId);
      },
    },
    revealTokens: new MemoryRevealTokens(),
    reveals: new MemoryRevealLog(),
    vault: openVault(stock),
  };

  const publish = async (segmentId: string, size: number, expiresAt?: string) => {
    const segment = aSegment({ segmentId, size, ...(expiresAt && { expiresAt }) });
    await writeSlots(vault, segment);
    await publishSegment(vault, stock, segment);
    return segment;
  };
  if (keys > 0) await publish('seg_0000000001', keys);

  const aRequest = (changes: Partial<PlaceOrderInput> = {}): PlaceOrderInput => ({
    shop: 'demo',
    idempotencyKey: randomUUID(),
    productId: PRODUCT_ID,
    productVersion: 1,
    skuId: SKU_ID,
    quantity: 1,
    contact: 'buyer@example.com',
    address: '203.0.113.7',
    ...changes,
  });
  const order = async (orderId: string): Promise<Order> => {
    const found = await ports.orders.find(orderId);
    if (found === undefined) throw new Error(`no order ${orderId}`);
    return found;
  };
  const placed = async (changes: Partial<PlaceOrderInput> = {}) =>
    order((await placeOrder(ports, aRequest(changes))).orderId);
  const pay = (orderId: string, transactionId = 'T1', amount = PRICE): Promise<PaymentOutcome> =>
    acceptPayment(ports, orderId, { ...paymentOf(transactionId), amount });
  const claimOf = (orderId: string) => ({ shop: 'demo', orderId, orderToken: `token of ${orderId}` });

  const paid = async (changes: Partial<PlaceOrderInput> = {}) => {
    const { orderId, quantity } = await placed(changes);
    await pay(orderId, 'T1', { ...PRICE, amountCents: PRICE.amountCents * quantity });
    return order(orderId);
  };
  const delivered = async (changes: Partial<PlaceOrderInput> = {}) => {
    const { orderId } = await paid(changes);
    await deliverOrder(ports, orderId);
    return order(orderId);
  };
  const expired = async (changes: Partial<PlaceOrderInput> = {}) => {
    const { orderId, deadlineAt } = await placed(changes);
    advance(Date.parse(deadlineAt) - clock().getTime());
    await meetDeadline(ports, { orderId, deadlineAt });
    return order(orderId);
  };
  const cancelled = async () => {
    const { orderId } = await placed();
    await cancelOrder(ports, claimOf(orderId));
    return order(orderId);
  };
  /** As a worker leaves it that was killed before it had any key. */
  const abandoned = async (changes: Partial<PlaceOrderInput> = {}) => {
    const request = aRequest(changes);
    const crash = { schedule: async () => Promise.reject(new Error('killed')) };
    await expect(placeOrder({ ...ports, deadlines: crash }, request)).rejects.toThrow('killed');
    const orderId = await ports.credentials.orderId('', 'guest', request.idempotencyKey);
    return { request, order: await order(orderId) };
  };

  /** The order's keys as they are in the vault. */
  const slotsOf = ({ keys }: Pick<Order, 'keys'>): Promise<Slot[]> =>
    stock.slots.findMany(keys.map(({ slotId }) => parseSlotId(slotId)));
  const setStatus = (key: Record<string, string>) => async (status: string) => {
    await vault.client.send(
      new UpdateCommand({
        TableName: vault.tableName,
        Key: key,
        UpdateExpression: 'SET #status = :status',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':status': status },
      }),
    );
  };
  const setLot = (segmentId: string, status: SegmentStatus) => setStatus(segmentKey(segmentId))(status);
  const voidKey = (slotId: string) => setStatus(slotKey(parseSlotId(slotId)))('voided');

  return {
    ports,
    stock,
    vault,
    advance,
    now: () => clock().toISOString(),
    scheduled,
    started,
    publish,
    aRequest,
    order,
    placed,
    pay,
    paid,
    delivered,
    expired,
    cancelled,
    abandoned,
    claimOf,
    slotsOf,
    setLot,
    voidKey,
  };
}

export type OrderRig = Awaited<ReturnType<typeof orderRig>>;
