export { CachedShopDirectory } from './adapters/cached-shop-directory';
export { DynamoDbMerchantStore } from './adapters/dynamodb-merchant-store';
export { DynamoDbStaffDirectory } from './adapters/dynamodb-staff-directory';
export { loadShop } from './app/load-shop';
export type { ShopDirectory } from './app/ports';
export type { Merchant } from './domain/merchant';
