import { parseHolder, type Slot, type SlotRef } from '../domain/slot';
import type { LiveSegment, StockPorts } from './ports';
import { releaseKeys, returnToPool } from './release-keys';

/** What has become of the order in whose name a slot is held. */
export type HoldFate = 'undecided' | 'kept' | 'abandoned';

/** Answers the fate of a hold by the order that it names: the orders context knows. */
export type FateOfHold = (hold: { orderId: string; attempt: number; slot: SlotRef }) => Promise<HoldFate>;

export interface SweepFindings {
  readonly burntTickets: number;
  readonly abandonedHolds: number;
}

type Ports = Pick<StockPorts, 'segments' | 'slots' | 'hints' | 'pools' | 'live'>;

/** The most slots that one run looks at in one segment. */
const WINDOW = 500;

/**
 * Finds what crashes have left behind in one segment. Indices that the cursor had handed out by the last run and
 * whose slot is still available were burnt: they get a hint. Slots held for an order that has ended without them
 * are released. The window waits at a hold that is undecided.
 */
export async function sweepSegment(
  ports: Ports,
  fateOf: FateOfHold,
  row: LiveSegment,
): Promise<SweepFindings> {
  const { segmentId } = row;
  const segment = await ports.segments.find(segmentId);
  if (segment === undefined) {
    await ports.live.remove(row);
    return { burntTickets: 0, abandonedHolds: 0 };
  }
  let { swept } = segment;
  let burntTickets = 0;
  let abandonedHolds = 0;

  const end = Math.min(segment.headSeen, swept + WINDOW);
  const window = Array.from({ length: end - swept }, (_, i) => ({ segmentId, index: swept + i }));
  for (const slot of await ports.slots.findMany(window)) {
    if (slot.status === 'available') {
      await returnToPool(ports, slot);
      burntTickets += 1;
    } else if (slot.status === 'held') {
      const fate = await settleHold(ports, fateOf, slot);
      if (fate === 'undecided') break;
      if (fate === 'abandoned') abandonedHolds += 1;
    }
    swept = slot.index + 1;
  }
  abandonedHolds += await sweepHints(ports, fateOf, segmentId);

  const headSeen = segment.head;
  if (swept !== segment.swept || headSeen !== segment.headSeen) {
    await ports.segments.moveSweepWindow(segment, { swept, headSeen });
  } else if (swept === segment.size && (await ports.hints.take(segmentId, 1)).length === 0) {
    await ports.live.remove(row);
  }
  return { burntTickets, abandonedHolds };
}

/**
 * Hinted slots lie below the window: a hold that crashed on one would otherwise stay. A hint whose slot an order
 * stands on, or that is gone, is of no use: given back, the slot gets a new one.
 */
async function sweepHints(ports: Ports, fateOf: FateOfHold, segmentId: string): Promise<number> {
  let abandoned = 0;
  let cursor: string | undefined;
  do {
    const page = await ports.hints.page(segmentId, cursor);
    const slots = new Map((await ports.slots.findMany(page.hints)).map((slot) => [slot.index, slot]));
    for (const hint of page.hints) {
      const slot = slots.get(hint.index);
      if (slot === undefined || slot.status === 'available') continue;
      const fate = slot.status === 'held' ? await settleHold(ports, fateOf, slot) : 'kept';
      if (fate === 'kept') await ports.hints.remove(hint);
      if (fate === 'abandoned') abandoned += 1;
    }
    cursor = page.next;
  } while (cursor !== undefined);
  return abandoned;
}

async function settleHold(ports: Ports, fateOf: FateOfHold, slot: Slot): Promise<HoldFate> {
  const holder = slot.holder ?? '';
  const fate = await fateOf({ ...parseHolder(holder), slot });
  if (fate === 'abandoned') await releaseKeys(ports, [{ slot, holder: holder as `${string}#${number}` }]);
  return fate;
}
