import { toInstant } from '../../kernel/time';
import { releaseKeys } from '../../vault';
import type { Actor, Order, Reason } from '../domain/order';
import { droppedKeys, heldKeys } from './held-keys';
import { forgetClients } from './limit-clients';
import type { OrderPorts, Raced } from './ports';

type Ports = Pick<OrderPorts, 'clock' | 'orders' | 'limits' | 'stock'>;

/** Ends an unpaid order, then gives its keys back. Against a payment exactly one wins. */
export async function expireOrder(
  ports: Ports,
  order: Order,
  cause: { readonly actor: Actor; readonly reason: Reason },
): Promise<Order | Raced> {
  const expired = await ports.orders.expire(order, { ...cause, at: toInstant(ports.clock()) });
  return expired === 'raced' ? 'raced' : finishRelease(ports, expired);
}

/**
 * Gives back what an ended order holds and marks it done. Can be driven again at any time: each slot is released
 * only from the very hold that the order lists.
 */
export async function finishRelease(
  ports: Pick<OrderPorts, 'orders' | 'limits' | 'stock'>,
  order: Order,
): Promise<Order | Raced> {
  await releaseKeys(ports.stock, [...heldKeys(order), ...droppedKeys(order)]);
  await forgetClients(ports, order);
  return ports.orders.markReleased(order);
}
