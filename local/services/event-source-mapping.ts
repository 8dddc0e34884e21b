import type { SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import { arnOf, type Log, type Provisioners, REGION, type ResourceDefinition } from '../aws';
import { md5, md5OfAttributes, type Queue, type ReceivedMessage, type Sqs, systemAttributes } from './sqs';

export interface EventSourceMappingOptions {
  readonly sqs: Pick<Sqs, 'queueByArn'>;
  /** Calls a function with an event and answers its parsed result; rejects when the function failed. */
  readonly invoke: (functionArnOrName: string, event: unknown) => Promise<unknown>;
  readonly log?: Log;
  /** How long `close()` waits for invocations that are running, in milliseconds. */
  readonly graceMs?: number;
}

type Mapping = z.infer<typeof mappingProperties>;

const LONG_POLL_SECONDS = 20;

/** A further message, of at most 1 MiB, and the envelopes then still fit the 6 MB of an invocation. */
const BATCH_BYTES = 4.5 * 1024 * 1024;

/** Without a limit AWS scales far beyond what one machine should start. */
const DEFAULT_CONCURRENCY = 5;

const wholeNumber = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

const mappingProperties = z
  .strictObject({
    EventSourceArn: z.string(),
    FunctionName: z.string(),
    BatchSize: wholeNumber(1, 10_000).default(10),
    MaximumBatchingWindowInSeconds: wholeNumber(0, 300).default(0),
    ScalingConfig: z.strictObject({ MaximumConcurrency: wholeNumber(2, 1000).optional() }).default({}),
    FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).max(1).default([]),
    Enabled: z.union([z.boolean(), z.enum(['true', 'false'])]).default(true),
    Tags: z.array(z.unknown()).optional(),
  })
  .refine((mapping) => mapping.BatchSize <= 10 || mapping.MaximumBatchingWindowInSeconds > 0, {
    path: ['BatchSize'],
    error: 'more than 10 needs a MaximumBatchingWindowInSeconds of at least 1',
  })
  .refine(
    ({ EventSourceArn, BatchSize, MaximumBatchingWindowInSeconds }) =>
      !EventSourceArn.endsWith('.fifo') || (BatchSize <= 10 && MaximumBatchingWindowInSeconds === 0),
    { path: ['EventSourceArn'], error: 'a FIFO queue has batches of at most 10 and no batching window' },
  );

/** Feeds functions from queues, as the event source mappings of a template say. Nothing is polled before `start()`. */
export class EventSourceMappings {
  readonly #pollers = new Map<string, QueuePoller>();
  #started = false;

