import { environment } from '../../contract/environment';
import { sandboxCallbackRoutes } from '../../contract/payments';
import { DynamoDbClientLimits, DynamoDbOrderStore, SfnDeliveryWorkflow } from '../../orders';
import { stepFunctions } from '../../runtime/aws/sfn';
import { table } from '../../runtime/aws/table';
import { fromEnvironment } from '../../runtime/environment';
import { httpHandler } from '../../runtime/http-handler';
import { dynamoDbStock } from '../../vault';
import { DynamoDbPaymentStore } from '../adapters/dynamodb-payment-store';
import { receiveCallback } from '../app/receive-callback';
import { wireSandboxGateway } from './gateway-wiring';

const wire = () => ({
  clock: () => new Date(),
  gateway: wireSandboxGateway(),
  payments: new DynamoDbPaymentStore(table('orders')),
  orders: new DynamoDbOrderStore(table('orders')),
  limits: new DynamoDbClientLimits(table('guards')),
  stock: dynamoDbStock(table('vault')),
  workflow: new SfnDeliveryWorkflow(stepFunctions(), fromEnvironment(environment.deliveryWorkflow)),
});

export const handler = httpHandler(sandboxCallbackRoutes, wire, {
  sandboxCallback: async ({ body }, ports) => {
    await receiveCallback(ports, body);
    return 'success' as const;
  },
});
