import { type Instant, NEVER } from '../../kernel/time';
import type { SlotRef } from './slot';

/** Keys of one part that become one segment. */
export interface SegmentCut<K> {
  /** The earliest of its keys. */
  readonly expiresAt: Instant;
  readonly keys: readonly K[];
}

/** So that a part's record of its segments stays small; neighbouring days share a segment beyond it. */
const MAX_DATED_CUTS = 63;

/** One segment for each day (UTC) of expiry and one for keys that never expire. Order within a day is kept. */
export function cutSegments<K extends { readonly expiresAt: Instant }>(keys: readonly K[]): SegmentCut<K>[] {
  const lasting = keys.filter((key) => key.expiresAt === NEVER);
  const days = new Map<string, K[]>();
  for (const key of keys) {
    if (key.expiresAt === NEVER) continue;
    const day = key.expiresAt.slice(0, 10);
    const ofDay = days.get(day);
    if (ofDay === undefined) days.set(day, [key]);
    else ofDay.push(key);
  }
  const sorted = [...days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, ofDay]) => ofDay);
  const daysPerCut = Math.ceil(sorted.length / MAX_DATED_CUTS);
  const cuts: SegmentCut<K>[] = [];
  for (let first = 0; first < sorted.length; first += daysPerCut) {
    const cut = sorted.slice(first, first + daysPerCut).flat();
    cuts.push({ expiresAt: earliest(cut), keys: cut });
  }
  return lasting.length === 0 ? cuts : [...cuts, { expiresAt: NEVER, keys: lasting }];
}

const earliest = (keys: readonly { readonly expiresAt: Instant }[]): Instant =>
  keys.reduce((least, { expiresAt }) => (expiresAt < least ? expiresAt : least), NEVER);

/** The secret of a slot that shares it with none. */
export const secretIdOf = ({ segmentId, index }: SlotRef): string => `sec_${segmentId.slice(4)}.${index}`;
