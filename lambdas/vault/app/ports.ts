import type { Instant } from '../../kernel/time';
import type { Pool, Segment } from '../domain/segment';
import type { Holder, Slot, SlotRef } from '../domain/slot';

/** What a bump of a segment's cursor answers. `short`: fewer are left than were asked for, none was taken. */
export type Bump =
  | { readonly kind: 'taken'; readonly firstIndex: number }
  | { readonly kind: 'short'; readonly available: number }
  | { readonly kind: 'closed' };

export interface SegmentStore {
  /** Takes the next `quantity` indices for the caller alone. The hot counter: never in a transaction. */
  bump(segmentId: string, request: { pool: Pool; quantity: number; outlive: Instant }): Promise<Bump>;
  /** Strongly consistent. */
  find(segmentId: string): Promise<Segment | undefined>;
  /** Strongly consistent. */
  findMany(segmentIds: readonly string[]): Promise<Segment[]>;
  /** Moves the sweeper's window if no other run has moved it since. */
  moveSweepWindow(segment: Segment, to: { swept: number; headSeen: number }): Promise<'moved' | 'raced'>;
}

export interface SlotStore {
  /**
   * available -> held. The write that rules out double sale. `taken`: somebody else holds it now; `gone`: it is
   * sold or voided.
   */
  hold(ref: SlotRef, holder: Holder, until: Instant): Promise<'held' | 'taken' | 'gone'>;
  /**
   * held or sold (never revealed) -> available, for its holder alone. `available`: it was so already; `taken`:
   * somebody else holds it now; `gone`: it is sold to somebody else, revealed or voided.
   */
  release(ref: SlotRef, holder: Holder): Promise<'released' | 'available' | 'taken' | 'gone'>;
  /** held -> sold, for its holder alone. Sold to this holder already is `sold` too. */
  sell(ref: SlotRef, holder: Holder): Promise<'sold' | 'lost'>;
  /** sold -> revealed, for its holder alone; answers the slot. */
  reveal(ref: SlotRef, holder: Holder): Promise<Slot | 'lost'>;
  /** Strongly consistent, in the order asked for; absent ones are left out. */
  findMany(refs: readonly SlotRef[]): Promise<Slot[]>;
}

/** A row of a pool: a segment that may have something to sell. */
export interface PoolRow {
  readonly segmentId: string;
  readonly expiresAt: Instant;
  /** New with each put, so that a removal decided on older facts does not happen. */
  readonly revision: string;
}

export interface PoolStore {
  /** Rows by expiry, earliest first, of those that expire after `after`; may lag about a second. */
  rows(pool: Pool, after: Instant, cursor?: string): Promise<{ rows: PoolRow[]; next?: string }>;
  put(pool: Pool, segment: Pick<Segment, 'segmentId' | 'expiresAt'>): Promise<void>;
  /** Removes the row if it has not been put again since it was read. */
  remove(pool: Pool, row: PoolRow): Promise<void>;
}

/** A returned slot, ready to be tried again. Only a hint: the slot's own condition decides. */
export interface Hint extends SlotRef {
  readonly revision: string;
}

export interface HintStore {
  /** Pushing twice is harmless. */
  push(ref: SlotRef): Promise<void>;
  /** Up to `limit` hints from a random start. Strongly consistent. */
  take(segmentId: string, limit: number): Promise<Hint[]>;
  /** Hints in a fixed order, for the sweeper. */
  page(segmentId: string, cursor?: string): Promise<{ hints: Hint[]; next?: string }>;
  /** Removes the hint if it has not been pushed again since it was read. */
  remove(hint: Hint): Promise<void>;
}

/** Which segments the sweeper looks at: those published and not yet known to be finished. */
export interface LiveSegments {
  add(segmentId: string): Promise<void>;
  /** Removes the row if it has not been added again since it was read. */
  remove(row: LiveSegment): Promise<void>;
  page(shard: number, cursor?: string): Promise<{ rows: LiveSegment[]; next?: string }>;
}

export interface LiveSegment {
  readonly segmentId: string;
  readonly revision: string;
}

/** Live segments are spread over this many partitions. */
export const LIVE_SHARDS = 8;

/** Ciphertext, in a table that only the import writes and only the reveal functions read. */
export interface SecretStore {
  findMany(secretIds: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
}

/** Opens what the import has sealed. */
export interface SecretOpener {
  /** Unwraps a segment's data key: one call, however many of its secrets are opened with it. */
  unwrap(segment: Segment): Promise<OpenSecret>;
}

/** The parts of a key in the order of the segment's labels. Throws when a byte or its place was changed. */
export type OpenSecret = (secretId: string, ciphertext: Uint8Array) => readonly string[];

/** Keys as stock: to be held, released, sold, counted. */
export interface StockPorts {
  readonly segments: SegmentStore;
  readonly slots: SlotStore;
  readonly pools: PoolStore;
  readonly hints: HintStore;
  readonly live: LiveSegments;
  /** Uniform in [0, 1): spreads buyers over segments. */
  readonly random: () => number;
}

/** Keys in plain text: for the reveal alone. */
export interface DisclosurePorts {
  readonly segments: Pick<SegmentStore, 'findMany'>;
  readonly slots: Pick<SlotStore, 'reveal'>;
  readonly secrets: SecretStore;
  readonly opener: SecretOpener;
}
