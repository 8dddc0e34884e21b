import { text } from 'node:stream/consumers';
import { ApiProblem, type Client, createClient } from '../../frontend/shared/api-client';
import { consoleApi, storefrontApi } from '../../lambdas/contract/apis';
import type { PlacedOrder } from '../../lambdas/contract/orders';
import { gateways } from '../../lambdas/contract/payments';
import { serveHttp } from '../support/serve-http';

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}
interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body: string;
}

const received: Received[] = [];
let answer: Answer;
let server: Awaited<ReturnType<typeof serveHttp>>;

beforeAll(async () => {
  server = await serveHttp(async (request, response) => {
    const { method, url, headers } = request;
    received.push({ method, url, headers, body: await text(request) });
    response.writeHead(answer.status, answer.headers).end(answer.body);
    return true;
  });
});
beforeEach(() => {
  received.length = 0;
});
afterAll(() => server.close());

const answerJson = (status: number, body: unknown, headers: Record<string, string> = {}) => {
  answer = {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
};
const answerProblem = (status: number, body: object, headers = {}) =>
  answerJson(status, body, { 'content-type': 'application/problem+json', ...headers });

const shop = storefrontApi(gateways);
const storefront = () => createClient(shop, { baseUrl: `${server.url}/v1/` });
const staff = (token?: string) =>
  createClient(consoleApi, { baseUrl: `${server.url}/v1`, authorization: async () => token });

const placed: PlacedOrder = {
  orderId: 'ord_0m5t8r2k9w4x6y1z',
  orderToken: 'token',
  productId: 'prd_0m5t8r2k9w4x6y1z',
  productVersion: 3,
  skuId: 'sku_0m5t8r2k9w4x6y1z',
  quantity: 2,
  amountCents: 1980,
  currency: 'CNY',
  placedAt: '2026-01-31T08:00:00.000Z',
  deadlineAt: '2026-01-31T08:15:00.000Z',
  paymentUrl: 'https://pay.example.com/1',
};
const order = {
  productId: placed.productId,
  productVersion: 3,
  skuId: placed.skuId,
  quantity: 2,
  contact: 'buyer@example.com',
};
const placeOrder = () =>
  storefront().placeOrder({
    params: { shop: 'demo' },
    headers: { 'idempotency-key': '0f8b6c1e-6c3c-4a38-9f5a-3f6f2f1f9a10' },
    body: order,
  });
const problemOf = (call: Promise<unknown>): Promise<ApiProblem> =>
  call.then(
    () => Promise.reject(new Error('was not refused')),
    (error: unknown) => (error instanceof ApiProblem ? error : Promise.reject(error)),
  );

test('sends a call as the contract’s route says and answers what the route promises', async () => {
  answerJson(201, placed);
  expect(await placeOrder()).toEqual(placed);
  expect(received).toMatchObject([
    {
      method: 'POST',
      url: '/v1/shops/demo/orders',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': '0f8b6c1e-6c3c-4a38-9f5a-3f6f2f1f9a10',
      },
    },
  ]);
  expect(JSON.parse(received[0]?.body ?? '')).toEqual(order);
});

test('writes path parameters so that none reaches into another path', async () => {
  answerJson(404, {});
  await problemOf(storefront().getShop({ params: { shop: 'a/b?c=1#d' } }));
  expect(received[0]?.url).toBe('/v1/shops/a%2Fb%3Fc%3D1%23d');
});

test('writes the query, without what is not given', async () => {
  answerJson(200, { items: [] });
  await staff().listImports({ query: { limit: 20, cursor: 'a&b=c' } });
  await staff().listImports({ query: { cursor: undefined } });
  await staff().listImports();
  expect(received.map(({ url }) => url)).toEqual([
    '/v1/imports?limit=20&cursor=a%26b%3Dc',
    '/v1/imports',
    '/v1/imports',
  ]);
});

test('sends the ID token of who is signed in, and nothing for who is not', async () => {
  answerJson(200, { items: [] });
  await staff('id-token').listProducts();
  await staff(undefined).listProducts();
  expect(received.map(({ headers }) => headers.authorization)).toEqual(['Bearer id-token', undefined]);
});

