import * as z from 'zod';
import { invalidAttributeName, invalidAttributeValue, notImplemented } from './errors';

/** Queue attributes as CreateQueue takes and GetQueueAttributes gives them: all values are strings. */
export type QueueAttributes = Readonly<Record<string, string>>;

/** What the attributes of a queue say, as numbers and flags. */
export interface QueueSettings {
  readonly delaySeconds: number;
  readonly visibilitySeconds: number;
  readonly retentionSeconds: number;
  readonly receiveWaitSeconds: number;
  readonly maximumBytes: number;
  readonly fifo: boolean;
  readonly contentBasedDeduplication: boolean;
  readonly redrive?: RedrivePolicy | undefined;
  readonly redriveAllow?: RedriveAllowPolicy | undefined;
}

export type RedrivePolicy = z.infer<typeof redrivePolicy>;
export type RedriveAllowPolicy = z.infer<typeof redriveAllowPolicy>;

export const MAXIMUM_BYTES = 1_048_576;

/** Numeric attributes: least, most, and the value a queue has when nothing was said. */
const NUMBERS = {
  DelaySeconds: [0, 900, 0],
  VisibilityTimeout: [0, 43_200, 30],
  MessageRetentionPeriod: [60, 1_209_600, 345_600],
  ReceiveMessageWaitTimeSeconds: [0, 20, 0],
  MaximumMessageSize: [1024, MAXIMUM_BYTES, MAXIMUM_BYTES],
  KmsDataKeyReusePeriodSeconds: [60, 86_400, 300],
} as const;

const FLAGS = ['FifoQueue', 'ContentBasedDeduplication', 'SqsManagedSseEnabled'];

/** Accepted and shown, without an effect on one machine. */
const TEXTS = ['KmsMasterKeyId', 'Policy'];

const NOT_IMPLEMENTED = ['DeduplicationScope', 'FifoThroughputLimit'];

const redrivePolicy = z.strictObject({
  deadLetterTargetArn: z.string(),
  maxReceiveCount: z.coerce.number().int().min(1).max(1000),
});

const redriveAllowPolicy = z.discriminatedUnion('redrivePermission', [
  z.strictObject({ redrivePermission: z.enum(['allowAll', 'denyAll']) }),
  z.strictObject({
    redrivePermission: z.literal('byQueue'),
    sourceQueueArns: z.array(z.string()).min(1).max(10),
  }),
]);

/**
 * Reads the attributes of the queue `name`.
 * @throws AwsError InvalidAttributeName or InvalidAttributeValue
 */
export function settingsOf(name: string, attributes: QueueAttributes): QueueSettings {
  for (const [attribute, value] of Object.entries(attributes)) assertValid(attribute, value);
  const fifo = attributes.FifoQueue === 'true';
  if (attributes.FifoQueue === 'false') {
    throw invalidAttributeValue('FifoQueue', 'Leave it out to create a standard queue.');
  }
  if (fifo !== name.endsWith('.fifo')) {
    throw invalidAttributeValue('FifoQueue', 'The name of a FIFO queue, and of no other, ends with .fifo.');
  }
  if (!fifo && attributes.ContentBasedDeduplication !== undefined) {
    throw invalidAttributeValue('ContentBasedDeduplication', 'It is for FIFO queues.');
  }
  const number = (attribute: keyof typeof NUMBERS) => Number(attributes[attribute] ?? NUMBERS[attribute][2]);
  return {
    delaySeconds: number('DelaySeconds'),
    visibilitySeconds: number('VisibilityTimeout'),
    retentionSeconds: number('MessageRetentionPeriod'),
    receiveWaitSeconds: number('ReceiveMessageWaitTimeSeconds'),
    maximumBytes: number('MaximumMessageSize'),
    fifo,
    contentBasedDeduplication: attributes.ContentBasedDeduplication === 'true',
    redrive: policy('RedrivePolicy', redrivePolicy, attributes),
    redriveAllow: policy('RedriveAllowPolicy', redriveAllowPolicy, attributes),
  };
}

/** The attributes of a queue with the defaults of those that were not given, as GetQueueAttributes shows them. */
export function withDefaults(attributes: QueueAttributes): Record<string, string> {
  const { KmsDataKeyReusePeriodSeconds, ...numbers } = NUMBERS;
  const defaults = Object.entries(numbers).map(([name, [, , value]]) => [name, String(value)]);
  const encrypted = attributes.KmsMasterKeyId !== undefined;
  return {
    ...Object.fromEntries(defaults),
    SqsManagedSseEnabled: String(!encrypted),
    ...(encrypted && { KmsDataKeyReusePeriodSeconds: String(KmsDataKeyReusePeriodSeconds[2]) }),
    ...(attributes.FifoQueue === 'true' && { ContentBasedDeduplication: 'false' }),
    ...attributes,
  };
}

/** Changed attributes over earlier ones; an empty value takes an attribute away, as in AWS. */
export const changed = (earlier: QueueAttributes, changes: QueueAttributes): QueueAttributes =>
  Object.fromEntries(Object.entries({ ...earlier, ...changes }).filter(([, value]) => value !== ''));

const isNumeric = (attribute: string): attribute is keyof typeof NUMBERS => Object.hasOwn(NUMBERS, attribute);

function assertValid(attribute: string, value: string): void {
  if (isNumeric(attribute)) {
    const [least, most] = NUMBERS[attribute];
    if (!/^\d+$/.test(value) || Number(value) < least || Number(value) > most) {
      throw invalidAttributeValue(attribute);
    }
  } else if (FLAGS.includes(attribute)) {
    if (value !== 'true' && value !== 'false') throw invalidAttributeValue(attribute);
  } else if (NOT_IMPLEMENTED.includes(attribute)) {
    throw notImplemented(`The queue attribute ${attribute}`);
  } else if (!['RedrivePolicy', 'RedriveAllowPolicy', ...TEXTS].includes(attribute)) {
    throw invalidAttributeName(attribute);
  }
}

function policy<T>(name: string, schema: z.ZodType<T>, attributes: QueueAttributes): T | undefined {
  const text = attributes[name];
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw invalidAttributeValue(
      name,
      error instanceof z.ZodError ? z.prettifyError(error) : 'It must be JSON.',
    );
  }
}
