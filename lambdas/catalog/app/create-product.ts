import type { ProductDraft } from '../../contract/catalog';
import { toInstant } from '../../kernel/time';
import { newProduct, type Product } from '../domain/product';
import type { CatalogPorts } from './ports';

/** Throws `catalog.sku_not_found` for a draft that names a SKU: SKUs get their ids here. */
export async function createProduct(
  { products, newId, clock }: Pick<CatalogPorts, 'products' | 'newId' | 'clock'>,
  merchantId: string,
  draft: ProductDraft,
): Promise<Product> {
  const ids = { merchantId, productId: newId('prd') };
  const product = newProduct(ids, draft, () => newId('sku'), toInstant(clock()));
  await products.createProduct(product);
  return product;
}
