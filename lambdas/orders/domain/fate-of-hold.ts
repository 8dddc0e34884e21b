import type { Order } from './order';

/**
 * What has become of a slot that is held in the name of an order and one of its attempts. `kept`: the order lists
 * it and will sell or release it itself. `undecided`: the attempt may still be running. Otherwise nobody will
 * come back for it.
 */
export function fateOfHold(
  order: Order | undefined,
  hold: { readonly slotId: string; readonly attempt: number },
): 'kept' | 'undecided' | 'abandoned' {
  if (order === undefined) return 'abandoned';
  const listed = order.keys.some((key) => key.slotId === hold.slotId && key.attempt === hold.attempt);
  if (listed) return 'kept';
  const allocates = order.status === 'allocating' || order.status === 'reallocating';
  return allocates && hold.attempt >= order.attempt ? 'undecided' : 'abandoned';
}
