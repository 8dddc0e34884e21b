export { DynamoDbCatalogStore } from './adapters/dynamodb-catalog-store';
export { loadProduct } from './app/load-product';
export type { ProductStore, Shelf, VersionArchive } from './app/ports';
export { unitPriceCents } from './domain/price';
export { hasSku, type Product, type ProductVersion } from './domain/product';
