import type { Merchant } from '../../merchants';
import type { ProductVersion } from '../domain/product';
import { stockLevelOf } from '../domain/stock-level';
import type { CatalogPorts } from './ports';

/** A product on sale as buyers see it. Instructions and the redeem link come with the delivered keys. */
export async function showProduct(
  { stock }: Pick<CatalogPorts, 'stock'>,
  { currency }: Pick<Merchant, 'currency'>,
  { productId, version, content: { name, description, skus } }: ProductVersion,
) {
  const shown = skus.map(async (sku) => ({
    ...sku,
    stock: stockLevelOf(await stock.available(sku.skuId)),
  }));
  return { productId, version, name, description, currency, skus: await Promise.all(shown) };
}
