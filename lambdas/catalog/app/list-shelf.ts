import { loadShop } from '../../merchants';
import type { CatalogPorts, Page } from './ports';
import { showProduct } from './show-product';

/** Throws `shops.not_found`. */
export async function listShelf(
  ports: Pick<CatalogPorts, 'shops' | 'shelf' | 'stock'>,
  shop: string,
  page: Page,
) {
  const merchant = await loadShop(ports, shop);
  const { items, nextCursor } = await ports.shelf.listShelf(merchant.merchantId, page);
  const shown = items.map((version) => showProduct(ports, merchant, version));
  return { items: await Promise.all(shown), nextCursor };
}
