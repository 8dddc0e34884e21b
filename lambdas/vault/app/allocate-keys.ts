import type { Instant } from '../../kernel/time';
import { mustOutlive, type Pool, type Segment, sellsTo } from '../domain/segment';
import { type Holder, type SlotRef, slotId } from '../domain/slot';
import type { Hint, PoolRow, StockPorts } from './ports';

export interface AllocationRequest {
  readonly pool: Pool;
  readonly quantity: number;
  readonly holder: Holder;
  readonly heldUntil: Instant;
}

export type Allocation =
  | {
      readonly kind: 'allocated';
      readonly slots: readonly SlotRef[];
      /** To be removed once the order stands; see `forgetHints`. */
      readonly hints: readonly Hint[];
    }
  | {
      readonly kind: 'short';
      /** Held already: to be released once the order is known to be sold out. */
      readonly held: readonly SlotRef[];
      /** Handed out by a cursor but not held: to be returned by hint alone. */
      readonly unused: readonly SlotRef[];
    };

export type AllocationPorts = Pick<StockPorts, 'segments' | 'slots' | 'pools' | 'hints' | 'random'>;

/** A way to one slot: an index from a cursor, or a returned slot from a segment's free list. */
interface Ticket extends SlotRef {
  readonly hint?: Hint;
}

/**
 * Holds `quantity` keys of a pool for a holder, those that expire first before others. Tickets come from cursors
 * and free lists; each becomes a key only by the conditional hold of its slot. A hold that is lost (the slot was
 * voided, or its hint was stale) costs another ticket.
 */
export async function allocateKeys(ports: AllocationPorts, request: AllocationRequest): Promise<Allocation> {
  const held: SlotRef[] = [];
  const hints: Hint[] = [];
  const tried = new Set<string>();

  while (held.length < request.quantity) {
    const missing = request.quantity - held.length;
    const tickets = await takeTickets(ports, request, missing, tried);
    if (tickets.length < missing) {
      return { kind: 'short', held, unused: tickets.filter((ticket) => ticket.hint === undefined) };
    }
    const outcomes = await Promise.all(
      tickets.map(async (ticket) => ({
        ticket,
        outcome: await ports.slots.hold(ticket, request.holder, request.heldUntil),
      })),
    );
    for (const { ticket, outcome } of outcomes) {
      tried.add(slotId(ticket));
      if (outcome === 'held') held.push({ segmentId: ticket.segmentId, index: ticket.index });
      if (outcome === 'held' && ticket.hint) hints.push(ticket.hint);
      // A hint to a slot that is merely held stays: if its holder has crashed, the sweeper finds the slot by it.
      if (outcome === 'gone' && ticket.hint) await ports.hints.remove(ticket.hint);
    }
  }
  return { kind: 'allocated', slots: held, hints };
}

/** Up to `quantity` tickets, exhausting each expiry (cursors, then free lists) before a later one is touched. */
async function takeTickets(
  ports: AllocationPorts,
  request: AllocationRequest,
  quantity: number,
  tried: ReadonlySet<string>,
): Promise<Ticket[]> {
  const outlive = mustOutlive(request.heldUntil);
  const tickets: Ticket[] = [];
  for await (const rows of expiries(ports, request.pool, outlive)) {
    const segments = shuffled(rows, ports.random);
    for (const row of segments) {
      if (tickets.length === quantity) return tickets;
      tickets.push(...(await bumpCursor(ports, request.pool, row, outlive, quantity - tickets.length)));
    }
    for (const row of segments) {
      if (tickets.length === quantity) return tickets;
      const returned = await returnedSlots(
        ports,
        request.pool,
        row,
        outlive,
        quantity - tickets.length,
        tried,
      );
      tickets.push(...returned);
    }
  }
  return tickets;
}

/** The pool's rows, grouped by expiry. */
async function* expiries(ports: AllocationPorts, pool: Pool, outlive: Instant): AsyncGenerator<PoolRow[]> {
  let cursor: string | undefined;
  let group: PoolRow[] = [];
  do {
    const { rows, next } = await ports.pools.rows(pool, outlive, cursor);
    for (const row of rows) {
      if (group[0] !== undefined && group[0].expiresAt !== row.expiresAt) {
        yield group;
        group = [];
      }
      group.push(row);
    }
    cursor = next;
  } while (cursor !== undefined);
  if (group.length > 0) yield group;
}

async function bumpCursor(
  ports: AllocationPorts,
  pool: Pool,
  row: PoolRow,
  outlive: Instant,
  wanted: number,
): Promise<Ticket[]> {
  let quantity = wanted;
  while (quantity > 0) {
    const bump = await ports.segments.bump(row.segmentId, { pool, quantity, outlive });
    if (bump.kind === 'taken') {
      return Array.from({ length: quantity }, (_, i) => ({
        segmentId: row.segmentId,
        index: bump.firstIndex + i,
      }));
    }
    if (bump.kind === 'closed') return [];
    if (bump.available === 0) await retireRow(ports, pool, row);
    quantity = Math.min(bump.available, wanted);
  }
  return [];
}

/** A segment with nothing left leaves its pool until one of its slots comes back. */
async function retireRow(ports: AllocationPorts, pool: Pool, row: PoolRow): Promise<void> {
  const returned = await ports.hints.take(row.segmentId, 1);
  if (returned.length === 0) await ports.pools.remove(pool, row);
}

async function returnedSlots(
  ports: AllocationPorts,
  pool: Pool,
  row: PoolRow,
  outlive: Instant,
  wanted: number,
  tried: ReadonlySet<string>,
): Promise<Ticket[]> {
  const hints = await ports.hints.take(row.segmentId, wanted + tried.size);
  const fresh = hints.filter((hint) => !tried.has(slotId(hint))).slice(0, wanted);
  if (fresh.length === 0) return [];
  const segment: Segment | undefined = await ports.segments.find(row.segmentId);
  if (segment === undefined || !sellsTo(segment, pool, outlive)) return [];
  return fresh.map((hint) => ({ segmentId: hint.segmentId, index: hint.index, hint }));
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}

/** Removes the hints of slots that an order now stands on. */
export async function forgetHints(ports: Pick<StockPorts, 'hints'>, hints: readonly Hint[]): Promise<void> {
  await Promise.all(hints.map((hint) => ports.hints.remove(hint)));
}
