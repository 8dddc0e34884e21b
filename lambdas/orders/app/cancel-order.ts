import { conflict } from '../../kernel/errors';
import { lastEntry, type Order } from '../domain/order';
import { expireOrder } from './expire-order';
import { type BuyersClaim, loadBuyersOrder } from './load-buyers-order';
import type { OrderPorts } from './ports';

type Ports = Pick<OrderPorts, 'clock' | 'shops' | 'credentials' | 'orders' | 'limits' | 'stock'>;

/** Gives up an unpaid order. Done before, by the buyer, it is done. */
export async function cancelOrder(ports: Ports, claim: BuyersClaim): Promise<Order> {
  const order = await loadBuyersOrder(ports, claim);
  if (order.status === 'expired' && lastEntry(order).reason === 'buyer') return order;
  const cancelled = await expireOrder(ports, order, { actor: 'buyer', reason: 'buyer' });
  if (cancelled !== 'raced') return cancelled;
  const now = await loadBuyersOrder(ports, claim);
  if (now.status !== 'expired') throw conflict('orders.not_cancellable');
  return now;
}
