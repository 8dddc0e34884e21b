import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  type Message,
  PurgeQueueCommand,
  type QueueAttributeName,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SetQueueAttributesCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { Sqs } from '../../local/services/sqs';
import { serveAwsJson } from '../support/aws-json-server';

const BASE_URL = 'http://127.0.0.1:4700';
const MINUTE = 60;

/** Seconds that the clock of the queues is ahead of the real one. */
let ahead = 0;
let folder: string;
let sqs: Sqs;
let server: Awaited<ReturnType<typeof serveAwsJson>>;
let client: SQSClient;

async function open() {
  sqs = new Sqs({
    baseUrl: BASE_URL,
    statePath: (name) => join(folder, name),
    now: () => Date.now() + ahead * 1000,
  });
  server = await serveAwsJson({ AmazonSQS: sqs });
  client = new SQSClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
}

async function close() {
  client.destroy();
  sqs.close();
  await server.close();
}

/** As after a kill: nothing is closed, a new instance reads the same files. */
async function killAndRestart() {
  const killed = { client, sqs, server };
  await open();
  killed.client.destroy();
  killed.sqs.close();
  await killed.server.close();
}

beforeEach(async () => {
  ahead = 0;
  folder = mkdtempSync(join(tmpdir(), 'sqs-'));
  await open();
});

afterEach(async () => {
  await close();
  rmSync(folder, { recursive: true });
});

async function createQueue(name: string, attributes: Partial<Record<QueueAttributeName, string>> = {}) {
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  return QueueUrl ?? '';
}

const createFifo = (name: string, attributes: Partial<Record<QueueAttributeName, string>> = {}) =>
  createQueue(`${name}.fifo`, { FifoQueue: 'true', ...attributes });

const arnOf = (url: string) => `arn:aws:sqs:us-east-1:000000000000:${url.split('/').at(-1)}`;

const redriveTo = (url: string, maxReceiveCount: number) =>
  JSON.stringify({ deadLetterTargetArn: arnOf(url), maxReceiveCount });

const send = (url: string, body: string, more: Partial<SendMessageCommandInput> = {}) =>
  client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body, ...more }));

async function receive(url: string, more: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: url,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['All'],
      ...more,
    }),
  );
  return Messages;
}

const receiveBodies = async (url: string, more: Partial<ReceiveMessageCommandInput> = {}) =>
  (await receive(url, more)).map(({ Body }) => Body);

const remove = (url: string, message: Message | undefined) =>
  client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message?.ReceiptHandle }));

const summary = (name: string) => sqs.queues().find((queue) => queue.name === name);

