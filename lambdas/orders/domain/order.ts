import type { Instant } from '../../kernel/time';

export const orderStatuses = [
  'allocating',
  'pending_payment',
  'sold_out',
  'expired',
  'reallocating',
  'paid',
  'delivered',
  'refund_due',
] as const;
export type OrderStatus = (typeof orderStatuses)[number];

/**
 * What each status may become. `expired` is left when a payment comes late; `paid` when a key was lost before
 * delivery; both through `reallocating`.
 */
export const orderTransitions: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  allocating: ['pending_payment', 'sold_out', 'expired'],
  pending_payment: ['paid', 'expired'],
  sold_out: [],
  expired: ['reallocating'],
  reallocating: ['paid', 'refund_due'],
  paid: ['delivered', 'reallocating'],
  delivered: [],
  refund_due: [],
};

/** Who caused a transition; a member of staff by id. */
export type Actor = 'buyer' | 'gateway' | 'system' | `staff:${string}`;

/** Why an order is in its status, where the status alone does not say. */
export type Reason = 'deadline' | 'buyer' | 'late_payment' | 'key_lost' | 'out_of_stock';

export interface TimelineEntry {
  readonly at: Instant;
  readonly status: OrderStatus;
  readonly actor: Actor;
  readonly reason?: Reason;
}

/** A key that the order stands on: its slot, and the attempt in whose name it is held. */
export interface OrderKey {
  readonly slotId: string;
  readonly attempt: number;
}

export interface Payment {
  readonly gateway: string;
  readonly transactionId: string;
}

export interface Order {
  readonly orderId: string;
  readonly merchantId: string;
  readonly status: OrderStatus;
  /** Counts the rounds in which the order tried to get keys: holds of an earlier one are void. */
  readonly attempt: number;
  /** Until then the attempt belongs to the one who began it. */
  readonly leaseUntil?: Instant;
  /** Digest of what was asked for, to tell a repeat from another order under the same Idempotency-Key. */
  readonly requestHash: string;
  readonly productId: string;
  readonly productVersion: number;
  readonly skuId: string;
  readonly quantity: number;
  readonly amountCents: number;
  readonly currency: string;
  readonly contact: string;
  /** Under which the buyer's contact and address are counted in the limits. */
  readonly clients: readonly string[];
  readonly placedAt: Instant;
  readonly deadlineAt: Instant;
  /** When the sweeper has to look at it; absent once nothing is left to do. */
  readonly dueAt?: Instant;
  readonly keys: readonly OrderKey[];
  /** Keys that could not be confirmed: the order stands on them no more, and gives them back before it ends. */
  readonly dropped?: readonly OrderKey[];
  readonly payment?: Payment;
  readonly timeline: readonly TimelineEntry[];
}

/** How long a worker may take to get an order's keys before another may take over. */
export const LEASE_SECONDS = 30;

/** How long a paid order may take before the sweeper drives it on. */
export const DELIVERY_GRACE_SECONDS = 60;

export const leaseLapsed = (order: Order, now: Instant): boolean =>
  order.leaseUntil === undefined || order.leaseUntil <= now;

/** The order's last transition. */
export function lastEntry(order: Order): TimelineEntry {
  const entry = order.timeline.at(-1);
  if (entry === undefined) throw new Error('an order without a time line');
  return entry;
}

export const enteredAt = (order: Order, status: OrderStatus): Instant | undefined =>
  order.timeline.findLast((entry) => entry.status === status)?.at;
