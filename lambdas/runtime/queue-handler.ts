import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type * as z from 'zod';
import { edge } from './edge';
import { loggable, logger } from './observability';
import { once } from './once';

/**
 * A function that works on a queue's messages, each by itself: one that fails stays on the queue and is tried
 * again or dead-lettered, the others are done.
 */
export function queueHandler<S extends z.ZodType, Ports>(
  schema: S,
  wire: () => Ports,
  work: (message: z.output<S>, ports: Ports) => Promise<void>,
) {
  const wired = once(wire);
  const handle = async (record: SQSRecord) => work(schema.parse(JSON.parse(record.body)), wired());

  return edge<SQSEvent, SQSBatchResponse>().handler(async ({ Records }) => {
    const results = await Promise.allSettled(Records.map(handle));
    const batchItemFailures = results.flatMap((result, i) => {
      if (result.status === 'fulfilled') return [];
      const itemIdentifier = Records[i]?.messageId ?? '';
      logger.error('message failed', { messageId: itemIdentifier, error: loggable(result.reason) });
      return [{ itemIdentifier }];
    });
    return { batchItemFailures };
  });
}