describe('a standard queue', () => {
  test('a message that was received is hidden for the visibility timeout and then comes again', async () => {
    const url = await createQueue('orders', { VisibilityTimeout: '45' });
    await send(url, 'hello');

    const [first] = await receive(url);
    expect(first).toMatchObject({ Body: 'hello', Attributes: { ApproximateReceiveCount: '1' } });
    ahead = 44;
    expect(await receive(url)).toEqual([]);
    ahead = 46;
    expect(await receive(url)).toMatchObject([{ Attributes: { ApproximateReceiveCount: '2' } }]);
  });

  test('a deleted message does not come again, and a handle of an earlier receive deletes nothing', async () => {
    const url = await createQueue('orders');
    await send(url, 'hello');
    const [outdated] = await receive(url, { VisibilityTimeout: 0 });
    const [current] = await receive(url, { VisibilityTimeout: 5 });

    await remove(url, outdated);
    ahead = 10;
    expect(await receive(url)).toHaveLength(1);
    await remove(url, current);
    ahead = 100;
    const [third] = await receive(url);
    await remove(url, third);
    ahead = 200;
    expect(await receive(url)).toEqual([]);
  });

  test('a delay holds a message back, up to 900 seconds, and the message knows better than the queue', async () => {
    const url = await createQueue('expiries', { DelaySeconds: '60' });
    await send(url, 'by queue');
    await send(url, 'by message', { DelaySeconds: 900 });
    await send(url, 'not at all', { DelaySeconds: 0 });

    expect(await receiveBodies(url)).toEqual(['not at all']);
    ahead = 61;
    expect(await receiveBodies(url, { VisibilityTimeout: 3600 })).toContain('by queue');
    ahead = 899;
    expect(await receiveBodies(url)).not.toContain('by message');
    ahead = 901;
    expect(await receiveBodies(url)).toContain('by message');
    await expect(send(url, 'too late', { DelaySeconds: 901 })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringContaining('Value 901 for parameter DelaySeconds'),
    });
  });

  test('the visibility of a message in flight can be prolonged and given up', async () => {
    const url = await createQueue('orders', { VisibilityTimeout: '10' });
    await send(url, 'hello');
    const [message] = await receive(url);
    const change = (seconds: number) =>
      client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: url,
          ReceiptHandle: message?.ReceiptHandle,
          VisibilityTimeout: seconds,
        }),
      );

    await change(100);
    ahead = 50;
    expect(await receive(url)).toEqual([]);
    await change(0);
    await expect(change(100)).rejects.toMatchObject({ name: 'MessageNotInflight' });
    expect(await receiveBodies(url)).toEqual(['hello']);
    await expect(change(43_201)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test('a long poll is answered as soon as a message is sent', async () => {
    const url = await createQueue('orders');
    const waiting = receiveBodies(url, { WaitTimeSeconds: 20 });
    await send(url, 'hello');
    expect(await waiting).toEqual(['hello']);
  });

  test('a long poll is answered when a delay or a visibility timeout ends', async () => {
    const url = await createQueue('orders');
    await send(url, 'hello', { DelaySeconds: 1 });
    const started = Date.now();
    expect(await receiveBodies(url, { WaitTimeSeconds: 20, VisibilityTimeout: 1 })).toEqual(['hello']);
    expect(await receiveBodies(url, { WaitTimeSeconds: 20 })).toEqual(['hello']);
    expect(Date.now() - started).toBeGreaterThanOrEqual(1900);
    expect(Date.now() - started).toBeLessThan(10_000);
  });

  test('a long poll without a message ends with none after its time', async () => {
    const url = await createQueue('orders', { ReceiveMessageWaitTimeSeconds: '1' });
    const started = Date.now();
    expect(await receive(url)).toEqual([]);
    expect(Date.now() - started).toBeGreaterThanOrEqual(950);
  });

  test('a long poll that its caller gave up takes no message', async () => {
    const url = await createQueue('orders');
    const caller = new AbortController();
    const poll = sqs.call('ReceiveMessage', { QueueUrl: url, WaitTimeSeconds: 20 }, caller.signal);
    caller.abort();
    expect(await poll).toEqual({});
    await send(url, 'hello');
    expect(await receiveBodies(url)).toEqual(['hello']);
  });

  test('a message is dropped after the retention period', async () => {
    const url = await createQueue('orders', { MessageRetentionPeriod: '60' });
    await send(url, 'old');
    ahead = 30;
    await send(url, 'newer');
    ahead = 61;
    expect(await receiveBodies(url)).toEqual(['newer']);
  });

  test('attributes come as they were sent, with the digests that AWS computes', async () => {
    const url = await createQueue('orders');
    const attributes = {
      attribName1: { DataType: 'String', StringValue: 'attribValue 1' },
      customNumberTypeAttrib: {
        DataType: 'Number.float',
        StringValue: '4563442423554324324264524243.32543234',
      },
      binaryAttribute: { DataType: 'Binary', BinaryValue: Buffer.from('Hello binary world!') },
    };
    const sent = await send(url, 'hello', { MessageAttributes: attributes });
    expect(sent.MD5OfMessageBody).toBe('5d41402abc4b2a76b9719d911017c592');
    expect(sent.MD5OfMessageAttributes).toBe('c932db14a896c663f83c260297d594ff');

    const [message] = await receive(url, { MessageAttributeNames: ['attrib*', 'attribName1'] });
    expect(message?.MD5OfMessageAttributes).toBe('19e27d4e946b072f3f58da80d94fd778');
    expect(message?.MessageAttributes).toEqual({ attribName1: attributes.attribName1 });
    ahead = 31;
    const [again] = await receive(url, { MessageAttributeNames: ['All'] });
    expect(Buffer.from(again?.MessageAttributes?.binaryAttribute?.BinaryValue ?? []).toString()).toBe(
      'Hello binary world!',
    );
  });

  test('a message over 1 MiB, or over the limit of its queue, is refused', async () => {
    const url = await createQueue('orders');
    const small = await createQueue('small', { MaximumMessageSize: '1024' });
    await send(url, 'x'.repeat(1_048_576));
    await expect(send(url, 'x'.repeat(1_048_577))).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await expect(send(small, 'x'.repeat(1025))).rejects.toThrow('Message must be shorter than 1024 bytes');
    await expect(send(url, 'bell \u0007')).rejects.toMatchObject({ name: 'InvalidMessageContents' });
  });

  test('one entry of a batch can fail alone', async () => {
    const url = await createQueue('orders');
    const { Successful, Failed } = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: [
          { Id: 'a', MessageBody: 'good' },
          { Id: 'b', MessageBody: 'late', DelaySeconds: 901 },
        ],
      }),
    );
    expect(Successful).toMatchObject([{ Id: 'a', MessageId: expect.any(String) }]);
    expect(Failed).toMatchObject([{ Id: 'b', Code: 'InvalidParameterValue', SenderFault: true }]);

    const [message] = await receive(url);
    const deleted = await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: url,
        Entries: [
          { Id: 'a', ReceiptHandle: message?.ReceiptHandle },
          { Id: 'b', ReceiptHandle: 'nonsense' },
        ],
      }),
    );
    expect(deleted).toMatchObject({
      Successful: [{ Id: 'a' }],
      Failed: [{ Id: 'b', Code: 'ReceiptHandleIsInvalid' }],
    });
    expect(summary('orders')).toMatchObject({ visible: 0, inFlight: 0 });
  });

  test.each([
    ['no entries', [], 'EmptyBatchRequest'],
    ['more than ten entries', Array.from({ length: 11 }, (_, i) => `m${i}`), 'TooManyEntriesInBatchRequest'],
    ['one id twice', ['a', 'a'], 'BatchEntryIdsNotDistinct'],
    ['an id with other characters', ['a b'], 'InvalidBatchEntryId'],
  ])('a batch with %s is refused', async (_, ids, error) => {
    const QueueUrl = await createQueue('orders');
    const Entries = ids.map((Id) => ({ Id, MessageBody: 'hello' }));
    await expect(client.send(new SendMessageBatchCommand({ QueueUrl, Entries }))).rejects.toMatchObject({
      name: error,
    });
  });

  test('a batch of more than 1 MiB is refused as a whole', async () => {
    const QueueUrl = await createQueue('orders');
    const Entries = ['a', 'b'].map((Id) => ({ Id, MessageBody: 'x'.repeat(600_000) }));
    await expect(client.send(new SendMessageBatchCommand({ QueueUrl, Entries }))).rejects.toMatchObject({
      name: 'BatchRequestTooLong',
    });
    expect(summary('orders')).toMatchObject({ visible: 0 });
  });
});

