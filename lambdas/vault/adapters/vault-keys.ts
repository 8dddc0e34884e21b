import type { Pool } from '../domain/segment';
import { type SlotRef, slotId } from '../domain/slot';

/** The keys of the vault table: what each kind of item is found by. docs/data-model.md has the whole list. */

export const lotKey = (merchantId: string, lotId: string) => ({ pk: `merchant#${merchantId}`, sk: lotId });
export const lotPartition = (lotId: string) => `lot#${lotId}`;
export const partKey = (lotId: string, part: number) => ({
  pk: lotPartition(lotId),
  sk: `part#${String(part).padStart(5, '0')}`,
});
/** Which fingerprints a part claims. */
export const claimsKey = (lotId: string, part: number) => ({
  pk: lotPartition(lotId),
  sk: `claims#${String(part).padStart(5, '0')}`,
});
export const segmentKey = (segmentId: string) => ({ pk: `segment#${segmentId}`, sk: 'segment' });
/** A partition for each slot, so that buyers of one segment share none. */
export const slotKey = (ref: SlotRef) => ({ pk: `slot#${slotId(ref)}`, sk: 'slot' });
export const poolPartition = (pool: Pool) => `pool#${pool}`;
export const freePartition = (segmentId: string) => `free#${segmentId}`;
export const livePartition = (shard: number) => `live#${shard}`;
export const fingerprintKey = (fingerprint: string) => ({
  pk: `fingerprint#${fingerprint}`,
  sk: 'fingerprint',
});
