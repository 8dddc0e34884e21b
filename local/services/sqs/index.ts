export type { Message, MessageAttribute, ReceivedMessage } from './message';
export { md5, md5OfAttributes, systemAttributes } from './message';
export type { NewMessage } from './new-message';
export type { Queue, SentMessage } from './queue';
export { type MessageSummary, type QueueSummary, Sqs, type SqsOptions } from './sqs';
