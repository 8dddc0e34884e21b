import { deliveryInput } from '../../contract/orders';
import { queueHandler } from '../../runtime/queue-handler';
import { deliverOrder } from '../app/deliver-order';
import { wireDelivery } from './delivery-wiring';

export const handler = queueHandler(deliveryInput, wireDelivery, ({ orderId }, ports) =>
  deliverOrder(ports, orderId),
);
