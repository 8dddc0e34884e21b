import { deliveryInput } from '../../contract/orders';
import { taskHandler } from '../../runtime/task-handler';
import { confirmKeys } from '../app/deliver-order';
import { wireDelivery } from './delivery-wiring';

export const handler = taskHandler(deliveryInput, wireDelivery, async ({ orderId }, ports) => ({
  orderId,
  ...(await confirmKeys(ports, orderId)),
}));
