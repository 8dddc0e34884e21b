import { notFound } from '../../kernel/errors';
import { loadShop } from '../../merchants';
import type { CatalogPorts } from './ports';
import { showProduct } from './show-product';

/** Throws `shops.not_found`, and `catalog.product_not_found` for a product that is not on sale. */
export async function getShelfProduct(
  ports: Pick<CatalogPorts, 'shops' | 'shelf' | 'stock'>,
  shop: string,
  productId: string,
) {
  const merchant = await loadShop(ports, shop);
  const version = await ports.shelf.findOnShelf(merchant.merchantId, productId);
  if (version === undefined) throw notFound('catalog.product_not_found');
  return showProduct(ports, merchant, version);
}
