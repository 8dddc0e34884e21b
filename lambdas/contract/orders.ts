import * as z from 'zod';
import { MAX_QUANTITY } from './catalog';
import { routes } from './route';
import {
  contact,
  currency,
  idempotencyKey,
  localizedText,
  orderId,
  productId,
  shopSlug,
  skuId,
} from './values';

export const orderStatus = z
  .enum([
    'allocating',
    'pending_payment',
    'sold_out',
    'expired',
    'reallocating',
    'paid',
    'delivered',
    'refund_due',
  ])
  .meta({ id: 'OrderStatus' });
export type OrderStatus = z.infer<typeof orderStatus>;

export const keyStatus = z
  .enum(['available', 'held', 'sold', 'revealed', 'voided'])
  .meta({ id: 'KeyStatus' });

/** A guest proves to be the buyer by the order's token, in a header so that no log or referrer carries it. */
const orderTokenHeaders = z.object({
  'order-token': z
    .string()
    .max(100, 'is the orderToken of the order')
    .meta({ description: 'From the placed order.' }),
});

/** The facts of an order that never change: what placing it answers, however often it is repeated. */
export const placedOrder = z
  .object({
    orderId,
    orderToken: z.string().meta({ description: 'Proves to be the buyer; keep it.' }),
    productId,
    productVersion: z.int(),
    skuId,
    quantity: z.int(),
    amountCents: z.int(),
    currency,
    placedAt: z.string(),
    deadlineAt: z.string().meta({ description: 'Unpaid, the order expires then and its keys go back.' }),
    paymentUrl: z.string(),
  })
  .meta({ id: 'PlacedOrder' });
export type PlacedOrder = z.infer<typeof placedOrder>;

export const maskedKey = z
  .object({ position: z.int(), mask: z.string(), status: keyStatus })
  .meta({ id: 'MaskedKey' });
export type MaskedKey = z.infer<typeof maskedKey>;

/** In every view of an order. */
const whatWasBought = {
  productId,
  productVersion: z.int(),
  productName: localizedText(80),
  skuId,
  skuName: localizedText(80),
  quantity: z.int(),
  amountCents: z.int(),
  currency,
  placedAt: z.string(),
  deadlineAt: z.string(),
};

export const buyerOrder = z
  .object({
    orderId,
    status: orderStatus,
    reason: z
      .string()
      .optional()
      .meta({ description: 'Why it is so: deadline, buyer, late_payment, out_of_stock, key_lost.' }),
    ...whatWasBought,
    paymentUrl: z.string().optional().meta({ description: 'While the order waits for payment.' }),
    paidAt: z.string().optional(),
    deliveredAt: z.string().optional(),
    instructions: localizedText(4000).optional().meta({ description: 'Once delivered.' }),
    redeemLink: z.string().optional(),
    keys: z.array(maskedKey).meta({ description: 'Once delivered, masked.' }),
  })
  .meta({ id: 'BuyerOrder' });
export type BuyerOrder = z.infer<typeof buyerOrder>;

const orderParams = z.object({ shop: shopSlug, orderId });
const orderProblems = ['shops.not_found', 'orders.not_found'] as const;

export const storefrontOrderRoutes = routes({
  placeOrder: {
    method: 'POST',
    path: '/shops/{shop}/orders',
    summary: 'Place an order: its keys are held until the deadline',
    description:
      'Repeat it with the same Idempotency-Key as often as you like: there is one order and one answer. ' +
      'The same key with another body is refused.',
    params: z.object({ shop: shopSlug }),
    headers: z.object({ 'idempotency-key': idempotencyKey }),
    body: z.strictObject({
      productId,
      productVersion: z.int('is a whole number').min(1, 'is the version that you have seen'),
      skuId,
      quantity: z
        .int('is a whole number')
        .min(1, 'is at least 1')
        .max(MAX_QUANTITY, `is at most ${MAX_QUANTITY}`),
      contact,
    }),
    status: 201,
    response: placedOrder,
    problems: [
      'shops.not_found',
      'catalog.product_not_found',
      'catalog.sku_not_found',
      'catalog.unpublished',
      'catalog.version_changed',
      'orders.over_limit',
      'orders.sold_out',
      'orders.in_progress',
      'orders.key_reused',
      'orders.too_many_unpaid',
      'orders.too_many_held',
      'payments.no_gateway',
    ],
  },
  getOrder: {
    method: 'GET',
    path: '/shops/{shop}/orders/{orderId}',
    summary: "The buyer's view of an order",
    params: orderParams,
    headers: orderTokenHeaders,
    status: 200,
    response: buyerOrder,
    problems: orderProblems,
  },
  cancelOrder: {
    method: 'POST',
    path: '/shops/{shop}/orders/{orderId}/cancel',
    summary: 'Give up an unpaid order; its keys go back on sale',
    params: orderParams,
    headers: orderTokenHeaders,
    status: 200,
    response: buyerOrder,
    problems: [...orderProblems, 'orders.not_cancellable'],
  },
});

