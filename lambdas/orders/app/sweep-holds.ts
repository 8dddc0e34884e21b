import { LIVE_SHARDS, slotId, sweepSegment } from '../../vault';
import { fateOfHold } from '../domain/fate-of-hold';
import type { OrderPorts } from './ports';

/** Looks through every live segment for burnt tickets and for holds that no order stands for. */
export async function sweepHolds(ports: Pick<OrderPorts, 'orders' | 'stock'>) {
  const found = { BurntTickets: 0, AbandonedHolds: 0 };
  for (let shard = 0; shard < LIVE_SHARDS; shard += 1) {
    let cursor: string | undefined;
    do {
      const page = await ports.stock.live.page(shard, cursor);
      for (const row of page.rows) {
        const { burntTickets, abandonedHolds } = await sweepSegment(
          ports.stock,
          async ({ orderId, attempt, slot }) =>
            fateOfHold(await ports.orders.find(orderId), { slotId: slotId(slot), attempt }),
          row,
        );
        found.BurntTickets += burntTickets;
        found.AbandonedHolds += abandonedHolds;
      }
      cursor = page.next;
    } while (cursor !== undefined);
  }
  return found;
}
