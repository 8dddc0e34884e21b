import { table } from '../../runtime/aws/table';
import { dynamoDbStock } from '../../vault';
import { DynamoDbClientLimits } from '../adapters/dynamodb-client-limits';
import { DynamoDbOrderStore } from '../adapters/dynamodb-order-store';

/** The ports of whatever moves orders and their keys without a buyer waiting. */
export const wireDelivery = () => ({
  clock: () => new Date(),
  orders: new DynamoDbOrderStore(table('orders')),
  limits: new DynamoDbClientLimits(table('guards')),
  stock: dynamoDbStock(table('vault')),
});
