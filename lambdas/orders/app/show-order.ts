import { parseSlotId, type Slot, slotId } from '../../vault';
import { enteredAt, lastEntry, type Order } from '../domain/order';
import { orderNotFound } from './load-buyers-order';
import type { OrderPorts } from './ports';

type Ports = Pick<OrderPorts, 'versions' | 'stock'>;

/** What was bought, as it was when it was bought. */
async function bought(ports: Ports, { merchantId, productId, productVersion, skuId }: Order) {
  const { content } = await ports.versions.loadVersion(merchantId, productId, productVersion);
  const sku = content.skus.find((one) => one.skuId === skuId);
  if (sku === undefined) throw new Error('a product version without the SKU that was bought');
  return { content, names: { productName: content.name, skuName: sku.name } };
}

/** An order's keys by their masks; one that is not the order's any more is left out. */
async function maskedKeys(ports: Ports, order: Order) {
  const slots = await ports.stock.slots.findMany(order.keys.map((key) => parseSlotId(key.slotId)));
  const bySlot = new Map<string, Slot>(slots.map((slot) => [slotId(slot), slot]));
  return order.keys.flatMap((key, i) => {
    const slot = bySlot.get(key.slotId);
    const own = slot?.holder === `${order.orderId}#${key.attempt}`;
    return slot && own ? [{ position: i + 1, mask: slot.mask, status: slot.status }] : [];
  });
}

/** The buyer's view: keys, masked, and instructions once they are delivered. */
export async function showToBuyer(ports: Ports & Pick<OrderPorts, 'paymentLinks'>, order: Order) {
  const { content, names } = await bought(ports, order);
  const delivered = order.status === 'delivered';
  const waiting = order.status === 'pending_payment';
  return {
    ...order,
    ...names,
    reason: lastEntry(order).reason,
    paidAt: order.payment && (enteredAt(order, 'paid') ?? enteredAt(order, 'reallocating')),
    deliveredAt: enteredAt(order, 'delivered'),
    paymentUrl: waiting ? await ports.paymentLinks.linkFor(order) : undefined,
    keys: delivered ? await maskedKeys(ports, order) : [],
    ...(delivered ? { instructions: content.instructions, redeemLink: content.redeemLink } : {}),
  };
}

/** The staff's view: every transition, the masked state of the keys, every reveal. */
export async function showToStaff(
  ports: Ports & Pick<OrderPorts, 'orders' | 'reveals'>,
  merchantId: string,
  orderId: string,
) {
  const order = await ports.orders.find(orderId);
  if (order === undefined || order.merchantId !== merchantId) throw orderNotFound();
  const { names } = await bought(ports, order);
  const paidAt = enteredAt(order, 'paid') ?? enteredAt(order, 'reallocating') ?? '';
  return {
    ...order,
    ...names,
    payment: order.payment && { ...order.payment, paidAt },
    timeline: [...order.timeline],
    keys: await maskedKeys(ports, order),
    reveals: (await ports.reveals.of(orderId)).map((reveal) => ({
      ...reveal,
      positions: [...reveal.positions],
    })),
  };
}
