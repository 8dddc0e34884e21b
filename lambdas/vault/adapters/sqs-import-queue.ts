import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { ImportMessage } from '../../contract/imports';
import type { ImportQueue, ImportTask } from '../app/import-ports';

/** SQS's limit of messages in one request. */
const BATCH = 10;

export class SqsImportQueue implements ImportQueue {
  constructor(
    private readonly sqs: SQSClient,
    private readonly queueUrl: string,
  ) {}

  async send(tasks: readonly ImportTask[]): Promise<void> {
    for (let start = 0; start < tasks.length; start += BATCH) {
      const messages: ImportMessage[] = tasks.slice(start, start + BATCH);
      const { Failed = [] } = await this.sqs.send(
        new SendMessageBatchCommand({
          QueueUrl: this.queueUrl,
          Entries: messages.map((message, i) => ({ Id: String(i), MessageBody: JSON.stringify(message) })),
        }),
      );
      if (Failed.length > 0) throw new Error(`SQS refused ${Failed.length} messages: ${Failed[0]?.Code}`);
    }
  }
}
