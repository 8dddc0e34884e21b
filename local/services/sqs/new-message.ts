import { createHash } from 'node:crypto';
import { invalidMessageContents, invalidParameter, invalidValue, missingParameter } from './errors';
import { type MessageAttributes, sizeOf } from './message';
import type { QueueSettings } from './queue-settings';

/** What a sender says of a message. */
export interface NewMessage {
  readonly body: string;
  /** 0 to 900; without it the delay of the queue applies. */
  readonly delaySeconds?: number | undefined;
  readonly attributes?: MessageAttributes | undefined;
  readonly traceHeader?: string | undefined;
  readonly groupId?: string | undefined;
  readonly deduplicationId?: string | undefined;
}

const OUTSIDE_XML = /[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
const IDENTIFIER = /^[\x21-\x7e]{1,128}$/;
const ATTRIBUTE_NAME = /^(?!aws\.|amazon\.)(?!\.)(?!.*\.\.)(?!.*\.$)[\w.-]{1,256}$/i;
const DATA_TYPE = /^(String|Number|Binary)(\..+)?$/;

/** Answers what SQS answers to a message that this queue does not take. */
export function assertAcceptable(message: NewMessage, settings: QueueSettings): void {
  if (message.body === '') throw missingParameter('MessageBody');
  if (OUTSIDE_XML.test(message.body)) throw invalidMessageContents();
  assertAttributes(message.attributes ?? {});
  if (sizeOf(message) > settings.maximumBytes) {
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${settings.maximumBytes} bytes.`,
    );
  }
  assertDelay(message.delaySeconds, settings);
  assertIdentifier('MessageGroupId', message.groupId);
  assertIdentifier('MessageDeduplicationId', message.deduplicationId);
  if (settings.fifo && message.groupId === undefined) throw missingParameter('MessageGroupId');
  if (!settings.fifo && message.deduplicationId !== undefined) {
    throw invalidValue(
      message.deduplicationId,
      'MessageDeduplicationId',
      'The request includes a parameter that is not valid for this queue type.',
    );
  }
}

/** The id by which a FIFO queue knows a message again: the sender's, or else the digest of the body. */
export function deduplicationIdOf(message: NewMessage, settings: QueueSettings): string {
  if (message.deduplicationId !== undefined) return message.deduplicationId;
  if (settings.contentBasedDeduplication) return createHash('sha256').update(message.body).digest('hex');
  throw invalidParameter(
    'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
  );
}

function assertDelay(delaySeconds: number | undefined, { fifo }: QueueSettings): void {
  if (delaySeconds === undefined) return;
  if (!Number.isInteger(delaySeconds) || delaySeconds < 0 || delaySeconds > 900) {
    throw invalidValue(delaySeconds, 'DelaySeconds', 'DelaySeconds must be >= 0 and <= 900.');
  }
  if (fifo && delaySeconds > 0) {
    throw invalidValue(
      delaySeconds,
      'DelaySeconds',
      'The request includes a parameter that is not valid for this queue type.',
    );
  }
}

function assertIdentifier(parameter: string, value: string | undefined): void {
  if (value === undefined || IDENTIFIER.test(value)) return;
  throw invalidValue(
    value,
    parameter,
    `${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );
}

function assertAttributes(attributes: MessageAttributes): void {
  const entries = Object.entries(attributes);
  if (entries.length > 10) {
    throw invalidParameter(
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [10].`,
    );
  }
  for (const [name, { DataType, StringValue, BinaryValue }] of entries) {
    if (!ATTRIBUTE_NAME.test(name)) throw invalidParameter(`Invalid message attribute name '${name}'.`);
    if (!DATA_TYPE.test(DataType)) {
      throw invalidParameter(
        `The type of message attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
      );
    }
    const [value, other] = DataType.startsWith('Binary')
      ? [BinaryValue, StringValue]
      : [StringValue, BinaryValue];
    if (value === undefined || value === '' || other !== undefined) {
      throw invalidParameter(
        `The message attribute '${name}' must contain a non-empty value of type '${DataType}', and no other.`,
      );
    }
  }
}