describe('a FIFO queue', () => {
  const inGroup = (group: string, id: string) => ({ MessageGroupId: group, MessageDeduplicationId: id });

  test('a group keeps its order: while one message is in flight the later ones wait, other groups do not', async () => {
    const url = await createFifo('ledger', { VisibilityTimeout: '30' });
    await send(url, 'a1', inGroup('a', '1'));
    await send(url, 'a2', inGroup('a', '2'));
    await send(url, 'b1', inGroup('b', '3'));

    const [a1] = await receive(url, { MaxNumberOfMessages: 1 });
    expect(a1?.Body).toBe('a1');
    expect(await receiveBodies(url)).toEqual(['b1']);
    expect(await receive(url)).toEqual([]);
    await remove(url, a1);
    expect(await receiveBodies(url)).toEqual(['a2']);
    ahead = 31;
    expect(await receiveBodies(url)).toEqual(['a2', 'b1']);
  });

  test('a group also waits for a later message of it that is in flight', async () => {
    const url = await createFifo('ledger');
    await send(url, 'a1', inGroup('a', '1'));
    await send(url, 'a2', inGroup('a', '2'));
    const [a1, a2] = await receive(url);
    await client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: url,
        ReceiptHandle: a1?.ReceiptHandle,
        VisibilityTimeout: 0,
      }),
    );
    expect(await receive(url)).toEqual([]);
    await remove(url, a2);
    expect(await receiveBodies(url)).toEqual(['a1']);
  });

  test('a message with the same deduplication id is accepted once in five minutes, even when the first was deleted', async () => {
    const url = await createFifo('ledger');
    const first = await send(url, 'hello', inGroup('a', 'same'));
    const [received] = await receive(url);
    await remove(url, received);
    await killAndRestart();

    const second = await send(url, 'hello', inGroup('a', 'same'));
    expect(second).toMatchObject({ MessageId: first.MessageId, SequenceNumber: first.SequenceNumber });
    expect(await receive(url)).toEqual([]);
    ahead = 5 * MINUTE + 1;
    await send(url, 'hello', inGroup('a', 'same'));
    expect(await receiveBodies(url)).toEqual(['hello']);
  });

  test('with content-based deduplication the body decides, without it an id is needed', async () => {
    const url = await createFifo('ledger', { ContentBasedDeduplication: 'true' });
    await send(url, 'same', { MessageGroupId: 'a' });
    await send(url, 'same', { MessageGroupId: 'a' });
    await send(url, 'other', { MessageGroupId: 'a' });
    expect(await receiveBodies(url)).toEqual(['same', 'other']);

    const strict = await createFifo('strict');
    await expect(send(strict, 'hello', { MessageGroupId: 'a' })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
    await expect(send(strict, 'hello')).rejects.toMatchObject({ name: 'MissingParameter' });
    await expect(send(strict, 'hello', { ...inGroup('a', '1'), DelaySeconds: 5 })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });

  test('a message cannot be deleted after its visibility timeout', async () => {
    const url = await createFifo('ledger', { VisibilityTimeout: '5' });
    await send(url, 'hello', inGroup('a', '1'));
    const [message] = await receive(url);
    ahead = 6;
    await expect(remove(url, message)).rejects.toThrow('The receipt handle has expired');
  });
});

