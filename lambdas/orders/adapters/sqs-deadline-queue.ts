import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DeadlineMessage } from '../../contract/orders';
import type { DeadlineQueue } from '../app/ports';

/** Deadlines as delayed messages. */
export class SqsDeadlineQueue implements DeadlineQueue {
  constructor(
    private readonly sqs: SQSClient,
    private readonly queueUrl: string,
  ) {}

  async schedule({ orderId, deadlineAt }: DeadlineMessage, delaySeconds: number): Promise<void> {
    const body: DeadlineMessage = { orderId, deadlineAt };
    await this.sqs.send(
      new SendMessageCommand({
        QueueUrl: this.queueUrl,
        MessageBody: JSON.stringify(body),
        DelaySeconds: delaySeconds,
      }),
    );
  }
}
