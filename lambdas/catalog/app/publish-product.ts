import { toInstant } from '../../kernel/time';
import { type Product, publish, revisionChanged } from '../domain/product';
import { loadSeenProduct, type SeenProduct } from './load-seen-product';
import type { CatalogPorts } from './ports';

/** Throws `catalog.product_not_found` and `catalog.revision_changed`. */
export async function publishProduct(
  ports: Pick<CatalogPorts, 'products' | 'clock'>,
  seen: SeenProduct,
): Promise<Product> {
  const product = await loadSeenProduct(ports, seen);
  const published = publish(product, toInstant(ports.clock()));
  const outcome = await ports.products.putOnSale(published);
  if (outcome === 'revision_changed') throw revisionChanged();
  return published;
}