describe('dead letters', () => {
  let dead: string;
  let url: string;

  beforeEach(async () => {
    dead = await createQueue('orders-dead');
    url = await createQueue('orders', { VisibilityTimeout: '10', RedrivePolicy: redriveTo(dead, 5) });
  });

  async function failFiveTimes() {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect(await receive(url)).toHaveLength(1);
      ahead += 11;
    }
    expect(await receive(url)).toEqual([]);
  }

  test('a message that was received five times moves to the dead-letter queue, and a redrive brings it back', async () => {
    await send(url, 'poison');
    await failFiveTimes();

    const [letter] = await receive(dead, { VisibilityTimeout: 0 });
    expect(letter).toMatchObject({ Body: 'poison', Attributes: { DeadLetterQueueSourceArn: arnOf(url) } });
    expect(summary('orders-dead')).toMatchObject({ visible: 1, deadLetterSources: ['orders'] });
    expect(summary('orders')).toMatchObject({ visible: 0, redrive: { maxReceiveCount: 5 } });

    await client.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf(dead) }));
    expect(await receive(dead)).toEqual([]);
    expect(await receive(url)).toMatchObject([
      { Body: 'poison', Attributes: { ApproximateReceiveCount: '1' } },
    ]);
    const { Results } = await client.send(new ListMessageMoveTasksCommand({ SourceArn: arnOf(dead) }));
    expect(Results).toMatchObject([{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 1 }]);
  });

  test('the way to the dead-letter queue continues after a restart', async () => {
    await send(url, 'poison');
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await receive(url);
      ahead += 11;
      await killAndRestart();
    }
    expect(await receive(url)).toEqual([]);
    await killAndRestart();
    expect(await receiveBodies(dead)).toEqual(['poison']);
    expect(await receive(url)).toEqual([]);
  });

  test('a receiver that waits on the dead-letter queue gets a dead letter at once', async () => {
    await send(url, 'poison');
    const waiting = receiveBodies(dead, { WaitTimeSeconds: 20 });
    await failFiveTimes();
    expect(await waiting).toEqual(['poison']);
  });

  test('a redrive can go to another queue', async () => {
    const other = await createQueue('other');
    await send(dead, 'sent here directly');
    await client.send(
      new StartMessageMoveTaskCommand({ SourceArn: arnOf(dead), DestinationArn: arnOf(other) }),
    );
    expect(await receiveBodies(other)).toEqual(['sent here directly']);
  });

  test('a redrive to the source fails for a message that has none, and says why', async () => {
    await send(dead, 'sent here directly');
    await client.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf(dead) }));
    const { Results } = await client.send(new ListMessageMoveTasksCommand({ SourceArn: arnOf(dead) }));
    expect(Results).toMatchObject([{ Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' }]);
    expect(await receiveBodies(dead)).toEqual(['sent here directly']);
  });

  test('only a dead-letter queue can be redriven', async () => {
    await expect(
      client.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf(url) })),
    ).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test('a dead-letter target must exist and agree', async () => {
    const missing = redriveTo(`${BASE_URL}/000000000000/missing`, 3);
    await expect(createQueue('late', { RedrivePolicy: missing })).rejects.toThrow('does not exist');
    const closed = await createQueue('closed', {
      RedriveAllowPolicy: JSON.stringify({ redrivePermission: 'denyAll' }),
    });
    await expect(createQueue('late', { RedrivePolicy: redriveTo(closed, 3) })).rejects.toThrow(
      'does not allow',
    );
  });
});

