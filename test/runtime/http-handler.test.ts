import '../support/loud-log';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { type Route, routes } from '../../lambdas/contract/route';
import { conflict, DomainError, type ErrorKind } from '../../lambdas/kernel/errors';
import { httpHandler } from '../../lambdas/runtime/http-handler';
import { statusOfKind } from '../../lambdas/runtime/http-response';
import { type ApiCall, apiEvent, callApi, lambdaContext, problemOf } from '../support/api-event';
import { captureOutput } from '../support/captured-output';

const group = routes({
  makeThing: {
    method: 'POST',
    path: '/shops/{shop}/things',
    summary: 'Makes a thing',
    params: z.object({ shop: z.string().regex(/^[a-z]+$/, 'is lower-case letters') }),
    query: z.object({ limit: z.coerce.number().max(9, 'is at most 9').default(5) }),
    headers: z.object({ 'idempotency-key': z.uuid('is a UUID') }),
    body: z.strictObject({
      name: z.string().trim().min(1, 'is not empty'),
      parts: z.array(z.strictObject({ size: z.int('is a whole number') })).default([]),
    }),
    status: 201,
    response: z.object({ name: z.string(), parts: z.array(z.object({ size: z.int() })) }),
    problems: [],
  },
  getThing: {
    method: 'GET',
    path: '/things',
    summary: 'Shows a thing',
    status: 200,
    response: z.object({ name: z.string() }),
    problems: [],
  },
  report: {
    method: 'POST',
    path: '/report',
    summary: 'Takes text as it is signed',
    body: z.object({ never: z.literal('parsed') }),
    bodyFormat: 'raw',
    status: 200,
    response: z.literal('success'),
    responseFormat: 'text',
    problems: [],
  },
});

let output: ReturnType<typeof captureOutput>;
beforeEach(() => {
  output = captureOutput();
});
afterEach(() => output.restore());

type Get = () => Promise<{ name: string }>;
const shown: Get = async () => ({ name: 'a thing' });

function handlerOf({ get = shown, wire = () => ({}) }: { get?: Get; wire?: () => object } = {}) {
  const seen: unknown[] = [];
  const handler = httpHandler(group, wire, {
    makeThing: async (request) => {
      seen.push(request);
      return { ...request.body, secret: 'S3CRET' };
    },
    getThing: get,
    report: async ({ body }) => {
      seen.push(body);
      return 'success' as const;
    },
  });
  return { handler, seen };
}

const IDEMPOTENCY_KEY = '0f8b6c1e-6c3c-4a38-9f5a-3f6f2f1f9a10';
const aCall = (changes: ApiCall = {}): ApiCall => ({
  params: { shop: 'demo' },
  headers: { 'Idempotency-Key': IDEMPOTENCY_KEY },
  body: { name: ' x ' },
  ...changes,
});

