import {
  CreateQueueCommand,
  type QueueAttributeName,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { EventSourceMappings } from '../../local/services/event-source-mapping';
import { Sqs } from '../../local/services/sqs';
import { serveAwsJson } from '../support/aws-json-server';

const FUNCTION = 'vouchsafe-settle-order';

/** A function under test: what it is called with is kept, what it answers is up to the test. */
type Handler = (event: SQSEvent, functionName: string) => unknown;

let sqs: Sqs;
let server: Awaited<ReturnType<typeof serveAwsJson>>;
let client: SQSClient;
let mappings: EventSourceMappings;
let handler: Handler;
let batches: string[][];
let logged: string[];

beforeEach(async () => {
  sqs = new Sqs({ baseUrl: 'http://127.0.0.1:4700' });
  server = await serveAwsJson({ AmazonSQS: sqs });
  client = new SQSClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  handler = () => undefined;
  batches = [];
  logged = [];
  mappings = new EventSourceMappings({
    sqs,
    graceMs: 1000,
    log: (_, message) => logged.push(message),
    invoke: async (functionName, event) => {
      const sqsEvent = event as SQSEvent;
      batches.push(sqsEvent.Records.map(({ body }) => body));
      return handler(sqsEvent, functionName);
    },
  });
});

afterEach(async () => {
  await mappings.close();
  client.destroy();
  sqs.close();
  await server.close();
});

const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const urlOf = (name: string) => `http://127.0.0.1:4700/000000000000/${name}`;

const createQueue = (name: string, attributes: Partial<Record<QueueAttributeName, string>> = {}) =>
  client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));

const send = (name: string, body: string, more: Partial<SendMessageCommandInput> = {}) =>
  client.send(new SendMessageCommand({ QueueUrl: urlOf(name), MessageBody: body, ...more }));

const sendAll = (name: string, bodies: readonly string[]) =>
  client.send(
    new SendMessageBatchCommand({
      QueueUrl: urlOf(name),
      Entries: bodies.map((MessageBody, index) => ({ Id: `m${index}`, MessageBody })),
    }),
  );

const map = (queue: string, properties: Record<string, unknown> = {}) =>
  mappings.provisioners['AWS::Lambda::EventSourceMapping']?.({
    type: 'AWS::Lambda::EventSourceMapping',
    stackName: 'Vouchsafe',
    logicalId: 'SettleOrders',
    physicalName: `map-${queue}`,
    properties: { EventSourceArn: arnOf(queue), FunctionName: FUNCTION, ...properties },
  });

const inQueue = (name: string) => {
  const { visible, inFlight, delayed } = sqs.queues().find((queue) => queue.name === name) ?? {};
  return { visible, inFlight, delayed };
};
const EMPTY = { visible: 0, inFlight: 0, delayed: 0 };

/** Tries until it passes or ten seconds are over. */
async function eventually(expectation: () => void): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      return expectation();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

test('messages reach the function as the event that AWS documents, and are deleted when it succeeded', async () => {
  await createQueue('orders');
  let received: SQSEvent | undefined;
  handler = (event, functionName) => {
    expect(functionName).toBe(FUNCTION);
    received = event;
  };
  const sent = await send('orders', '{"order":1}', {
    MessageAttributes: {
      kind: { DataType: 'String', StringValue: 'sale' },
      raw: { DataType: 'Binary', BinaryValue: Buffer.from('bytes') },
    },
  });
  await map('orders');
  mappings.start();

  await eventually(() => expect(inQueue('orders')).toEqual(EMPTY));
  expect(received).toEqual({
    Records: [
      {
        messageId: sent.MessageId,
        receiptHandle: expect.any(String),
        body: '{"order":1}',
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: expect.stringMatching(/^\d{13}$/),
          SenderId: expect.any(String),
          ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
        },
        messageAttributes: {
          kind: { dataType: 'String', stringValue: 'sale', stringListValues: [], binaryListValues: [] },
          raw: {
            dataType: 'Binary',
            binaryValue: Buffer.from('bytes').toString('base64'),
            stringListValues: [],
            binaryListValues: [],
          },
        },
        md5OfBody: sent.MD5OfMessageBody,
        md5OfMessageAttributes: sent.MD5OfMessageAttributes,
        eventSource: 'aws:sqs',
        eventSourceARN: arnOf('orders'),
        awsRegion: 'us-east-1',
      },
    ],
  });
});

test('a message that an earlier process died with is worked on at the next start, not after its visibility timeout', async () => {
  await createQueue('orders', { VisibilityTimeout: '1800' });
  await send('orders', 'interrupted');
  expect(await sqs.queueByArn(arnOf('orders')).receive({ max: 1, waitSeconds: 0 })).toHaveLength(1);
  await map('orders');
  mappings.start();
  await eventually(() => expect(batches).toEqual([['interrupted']]));
});

