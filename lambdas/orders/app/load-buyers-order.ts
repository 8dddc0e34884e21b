import { notFound } from '../../kernel/errors';
import { loadShop } from '../../merchants';
import type { Order } from '../domain/order';
import type { OrderPorts } from './ports';

/** Someone says to be the buyer of an order. */
export interface BuyersClaim {
  readonly shop: string;
  readonly orderId: string;
  readonly orderToken: string;
}

/**
 * The order of a buyer who has its token. The token is checked before the order is looked for: a wrong one is
 * answered alike, and as fast, whether the order exists or not.
 */
export async function loadBuyersOrder(
  ports: Pick<OrderPorts, 'shops' | 'credentials' | 'orders'>,
  { shop, orderId, orderToken }: BuyersClaim,
): Promise<Order> {
  const { merchantId } = await loadShop(ports, shop);
  if (!(await ports.credentials.checkToken(merchantId, orderId, orderToken))) throw orderNotFound();
  const order = await ports.orders.find(orderId);
  if (order === undefined || order.merchantId !== merchantId) throw orderNotFound();
  return order;
}

export const orderNotFound = () => notFound('orders.not_found');
