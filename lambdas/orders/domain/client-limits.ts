import type { Instant } from '../../kernel/time';

/** What one client's unpaid orders hold, by order id. */
export type UnpaidOrders = Readonly<Record<string, { readonly quantity: number; readonly until: Instant }>>;

export interface Limits {
  readonly unpaidOrders: number;
  readonly heldKeys: number;
}

export type Admission =
  | { readonly kind: 'admitted'; readonly unpaid: UnpaidOrders }
  | { readonly kind: 'too_many_unpaid' | 'too_many_held'; readonly until: Instant };

/**
 * Whether a client may hold another order's keys. Orders whose deadline has passed no longer count; an order that
 * was admitted before is admitted again.
 */
export function admit(
  unpaid: UnpaidOrders,
  order: { readonly orderId: string; readonly quantity: number; readonly until: Instant },
  limits: Limits,
  now: Instant,
): Admission {
  const others = Object.entries(unpaid).filter(
    ([orderId, { until }]) => orderId !== order.orderId && until > now,
  );
  const nextEnd = others.map(([, { until }]) => until).sort()[0] ?? now;
  if (others.length >= limits.unpaidOrders) return { kind: 'too_many_unpaid', until: nextEnd };
  const held = others.reduce((sum, [, { quantity }]) => sum + quantity, 0);
  if (held + order.quantity > limits.heldKeys) return { kind: 'too_many_held', until: nextEnd };
  const own = { quantity: order.quantity, until: order.until };
  return { kind: 'admitted', unpaid: { ...Object.fromEntries(others), [order.orderId]: own } };
}

/** An IPv6 customer owns a whole /64, so that is what counts as one address. */
export function limitedAddress(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const rest = tail === undefined ? [] : tail.split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - rest.length) }, () => '0');
  return [...groups, ...zeros, ...rest].slice(0, 4).join(':');
}
