import { toInstant } from '../../kernel/time';
import type { Order } from '../domain/order';
import { expireOrder, finishRelease } from './expire-order';
import { DUE_SHARDS, type OrderPorts } from './ports';

type Ports = Pick<OrderPorts, 'clock' | 'orders' | 'dueOrders' | 'limits' | 'stock' | 'workflow'>;

/**
 * Finishes what messages, workflows and crashes have left: expires overdue orders, completes releases, drives paid
 * orders on. Answers what it found; in a healthy system all zero.
 */
export async function sweepOrders(ports: Ports) {
  const found = { OverdueOrders: 0, UnreleasedOrders: 0, UndeliveredOrders: 0 };
  const before = toInstant(ports.clock());
  for (let shard = 0; shard < DUE_SHARDS; shard += 1) {
    let cursor: string | undefined;
    do {
      const page = await ports.dueOrders.due(shard, before, cursor);
      for (const orderId of page.orderIds) {
        const order = await ports.orders.find(orderId);
        const finding = order && (await settle(ports, order));
        if (finding) found[finding] += 1;
      }
      cursor = page.next;
    } while (cursor !== undefined);
  }
  return found;
}

async function settle(ports: Ports, order: Order) {
  // The index may lag: only the order itself tells whether it is due.
  if (order.dueAt === undefined || order.dueAt > toInstant(ports.clock())) return undefined;
  switch (order.status) {
    case 'allocating':
    case 'pending_payment':
      await expireOrder(ports, order, { actor: 'system', reason: 'deadline' });
      return 'OverdueOrders';
    case 'paid':
    case 'reallocating':
      await ports.workflow.start(order.orderId);
      return 'UndeliveredOrders';
    default:
      await finishRelease(ports, order);
      return 'UnreleasedOrders';
  }
}