export const revealedKey = z
  .object({
    position: z.int(),
    fields: z.array(z.object({ label: z.string(), value: z.string() })),
    expiresAt: z.string().optional(),
  })
  .meta({ id: 'RevealedKey' });

export const buyerRevealRoutes = routes({
  createRevealToken: {
    method: 'POST',
    path: '/shops/{shop}/orders/{orderId}/reveal-tokens',
    summary: 'A token for one reveal, valid for a minute',
    params: orderParams,
    headers: orderTokenHeaders,
    status: 201,
    response: z.object({ revealToken: z.string(), expiresAt: z.string() }),
    problems: [...orderProblems, 'orders.not_delivered'],
  },
  revealKeys: {
    method: 'POST',
    path: '/shops/{shop}/orders/{orderId}/reveals',
    summary: 'The delivered keys in plain text, in this answer alone',
    params: orderParams,
    headers: orderTokenHeaders,
    body: z.strictObject({
      revealToken: z.string().max(100, 'is the revealToken that was answered'),
      position: z
        .int('is a whole number')
        .min(1, 'is at least 1')
        .optional()
        .meta({ description: 'One key of the order; absent: all of them.' }),
    }),
    status: 200,
    response: z.object({ keys: z.array(revealedKey) }),
    problems: [...orderProblems, 'orders.not_delivered', 'orders.reveal_token_invalid'],
  },
});

export const timelineEntry = z
  .object({
    at: z.string(),
    status: orderStatus,
    actor: z.string().meta({ description: 'buyer, gateway, system, or a staff id.' }),
    reason: z.string().optional(),
  })
  .meta({ id: 'TimelineEntry' });

export const staffOrder = z
  .object({
    orderId,
    status: orderStatus,
    contact: z.string(),
    ...whatWasBought,
    payment: z
      .object({ gateway: z.string(), transactionId: z.string(), paidAt: z.string() })
      .optional()
      .meta({ description: 'The payment that the order stands on.' }),
    timeline: z.array(timelineEntry),
    keys: z.array(maskedKey),
    reveals: z.array(
      z.object({
        at: z.string(),
        actor: z.string(),
        address: z.string(),
        userAgent: z.string(),
        positions: z.array(z.int()),
      }),
    ),
  })
  .meta({ id: 'StaffOrder' });
export type StaffOrder = z.infer<typeof staffOrder>;

export const consoleOrderRoutes = routes({
  getStaffOrder: {
    method: 'GET',
    path: '/orders/{orderId}',
    summary: 'An order with its whole time line, its masked keys and every reveal',
    roles: ['owner', 'operator', 'finance', 'support'],
    params: z.object({ orderId }),
    status: 200,
    response: staffOrder,
    problems: ['orders.not_found'],
  },
});

/** Input of the order-delivery workflow and of its first task, and the body of the failed-deliveries queue. */
export const deliveryInput = z.object({ orderId: z.string() });
export type DeliveryInput = z.infer<typeof deliveryInput>;

/** Input of the workflow's last task: the attempt is the one whose keys the first has confirmed. */
export const completionInput = deliveryInput.extend({ attempt: z.int() });

/** Body of the payment-deadlines queue. */
export const deadlineMessage = z.object({ orderId: z.string(), deadlineAt: z.string() });
export type DeadlineMessage = z.infer<typeof deadlineMessage>;