describe('a request', () => {
  test('reaches the operation as its schemas have it, with the caller as the gateway saw it', async () => {
    const { handler, seen } = handlerOf();
    const { status } = await callApi(handler, group.makeThing, aCall({ query: { limit: '7' } }));
    expect(status).toBe(201);
    expect(seen).toEqual([
      {
        params: { shop: 'demo' },
        query: { limit: 7 },
        headers: { 'idempotency-key': IDEMPOTENCY_KEY },
        body: { name: 'x', parts: [] },
        client: { address: '203.0.113.7', userAgent: 'a browser' },
      },
    ]);
  });

  test('that is wrong in many places is told all of them, and reaches nobody', async () => {
    const { handler, seen } = handlerOf();
    const call = {
      params: { shop: 'Demo' },
      query: { limit: '10' },
      headers: {},
      body: { name: ' ', parts: [{ size: 1.5 }, { size: 1, weight: 2 }], owner: 'me', admin: true },
    };
    const { status, problem } = await problemOf(handler, group.makeThing, call);
    expect(status).toBe(400);
    expect(problem).toMatchObject({ code: 'request.invalid', title: 'The request is not valid' });
    expect(problem.errors?.map(({ field }) => field).toSorted()).toEqual([
      'body.admin',
      'body.name',
      'body.owner',
      'body.parts.0.size',
      'body.parts.1.weight',
      'headers.idempotency-key',
      'path.shop',
      'query.limit',
    ]);
    expect(problem.errors).toContainEqual({ field: 'path.shop', message: 'is lower-case letters' });
    expect(problem.errors).toContainEqual({ field: 'body.owner', message: 'is not a field here' });
    expect(seen).toEqual([]);
  });

  test.each(['', '{', 'name=x', '{"name":"x"} trailing', '\u0000'])(
    'whose body %p is not JSON is told so beside its other wrong fields',
    async (body) => {
      const { handler } = handlerOf();
      const { status, problem } = await problemOf(
        handler,
        group.makeThing,
        aCall({ params: { shop: 'X' }, body }),
      );
      expect(status).toBe(400);
      expect(problem.errors).toEqual([
        { field: 'path.shop', message: 'is lower-case letters' },
        { field: 'body', message: 'is a JSON document' },
      ]);
    },
  );

  test.each(['null', '[]', '"text"', '1'])('whose body is %s is no object', async (body) => {
    const { handler } = handlerOf();
    const { status, problem } = await problemOf(handler, group.makeThing, aCall({ body }));
    expect(status).toBe(400);
    expect(problem.errors?.map(({ field }) => field)).toEqual(['body']);
  });

  test('may bring its body in base 64', async () => {
    const { handler, seen } = handlerOf();
    const event = apiEvent(group.makeThing, aCall());
    const body = Buffer.from('{"name":"卡"}').toString('base64');
    await handler({ ...event, body, isBase64Encoded: true }, lambdaContext);
    expect(seen).toMatchObject([{ body: { name: '卡' } }]);
  });

  test('with a name of a field as long as a book is answered in a line', async () => {
    const { handler } = handlerOf();
    const call = aCall({ body: { name: 'x', ['y'.repeat(100_000)]: 1 } });
    const { problem } = await problemOf(handler, group.makeThing, call);
    expect(JSON.stringify(problem).length).toBeLessThan(500);
  });

  test('of a raw route reaches the operation as the text that was signed', async () => {
    const { handler, seen } = handlerOf();
    const event = apiEvent(group.report, { body: 'b=2&a=1&sign=x' });
    expect(await handler(event, lambdaContext)).toMatchObject({
      statusCode: 200,
      body: 'success',
      headers: { 'content-type': 'text/plain' },
    });
    expect(seen).toEqual(['b=2&a=1&sign=x']);
  });

  test('that no route of the group has is not found', async () => {
    const { handler } = handlerOf();
    for (const route of [
      { method: 'DELETE', path: '/things' },
      { method: 'GET', path: '/other' },
    ] as Route[]) {
      const { status, problem } = await problemOf(handler, route);
      expect([status, problem.code]).toEqual([404, 'request.not_found']);
    }
  });
});

describe('an answer', () => {
  test('carries the fields of its schema and no others', async () => {
    const { handler } = handlerOf();
    const { body } = await callApi(
      handler,
      group.makeThing,
      aCall({ body: { name: 'x', parts: [{ size: 1 }] } }),
    );
    expect(body).toEqual({ name: 'x', parts: [{ size: 1 }] });
  });

  test.each([
    ['that is given', shown],
    ['that is a refusal', async () => Promise.reject(conflict('orders.sold_out'))],
    ['that is a fault', async () => Promise.reject(new Error('oops'))],
  ])('%s is kept by no cache and read as nothing else', async (_what, get) => {
    const { handler } = handlerOf({ get });
    const { headers } = await handler(apiEvent(group.getThing), lambdaContext);
    const names = Object.fromEntries(
      Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    );
    expect(names).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'strict-transport-security': expect.stringContaining('max-age'),
    });
  });

  test('to a fault of its own schema is a bare 500', async () => {
    const { handler } = handlerOf({ get: async () => ({ title: 'no name' }) as unknown as { name: string } });
    const { status, problem } = await problemOf(handler, group.getThing);
    expect([status, problem.code]).toEqual([500, 'request.unexpected']);
  });
});

