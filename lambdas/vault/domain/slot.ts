/** Where a card key is in its life. Only the vault's conditional writes move it. */
export const slotStatuses = ['available', 'held', 'sold', 'revealed', 'voided'] as const;
export type SlotStatus = (typeof slotStatuses)[number];

/** What each status may become. A key that was disclosed never returns to stock. */
export const slotTransitions: Readonly<Record<SlotStatus, readonly SlotStatus[]>> = {
  available: ['held', 'voided'],
  held: ['available', 'sold'],
  sold: ['available', 'revealed'],
  revealed: [],
  voided: [],
};

/**
 * One card key's place: the `index`-th of a segment. The index is dense, so any range of a segment can be named
 * without a search.
 */
export interface SlotRef {
  readonly segmentId: string;
  readonly index: number;
}

export const slotId = ({ segmentId, index }: SlotRef): string => `${segmentId}.${index}`;

export function parseSlotId(id: string): SlotRef {
  const dot = id.lastIndexOf('.');
  const index = Number(id.slice(dot + 1));
  if (dot < 1 || !Number.isSafeInteger(index)) throw new Error(`not a slot id: ${id}`);
  return { segmentId: id.slice(0, dot), index };
}

/**
 * Who holds a slot: an order in one of its attempts to get keys. Without the attempt, a delayed release of the
 * first attempt could free a key that the order's second attempt has just taken.
 */
export type Holder = `${string}#${number}`;

export const holderOf = (orderId: string, attempt: number): Holder => `${orderId}#${attempt}`;

export function parseHolder(holder: string): { orderId: string; attempt: number } {
  const hash = holder.lastIndexOf('#');
  return { orderId: holder.slice(0, hash), attempt: Number(holder.slice(hash + 1)) };
}

export interface Slot extends SlotRef {
  readonly status: SlotStatus;
  readonly secretId: string;
  /** Enough to recognise the key by, too little to use it. */
  readonly mask: string;
  readonly holder?: string;
  readonly heldUntil?: string;
}
