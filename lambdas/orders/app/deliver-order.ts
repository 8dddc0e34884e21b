import { plusSeconds, toInstant } from '../../kernel/time';
import { releaseKeys, sellKeys } from '../../vault';
import { DELIVERY_GRACE_SECONDS, LEASE_SECONDS, leaseLapsed, type Order } from '../domain/order';
import { allocateOrder } from './allocate-order';
import { finishRelease } from './expire-order';
import { droppedKeys, entriesOf, heldKeys } from './held-keys';
import type { OrderPorts } from './ports';

type Ports = Pick<OrderPorts, 'clock' | 'orders' | 'limits' | 'stock'>;

/**
 * `confirmed`: the keys of this attempt are the buyer's; those of a later one would have to be confirmed anew.
 * `refund_due`: there are no keys for the buyer's money.
 */
export interface Confirmation {
  readonly confirmation: 'confirmed' | 'refund_due';
  readonly attempt: number;
}

/** Another worker is getting the order's keys: to be tried again. */
export class DeliveryInProgress extends Error {
  override readonly name = 'DeliveryInProgress';
}

/**
 * Makes a paid order's keys the buyer's for good. Keys that were lost, or that a late payment comes too late for,
 * are replaced from stock; failing that a refund is due. Every step is conditional: driving it again, at once or
 * years later, changes nothing that is done.
 */
export async function confirmKeys(ports: Ports, orderId: string): Promise<Confirmation> {
  for (;;) {
    const order = await ports.orders.find(orderId);
    switch (order?.status) {
      case 'paid': {
        const { lost } = await sellKeys(ports.stock, heldKeys(order));
        // The order forgets keys first and gives them back after: another worker may be delivering them.
        await releaseKeys(ports.stock, droppedKeys(order));
        if (lost.length === 0) return { confirmation: 'confirmed', attempt: order.attempt };
        await ports.orders.dropKeys(order, entriesOf(order, lost), toInstant(ports.clock()));
        break;
      }
      case 'reallocating':
        await reallocate(ports, order);
        break;
      case 'delivered':
        return { confirmation: 'confirmed', attempt: order.attempt };
      case 'refund_due':
        if (order.dueAt !== undefined) await finishRelease(ports, order);
        return { confirmation: 'refund_due', attempt: order.attempt };
      default:
        throw new Error(`an order that is ${order?.status ?? 'missing'} cannot be delivered`);
    }
  }
}

async function reallocate(ports: Ports, order: Order): Promise<void> {
  const now = toInstant(ports.clock());
  if (!leaseLapsed(order, now)) throw new DeliveryInProgress();
  const own = await ports.orders.takeOver(order, { now, until: plusSeconds(now, LEASE_SECONDS) });
  if (own === 'raced') throw new DeliveryInProgress();
  await allocateOrder(ports, own, plusSeconds(now, DELIVERY_GRACE_SECONDS), {
    commit: (keys) => ports.orders.restore(own, keys, toInstant(ports.clock())),
    giveUp: () => ports.orders.declareRefundDue(own, toInstant(ports.clock())),
  });
}

/** paid -> delivered, once the keys of this attempt are confirmed. */
export async function completeDelivery(
  ports: Pick<OrderPorts, 'clock' | 'orders'>,
  orderId: string,
  attempt: number,
): Promise<void> {
  const order = await ports.orders.find(orderId);
  if (order?.status === 'delivered') return;
  if (order?.status !== 'paid' || order.attempt !== attempt) throw new DeliveryInProgress();
  const delivered = await ports.orders.deliver(order, toInstant(ports.clock()));
  if (delivered === 'raced') return completeDelivery(ports, orderId, attempt);
}

/** The whole delivery at once: what a redrive of a failed one does. */
export async function deliverOrder(ports: Ports, orderId: string): Promise<void> {
  const { confirmation, attempt } = await confirmKeys(ports, orderId);
  if (confirmation === 'confirmed') await completeDelivery(ports, orderId, attempt);
}