describe('a refusal', () => {
  test.each(Object.entries(statusOfKind))(
    'that is %s answers %i with its code and request id',
    async (kind, expected) => {
      const get = async () => Promise.reject(new DomainError('orders.sold_out', kind as ErrorKind));
      const { statusCode, headers, body } = await handlerOf({ get }).handler(
        apiEvent(group.getThing),
        lambdaContext,
      );
      expect(statusCode).toBe(expected);
      expect(headers).toMatchObject({ 'content-type': 'application/problem+json' });
      expect(JSON.parse(body)).toEqual({
        type: 'urn:vouchsafe:problem:orders.sold_out',
        title: 'Sold out',
        status: expected,
        code: 'orders.sold_out',
        requestId: 'a-request',
      });
    },
  );

  test('tells its detail, its fields and when to come again', async () => {
    const details = {
      detail: 'Repeat it.',
      fields: [{ field: 'body.name', message: 'is taken' }],
      retryAfterSeconds: 7,
    };
    const get = async () => Promise.reject(new DomainError('orders.in_progress', 'conflict', details));
    const { headers, body } = await handlerOf({ get }).handler(apiEvent(group.getThing), lambdaContext);
    expect(headers).toMatchObject({ 'retry-after': '7' });
    expect(JSON.parse(body)).toMatchObject({ detail: details.detail, errors: details.fields });
  });
});

describe('the unexpected', () => {
  const failed = Object.assign(
    new ConditionalCheckFailedException({ $metadata: {}, message: 'The conditional request failed' }),
    { Item: { plaintext: { S: 'XQ4T-77AB' } }, request: { contact: 'buyer@example.com' } },
  );

  test('is a bare 500 that tells nothing but the request id', async () => {
    const { statusCode, body } = await handlerOf({ get: async () => Promise.reject(failed) }).handler(
      apiEvent(group.getThing),
      lambdaContext,
    );
    expect(statusCode).toBe(500);
    expect(JSON.parse(body)).toEqual({
      type: 'urn:vouchsafe:problem:request.unexpected',
      title: 'Something went wrong on our side',
      status: 500,
      code: 'request.unexpected',
      requestId: 'a-request',
    });
  });

  test('is logged once by name and place, and nothing that an SDK error carries is', async () => {
    const { handler } = handlerOf({ get: async () => Promise.reject(failed) });
    await handler(apiEvent(group.getThing), lambdaContext);
    const lines = output
      .text()
      .split('\n')
      .filter((line) => line.includes('unexpected error'));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'ERROR',
      error: { name: 'ConditionalCheckFailedException', message: 'The conditional request failed' },
    });
    expect(output.text()).not.toContain('XQ4T-77AB');
    expect(output.text()).not.toContain('buyer@example.com');
  });

  test.each(['text', undefined, null, { plaintext: 'XQ4T' }])(
    'may be %p, which is no error',
    async (thrown) => {
      const { handler } = handlerOf({ get: async () => Promise.reject(thrown) });
      expect((await callApi(handler, group.getThing)).status).toBe(500);
    },
  );

  test('in the wiring is a 500 as well, and the wiring is tried again', async () => {
    let broken = true;
    const wire = () => {
      if (broken) throw new Error('the environment variable X is not set');
      return {};
    };
    const { handler } = handlerOf({ wire });
    expect((await callApi(handler, group.getThing)).status).toBe(500);
    broken = false;
    expect((await callApi(handler, group.getThing)).status).toBe(200);
  });
});
