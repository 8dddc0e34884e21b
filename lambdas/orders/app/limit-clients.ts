import { DomainError } from '../../kernel/errors';
import { secondsBetween, toInstant } from '../../kernel/time';
import type { Merchant } from '../../merchants';
import type { Order } from '../domain/order';
import type { OrderPorts } from './ports';

type Ports = Pick<OrderPorts, 'limits' | 'clock'>;

/**
 * The name under which an order is counted. Requests that share an Idempotency-Key but ask for different things share
 * the order's id: raced against each other, none may replace or take back what another counts.
 */
const claimOf = ({ orderId, requestHash }: Order): string => `${orderId} ${requestHash}`;

/** Counts an order against its contact and its address, or refuses it. A refused order counts against neither. */
export async function admitClients(
  ports: Ports,
  order: Order,
  settings: Merchant['settings'],
): Promise<void> {
  const limits = { unpaidOrders: settings.unpaidOrdersPerClient, heldKeys: settings.heldKeysPerClient };
  const wanted = { orderId: claimOf(order), quantity: order.quantity, until: order.deadlineAt };
  const now = toInstant(ports.clock());
  for (const client of order.clients) {
    const admission = await ports.limits.admit(client, wanted, limits, now);
    if (admission.kind === 'admitted') continue;
    // What is counted so far stays: a twin may be placing the very order.
    if (admission.kind === 'busy')
      throw new DomainError('orders.in_progress', 'conflict', { retryAfterSeconds: 1 });
    await forgetClients(ports, order);
    throw new DomainError(`orders.${admission.kind}`, 'too_many', {
      detail: 'Pay or cancel an order that is waiting, or wait until it expires.',
      retryAfterSeconds: Math.max(1, Math.ceil(secondsBetween(now, admission.until))),
    });
  }
}

/** The order holds nothing unpaid any more. */
export async function forgetClients(ports: Pick<Ports, 'limits'>, order: Order): Promise<void> {
  await Promise.all(order.clients.map((client) => ports.limits.forget(client, claimOf(order))));
}
