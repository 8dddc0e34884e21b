import type { StockPorts } from './ports';
import type { HeldSlot } from './release-keys';

/**
 * Makes held keys the buyer's for good. Answers those that cannot be: their hold was lost, or their lot has been
 * recalled meanwhile. Driving it again changes nothing.
 */
export async function sellKeys(
  ports: Pick<StockPorts, 'segments' | 'slots'>,
  held: readonly HeldSlot[],
): Promise<{ lost: HeldSlot[] }> {
  const segmentIds = [...new Set(held.map(({ slot }) => slot.segmentId))];
  const segments = await ports.segments.findMany(segmentIds);
  const sellable = new Set(
    segments.filter((segment) => segment.status !== 'recalled').map((segment) => segment.segmentId),
  );
  const outcomes = await Promise.all(
    held.map(async (key) =>
      sellable.has(key.slot.segmentId) && (await ports.slots.sell(key.slot, key.holder)) === 'sold'
        ? undefined
        : key,
    ),
  );
  return { lost: outcomes.filter((key) => key !== undefined) };
}
