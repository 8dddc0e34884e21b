import { environment } from '../../contract/environment';
import { stepFunctions } from '../../runtime/aws/sfn';
import { table } from '../../runtime/aws/table';
import { fromEnvironment } from '../../runtime/environment';
import { scheduleHandler } from '../../runtime/schedule-handler';
import { DynamoDbDueOrders } from '../adapters/dynamodb-due-orders';
import { SfnDeliveryWorkflow } from '../adapters/sfn-delivery-workflow';
import { sweepOrders } from '../app/sweep-orders';
import { wireDelivery } from './delivery-wiring';

const wire = () => ({
  ...wireDelivery(),
  dueOrders: new DynamoDbDueOrders(table('orders')),
  workflow: new SfnDeliveryWorkflow(stepFunctions(), fromEnvironment(environment.deliveryWorkflow)),
});

export const handler = scheduleHandler(wire, sweepOrders);
