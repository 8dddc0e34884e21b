import type { Page, PageOf, ProductStore, Shelf, VersionArchive } from '../../lambdas/catalog/app/ports';
import {
  type DraftProduct,
  type Product,
  type ProductVersion,
  type PublishedProduct,
  type UnpublishedProduct,
  versionOf,
} from '../../lambdas/catalog/domain/product';
import { DomainError, notFound } from '../../lambdas/kernel/errors';

export class MemoryCatalogStore implements ProductStore, VersionArchive, Shelf {
  readonly products = new Map<string, Product>();
  readonly versions = new Map<string, ProductVersion>();
  readonly onShelf = new Map<string, ProductVersion & { merchantId: string }>();

  async findProduct(merchantId: string, productId: string) {
    return this.products.get(`${merchantId} ${productId}`);
  }

  async listProducts(merchantId: string, page: Page) {
    const own = [...this.products.values()].filter((product) => product.merchantId === merchantId);
    return pageOf(own, page);
  }

  async createProduct(product: DraftProduct) {
    if (this.products.has(keyOf(product))) throw new Error('the product is there');
    this.products.set(keyOf(product), product);
  }

  async replaceDraft(product: Product) {
    return this.replace(product) ? 'replaced' : 'revision_changed';
  }

  async putOnSale(product: PublishedProduct) {
    if (!this.replace(product)) return 'revision_changed';
    const version = versionOf(product);
    this.versions.set(`${keyOf(product)} ${version.version}`, version);
    this.onShelf.set(keyOf(product), { ...version, merchantId: product.merchantId });
    return 'on_sale';
  }

  async takeOffSale(product: UnpublishedProduct) {
    if (!this.replace(product)) return 'revision_changed';
    this.onShelf.delete(keyOf(product));
    return 'off_sale';
  }

  async loadVersion(merchantId: string, productId: string, version: number) {
    const found = this.versions.get(`${merchantId} ${productId} ${version}`);
    if (found === undefined) throw notFound('catalog.product_not_found');
    return found;
  }

  async findOnShelf(merchantId: string, productId: string) {
    const found = this.onShelf.get(`${merchantId} ${productId}`);
    return found && shown(found);
  }

  async listShelf(merchantId: string, page: Page) {
    const own = [...this.onShelf.values()].filter((item) => item.merchantId === merchantId);
    const { items, ...rest } = pageOf(own, page);
    return { items: items.map(shown), ...rest };
  }

  private replace(product: Product): boolean {
    if (this.products.get(keyOf(product))?.revision !== product.revision - 1) return false;
    this.products.set(keyOf(product), product);
    return true;
  }
}

const keyOf = ({ merchantId, productId }: Pick<Product, 'merchantId' | 'productId'>) =>
  `${merchantId} ${productId}`;

const shown = ({ productId, version, content }: ProductVersion) => ({ productId, version, content });

function pageOf<T extends { productId: string }>(all: T[], { limit, cursor }: Page): PageOf<T> {
  if (cursor !== undefined && !cursor.startsWith('after prd_')) {
    throw new DomainError('request.invalid', 'invalid', {
      fields: [{ field: 'query.cursor', message: 'no' }],
    });
  }
  const after = cursor?.slice('after '.length);
  const rest = all
    .toSorted((a, b) => (a.productId < b.productId ? 1 : -1))
    .filter(({ productId }) => after === undefined || productId < after);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return rest.length > limit && last ? { items, nextCursor: `after ${last.productId}` } : { items };
}
