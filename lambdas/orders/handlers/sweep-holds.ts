import { table } from '../../runtime/aws/table';
import { scheduleHandler } from '../../runtime/schedule-handler';
import { dynamoDbStock } from '../../vault';
import { DynamoDbOrderStore } from '../adapters/dynamodb-order-store';
import { sweepHolds } from '../app/sweep-holds';

const wire = () => ({
  orders: new DynamoDbOrderStore(table('orders')),
  stock: dynamoDbStock(table('vault')),
});

export const handler = scheduleHandler(wire, sweepHolds);
