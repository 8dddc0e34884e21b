import type { Order } from '../../lambdas/orders/domain/order';

/** A new order of one key, as its buyer has just placed it. */
export const anOrder = (changes: Partial<Order> = {}): Order => ({
  orderId: `ord_${'0'.repeat(26)}`,
  merchantId: 'mer_0000000001',
  status: 'allocating',
  attempt: 1,
  requestHash: 'h'.repeat(22),
  productId: 'prd_0000000001',
  productVersion: 1,
  skuId: 'sku_0000000001',
  quantity: 1,
  amountCents: 990,
  currency: 'CNY',
  contact: 'buyer@example.com',
  clients: ['contact', 'address'],
  placedAt: '2026-01-31T08:00:00.000Z',
  deadlineAt: '2026-01-31T08:15:00.000Z',
  dueAt: '2026-01-31T08:15:00.000Z',
  keys: [],
  timeline: [{ at: '2026-01-31T08:00:00.000Z', status: 'allocating', actor: 'buyer' }],
  ...changes,
});
