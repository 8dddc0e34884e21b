import { createHash } from 'node:crypto';

/** A message attribute in its wire form; a binary value is Base64. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: string | undefined;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** A message as it is stored. All times are milliseconds since 1970. */
export interface Message {
  readonly id: string;
  readonly queue: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly traceHeader?: string | undefined;
  readonly groupId?: string | undefined;
  readonly deduplicationId?: string | undefined;
  readonly sequenceNumber?: string | undefined;
  readonly sentAt: number;
  /** Differs from `sentAt` in a dead-letter queue: retention counts from the sending, the age from the arrival. */
  readonly enteredAt: number;
  readonly visibleAt: number;
  readonly receiveCount: number;
  /** The receives that another queue counted, before this one became the message's dead-letter queue. */
  readonly receivedElsewhere: number;
  readonly firstReceivedAt?: number | undefined;
  /** Of the latest receive in this queue. A hidden message without one is delayed, not in flight. */
  readonly receiptHandle?: string | undefined;
  readonly deadLetterSourceArn?: string | undefined;
}

export interface ReceivedMessage extends Message {
  readonly receiptHandle: string;
  readonly firstReceivedAt: number;
}

export const md5 = (content: string | Buffer): string => createHash('md5').update(content).digest('hex');

/** The digest that SDKs compare: names in order, each part preceded by its length, values by their transport type. */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  return md5(
    Buffer.concat(
      names.flatMap((name) => {
        const { DataType, StringValue, BinaryValue } = attributes[name] ?? { DataType: '' };
        const value =
          BinaryValue === undefined ? Buffer.from(StringValue ?? '') : Buffer.from(BinaryValue, 'base64');
        const transportType = Buffer.of(BinaryValue === undefined ? 1 : 2);
        return [
          ...withLength(Buffer.from(name)),
          ...withLength(Buffer.from(DataType)),
          transportType,
          ...withLength(value),
        ];
      }),
    ),
  );
}

function withLength(content: Buffer): [Buffer, Buffer] {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return [length, content];
}

/** What counts towards the size limits, in bytes: the body and the names, types and values of the attributes. */
export function sizeOf(message: {
  readonly body: string;
  readonly attributes?: MessageAttributes | undefined;
}): number {
  let size = Buffer.byteLength(message.body);
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(message.attributes ?? {})) {
    size += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue ?? '');
    size += Buffer.byteLength(BinaryValue ?? '', 'base64');
  }
  return size;
}

/** The system attributes of a received message, named as ReceiveMessage and Lambda events name them. */
export function systemAttributes(message: ReceivedMessage) {
  return {
    SenderId: 'AIDALOCALDEVELOPMENT',
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ...(message.sequenceNumber !== undefined && { SequenceNumber: message.sequenceNumber }),
    ...(message.groupId !== undefined && { MessageGroupId: message.groupId }),
    ...(message.deduplicationId !== undefined && { MessageDeduplicationId: message.deduplicationId }),
    ...(message.traceHeader !== undefined && { AWSTraceHeader: message.traceHeader }),
    ...(message.deadLetterSourceArn !== undefined && {
      DeadLetterQueueSourceArn: message.deadLetterSourceArn,
    }),
  };
}

/** Whether a receiver can have the message, has it, or nobody can yet. */
export function stateOf(message: Message, now: number): 'visible' | 'inFlight' | 'delayed' {
  if (message.visibleAt <= now) return 'visible';
  return message.receiptHandle === undefined ? 'delayed' : 'inFlight';
}

/** The order of a queue. */
export function byArrival(one: Message, other: Message): number {
  if (one.sequenceNumber !== undefined && other.sequenceNumber !== undefined) {
    return one.sequenceNumber < other.sequenceNumber ? -1 : 1;
  }
  return one.enteredAt - other.enteredAt;
}
