import { environment } from '../../contract/environment';
import { deadlineMessage } from '../../contract/orders';
import { sqs } from '../../runtime/aws/sqs';
import { fromEnvironment } from '../../runtime/environment';
import { queueHandler } from '../../runtime/queue-handler';
import { SqsDeadlineQueue } from '../adapters/sqs-deadline-queue';
import { meetDeadline } from '../app/meet-deadline';
import { wireDelivery } from './delivery-wiring';

const wire = () => ({
  ...wireDelivery(),
  deadlines: new SqsDeadlineQueue(sqs(), fromEnvironment(environment.deadlineQueue)),
});

export const handler = queueHandler(deadlineMessage, wire, (message, ports) => meetDeadline(ports, message));