test('nothing is polled before the start, and a disabled mapping never is', async () => {
  await createQueue('orders');
  await createQueue('paused');
  await send('orders', 'early');
  await send('paused', 'never');
  await map('orders');
  await map('paused', { Enabled: false });
  await new Promise(setImmediate);
  expect(inQueue('orders')).toMatchObject({ visible: 1 });

  mappings.start();
  await eventually(() => expect(inQueue('orders')).toEqual(EMPTY));
  expect(batches).toEqual([['early']]);
  expect(inQueue('paused')).toMatchObject({ visible: 1 });
});

test('a message whose function fails comes again after the visibility timeout, moves to the dead-letter queue, and a redrive hands it in again', async () => {
  await createQueue('dead');
  await createQueue('orders', {
    VisibilityTimeout: '1',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf('dead'), maxReceiveCount: 2 }),
  });
  const times: number[] = [];
  handler = () => {
    times.push(Date.now());
    throw new Error('no such order');
  };
  await map('orders');
  mappings.start();
  await send('orders', 'poison');

  await eventually(() => expect(inQueue('dead')).toMatchObject({ visible: 1 }));
  expect(batches).toEqual([['poison'], ['poison']]);
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(950);
  expect(logged.join()).toContain('no such order');

  handler = () => undefined;
  await client.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf('dead') }));
  await eventually(() => expect(batches).toHaveLength(3));
  await eventually(() => expect(inQueue('orders')).toEqual(EMPTY));
  expect(inQueue('dead')).toEqual(EMPTY);
});

test('of a batch only the messages that the function reports come again', async () => {
  await createQueue('orders', { VisibilityTimeout: '1' });
  await sendAll('orders', ['good', 'bad', 'fine']);
  handler = ({ Records }) => ({
    batchItemFailures: Records.filter(
      ({ body, attributes }) => body === 'bad' && attributes.ApproximateReceiveCount === '1',
    ).map(({ messageId }) => ({ itemIdentifier: messageId })),
  });
  await map('orders', { FunctionResponseTypes: ['ReportBatchItemFailures'] });
  mappings.start();

  await eventually(() => expect(batches).toEqual([['good', 'bad', 'fine'], ['bad']]));
  await eventually(() => expect(inQueue('orders')).toEqual(EMPTY));
});

test.each<[string, 'succeeded' | 'failed', unknown]>([
  ['nothing', 'succeeded', undefined],
  ['null', 'succeeded', null],
  ['an empty object', 'succeeded', {}],
  ['no failures', 'succeeded', { batchItemFailures: [] }],
  ['null as failures', 'succeeded', { batchItemFailures: null }],
  ['a string', 'failed', 'done'],
  ['an empty id', 'failed', { batchItemFailures: [{ itemIdentifier: '' }] }],
  ['a null id', 'failed', { batchItemFailures: [{ itemIdentifier: null }] }],
  ['a wrong key', 'failed', { batchItemFailures: [{ messageId: 'a' }] }],
  ['an unknown id', 'failed', { batchItemFailures: [{ itemIdentifier: 'unknown' }] }],
])('when a function that reports failures answers %s, the batch has %s', async (_, outcome, answer) => {
  await createQueue('orders');
  await sendAll('orders', ['one', 'two']);
  let answered = false;
  handler = () => {
    answered = true;
    return answer;
  };
  await map('orders', { FunctionResponseTypes: ['ReportBatchItemFailures'] });
  mappings.start();
  await eventually(() => expect(answered).toBe(true));
  await mappings.close();
  expect(inQueue('orders')).toEqual({ ...EMPTY, inFlight: outcome === 'succeeded' ? 0 : 2 });
});

test('a batch has at most BatchSize messages, and no more than MaximumConcurrency batches run at once', async () => {
  await createQueue('orders');
  await sendAll(
    'orders',
    Array.from({ length: 10 }, (_, index) => `message ${index}`),
  );
  let running = 0;
  let most = 0;
  const finish: (() => void)[] = [];
  handler = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise<void>((resolve) => finish.push(resolve));
    running -= 1;
  };
  await map('orders', { BatchSize: 2, ScalingConfig: { MaximumConcurrency: 3 } });
  mappings.start();

  for (let finished = 0; finished < 5; finished += 1) {
    await eventually(() => expect(running).toBe(Math.min(3, 5 - finished)));
    finish[finished]?.();
  }
  await eventually(() => expect(inQueue('orders')).toEqual(EMPTY));
  expect(most).toBe(3);
  expect(batches.map((batch) => batch.length)).toEqual([2, 2, 2, 2, 2]);
});

