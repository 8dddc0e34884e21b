import { type HeldSlot, holderOf, parseSlotId } from '../../vault';
import type { Order, OrderKey } from '../domain/order';

/** An order's keys as the vault knows them. */
export const heldKeys = (order: Pick<Order, 'orderId' | 'keys'>): HeldSlot[] =>
  order.keys.map(({ slotId, attempt }) => ({
    slot: parseSlotId(slotId),
    holder: holderOf(order.orderId, attempt),
  }));

/** Keys that the order has dropped and not yet given back. */
export const droppedKeys = ({ orderId, dropped = [] }: Pick<Order, 'orderId' | 'dropped'>): HeldSlot[] =>
  heldKeys({ orderId, keys: dropped });

/** The order's entries of some of its keys. */
export function entriesOf(order: Pick<Order, 'orderId' | 'keys'>, held: readonly HeldSlot[]): OrderKey[] {
  const wanted = new Set(held.map(({ slot, holder }) => `${slot.segmentId}.${slot.index} ${holder}`));
  return order.keys.filter(({ slotId, attempt }) =>
    wanted.has(`${slotId} ${holderOf(order.orderId, attempt)}`),
  );
}
