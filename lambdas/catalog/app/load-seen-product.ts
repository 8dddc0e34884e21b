import { assertSeen, type Product } from '../domain/product';
import { loadProduct } from './load-product';
import type { CatalogPorts } from './ports';

/** Which product a member of staff decides about, and the revision that the decision was made on. */
export interface SeenProduct {
  readonly merchantId: string;
  readonly productId: string;
  readonly revision: number;
}

/** Throws `catalog.product_not_found` and `catalog.revision_changed`. */
export async function loadSeenProduct(
  ports: Pick<CatalogPorts, 'products'>,
  { merchantId, productId, revision }: SeenProduct,
): Promise<Product> {
  const product = await loadProduct(ports, merchantId, productId);
  assertSeen(product, revision);
  return product;
}
