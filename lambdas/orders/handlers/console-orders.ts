import { DynamoDbRevealLog } from '../../audit';
import { DynamoDbCatalogStore } from '../../catalog';
import { consoleOrderRoutes } from '../../contract/orders';
import { DynamoDbStaffDirectory } from '../../merchants';
import { table } from '../../runtime/aws/table';
import { staffHttpHandler } from '../../runtime/http-handler';
import { dynamoDbStock } from '../../vault';
import { DynamoDbOrderStore } from '../adapters/dynamodb-order-store';
import { showToStaff } from '../app/show-order';

const wire = () => ({
  staff: new DynamoDbStaffDirectory(table('merchants')),
  orders: new DynamoDbOrderStore(table('orders')),
  versions: new DynamoDbCatalogStore(table('catalog')),
  reveals: new DynamoDbRevealLog(table('audit')),
  stock: dynamoDbStock(table('vault')),
});

export const handler = staffHttpHandler(consoleOrderRoutes, wire, {
  getStaffOrder: ({ staff, params }, ports) => showToStaff(ports, staff.merchantId, params.orderId),
});