test('sends a form where the route wants one, and reads plain text where it answers that', async () => {
  answer = { status: 200, headers: { 'content-type': 'text/plain' }, body: 'success' };
  const body = {
    orderId: placed.orderId,
    transactionId: 't 1',
    amountCents: '1980',
    currency: 'CNY',
    status: 'paid',
    sign: 'abc',
  } as const;
  expect(await storefront().sandboxCallback({ body })).toBe('success');
  expect(received[0]?.headers['content-type']).toContain('application/x-www-form-urlencoded');
  expect(Object.fromEntries(new URLSearchParams(received[0]?.body))).toEqual(body);
});

test('leaves out what an answer holds beyond the contract, and refuses an answer that breaks it', async () => {
  answerJson(201, { ...placed, internal: true });
  expect(await placeOrder()).toEqual(placed);
  answerJson(201, { ...placed, amountCents: 'much' });
  await expect(placeOrder()).rejects.toThrow(/amountCents/);
});

test('throws a refusal with all that it tells', async () => {
  answerProblem(
    422,
    {
      type: 'urn:vouchsafe:problem:orders.over_limit',
      title: 'More than one order may hold',
      status: 422,
      code: 'orders.over_limit',
      detail: 'Take fewer.',
      requestId: 'req-1',
      errors: [{ field: 'body.quantity', message: 'is at most 1 for this SKU' }],
    },
    { 'retry-after': '7' },
  );
  expect(await problemOf(placeOrder())).toMatchObject({
    code: 'orders.over_limit',
    status: 422,
    title: 'More than one order may hold',
    detail: 'Take fewer.',
    errors: [{ field: 'body.quantity', message: 'is at most 1 for this SKU' }],
    requestId: 'req-1',
    retryAfterSeconds: 7,
  });
});

test('throws a refusal that is not the API’s own as the unexpected, with its status', async () => {
  answer = { status: 502, headers: { 'x-amzn-requestid': 'req-2' }, body: '<html>Bad Gateway</html>' };
  expect(await problemOf(placeOrder())).toMatchObject({
    code: 'request.unexpected',
    status: 502,
    detail: undefined,
    errors: [],
    requestId: 'req-2',
    retryAfterSeconds: undefined,
  });
});

test('lets a network failure and an abort pass as they are', async () => {
  const gone = await serveHttp(async () => false);
  await gone.close();
  const client = createClient(shop, { baseUrl: gone.url });
  await expect(client.getShop({ params: { shop: 'demo' } })).rejects.toMatchObject({ name: 'TypeError' });
  await expect(
    storefront().getShop({ params: { shop: 'demo' }, signal: AbortSignal.abort() }),
  ).rejects.toMatchObject({ name: 'AbortError' });
});

test('has a method for every route of its API', () => {
  const routes = (api: { groups: Record<string, object> }) => Object.values(api.groups).flatMap(Object.keys);
  expect(Object.keys(storefront())).toEqual(routes(shop));
  expect(Object.keys(staff())).toEqual(routes(consoleApi));
});

test('types every call by its route: checked by the compiler', () => {
  type Is<Actual, Expected> = [Actual, Expected] extends [Expected, Actual] ? true : false;
  type Storefront = Client<typeof shop>;
  type Staff = Client<typeof consoleApi>;
  type CallOf<Method extends (call: never) => unknown> = NonNullable<Parameters<Method>[0]>;
  type Signal = { readonly signal?: AbortSignal };

  const answersAreTyped: Is<Awaited<ReturnType<Storefront['placeOrder']>>, PlacedOrder> = true;
  const nothingIsNeeded: [] extends Parameters<Staff['getMerchant']> ? true : false = true;
  const aQueryMayBeLeftOut: [] extends Parameters<Staff['listProducts']> ? true : false = true;
  const paramsAreNeeded: [] extends Parameters<Storefront['getShop']> ? true : false = false;
  const paramsAreNamed: Is<
    CallOf<Storefront['getShop']>,
    { readonly params: { shop: string } } & Signal
  > = true;
  const partsThatTheRouteLacksAreUnknown: 'params' extends keyof CallOf<Staff['changeSettings']>
    ? true
    : false = false;
  const aBodyIsNeeded: [] extends Parameters<Staff['changeSettings']> ? true : false = false;
  const routesOfAnotherApiAreUnknown: 'createProduct' extends keyof Storefront ? true : false = false;
  expect([
    answersAreTyped,
    nothingIsNeeded,
    aQueryMayBeLeftOut,
    paramsAreNeeded,
    paramsAreNamed,
    partsThatTheRouteLacksAreUnknown,
    aBodyIsNeeded,
    routesOfAnotherApiAreUnknown,
  ]).toEqual([true, true, true, false, true, false, false, false]);
});
