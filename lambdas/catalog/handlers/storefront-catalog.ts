import { storefrontCatalogRoutes } from '../../contract/catalog';
import { CachedShopDirectory, DynamoDbMerchantStore, loadShop } from '../../merchants';
import { table } from '../../runtime/aws/table';
import { httpHandler } from '../../runtime/http-handler';
import { DynamoDbStockCount } from '../../vault';
import { DynamoDbCatalogStore } from '../adapters/dynamodb-catalog-store';
import { getShelfProduct } from '../app/get-shelf-product';
import { listShelf } from '../app/list-shelf';

const wire = () => ({
  shops: new CachedShopDirectory(new DynamoDbMerchantStore(table('merchants')), () => new Date()),
  shelf: new DynamoDbCatalogStore(table('catalog')),
  stock: new DynamoDbStockCount(table('vault')),
});

export const handler = httpHandler(storefrontCatalogRoutes, wire, {
  getShop: async ({ params: { shop } }, ports) => {
    const { name, currency, settings } = await loadShop(ports, shop);
    return { shop, name, currency, paymentDeadlineMinutes: settings.paymentDeadlineMinutes };
  },
  listShelf: ({ params, query }, ports) => listShelf(ports, params.shop, query),
  getShelfProduct: ({ params }, ports) => getShelfProduct(ports, params.shop, params.productId),
});
