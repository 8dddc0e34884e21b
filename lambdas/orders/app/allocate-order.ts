import type { Instant } from '../../kernel/time';
import { allocateKeys, forgetHints, holderOf, poolOf, releaseKeys, returnTickets, slotId } from '../../vault';
import type { Order, OrderKey } from '../domain/order';
import type { OrderPorts, Raced } from './ports';

/** What the order becomes: with all its keys, or when stock is short. Both only if the attempt still stands. */
interface Endings {
  commit(keys: readonly OrderKey[]): Promise<Order | Raced>;
  giveUp(): Promise<Order | Raced>;
}

/**
 * Gets the keys that an order still lacks, in the name of its present attempt, and commits them to the order or
 * gives up. The order moves first and slots are released after: a slot whose release a crash prevents is held by
 * an attempt that nobody stands for, which the sweeper sees.
 */
export async function allocateOrder(
  ports: Pick<OrderPorts, 'orders' | 'stock'>,
  order: Order,
  heldUntil: Instant,
  endings: Endings,
): Promise<'allocated' | 'short' | 'raced'> {
  const holder = holderOf(order.orderId, order.attempt);
  const allocation = await allocateKeys(ports.stock, {
    pool: poolOf(order.skuId),
    quantity: order.quantity - order.keys.length,
    holder,
    heldUntil,
  });

  if (allocation.kind === 'short') {
    const ended = await endings.giveUp();
    await releaseKeys(
      ports.stock,
      allocation.held.map((slot) => ({ slot, holder })),
    );
    await returnTickets(ports.stock, allocation.unused);
    return ended === 'raced' ? 'raced' : 'short';
  }

  const added = allocation.slots.map((slot) => ({ slotId: slotId(slot), attempt: order.attempt }));
  const committed = await endings.commit([...order.keys, ...added]);
  if (committed === 'raced') {
    // A commit whose answer was lost looks lost when it is repeated: what the order stands on is not to be released.
    const listed = new Set((await ports.orders.find(order.orderId))?.keys.map((key) => key.slotId));
    const unlisted = allocation.slots.filter((slot) => !listed.has(slotId(slot)));
    await releaseKeys(
      ports.stock,
      unlisted.map((slot) => ({ slot, holder })),
    );
    if (unlisted.length > 0) return 'raced';
  }
  await forgetHints(ports.stock, allocation.hints);
  return 'allocated';
}
