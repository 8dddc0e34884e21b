import * as z from 'zod';
import type { Provisioners, ResourceDefinition } from '../../aws';
import type { QueueAttributes } from './queue-settings';

/** A queue as templates need it. */
interface ProvisionedQueue {
  readonly url: string;
  readonly arn: string;
}

const number = z.union([z.number(), z.string()]).transform(String);
const flag = z.union([z.boolean(), z.enum(['true', 'false'])]).transform(String);
const policy = z
  .union([z.record(z.string(), z.unknown()), z.string()])
  .transform((value) => (typeof value === 'string' ? value : JSON.stringify(value)));

const queueProperties = z.strictObject({
  QueueName: z.string().optional(),
  DelaySeconds: number.optional(),
  VisibilityTimeout: number.optional(),
  MessageRetentionPeriod: number.optional(),
  ReceiveMessageWaitTimeSeconds: number.optional(),
  MaximumMessageSize: number.optional(),
  RedrivePolicy: policy.optional(),
  RedriveAllowPolicy: policy.optional(),
  FifoQueue: flag.optional(),
  ContentBasedDeduplication: flag.optional(),
  KmsMasterKeyId: z.string().optional(),
  KmsDataKeyReusePeriodSeconds: number.optional(),
  SqsManagedSseEnabled: flag.optional(),
  Tags: z.array(z.unknown()).optional(),
});

const queuePolicyProperties = z.strictObject({
  Queues: z.array(z.string()),
  PolicyDocument: z.record(z.string(), z.unknown()),
});

/** `provision` creates the queue of that name or gives it these attributes. */
export const queueProvisioners = (
  provision: (name: string, attributes: QueueAttributes) => ProvisionedQueue,
): Provisioners => ({
  'AWS::SQS::Queue': (resource) => {
    const { QueueName, Tags, ...properties } = read(queueProperties, resource);
    const attributes = attributesOf(properties);
    const suffix = attributes.FifoQueue === 'true' ? '.fifo' : '';
    const name = QueueName ?? `${resource.physicalName}${suffix}`;
    try {
      const { url, arn } = provision(name, attributes);
      return { ref: url, attributes: { Arn: arn, QueueName: name, QueueUrl: url } };
    } catch (error) {
      throw new Error(`${nameOf(resource)}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  },

  /** IAM is not enforced on one machine: the policy is read and then has no effect. */
  'AWS::SQS::QueuePolicy': (resource) => {
    read(queuePolicyProperties, resource);
    return { ref: resource.physicalName };
  },
});

/** CloudFormation leaves out what is not set, and so a `FifoQueue: false` says nothing. */
const attributesOf = (properties: Record<string, string | undefined>): QueueAttributes =>
  Object.fromEntries(
    Object.entries(properties).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && !(entry[0] === 'FifoQueue' && entry[1] === 'false'),
    ),
  );

function read<T>(schema: z.ZodType<T>, resource: ResourceDefinition): T {
  const result = schema.safeParse(resource.properties);
  if (result.success) return result.data;
  throw new Error(`${nameOf(resource)} cannot run locally:\n${z.prettifyError(result.error)}`);
}

const nameOf = ({ type, stackName, logicalId }: ResourceDefinition) => `${type} ${logicalId} of ${stackName}`;
