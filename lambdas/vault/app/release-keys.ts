import type { Holder, SlotRef } from '../domain/slot';
import type { StockPorts } from './ports';

type Ports = Pick<StockPorts, 'segments' | 'slots' | 'hints' | 'pools' | 'live'>;

/** A slot and the holder under which an order took it. */
export interface HeldSlot {
  readonly slot: SlotRef;
  readonly holder: Holder;
}

/**
 * Gives slots back to stock, each only if that holder still has it and it was never revealed. Driven again after
 * a crash it pushes the hint that was missing: a hint too many is harmless, one too few would idle the key. A slot
 * that somebody else holds gets one too: a slow worker with an old ticket, should it crash, is found only by it.
 */
export async function releaseKeys(ports: Ports, held: readonly HeldSlot[]): Promise<void> {
  await Promise.all(
    held.map(async ({ slot, holder }) => {
      const outcome = await ports.slots.release(slot, holder);
      if (outcome !== 'gone') await returnToPool(ports, slot);
    }),
  );
}

/** Gives back indices that were taken from a cursor and never held. */
export async function returnTickets(
  ports: Pick<StockPorts, 'segments' | 'hints' | 'pools' | 'live'>,
  tickets: readonly SlotRef[],
): Promise<void> {
  await Promise.all(tickets.map((slot) => returnToPool(ports, slot)));
}

/** The hint first, then the pool's row: a removal of the row that has not seen the hint sees the row's new revision. */
export async function returnToPool(
  ports: Pick<StockPorts, 'segments' | 'hints' | 'pools' | 'live'>,
  slot: SlotRef,
): Promise<void> {
  const segment = await ports.segments.find(slot.segmentId);
  if (segment === undefined) throw new Error(`slot without segment: ${slot.segmentId}`);
  await ports.hints.push(slot);
  await ports.live.add(segment.segmentId);
  await ports.pools.put(segment.pool, segment);
}
