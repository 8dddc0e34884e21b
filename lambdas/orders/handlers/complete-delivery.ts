import { completionInput } from '../../contract/orders';
import { table } from '../../runtime/aws/table';
import { taskHandler } from '../../runtime/task-handler';
import { DynamoDbOrderStore } from '../adapters/dynamodb-order-store';
import { completeDelivery } from '../app/deliver-order';

const wire = () => ({ clock: () => new Date(), orders: new DynamoDbOrderStore(table('orders')) });

export const handler = taskHandler(completionInput, wire, async ({ orderId, attempt }, ports) => {
  await completeDelivery(ports, orderId, attempt);
  return { orderId };
});
