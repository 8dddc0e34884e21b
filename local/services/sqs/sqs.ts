import { ACCOUNT_ID, type AwsJsonService, type Log, type Provisioners } from '../../aws';
import { batchTooLong, closed, invalidAttributeName, notImplemented, queueDoesNotExist } from './errors';
import { type Message, sizeOf, stateOf } from './message';
import { newMessageOf, receivedAnswer, sentAnswer } from './message-answers';
import { MoveTasks } from './move-tasks';
import type { NewMessage } from './new-message';
import { queueProvisioners } from './provisioners';
import type { Queue, QueueCounts, SentMessage } from './queue';
import { QueueRegistry } from './queue-registry';
import { MAXIMUM_BYTES, type RedrivePolicy, withDefaults } from './queue-settings';
import { eachEntry, parse, parseBatch, requests } from './requests';

export interface SqsOptions {
  /** Where the endpoint listens, such as `http://127.0.0.1:4700`: queue URLs begin with it. */
  readonly baseUrl: string;
  /** The file for a piece of state (`sqs-queues`, `sqs-messages`, `sqs-deduplication`); undefined keeps it in memory. */
  readonly statePath?: (name: string) => string | undefined;
  readonly log?: Log;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** A queue as the operations page shows it. */
export interface QueueSummary extends QueueCounts {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  /** Where the dead letters of this queue go. */
  readonly redrive: RedrivePolicy | undefined;
  /** The names of the queues whose dead letters come here; not empty for a dead-letter queue. */
  readonly deadLetterSources: readonly string[];
}

/** A message as the operations page shows it. Times are milliseconds since 1970. */
export interface MessageSummary extends Pick<Message, 'id' | 'body' | 'attributes' | 'groupId' | 'sentAt'> {
  readonly state: 'visible' | 'inFlight' | 'delayed';
  readonly visibleAt: number;
  readonly receiveCount: number;
  readonly deadLetterSourceArn: string | undefined;
}

type Operation = (input: unknown, signal?: AbortSignal) => unknown;

/** SQS on one machine. Messages, also delayed ones and those in flight, survive a `kill -9`. */
export class Sqs implements AwsJsonService {
  readonly provisioners: Provisioners = queueProvisioners((name, attributes) => ({
    arn: this.#registry.provision(name, attributes).queue.arn,
    url: this.#url(name),
  }));

  readonly #baseUrl: string;
  readonly #now: () => number;
  readonly #registry: QueueRegistry;
  readonly #moveTasks: MoveTasks;
  #closed = false;