  readonly provisioners: Provisioners = {
    'AWS::Lambda::EventSourceMapping': (resource) => {
      const mapping = read(resource);
      const id = resource.physicalName;
      const queue = this.options.sqs.queueByArn(mapping.EventSourceArn);
      this.#pollers.get(id)?.stop();
      const poller = new QueuePoller(queue, mapping, this.options);
      this.#pollers.set(id, poller);
      if (this.#started) poller.start();
      return {
        ref: id,
        attributes: { Id: id, EventSourceMappingArn: arnOf('lambda', `event-source-mapping:${id}`) },
      };
    },
  };

  constructor(private readonly options: EventSourceMappingOptions) {}

  /** To be called once everything that the functions use is up. */
  start(): void {
    this.#started = true;
    for (const poller of this.#pollers.values()) poller.start();
  }

  /** Receives no more and gives running invocations a few seconds; what they leave becomes visible again in time. */
  async close(): Promise<void> {
    const pollers = [...this.#pollers.values()];
    for (const poller of pollers) poller.stop();
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise((resolve) => {
      timer = setTimeout(resolve, this.options.graceMs ?? 3000);
    });
    await Promise.race([grace, Promise.all(pollers.map((poller) => poller.finished()))]);
    clearTimeout(timer);
  }
}

/** One mapping at work: gathers batches one by one, and runs several invocations at once. */
class QueuePoller {
  readonly #stop = new AbortController();
  readonly #invocations = new Set<Promise<void>>();
  #polling: Promise<void> | undefined;

  constructor(
    private readonly queue: Queue,
    private readonly mapping: Mapping,
    private readonly options: EventSourceMappingOptions,
  ) {}

  start(): void {
    if (String(this.mapping.Enabled) === 'false' || this.#stop.signal.aborted) return;
    // What an earlier process has received died with it: in the cloud functions outlive a restart, here they cannot.
    this.queue.showInFlight();
    this.#polling ??= this.#poll().catch((error: unknown) =>
      this.#log(`stopped polling ${this.queue.name}: ${messageOf(error)}`),
    );
  }

  stop(): void {
    this.#stop.abort();
  }

  async finished(): Promise<void> {
    await this.#polling;
    await Promise.all(this.#invocations);
  }

  async #poll(): Promise<void> {
    const { MaximumConcurrency = DEFAULT_CONCURRENCY } = this.mapping.ScalingConfig;
    while (!this.#stop.signal.aborted) {
      if (this.#invocations.size >= MaximumConcurrency) {
        await Promise.race(this.#invocations);
        continue;
      }
      const batch = await this.#gather();
      if (batch.length === 0) continue;
      if (this.#stop.signal.aborted) {
        for (const message of batch) this.queue.putBack(message);
        return;
      }
      const invocation = this.#process(batch).finally(() => this.#invocations.delete(invocation));
      this.#invocations.add(invocation);
    }
  }

  /** A batch begins with its first message and ends when it is full or the batching window is over. */
  async #gather(): Promise<ReceivedMessage[]> {
    const { BatchSize, MaximumBatchingWindowInSeconds } = this.mapping;
    const receive = (max: number, maxBytes: number, waitSeconds: number) =>
      this.queue.receive({ max, maxBytes, waitSeconds, signal: this.#stop.signal });
    const batch = await receive(BatchSize, BATCH_BYTES, LONG_POLL_SECONDS);
    if (batch.length === 0 || MaximumBatchingWindowInSeconds === 0) return batch;
    const windowEnds = Date.now() + MaximumBatchingWindowInSeconds * 1000;
    while (batch.length < BatchSize && !this.#stop.signal.aborted) {
      const room = BATCH_BYTES - batch.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
      const secondsLeft = (windowEnds - Date.now()) / 1000;
      if (room <= 0 || secondsLeft <= 0) break;
      batch.push(...(await receive(BatchSize - batch.length, room, secondsLeft)));
    }
    return batch;
  }

  async #process(batch: readonly ReceivedMessage[]): Promise<void> {
    const { FunctionName, FunctionResponseTypes } = this.mapping;
    try {
      const result = await this.options.invoke(FunctionName, sqsEvent(batch, this.queue.arn));
      const failed = FunctionResponseTypes.length > 0 ? failedIds(result, batch) : new Set<string>();
      for (const message of batch) if (!failed.has(message.id)) this.#delete(message);
      if (failed.size > 0) this.#log(`${FunctionName} failed ${failed.size} of ${batch.length} messages`);
    } catch (error) {
      this.#log(`${FunctionName} failed a batch of ${batch.length} messages: ${messageOf(error)}`);
    }
  }

  /** A FIFO queue refuses it when the function took longer than the visibility timeout: the message comes again. */
  #delete(message: ReceivedMessage): void {
    try {
      this.queue.delete(message.receiptHandle);
    } catch (error) {
      this.#log(`message ${message.id} was processed but not deleted: ${messageOf(error)}`);
    }
  }

  #log(message: string): void {
    this.options.log?.('event-source-mapping', message, { queue: this.queue.name });
  }
}

/** The event that a function gets for messages of the queue `queueArn`. */
export const sqsEvent = (messages: readonly ReceivedMessage[], queueArn: string): SQSEvent => ({
  Records: messages.map((message) => ({
    messageId: message.id,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: systemAttributes(message),
    messageAttributes: messageAttributes(message),
    md5OfMessageAttributes: md5OfAttributes(message.attributes),
    md5OfBody: md5(message.body),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: REGION,
  })),
});

const messageAttributes = ({ attributes }: ReceivedMessage): SQSRecord['messageAttributes'] =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      {
        stringValue: StringValue,
        binaryValue: BinaryValue,
        stringListValues: [],
        binaryListValues: [],
        dataType: DataType,
      },
    ]),
  );

const noFailures = z.object({ batchItemFailures: z.array(z.never()).nullish() }).nullish();
const someFailures = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })),
});

/** The failed messages; an answer that AWS would not understand, or an id that it did not hand out, fails the batch. */
function failedIds(result: unknown, batch: readonly ReceivedMessage[]): Set<string> {
  if (noFailures.safeParse(result).success) return new Set();
  const { data } = someFailures.safeParse(result);
  const all = new Set(batch.map(({ id }) => id));
  const failed = new Set(data?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  return data !== undefined && [...failed].every((id) => all.has(id)) ? failed : all;
}

function read({ type, properties, logicalId, stackName }: ResourceDefinition): Mapping {
  const name = `${type} ${logicalId} of ${stackName}`;
  const source = String(properties.EventSourceArn ?? Object.keys(properties).join(', '));
  if (!source.startsWith('arn:aws:sqs:')) throw new Error(`${name}: no SQS queue, but ${source}`);
  const result = mappingProperties.safeParse(properties);
  if (result.success) return result.data;
  throw new Error(`${name} cannot run locally:\n${z.prettifyError(result.error)}`);
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
