import { notFound } from '../../kernel/errors';
import type { Product } from '../domain/product';
import type { ProductStore } from './ports';

/** Throws `catalog.product_not_found`, for a product of another merchant too. */
export async function loadProduct(
  { products }: { readonly products: Pick<ProductStore, 'findProduct'> },
  merchantId: string,
  productId: string,
): Promise<Product> {
  const product = await products.findProduct(merchantId, productId);
  if (product === undefined) throw notFound('catalog.product_not_found');
  return product;
}
