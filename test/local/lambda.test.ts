import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { FunctionError } from '../../local/services/function-error';
import { handleInvokeRequest } from '../../local/services/lambda/invoke-request';
import { type DeadLetter, Lambda, type LambdaOptions } from '../../local/services/lambda/lambda';

const folder = mkdtempSync(join(tmpdir(), 'lambda-'));
const lines: string[] = [];
const running: Lambda[] = [];

function startLambda(options: Partial<LambdaOptions> = {}): Lambda {
  const lambda = new Lambda({
    endpoints: { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' },
    assetFolder: (s3Key) => join(folder, s3Key.replace(/\.zip$/, '')),
    onOutput: (functionName, line) => lines.push(`${functionName}: ${line}`),
    asyncRetryDelays: [5, 5],
    ...options,
  });
  running.push(lambda);
  return lambda;
}

let assets = 0;

/** Adds a function of this code (the body of a CommonJS index.js) and answers its name. */
async function add(lambda: Lambda, name: string, code: string, properties: Record<string, unknown> = {}) {
  const asset = `asset${assets++}`;
  mkdirSync(join(folder, asset));
  writeFileSync(join(folder, asset, 'index.js'), code);
  const provision = lambda.provisioners['AWS::Lambda::Function'];
  if (provision === undefined) throw new Error('no provisioner');
  return provision({
    type: 'AWS::Lambda::Function',
    stackName: 'test',
    logicalId: 'Function',
    physicalName: name,
    properties: {
      Code: { S3Bucket: 'assets', S3Key: `${asset}.zip` },
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Role: 'arn:aws:iam::000000000000:role/any',
      ...properties,
    },
  });
}

async function eventually(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within 10 s: ${condition}\n${lines.join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const summaryOf = (lambda: Lambda, name: string) => {
  const summary = lambda.functions().find((each) => each.name === name);
  if (summary === undefined) throw new Error(`no function ${name}`);
  return summary;
};

afterEach(async () => {
  await Promise.all(running.splice(0).map((lambda) => lambda.close()));
  lines.length = 0;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a function', () => {
  test('is invoked by its name or its ARN and answers its result', async () => {
    const lambda = startLambda();
    const { ref, attributes } = await add(lambda, 'adder', 'exports.handler = async ({ a, b }) => a + b;');
    expect(ref).toBe('adder');
    expect(await lambda.invoke('adder', { a: 1, b: 2 })).toBe(3);
    expect(await lambda.invoke(String(attributes?.Arn), { a: 3, b: 4 })).toBe(7);
    expect(await lambda.invoke(`${attributes?.Arn}:$LATEST`, { a: 5, b: 6 })).toBe(11);
  });

  test('sees its own variables and nothing of the environment of the machine', async () => {
    process.env.SECRET_OF_THE_MACHINE = 'secret';
    const lambda = startLambda();
    await add(lambda, 'env', 'exports.handler = async () => process.env;', {
      Environment: { Variables: { TABLE: 'orders', POWERTOOLS_TRACE_ENABLED: 'true', LIMIT: 5 } },
      MemorySize: '256',
    });
    const environment = await lambda.invoke('env', {});
    delete process.env.SECRET_OF_THE_MACHINE;
    expect(environment).toMatchObject({
      TABLE: 'orders',
      LIMIT: '5',
      TZ: 'UTC',
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_LAMBDA_FUNCTION_NAME: 'env',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      POWERTOOLS_TRACE_ENABLED: 'false',
      _HANDLER: 'index.handler',
    });
    for (const name of ['SECRET_OF_THE_MACHINE', 'PATH', 'HOME', 'POWERTOOLS_DEV']) {
      expect(environment).not.toHaveProperty(name);
    }
  });

  test('gets the context that Lambda gives, with the time that is left', async () => {
    const lambda = startLambda();
    const code = `exports.handler = async (event, context) => ({ ...context, left: context.getRemainingTimeInMillis() });`;
    await add(lambda, 'context', code, { Timeout: 20 });
    const context = await lambda.invoke('context', {});
    expect(context).toMatchObject({
      functionName: 'context',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:context',
      memoryLimitInMB: '128',
      logGroupName: '/aws/lambda/context',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const { left } = context as { left: number };
    expect(left).toBeGreaterThan(15_000);
    expect(left).toBeLessThanOrEqual(20_000);
  });

  test('keeps its module state between events, so it is loaded once while one at a time calls it', async () => {
    const lambda = startLambda();
    await add(lambda, 'counter', 'let n = 0; exports.handler = async () => ++n;');
    expect(await lambda.invoke('counter', {})).toBe(1);
    expect(await lambda.invoke('counter', {})).toBe(2);
    expect(summaryOf(lambda, 'counter')).toMatchObject({ invocations: 2, coldStarts: 1, environments: 1 });
  });

  test('that prints is heard line by line, from both of its streams', async () => {
    const lambda = startLambda();
    const code = `exports.handler = async () => { process.stdout.write('one\\ntw'); process.stdout.write('o\\n'); console.error('three'); };`;
    await add(lambda, 'printer', code);
    expect(await lambda.invoke('printer', {})).toBeNull();
    await eventually(() => lines.length === 3);
    expect(lines.toSorted()).toEqual(['printer: one', 'printer: three', 'printer: two']);
  });
});

describe('a failure', () => {
  test('that the handler throws has the name, the message and the trace of the error', async () => {
    const lambda = startLambda();
    const code = `class OutOfStock extends Error { name = 'OutOfStock' } exports.handler = async () => { throw new OutOfStock('none left'); };`;
    await add(lambda, 'thrower', code);
    const error = await lambda.invoke('thrower', {}).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FunctionError);
    expect(error).toMatchObject({ errorType: 'OutOfStock', errorMessage: 'none left' });
    expect((error as FunctionError).trace[0]).toBe('OutOfStock: none left');
    expect(lines).toContain('thrower: ERROR OutOfStock: none left');
    expect(summaryOf(lambda, 'thrower')).toMatchObject({ invocations: 1, errors: 1 });
  });

  test('to load the code names what is missing', async () => {
    const lambda = startLambda();
    await add(lambda, 'importer', `require('no-such-module');`);
    await add(lambda, 'nameless', 'exports.other = async () => 1;');
    await add(lambda, 'callback', 'exports.handler = (event, context, callback) => callback(null, 1);');
    await expect(lambda.invoke('importer', {})).rejects.toMatchObject({
      errorType: 'Runtime.ImportModuleError',
      errorMessage: expect.stringContaining('no-such-module'),
    });
    await expect(lambda.invoke('nameless', {})).rejects.toMatchObject({
      errorType: 'Runtime.HandlerNotFound',
    });
    await expect(lambda.invoke('callback', {})).rejects.toMatchObject({
      errorType: 'Runtime.CallbackHandlerDeprecated',
    });
  });

  test('to answer in time ends the worker, even in an endless loop, and the next event gets a new one', async () => {
    const lambda = startLambda();
    const beat = join(folder, 'beat');
    const code = `const { writeFileSync } = require('node:fs'); let n = 0;
      exports.handler = async ({ stuck }) => { while (stuck) writeFileSync(stuck, 'x'); return ++n; };`;
    await add(lambda, 'stuck', code, { Timeout: 1 });
    expect(await lambda.invoke('stuck', {})).toBe(1);
    await expect(lambda.invoke('stuck', { stuck: beat })).rejects.toMatchObject({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringContaining('Task timed out after 1.00 seconds'),
    });
    expect(await lambda.invoke('stuck', {})).toBe(1);
    await eventually(() => Date.now() - statSync(beat).mtimeMs > 200);
  });

  test('of one worker fails just the event that it was serving', async () => {
    const lambda = startLambda();
    const code = `exports.handler = async ({ how }) => {
      if (how === 'exit') process.exit(3);
      if (how === 'uncaught') setImmediate(() => { throw new RangeError('late'); });
      if (how === 'rejection') Promise.reject(new Error('forgotten'));
      await new Promise((resolve) => setTimeout(resolve, 300));
      return 'fine';
    };`;
    await add(lambda, 'crasher', code);
    const outcomes = await Promise.allSettled(
      ['exit', 'uncaught', 'rejection', 'none'].map((how) => lambda.invoke('crasher', { how })),
    );
    expect(outcomes).toMatchObject([
      { reason: { errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('exit status 3') } },
      { reason: { errorType: 'RangeError', errorMessage: 'late' } },
      { reason: { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'forgotten' } },
      { value: 'fine' },
    ]);
    expect(await lambda.invoke('crasher', {})).toBe('fine');
  });

  test('by memory is the failure of the function and not of the machine', async () => {
    const lambda = startLambda();
    const code =
      'exports.handler = async () => { const all = []; for (;;) all.push(new Array(1e5).fill(all.length)); };';
    await add(lambda, 'eater', code, { Timeout: 30 });
    await expect(lambda.invoke('eater', {})).rejects.toMatchObject({ errorType: 'Runtime.ExitError' });
  });

  test('is told to a caller who names a function that does not exist', async () => {
    await expect(startLambda().invoke('nobody', {})).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      status: 404,
    });
  });
});

describe('events at the same time', () => {
  /** Answers which worker served the event and how many of its events overlapped there. */
  const overlapping = `const { threadId } = require('node:worker_threads'); let now = 0;
    exports.handler = async ({ n }) => { const overlap = ++now; await new Promise((r) => setTimeout(r, 20)); now--; return { n, threadId, overlap }; };`;

  test('are served by at most four workers, each one event at a time', async () => {
    const lambda = startLambda();
    await add(lambda, 'busy', overlapping);
    const answers = (await Promise.all(
      Array.from({ length: 20 }, (_, n) => lambda.invoke('busy', { n })),
    )) as { n: number; threadId: number; overlap: number }[];
    expect(answers.map(({ n }) => n)).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(answers.every(({ overlap }) => overlap === 1)).toBe(true);
    expect(new Set(answers.map(({ threadId }) => threadId)).size).toBeLessThanOrEqual(4);
    expect(summaryOf(lambda, 'busy').environments).toBe(4);
  });

  test('wait in the order in which they came when the reserved concurrency is one', async () => {
    const lambda = startLambda();
    await add(lambda, 'serial', overlapping, { ReservedConcurrentExecutions: 1 });
    const order: number[] = [];
    await Promise.all(
      [0, 1, 2, 3, 4].map(async (n) => {
        await lambda.invoke('serial', { n });
        order.push(n);
      }),
    );
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect(summaryOf(lambda, 'serial')).toMatchObject({ environments: 1, coldStarts: 1, invocations: 5 });
  });

  test('are all refused when the reserved concurrency is zero', async () => {
    const lambda = startLambda();
    await add(lambda, 'off', overlapping, { ReservedConcurrentExecutions: 0 });
    await expect(lambda.invoke('off', {})).rejects.toMatchObject({ code: 'TooManyRequestsException' });
  });

  test('leave workers behind that stop when nothing comes for a while', async () => {
    const lambda = startLambda({ idleMs: 30 });
    await add(lambda, 'rare', overlapping);
    await lambda.invoke('rare', { n: 0 });
    await eventually(() => summaryOf(lambda, 'rare').environments === 0);
    expect(await lambda.invoke('rare', { n: 1 })).toMatchObject({ n: 1 });
  });

  test('that are under way when Lambda stops end as a service error, not as a failure of the function', async () => {
    const lambda = startLambda();
    await add(lambda, 'slow', 'exports.handler = () => new Promise(() => {});', {
      ReservedConcurrentExecutions: 1,
    });
    const outcomes = Promise.allSettled([lambda.invoke('slow', {}), lambda.invoke('slow', {})]);
    await lambda.close();
    const stopped = { reason: { code: 'ServiceException', status: 503 } };
    expect(await outcomes).toMatchObject([stopped, stopped]);
  });
});

describe('an asynchronous event', () => {
  const failing = `exports.handler = async (event, { awsRequestId }) => { console.log('try ' + awsRequestId); throw new Error('no'); };`;

  test('that fails is tried three times under one request id and then goes to the dead-letter queue', async () => {
    const letters: DeadLetter[] = [];
    const lambda = startLambda({ deadLetter: (letter) => void letters.push(letter) });
    const targetArn = 'arn:aws:sqs:us-east-1:000000000000:dead';
    await add(lambda, 'failing', failing, { DeadLetterConfig: { TargetArn: targetArn } });
    const requestId = lambda.invokeAsync('failing', { order: 7 });
    await eventually(() => letters.length === 1);
    expect(letters).toEqual([
      {
        targetArn,
        body: '{"order":7}',
        attributes: { RequestID: requestId, ErrorCode: '200', ErrorMessage: 'no' },
      },
    ]);
    await eventually(() => lines.filter((line) => line === `failing: try ${requestId}`).length === 3);
  });

  test('that was accepted before the process ended is handled by the next one', async () => {
    const stateFile = join(folder, 'async.jsonl');
    const first = startLambda({ stateFile });
    await add(first, 'later', 'exports.handler = () => new Promise(() => {});');
    first.invokeAsync('later', { order: 8 });
    await first.close();

    const second = startLambda({ stateFile });
    await add(second, 'later', `exports.handler = async ({ order }) => console.log('order ' + order);`);
    second.resume();
    await eventually(() => lines.includes('later: order 8'));
    await eventually(() => summaryOf(second, 'later').invocations === 1);
    await second.close();

    const third = startLambda({ stateFile });
    await add(third, 'later', 'exports.handler = async () => 1;');
    third.resume();
    expect(summaryOf(third, 'later').running).toBe(0);
  });

  test('needs somewhere to deliver to when the function has a dead-letter queue', async () => {
    const properties = { DeadLetterConfig: { TargetArn: 'arn:aws:sqs:us-east-1:000000000000:dead' } };
    await expect(add(startLambda(), 'failing', failing, properties)).rejects.toThrow(/DeadLetterConfig/);
  });
});

test.each([
  ['Layers', { Layers: ['arn:aws:lambda:us-east-1:000000000000:layer:x:1'] }],
  ['VpcConfig', { VpcConfig: { SubnetIds: [] } }],
  ['Runtime', { Runtime: 'python3.13' }],
  ['ZipFile', { Code: { ZipFile: 'exports.handler = 1' } }],
  ['Timeout', { Timeout: 901 }],
])('a function that asks for %s is refused by name', async (name, properties) => {
  await expect(add(startLambda(), 'refused', '', properties)).rejects.toThrow(name);
});

describe('the SDK', () => {
  let server: Server;
  let client: LambdaClient;
  let lambda: Lambda;

  beforeEach(async () => {
    lambda = startLambda();
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { method = '', url: path = '', headers } = request;
      const answer = await handleInvokeRequest(lambda, {
        method,
        path,
        headers,
        body: Buffer.concat(chunks),
      });
      response.writeHead(answer?.status ?? 404, answer?.headers).end(answer?.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    client = new LambdaClient({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      maxAttempts: 1,
    });
  });
  afterEach(async () => {
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  test('invokes a function and reads its result', async () => {
    const { attributes } = await add(lambda, 'echo', 'exports.handler = async (event) => ({ event });');
    const FunctionName = attributes?.Arn;
    const answer = await client.send(new InvokeCommand({ FunctionName, Payload: '{"text":"é"}' }));
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(answer.FunctionError).toBeUndefined();
    expect(answer.Payload?.transformToString()).toBe('{"event":{"text":"é"}}');
    const empty = await client.send(new InvokeCommand({ FunctionName: 'echo' }));
    expect(empty.Payload?.transformToString()).toBe('{"event":{}}');
  });

  test('reads the error of a function that failed', async () => {
    await add(lambda, 'thrower', `exports.handler = async () => { throw new TypeError('bad'); };`);
    const answer = await client.send(new InvokeCommand({ FunctionName: 'thrower' }));
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(JSON.parse(String(answer.Payload?.transformToString()))).toMatchObject({
      errorType: 'TypeError',
      errorMessage: 'bad',
    });
  });

  test('hands over an event without waiting for the function', async () => {
    await add(lambda, 'printer', 'exports.handler = async (event) => console.log(event.text);');
    const command = new InvokeCommand({
      FunctionName: 'printer',
      InvocationType: 'Event',
      Payload: '{"text":"hello"}',
    });
    expect(await client.send(command)).toMatchObject({ StatusCode: 202 });
    await eventually(() => lines.includes('printer: hello'));
  });

  test('gets the errors of the service by their names', async () => {
    await add(lambda, 'echo', 'exports.handler = async () => null;');
    await expect(client.send(new InvokeCommand({ FunctionName: 'nobody' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    const aliased = new InvokeCommand({ FunctionName: 'echo', Qualifier: 'live' });
    await expect(client.send(aliased)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const garbage = new InvokeCommand({ FunctionName: 'echo', Payload: '{' });
    await expect(client.send(garbage)).rejects.toMatchObject({ name: 'InvalidRequestContentException' });
    const large = new InvokeCommand({ FunctionName: 'echo', Payload: `"${'x'.repeat(6_291_456)}"` });
    await expect(client.send(large)).rejects.toMatchObject({ name: 'RequestTooLargeException' });
  });

  test('leaves requests for other services to them', async () => {
    const request = { method: 'GET', path: '/2015-03-31/functions', headers: {}, body: Buffer.alloc(0) };
    expect(await handleInvokeRequest(lambda, request)).toBeUndefined();
  });
});
