import { createHash } from 'node:crypto';
import { type Product, unitPriceCents } from '../../catalog';
import { conflict, DomainError, notFound } from '../../kernel/errors';
import { money, times } from '../../kernel/money';
import { type Instant, plusSeconds, toInstant } from '../../kernel/time';
import { loadShop, type Merchant } from '../../merchants';
import { LEASE_SECONDS, leaseLapsed, type Order } from '../domain/order';
import { allocateOrder } from './allocate-order';
import { admitClients, forgetClients } from './limit-clients';
import { deadlineDelay } from './meet-deadline';
import type { OrderPorts } from './ports';

export interface PlaceOrderInput {
  readonly shop: string;
  readonly idempotencyKey: string;
  readonly productId: string;
  readonly productVersion: number;
  readonly skuId: string;
  readonly quantity: number;
  readonly contact: string;
  /** The buyer's network address, for the limits. */
  readonly address: string;
}

/** What never changes about a placed order, so that a repeat is answered the same. */
export interface PlacedOrder {
  readonly orderId: string;
  readonly orderToken: string;
  readonly productId: string;
  readonly productVersion: number;
  readonly skuId: string;
  readonly quantity: number;
  readonly amountCents: number;
  readonly currency: string;
  readonly placedAt: Instant;
  readonly deadlineAt: Instant;
  readonly paymentUrl: string;
}

type Ports = Pick<
  OrderPorts,
  | 'clock'
  | 'shops'
  | 'shelf'
  | 'products'
  | 'orders'
  | 'limits'
  | 'deadlines'
  | 'credentials'
  | 'paymentLinks'
  | 'stock'
>;

/** Guests share one name: their Idempotency-Key, a UUID, tells them apart. */
const GUEST = 'guest';

/**
 * Places a guest's order: the order item first, then its keys. The order's id is computed from the
 * Idempotency-Key, so the item is the idempotency record as well: a repeat finds it, and one that finds it without
 * keys and without a living worker carries on.
 */
export async function placeOrder(ports: Ports, input: PlaceOrderInput): Promise<PlacedOrder> {
  const merchant = await loadShop(ports, input.shop);
  const orderId = await ports.credentials.orderId(merchant.merchantId, GUEST, input.idempotencyKey);
  const requestHash = hashOf(input);

  const standing = await ports.orders.find(orderId);
  if (standing !== undefined) return repeat(ports, standing, requestHash);

  const order = await newOrder(ports, merchant, orderId, requestHash, input);
  // Whatever else may refuse comes before the order stands.
  await ports.paymentLinks.linkFor(order);
  await admitClients(ports, order, merchant.settings);
  if ((await ports.orders.create(order)) === 'exists') {
    const first = await loadStanding(ports, orderId);
    // Counted for an order that is not this one, or that has ended meanwhile and was forgotten before.
    const waits = first.status === 'allocating' || first.status === 'pending_payment';
    if (first.requestHash !== requestHash || !waits) await forgetClients(ports, order);
    return repeat(ports, first, requestHash);
  }
  await ports.deadlines.schedule(
    { orderId, deadlineAt: order.deadlineAt },
    deadlineDelay(order.placedAt, order.deadlineAt),
  );
  return allocate(ports, order);
}

async function repeat(ports: Ports, order: Order, requestHash: string): Promise<PlacedOrder> {
  if (order.requestHash !== requestHash) throw new DomainError('orders.key_reused', 'unprocessable');
  if (order.status === 'sold_out') throw conflict('orders.sold_out');
  if (order.status !== 'allocating') return placed(ports, order);

  const now = toInstant(ports.clock());
  if (!leaseLapsed(order, now)) throw inProgress();
  const taken = await ports.orders.takeOver(order, { now, until: plusSeconds(now, LEASE_SECONDS) });
  if (taken === 'raced') throw inProgress();
  return allocate(ports, taken);
}

/** Gets the order its keys and answers by what it has become. */
async function allocate(ports: Ports, order: Order): Promise<PlacedOrder> {
  const outcome = await allocateOrder(ports, order, order.deadlineAt, {
    commit: (keys) => ports.orders.awaitPayment(order, keys, toInstant(ports.clock())),
    giveUp: () => ports.orders.declareSoldOut(order, toInstant(ports.clock())),
  });
  if (outcome === 'allocated') return placed(ports, order);
  if (outcome === 'short') {
    await forgetClients(ports, order);
    throw conflict('orders.sold_out');
  }
  const now = await loadStanding(ports, order.orderId);
  if (now.status === 'allocating') throw inProgress();
  if (now.status === 'sold_out') throw conflict('orders.sold_out');
  return placed(ports, now);
}

async function newOrder(
  ports: Ports,
  merchant: Merchant,
  orderId: string,
  requestHash: string,
  input: PlaceOrderInput,
): Promise<Order> {
  const { merchantId, currency, settings } = merchant;
  const { productId, productVersion, skuId, quantity, contact } = input;
  const onShelf = await ports.shelf.findOnShelf(merchantId, productId);
  if (onShelf === undefined) throw offShelf(await ports.products.findProduct(merchantId, productId));
  if (onShelf.version !== productVersion) throw conflict('catalog.version_changed');
  const sku = onShelf.content.skus.find((one) => one.skuId === skuId);
  if (sku === undefined) throw notFound('catalog.sku_not_found');
  if (quantity > sku.limitPerOrder) {
    throw new DomainError('orders.over_limit', 'unprocessable', {
      fields: [{ field: 'body.quantity', message: `is at most ${sku.limitPerOrder} for this SKU` }],
    });
  }
  const total = times(money(unitPriceCents(sku, quantity), currency), quantity);
  const placedAt = toInstant(ports.clock());
  const deadlineAt = plusSeconds(placedAt, settings.paymentDeadlineMinutes * 60);
  return {
    orderId,
    merchantId,
    status: 'allocating',
    attempt: 1,
    leaseUntil: plusSeconds(placedAt, LEASE_SECONDS),
    requestHash,
    productId,
    productVersion,
    skuId,
    quantity,
    ...total,
    contact,
    clients: await ports.credentials.clients(merchantId, contact, input.address),
    placedAt,
    deadlineAt,
    dueAt: deadlineAt,
    keys: [],
    timeline: [{ at: placedAt, status: 'allocating', actor: 'buyer' }],
  };
}

/** A product that was never on sale is nobody's business; one that was taken off sale says so. */
const offShelf = (product: Product | undefined): DomainError =>
  product?.status === 'unpublished' ? conflict('catalog.unpublished') : notFound('catalog.product_not_found');

async function placed(ports: Ports, order: Order): Promise<PlacedOrder> {
  return {
    ...order,
    orderToken: await ports.credentials.orderToken(order.merchantId, order.orderId),
    paymentUrl: await ports.paymentLinks.linkFor(order),
  };
}

async function loadStanding(ports: Pick<OrderPorts, 'orders'>, orderId: string): Promise<Order> {
  const order = await ports.orders.find(orderId);
  if (order === undefined) throw new Error('an order that was created is gone');
  return order;
}

const inProgress = (): DomainError =>
  new DomainError('orders.in_progress', 'conflict', {
    detail: 'The first request is still at work: repeat this one in a moment.',
    retryAfterSeconds: 1,
  });

/** 128 bits of what was asked for; the address is no part of it, a phone may change networks between repeats. */
const hashOf = ({ productId, productVersion, skuId, quantity, contact }: PlaceOrderInput): string =>
  createHash('sha256')
    .update(JSON.stringify([productId, productVersion, skuId, quantity, contact]))
    .digest('base64url')
    .slice(0, 22);
