import type { Sku } from '../../contract/catalog';

/**
 * The price of each unit, in minor units, when `quantity` are bought together: that of the highest tier reached.
 * Tiers rise by `minQuantity`, as the contract has it.
 */
export const unitPriceCents = (sku: Pick<Sku, 'priceCents' | 'tiers'>, quantity: number): number =>
  sku.tiers.findLast(({ minQuantity }) => minQuantity <= quantity)?.priceCents ?? sku.priceCents;
