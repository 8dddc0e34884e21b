import type { NewId } from '../../kernel/ids';
import type { Clock } from '../../kernel/time';
import type { ShopDirectory } from '../../merchants';
import type {
  DraftProduct,
  Product,
  ProductVersion,
  PublishedProduct,
  UnpublishedProduct,
} from '../domain/product';

/** Which part of a list is wanted; `cursor` comes from the part before. */
export interface Page {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** May hold fewer than asked for although there are more: `nextCursor` tells. */
export interface PageOf<T> {
  items: T[];
  nextCursor?: string | undefined;
}

/** Every change writes the next revision, and only over the one before it. */
export interface ProductStore {
  findProduct(merchantId: string, productId: string): Promise<Product | undefined>;
  /** Newest first. A cursor that is none is `request.invalid`. */
  listProducts(merchantId: string, page: Page): Promise<PageOf<Product>>;
  createProduct(product: DraftProduct): Promise<void>;
  replaceDraft(product: Product): Promise<'replaced' | 'revision_changed'>;
  /** The product, its new version and its place on the shelf move together or not at all. */
  putOnSale(product: PublishedProduct): Promise<'on_sale' | 'revision_changed'>;
  takeOffSale(product: UnpublishedProduct): Promise<'off_sale' | 'revision_changed'>;
}

/** Versions that were on sale at some time. */
export interface VersionArchive {
  /** Throws `catalog.product_not_found`. */
  loadVersion(merchantId: string, productId: string, version: number): Promise<ProductVersion>;
}

/** What is on sale now. */
export interface Shelf {
  /** Strongly consistent: what is answered was on sale when it was asked for. */
  findOnShelf(merchantId: string, productId: string): Promise<ProductVersion | undefined>;
  /** Newest product first. A cursor that is none is `request.invalid`. */
  listShelf(merchantId: string, page: Page): Promise<PageOf<ProductVersion>>;
}

export interface StockCount {
  /** Keys of the SKU that could be sold now; for display. */
  available(skuId: string): Promise<number>;
}

export interface CatalogPorts {
  readonly products: ProductStore;
  readonly shelf: Shelf;
  readonly stock: StockCount;
  readonly shops: ShopDirectory;
  readonly newId: NewId;
  readonly clock: Clock;
}
