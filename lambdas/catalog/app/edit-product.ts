import type { ProductDraft } from '../../contract/catalog';
import { toInstant } from '../../kernel/time';
import { edit, type Product, revisionChanged } from '../domain/product';
import { loadSeenProduct, type SeenProduct } from './load-seen-product';
import type { CatalogPorts } from './ports';

/** Throws `catalog.product_not_found`, `catalog.sku_not_found` and `catalog.revision_changed`. */
export async function editProduct(
  ports: Pick<CatalogPorts, 'products' | 'newId' | 'clock'>,
  seen: SeenProduct,
  draft: ProductDraft,
): Promise<Product> {
  const product = await loadSeenProduct(ports, seen);
  const edited = edit(product, draft, () => ports.newId('sku'), toInstant(ports.clock()));
  const outcome = await ports.products.replaceDraft(edited);
  if (outcome === 'revision_changed') throw revisionChanged();
  return edited;
}
