import * as z from 'zod';
import { ACCOUNT_ID, AwsError } from '../../aws';
import {
  batchIdsNotDistinct,
  emptyBatch,
  invalidBatchId,
  invalidParameter,
  missingParameter,
  notImplemented,
  tooManyEntries,
} from './errors';

const number = (name: string, least: number, most: number) => {
  const error = ({ input }: { input?: unknown }) =>
    input === undefined
      ? undefined
      : `Value ${String(input)} for parameter ${name} is invalid. Reason: Must be >= ${least} and <= ${most}, if provided.`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

const text = z.string();
const names = z.array(z.string()).default([]);
const systemNames = z
  .array(
    z.enum([
      'All',
      'SenderId',
      'SentTimestamp',
      'ApproximateReceiveCount',
      'ApproximateFirstReceiveTimestamp',
      'SequenceNumber',
      'MessageGroupId',
      'MessageDeduplicationId',
      'AWSTraceHeader',
      'DeadLetterQueueSourceArn',
    ]),
  )
  .default([]);
const visibilityTimeout = number('VisibilityTimeout', 0, 43_200);

const messageAttribute = z.strictObject({
  DataType: text,
  StringValue: text.optional(),
  BinaryValue: text.optional(),
});

const message = {
  MessageBody: text,
  /** Checked where messages are sent, so that one entry of a batch can fail. */
  DelaySeconds: z.number().optional(),
  MessageAttributes: z.record(text, messageAttribute).optional(),
  MessageSystemAttributes: z.strictObject({ AWSTraceHeader: messageAttribute.optional() }).optional(),
  MessageGroupId: text.optional(),
  MessageDeduplicationId: text.optional(),
};

const onQueue = { QueueUrl: text };
const batch = z.strictObject({ ...onQueue, Entries: z.array(z.looseObject({ Id: text })).default([]) });
const page = { MaxResults: number('MaxResults', 1, 1000).optional(), NextToken: text.optional() };
const queueAttributes = z.record(text, text);

/** The inputs of the operations, as far as they are implemented. */
export const requests = {
  createQueue: z.strictObject({
    QueueName: text,
    Attributes: queueAttributes.default({}),
    /** Tags have no effect. */
    tags: z.record(text, text).optional(),
  }),
  getQueueUrl: z.strictObject({
    QueueName: text,
    QueueOwnerAWSAccountId: z.literal(ACCOUNT_ID).optional(),
  }),
  listQueues: z.strictObject({ QueueNamePrefix: text.default(''), ...page }),
  listDeadLetterSourceQueues: z.strictObject({ ...onQueue, ...page }),
  queueOnly: z.strictObject(onQueue),
  getQueueAttributes: z.strictObject({ ...onQueue, AttributeNames: names }),
  setQueueAttributes: z.strictObject({ ...onQueue, Attributes: queueAttributes }),
  sendMessage: z.strictObject({ ...onQueue, ...message }),
  sendMessageEntry: z.strictObject({ Id: text, ...message }),
  receiveMessage: z.strictObject({
    ...onQueue,
    AttributeNames: systemNames,
    MessageSystemAttributeNames: systemNames,
    MessageAttributeNames: names,
    MaxNumberOfMessages: number('MaxNumberOfMessages', 1, 10).default(1),
    VisibilityTimeout: visibilityTimeout.optional(),
    WaitTimeSeconds: number('WaitTimeSeconds', 0, 20).optional(),
  }),
  deleteMessage: z.strictObject({ ...onQueue, ReceiptHandle: text }),
  deleteMessageEntry: z.strictObject({ Id: text, ReceiptHandle: text }),
  changeVisibility: z.strictObject({
    ...onQueue,
    ReceiptHandle: text,
    VisibilityTimeout: visibilityTimeout,
  }),
  changeVisibilityEntry: z.strictObject({
    Id: text,
    ReceiptHandle: text,
    VisibilityTimeout: visibilityTimeout,
  }),
  startMessageMoveTask: z.strictObject({ SourceArn: text, DestinationArn: text.optional() }),
  listMessageMoveTasks: z.strictObject({
    SourceArn: text,
    MaxResults: number('MaxResults', 1, 10).default(1),
  }),
};

/** @throws AwsError MissingParameter, InvalidParameterValue, or UnsupportedOperation for parameters unknown here */
export function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue?.code === 'unrecognized_keys') throw notImplemented(`The parameter ${issue.keys.join(', ')}`);
  const path = issue?.path.join('.') ?? '';
  if (issue?.code === 'invalid_type' && issue.input === undefined) throw missingParameter(path);
  throw invalidParameter(issue?.message.startsWith('Value ') ? issue.message : `${path}: ${issue?.message}`);
}

interface BatchAnswer {
  readonly Successful: object[];
  readonly Failed: { Id: string; Code: string; Message: string; SenderFault: boolean }[];
}

/** The queue and the entries of a batch request. @throws AwsError when the batch as a whole is refused */
export function parseBatch(input: unknown): z.infer<typeof batch> {
  const parsed = parse(batch, input);
  if (parsed.Entries.length === 0) throw emptyBatch();
  if (parsed.Entries.length > 10) throw tooManyEntries(parsed.Entries.length);
  const ids = new Set<string>();
  for (const { Id } of parsed.Entries) {
    if (!/^[\w-]{1,80}$/.test(Id)) throw invalidBatchId();
    if (ids.has(Id)) throw batchIdsNotDistinct(Id);
    ids.add(Id);
  }
  return parsed;
}

/** Does each entry by itself: one that fails fails alone. */
export function eachEntry<T extends { Id: string }>(
  entries: readonly unknown[],
  schema: z.ZodType<T>,
  perform: (entry: T) => object,
): BatchAnswer {
  const answer: BatchAnswer = { Successful: [], Failed: [] };
  for (const raw of entries) {
    const { Id } = parse(z.looseObject({ Id: text }), raw);
    try {
      answer.Successful.push({ Id, ...perform(parse(schema, raw)) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      answer.Failed.push({ Id, Code: error.code, Message: error.message, SenderFault: error.status < 500 });
    }
  }
  return answer;
}