describe('after a kill', () => {
  test('delayed, visible and in-flight messages are still there, each in its state', async () => {
    const url = await createQueue('orders', { VisibilityTimeout: '100' });
    await send(url, 'in flight');
    const [inFlight] = await receive(url);
    await send(url, 'visible');
    await send(url, 'delayed', { DelaySeconds: 900 });
    await send(url, 'deleted', { DelaySeconds: 0 });
    const received = await receive(url, { VisibilityTimeout: 0 });
    await remove(
      url,
      received.find(({ Body }) => Body === 'deleted'),
    );

    await killAndRestart();
    expect(summary('orders')).toMatchObject({ visible: 1, inFlight: 1, delayed: 1 });
    expect(await receiveBodies(url, { VisibilityTimeout: 1000 })).toEqual(['visible']);
    await remove(url, inFlight);
    ahead = 101;
    expect(await receive(url)).toEqual([]);
    ahead = 901;
    expect(await receiveBodies(url)).toEqual(['delayed']);
  });

  test('sequence numbers of a FIFO queue keep growing', async () => {
    const url = await createFifo('ledger', { ContentBasedDeduplication: 'true' });
    const before = await send(url, 'one', { MessageGroupId: 'a' });
    await killAndRestart();
    const after = await send(url, 'two', { MessageGroupId: 'a' });
    expect(BigInt(after.SequenceNumber ?? 0)).toBeGreaterThan(BigInt(before.SequenceNumber ?? 0));
    expect(await receiveBodies(url)).toEqual(['one', 'two']);
  });
});

describe('queues', () => {
  test('a queue is found by its name and listed by its prefix', async () => {
    const url = await createQueue('orders');
    await createQueue('payments');
    expect(url).toBe(`${BASE_URL}/000000000000/orders`);
    expect(await client.send(new GetQueueUrlCommand({ QueueName: 'orders' }))).toMatchObject({
      QueueUrl: url,
    });
    const listed = await client.send(new ListQueuesCommand({ QueueNamePrefix: 'ord' }));
    expect(listed.QueueUrls).toEqual([url]);
    const page = await client.send(new ListQueuesCommand({ MaxResults: 1 }));
    const next = await client.send(new ListQueuesCommand({ MaxResults: 1, NextToken: page.NextToken }));
    expect([page.QueueUrls, next.QueueUrls, next.NextToken]).toEqual([
      [url],
      [`${BASE_URL}/000000000000/payments`],
      undefined,
    ]);
  });

  test('a queue that does not exist is answered with the error class of the SDK', async () => {
    await expect(send(`${BASE_URL}/000000000000/missing`, 'hello')).rejects.toBeInstanceOf(QueueDoesNotExist);
    await expect(client.send(new GetQueueUrlCommand({ QueueName: 'missing' }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
      Code: 'AWS.SimpleQueueService.NonExistentQueue',
    });
  });

  test('the attributes tell how many messages are visible, in flight and delayed', async () => {
    const url = await createQueue('orders', { VisibilityTimeout: '7' });
    await send(url, 'one');
    await send(url, 'two');
    await send(url, 'three', { DelaySeconds: 100 });
    await receive(url, { MaxNumberOfMessages: 1 });
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({
      QueueArn: arnOf(url),
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: '1',
      ApproximateNumberOfMessagesDelayed: '1',
      VisibilityTimeout: '7',
      MessageRetentionPeriod: '345600',
      MaximumMessageSize: '1048576',
    });
    ahead = 5;
    expect(summary('orders')?.oldestAgeSeconds).toBe(5);
    expect(sqs.messages('orders').map(({ body, state }) => [body, state])).toEqual([
      ['one', 'inFlight'],
      ['two', 'visible'],
      ['three', 'delayed'],
    ]);
  });

  test('changed attributes apply at once', async () => {
    const url = await createQueue('orders');
    await client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { DelaySeconds: '20' } }));
    await send(url, 'hello');
    expect(await receive(url)).toEqual([]);
    await expect(
      client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { DelaySeconds: '901' } })),
    ).rejects.toMatchObject({ name: 'InvalidAttributeValue' });
    await expect(createQueue('orders', { DelaySeconds: '21' })).rejects.toMatchObject({
      name: 'QueueNameExists',
    });
  });

  test('a purge empties a queue, once a minute', async () => {
    const url = await createQueue('orders');
    await send(url, 'hello');
    await client.send(new PurgeQueueCommand({ QueueUrl: url }));
    expect(await receive(url)).toEqual([]);
    await expect(client.send(new PurgeQueueCommand({ QueueUrl: url }))).rejects.toMatchObject({
      name: 'PurgeQueueInProgress',
    });
  });

  test('a deleted queue is gone with its messages', async () => {
    const url = await createQueue('orders');
    await send(url, 'hello');
    await client.send(new DeleteQueueCommand({ QueueUrl: url }));
    await expect(receive(url)).rejects.toBeInstanceOf(QueueDoesNotExist);
    await createQueue('orders');
    expect(await receive(url)).toEqual([]);
  });

  test('what is not implemented is refused by its name', async () => {
    const url = await createQueue('orders');
    await expect(sqs.call('AddPermission', {})).rejects.toThrow('AddPermission');
    await expect(receive(url, { ReceiveRequestAttemptId: 'a' })).rejects.toThrow('ReceiveRequestAttemptId');
    await expect(createFifo('wide', { DeduplicationScope: 'messageGroup' })).rejects.toThrow(
      'DeduplicationScope',
    );
  });
});

