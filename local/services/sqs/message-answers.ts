import type { z } from 'zod';
import {
  type MessageAttributes,
  md5,
  md5OfAttributes,
  type ReceivedMessage,
  systemAttributes,
} from './message';
import type { NewMessage } from './new-message';
import type { SentMessage } from './queue';
import type { requests } from './requests';

type SendInput = Omit<z.infer<typeof requests.sendMessage>, 'QueueUrl'>;

/** The message of a SendMessage request or of an entry of SendMessageBatch. */
export const newMessageOf = (input: SendInput): NewMessage => ({
  body: input.MessageBody,
  delaySeconds: input.DelaySeconds,
  attributes: input.MessageAttributes,
  traceHeader: input.MessageSystemAttributes?.AWSTraceHeader?.StringValue,
  groupId: input.MessageGroupId,
  deduplicationId: input.MessageDeduplicationId,
});

/** What SendMessage answers; the SDK compares the digests. */
export const sentAnswer = (input: SendInput, { id, sequenceNumber }: SentMessage) => {
  const { AWSTraceHeader } = input.MessageSystemAttributes ?? {};
  return {
    MessageId: id,
    MD5OfMessageBody: md5(input.MessageBody),
    MD5OfMessageAttributes: md5OfAttributes(input.MessageAttributes ?? {}),
    MD5OfMessageSystemAttributes: AWSTraceHeader && md5OfAttributes({ AWSTraceHeader }),
    SequenceNumber: sequenceNumber,
  };
};

/** A message as ReceiveMessage answers it, with the attributes that the receiver asked for. */
export function receivedAnswer(message: ReceivedMessage, input: z.infer<typeof requests.receiveMessage>) {
  const systemNames: string[] = [...input.AttributeNames, ...input.MessageSystemAttributeNames];
  const system = Object.entries(systemAttributes(message)).filter(
    ([name]) => systemNames.includes('All') || systemNames.includes(name),
  );
  const attributes = requested(message.attributes, input.MessageAttributeNames);
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: md5(message.body),
    ...(system.length > 0 && { Attributes: Object.fromEntries(system) }),
    ...(Object.keys(attributes).length > 0 && {
      MessageAttributes: attributes,
      MD5OfMessageAttributes: md5OfAttributes(attributes),
    }),
  };
}

/** `All` and `.*` ask for every attribute, `prefix.*` for those that begin so. */
function requested(attributes: MessageAttributes, names: readonly string[]): MessageAttributes {
  const wanted = (attribute: string) =>
    names.some(
      (name) =>
        name === 'All' ||
        name === attribute ||
        (name.endsWith('.*') && attribute.startsWith(name.slice(0, -2))),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => wanted(name)));
}
