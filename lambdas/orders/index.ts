/** What other contexts may use of the orders. */
export { DynamoDbClientLimits } from './adapters/dynamodb-client-limits';
export { DynamoDbOrderStore } from './adapters/dynamodb-order-store';
export { SfnDeliveryWorkflow } from './adapters/sfn-delivery-workflow';
export { acceptPayment, type PaymentOutcome } from './app/accept-payment';
export type { OrderPorts, PaymentLinks } from './app/ports';