describe('queues of a template', () => {
  const resource = (properties: Record<string, unknown>, type = 'AWS::SQS::Queue') => ({
    type,
    stackName: 'Vouchsafe',
    logicalId: 'Expiries',
    physicalName: 'vouchsafe-expiries',
    properties,
  });
  const provision = (properties: Record<string, unknown>, type = 'AWS::SQS::Queue') =>
    sqs.provisioners[type]?.(resource(properties, type));

  test('a queue without a name has the physical name, and keeps its messages over restarts', async () => {
    const properties = { DelaySeconds: 60, VisibilityTimeout: '180', SqsManagedSseEnabled: true };
    const url = `${BASE_URL}/000000000000/vouchsafe-expiries`;
    expect(await provision(properties)).toEqual({
      ref: url,
      attributes: { Arn: arnOf(url), QueueName: 'vouchsafe-expiries', QueueUrl: url },
    });
    await send(url, 'hello');
    await killAndRestart();
    await provision(properties);
    expect(await receive(url)).toEqual([]);
    ahead = 61;
    expect(await receiveBodies(url)).toEqual(['hello']);
  });

  test('a queue that is no longer in the template is gone at the next start', async () => {
    await provision({ QueueName: 'removed' });
    await killAndRestart();
    await expect(client.send(new GetQueueUrlCommand({ QueueName: 'removed' }))).rejects.toBeInstanceOf(
      QueueDoesNotExist,
    );
  });

  test('a FIFO queue with a redrive policy comes as the template says', async () => {
    const dead = await createFifo('dead');
    await provision({
      FifoQueue: true,
      ContentBasedDeduplication: true,
      RedrivePolicy: { deadLetterTargetArn: arnOf(dead), maxReceiveCount: 3 },
    });
    expect(summary('vouchsafe-expiries.fifo')?.redrive).toEqual({
      deadLetterTargetArn: arnOf(dead),
      maxReceiveCount: 3,
    });
    expect(sqs.sendToArn(arnOf('vouchsafe-expiries.fifo'), 'hello', { groupId: 'a' })).toMatchObject({
      sequenceNumber: expect.any(String),
    });
  });

  test('a property that is not implemented is refused with the name of the resource', () => {
    expect(() => provision({ FifoThroughputLimit: 'perQueue' })).toThrow(
      /AWS::SQS::Queue Expiries of Vouchsafe[\s\S]*FifoThroughputLimit/,
    );
    expect(() => provision({ DelaySeconds: 901 })).toThrow(/Expiries of Vouchsafe[\s\S]*DelaySeconds/);
  });

  test('a queue policy is accepted', async () => {
    const properties = { Queues: [`${BASE_URL}/000000000000/orders`], PolicyDocument: { Statement: [] } };
    expect(await provision(properties, 'AWS::SQS::QueuePolicy')).toEqual({ ref: 'vouchsafe-expiries' });
  });
});
