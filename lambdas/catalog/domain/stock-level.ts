import type { StockLevel } from '../../contract/catalog';

/** Up to so many keys the shop says that few are left. */
const LOW_STOCK = 10;

/** What the public may know of a stock: coarse, so that nobody counts a merchant's sales by it. */
export function stockLevelOf(available: number): StockLevel {
  if (available <= 0) return 'sold_out';
  return available <= LOW_STOCK ? 'low' : 'in_stock';
}
