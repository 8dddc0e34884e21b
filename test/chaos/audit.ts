import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { fromItem } from '../../lambdas/orders/adapters/order-item';
import type { Order } from '../../lambdas/orders/domain/order';
import type { Item } from '../../lambdas/store/conditional-write';
import type { Table } from '../../lambdas/store/table';
import { mustOutlive, type Segment } from '../../lambdas/vault/domain/segment';
import { parseHolder, parseSlotId } from '../../lambdas/vault/domain/slot';
import type { Market } from './market';

interface SlotRow {
  readonly slotId: string;
  readonly segmentId: string;
  readonly status: string;
  readonly holder?: string;
}

export interface Books {
  readonly orders: readonly Order[];
  readonly payments: ReadonlyMap<string, { readonly status: string; readonly orderId: string }>;
  readonly slots: readonly SlotRow[];
  readonly segments: ReadonlyMap<string, Segment>;
}

/** Reads both tables whole. */
export async function readBooks({ vault, orders }: Pick<Market, 'vault' | 'orders'>): Promise<Books> {
  const orderItems = await allItems(orders);
  const vaultItems = await allItems(vault);
  const of = (items: Item[], prefix: string) =>
    items.filter((item) => String(item.pk).startsWith(`${prefix}#`));
  const payments = of(orderItems, 'payment').map(
    (item) =>
      [
        String(item.pk).split('#')[2] ?? '',
        { status: `${item.status}`, orderId: `${item.orderId}` },
      ] as const,
  );
  return {
    orders: of(orderItems, 'order').map(fromItem),
    payments: new Map(payments),
    slots: of(vaultItems, 'slot').map((item) => {
      const slotId = String(item.pk).slice('slot#'.length);
      return { ...item, slotId, ...parseSlotId(slotId) } as unknown as SlotRow;
    }),
    segments: new Map(
      of(vaultItems, 'segment').map((item) => [`${item.segmentId}`, item as unknown as Segment]),
    ),
  };
}

/** What the promises forbid, at a moment when nobody is at work. */
export function violations({ orders, payments, slots, segments }: Books, market: Market): string[] {
  const found: string[] = market.surprises.map((error) => `unexplained: ${error}`);
  const bySlot = new Map(slots.map((slot) => [slot.slotId, slot]));
  const deliveredTo = new Map<string, string>();

  for (const order of orders) {
    const { orderId, status } = order;
    if (!['sold_out', 'expired', 'delivered', 'refund_due'].includes(status)) {
      found.push(`order ${orderId} ends as ${status}`);
    }
    if (order.dueAt !== undefined) found.push(`order ${orderId} is ${status} and still due`);
    if (status !== 'delivered') continue;
    if (order.payment === undefined) found.push(`order ${orderId} is delivered unpaid`);
    if (new Set(order.keys.map((key) => key.slotId)).size !== order.quantity) {
      found.push(`order ${orderId} has not its quantity of keys`);
    }
    for (const key of order.keys) {
      const slot = bySlot.get(key.slotId);
      const other = deliveredTo.get(key.slotId);
      if (other !== undefined) found.push(`double delivery: ${key.slotId} to ${other} and ${orderId}`);
      deliveredTo.set(key.slotId, orderId);
      const sold = slot?.status === 'sold' || slot?.status === 'revealed';
      // By order alone, so that a design without attempts is judged by its faults; showing the key checks the rest.
      if (!sold || parseHolder(slot.holder ?? '').orderId !== orderId) {
        found.push(`delivered key ${key.slotId} of ${orderId} is ${slot?.status} by ${slot?.holder}`);
      }
    }
  }

  const byOrder = new Map(orders.map((order) => [order.orderId, order]));
  for (const { transactionId, orderId } of market.transactions) {
    const payment = payments.get(transactionId);
    const order = byOrder.get(orderId);
    const standsOnIt = order?.payment?.transactionId === transactionId;
    const settled = standsOnIt
      ? order.status === 'delivered' || order.status === 'refund_due'
      : payment?.status === 'refund_due';
    if (!settled) {
      found.push(`paid for nothing: ${transactionId} (${payment?.status}) of ${orderId} (${order?.status})`);
    }
  }

  for (const slot of slots) {
    if (slot.status === 'held') found.push(`${slot.slotId} is left held by ${slot.holder}`);
    if ((slot.status === 'sold' || slot.status === 'revealed') && !deliveredTo.has(slot.slotId)) {
      found.push(`lost key: ${slot.slotId} is ${slot.status} to ${slot.holder}, which has it not`);
    }
  }

  for (const segment of segments.values()) {
    const own = slots.filter((slot) => slot.segmentId === segment.segmentId);
    if (own.length !== segment.size) found.push(`segment ${segment.segmentId} has ${own.length} slots`);
    if (segment.avail < 0 || segment.head + segment.avail !== segment.size) {
      found.push(`segment ${segment.segmentId}: head ${segment.head}, avail ${segment.avail}`);
    }
  }

  for (const [secret, shownTo] of market.disclosed) {
    if (shownTo.size > 1) found.push(`shown twice: ${secret} to ${[...shownTo].join(', ')}`);
  }
  return found;
}

/** Keys that could be sold now. */
export function sellable({ slots, segments }: Books, now: string): SlotRow[] {
  return slots.filter((slot) => {
    const segment = segments.get(slot.segmentId);
    return (
      slot.status === 'available' &&
      segment?.status === 'active' &&
      // What an order that is placed now has to outlive, its 15 minutes included.
      segment.expiresAt > mustOutlive(new Date(Date.parse(now) + 15 * 60_000).toISOString())
    );
  });
}

async function allItems({ client, tableName: TableName }: Table): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of paginateScan({ client }, { TableName, ConsistentRead: true })) {
    items.push(...(page.Items ?? []));
  }
  return items;
}
