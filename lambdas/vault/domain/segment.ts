import type { Instant } from '../../kernel/time';

export const segmentStatuses = ['active', 'paused', 'recalled'] as const;
export type SegmentStatus = (typeof segmentStatuses)[number];

/** A run of a lot's keys that share one expiry, one data key and one cursor. It never grows once it is published. */
export interface Segment {
  readonly segmentId: string;
  readonly merchantId: string;
  readonly skuId: string;
  readonly lotId: string;
  readonly size: number;
  /** The next index that the cursor hands out. */
  readonly head: number;
  /** `size - head`, kept beside it because a condition cannot do arithmetic. */
  readonly avail: number;
  readonly status: SegmentStatus;
  readonly pool: Pool;
  readonly expiresAt: Instant;
  /** Names of a key's parts, as the buyer sees them. */
  readonly labels: readonly string[];
  readonly wrappedDataKey: Uint8Array;
  /** Indices below it need no more looking after. */
  readonly swept: number;
  /** Where the cursor stood at the sweeper's last run. */
  readonly headSeen: number;
}

/** Who may sell from a segment: a SKU's stock for one channel. */
export type Pool = `${string}#${string}`;

/** The merchant's own shop sells from this channel. */
export const DIRECT = 'direct';

export const poolOf = (skuId: string, channel: string = DIRECT): Pool => `${skuId}#${channel}`;

/** A key is worth selling only if it stays valid for a while after the last moment at which it may be paid. */
const MINIMUM_VALIDITY_MS = 60 * 60 * 1000;

export const mustOutlive = (heldUntil: Instant): Instant =>
  new Date(Date.parse(heldUntil) + MINIMUM_VALIDITY_MS).toISOString();

/** Whether a segment's returned keys may be sold: the conditions that the cursor checks by itself. */
export const sellsTo = (segment: Segment, pool: Pool, outlive: Instant): boolean =>
  segment.status === 'active' && segment.pool === pool && segment.expiresAt > outlive;
