import { toInstant } from '../../kernel/time';
import { type Product, revisionChanged, unpublish } from '../domain/product';
import { loadSeenProduct, type SeenProduct } from './load-seen-product';
import type { CatalogPorts } from './ports';

/**
 * A product that is not on sale is answered as it stands.
 * Throws `catalog.product_not_found` and `catalog.revision_changed`.
 */
export async function unpublishProduct(
  ports: Pick<CatalogPorts, 'products' | 'clock'>,
  seen: SeenProduct,
): Promise<Product> {
  const product = await loadSeenProduct(ports, seen);
  if (product.status !== 'published') return product;
  const unpublished = unpublish(product, toInstant(ports.clock()));
  const outcome = await ports.products.takeOffSale(unpublished);
  if (outcome === 'revision_changed') throw revisionChanged();
  return unpublished;
}
