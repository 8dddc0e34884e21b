import { consoleCatalogRoutes } from '../../contract/catalog';
import { DynamoDbStaffDirectory } from '../../merchants';
import { table } from '../../runtime/aws/table';
import { staffHttpHandler } from '../../runtime/http-handler';
import { timeOrderedId } from '../../runtime/time-ordered-id';
import { DynamoDbCatalogStore } from '../adapters/dynamodb-catalog-store';
import { createProduct } from '../app/create-product';
import { editProduct } from '../app/edit-product';
import { loadProduct } from '../app/load-product';
import { publishProduct } from '../app/publish-product';
import { unpublishProduct } from '../app/unpublish-product';

const clock = () => new Date();

const wire = () => ({
  staff: new DynamoDbStaffDirectory(table('merchants')),
  products: new DynamoDbCatalogStore(table('catalog')),
  newId: timeOrderedId(clock),
  clock,
});

export const handler = staffHttpHandler(consoleCatalogRoutes, wire, {
  createProduct: ({ staff, body }, ports) => createProduct(ports, staff.merchantId, body),
  listProducts: ({ staff, query }, { products }) => products.listProducts(staff.merchantId, query),
  getProduct: ({ staff, params }, ports) => loadProduct(ports, staff.merchantId, params.productId),
  editProduct: ({ staff: { merchantId }, params: { productId }, body: { revision, draft } }, ports) =>
    editProduct(ports, { merchantId, productId, revision }, draft),
  publishProduct: ({ staff: { merchantId }, params: { productId }, body: { revision } }, ports) =>
    publishProduct(ports, { merchantId, productId, revision }),
  unpublishProduct: ({ staff: { merchantId }, params: { productId }, body: { revision } }, ports) =>
    unpublishProduct(ports, { merchantId, productId, revision }),
});