  readonly #operations: Readonly<Record<string, Operation>> = {
    CreateQueue: (raw) => {
      const { QueueName, Attributes } = parse(requests.createQueue, raw);
      return { QueueUrl: this.#url(this.#registry.create(QueueName, Attributes).queue.name) };
    },
    DeleteQueue: (raw) => this.#registry.remove(this.#queue(parse(requests.queueOnly, raw)).name),
    GetQueueUrl: (raw) => {
      const { QueueName } = parse(requests.getQueueUrl, raw);
      return { QueueUrl: this.#url(this.#registry.byName(QueueName).queue.name) };
    },
    ListQueues: (raw) => {
      const { QueueNamePrefix, ...page } = parse(requests.listQueues, raw);
      const queues = this.#registry.all().map(({ queue }) => queue);
      const { names, ...rest } = paged(
        queues.filter(({ name }) => name.startsWith(QueueNamePrefix)),
        page,
      );
      return { QueueUrls: names.map((name) => this.#url(name)), ...rest };
    },
    ListDeadLetterSourceQueues: (raw) => {
      const input = parse(requests.listDeadLetterSourceQueues, raw);
      const { names, ...rest } = paged(this.#registry.sourcesOf(this.#queue(input)), input);
      return { queueUrls: names.map((name) => this.#url(name)), ...rest };
    },
    GetQueueAttributes: (raw) => {
      const input = parse(requests.getQueueAttributes, raw);
      return { Attributes: this.#attributes(this.#queue(input), input.AttributeNames) };
    },
    SetQueueAttributes: (raw) => {
      const input = parse(requests.setQueueAttributes, raw);
      this.#registry.change(this.#queue(input).name, input.Attributes);
    },
    PurgeQueue: (raw) => this.#queue(parse(requests.queueOnly, raw)).purge(),
    SendMessage: (raw) => {
      const input = parse(requests.sendMessage, raw);
      return sentAnswer(input, this.#queue(input).send(newMessageOf(input)));
    },
    SendMessageBatch: (raw) => {
      const batch = parseBatch(raw);
      const queue = this.#queue(batch);
      const bytes = batch.Entries.reduce((sum, entry) => {
        const { MessageBody, MessageAttributes } = parse(requests.sendMessageEntry, entry);
        return sum + sizeOf({ body: MessageBody, attributes: MessageAttributes });
      }, 0);
      if (bytes > MAXIMUM_BYTES) throw batchTooLong(MAXIMUM_BYTES, bytes);
      return eachEntry(batch.Entries, requests.sendMessageEntry, (entry) =>
        sentAnswer(entry, queue.send(newMessageOf(entry))),
      );
    },
    ReceiveMessage: async (raw, signal) => {
      const input = parse(requests.receiveMessage, raw);
      const messages = await this.#queue(input).receive({
        max: input.MaxNumberOfMessages,
        visibilitySeconds: input.VisibilityTimeout,
        waitSeconds: input.WaitTimeSeconds,
        signal,
      });
      return messages.length > 0
        ? { Messages: messages.map((message) => receivedAnswer(message, input)) }
        : {};
    },
    DeleteMessage: (raw) => {
      const input = parse(requests.deleteMessage, raw);
      this.#queue(input).delete(input.ReceiptHandle);
    },
    DeleteMessageBatch: (raw) => {
      const batch = parseBatch(raw);
      const queue = this.#queue(batch);
      return eachEntry(batch.Entries, requests.deleteMessageEntry, ({ ReceiptHandle }) => {
        queue.delete(ReceiptHandle);
        return {};
      });
    },
    ChangeMessageVisibility: (raw) => {
      const input = parse(requests.changeVisibility, raw);
      this.#queue(input).changeVisibility(input.ReceiptHandle, input.VisibilityTimeout);
    },
    ChangeMessageVisibilityBatch: (raw) => {
      const batch = parseBatch(raw);
      const queue = this.#queue(batch);
      return eachEntry(batch.Entries, requests.changeVisibilityEntry, (entry) => {
        queue.changeVisibility(entry.ReceiptHandle, entry.VisibilityTimeout);
        return {};
      });
    },
    StartMessageMoveTask: (raw) => {
      const { SourceArn, DestinationArn } = parse(requests.startMessageMoveTask, raw);
      return { TaskHandle: this.#moveTasks.start(SourceArn, DestinationArn) };
    },
    ListMessageMoveTasks: (raw) => {
      const { SourceArn, MaxResults } = parse(requests.listMessageMoveTasks, raw);
      return { Results: this.#moveTasks.list(SourceArn, MaxResults) };
    },
  };

  constructor({ baseUrl, statePath = () => undefined, log = () => {}, now = Date.now }: SqsOptions) {
    this.#baseUrl = baseUrl;
    this.#now = now;
    this.#registry = new QueueRegistry({ statePath, log, now });
    this.#moveTasks = new MoveTasks(
      (arn) => this.#registry.byArn(arn),
      (queue) => this.#registry.sourcesOf(queue).length > 0,
      now,
    );
  }

  /** `signal` tells that the caller went away: its long poll then takes no message that nobody would get. */
  async call(operation: string, input: Record<string, unknown>, signal?: AbortSignal): Promise<unknown> {
    if (this.#closed) throw closed();
    if (!Object.hasOwn(this.#operations, operation)) throw notImplemented(`The operation ${operation}`);
    return (await this.#operations[operation]?.(input, signal)) ?? {};
  }

  /** All queues by name. */
  queues(): QueueSummary[] {
    return this.#registry.all().map(({ queue }) => ({
      name: queue.name,
      url: this.#url(queue.name),
      arn: queue.arn,
      ...queue.counts(),
      redrive: queue.settings.redrive,
      deadLetterSources: this.#registry.sourcesOf(queue).map(({ name }) => name),
    }));
  }

  /** The messages of a queue in their order, without receiving them. @throws AwsError QueueDoesNotExist */
  messages(queueName: string): MessageSummary[] {
    const now = this.#now();
    return this.#registry
      .byName(queueName)
      .queue.messages()
      .map((message) => ({
        id: message.id,
        body: message.body,
        attributes: message.attributes,
        groupId: message.groupId,
        sentAt: message.sentAt,
        state: stateOf(message, now),
        visibleAt: message.visibleAt,
        receiveCount: message.receiveCount,
        deadLetterSourceArn: message.deadLetterSourceArn,
      }));
  }

  /** Sends as other services do for their targets. @throws AwsError as SendMessage does */
  sendToArn(arn: string, body: string, options: Omit<NewMessage, 'body'> = {}): SentMessage {
    return this.queueByArn(arn).send({ body, ...options });
  }

  /** The queue itself, for an event source mapping to poll. @throws AwsError QueueDoesNotExist */
  queueByArn(arn: string): Queue {
    const queue = this.#registry.byArn(arn);
    if (queue === undefined) throw queueDoesNotExist();
    return queue;
  }

  /** Answers waiting receivers with no messages, refuses new calls and closes the state files. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#registry.close();
  }

  #url(name: string): string {
    return `${this.#baseUrl}/${ACCOUNT_ID}/${name}`;
  }

  /** Any host will do: a URL may have been kept since the endpoint listened on another port. */
  #queue({ QueueUrl }: { QueueUrl: string }): Queue {
    const [, account, name] = /^(?:https?:\/\/[^/]+)?\/(\d{12})\/([^/]+)$/.exec(QueueUrl) ?? [];
    if (account !== ACCOUNT_ID || name === undefined) throw queueDoesNotExist();
    return this.#registry.byName(name).queue;
  }

  #attributes(queue: Queue, names: readonly string[]): Record<string, string> {
    const { attributes, createdAt, modifiedAt } = this.#registry.byName(queue.name);
    const counts = queue.counts();
    const all: Record<string, string> = {
      QueueArn: queue.arn,
      CreatedTimestamp: String(Math.floor(createdAt / 1000)),
      LastModifiedTimestamp: String(Math.floor(modifiedAt / 1000)),
      ApproximateNumberOfMessages: String(counts.visible),
      ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
      ApproximateNumberOfMessagesDelayed: String(counts.delayed),
      ...withDefaults(attributes),
    };
    const unknown = names.find(
      (name) => name !== 'All' && !Object.hasOwn(all, name) && !OPTIONAL.includes(name),
    );
    if (unknown !== undefined) throw invalidAttributeName(unknown);
    return names.includes('All')
      ? all
      : Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
  }
}

/** Attributes that a queue may not have: asking for them is no mistake. */
const OPTIONAL = [
  'FifoQueue',
  'ContentBasedDeduplication',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'Policy',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
];

/** One page of names; the token is the last name of the page before. */
function paged(
  queues: readonly Queue[],
  { MaxResults, NextToken = '' }: { MaxResults?: number | undefined; NextToken?: string | undefined },
): { names: string[]; NextToken?: string } {
  const names = queues.map(({ name }) => name).filter((name) => name > NextToken);
  const page = names.slice(0, MaxResults ?? 1000);
  const last = page.at(-1);
  return MaxResults !== undefined && last !== undefined && page.length < names.length
    ? { names: page, NextToken: last }
    : { names: page };
}