test('a batching window gathers messages until the batch is full', async () => {
  await createQueue('orders');
  await map('orders', { BatchSize: 3, MaximumBatchingWindowInSeconds: 60 });
  mappings.start();
  for (const body of ['one', 'two', 'three']) await send('orders', body);
  await eventually(() => expect(batches).toEqual([['one', 'two', 'three']]));
});

test('a batching window ends a batch that is not full', async () => {
  await createQueue('orders');
  await map('orders', { BatchSize: 100, MaximumBatchingWindowInSeconds: 1 });
  mappings.start();
  await send('orders', 'one');
  await send('orders', 'two');
  await eventually(() => expect(batches).toEqual([['one', 'two']]));
});

test('a large backlog is cut into batches that fit an invocation', async () => {
  await createQueue('orders');
  for (let count = 0; count < 7; count += 1) await send('orders', 'x'.repeat(1_000_000));
  let largest = 0;
  handler = (event) => {
    largest = Math.max(largest, Buffer.byteLength(JSON.stringify(event)));
  };
  await map('orders');
  mappings.start();
  await eventually(() => expect(batches.flat()).toHaveLength(7));
  expect(largest).toBeLessThan(6 * 1024 * 1024);
});

test('the messages of a FIFO group reach the function one batch after the other, in order', async () => {
  await createQueue('ledger.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
  const expected = Array.from({ length: 8 }, (_, index) => `entry ${index}`);
  for (const body of expected) await send('ledger.fifo', body, { MessageGroupId: 'book' });
  let running = 0;
  handler = async ({ Records }) => {
    running += 1;
    expect(running).toBe(1);
    expect(Records[0]?.attributes).toMatchObject({ MessageGroupId: 'book' });
    await new Promise(setImmediate);
    running -= 1;
  };
  await map('ledger.fifo', { BatchSize: 3 });
  mappings.start();
  await eventually(() => expect(inQueue('ledger.fifo')).toEqual(EMPTY));
  expect(batches.flat()).toEqual(expected);
});

test('closing waits for a running invocation and receives nothing more', async () => {
  await createQueue('orders');
  let finish = () => {};
  handler = () =>
    new Promise<void>((resolve) => {
      finish = resolve;
    });
  await map('orders', { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } });
  mappings.start();
  await send('orders', 'running');
  await eventually(() => expect(batches).toHaveLength(1));

  const closing = mappings.close();
  await send('orders', 'too late');
  finish();
  await closing;
  expect(batches).toEqual([['running']]);
  expect(inQueue('orders')).toEqual({ ...EMPTY, visible: 1 });
});

test('closing does not wait long for an invocation that hangs: its message stays in flight', async () => {
  await createQueue('orders');
  handler = () => new Promise(() => {});
  await map('orders');
  mappings.start();
  await send('orders', 'hanging');
  await eventually(() => expect(batches).toHaveLength(1));
  const started = Date.now();
  await mappings.close();
  expect(Date.now() - started).toBeLessThan(5000);
  expect(inQueue('orders')).toEqual({ ...EMPTY, inFlight: 1 });
});

test('closing within a batching window puts the gathered messages back without an attempt', async () => {
  await createQueue('orders');
  await map('orders', { BatchSize: 10, MaximumBatchingWindowInSeconds: 300 });
  mappings.start();
  await send('orders', 'gathered');
  await eventually(() => expect(inQueue('orders')).toMatchObject({ inFlight: 1 }));
  await mappings.close();
  expect(batches).toEqual([]);
  expect(sqs.messages('orders')).toMatchObject([{ state: 'visible', receiveCount: 0 }]);
});

test('a deleted queue ends its polling and says so', async () => {
  await createQueue('orders');
  await map('orders');
  mappings.start();
  await sqs.call('DeleteQueue', { QueueUrl: urlOf('orders') });
  await eventually(() => expect(logged.join()).toContain('stopped polling orders'));
});

test('a source that is no SQS queue is refused by its name', async () => {
  const stream = 'arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/2026';
  expect(() => map('orders', { EventSourceArn: stream, StartingPosition: 'LATEST' })).toThrow(
    `SettleOrders of Vouchsafe: no SQS queue, but ${stream}`,
  );
  expect(() => map('missing')).toThrow('The specified queue does not exist.');
});

test.each([
  ['a filter', { FilterCriteria: { Filters: [] } }, 'FilterCriteria'],
  ['a large batch without a window', { BatchSize: 11 }, 'MaximumBatchingWindowInSeconds'],
  ['a concurrency of one', { ScalingConfig: { MaximumConcurrency: 1 } }, 'MaximumConcurrency'],
])('a mapping with %s is refused', async (_, properties, named) => {
  await createQueue('orders');
  expect(() => map('orders', properties)).toThrow(named);
});
