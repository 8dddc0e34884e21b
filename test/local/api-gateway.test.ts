import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { AwsError } from '../../local/aws';
import { ApiGateway } from '../../local/services/api-gateway/api-gateway';
import { FunctionError } from '../../local/services/function-error';

type Handler = (event: APIGatewayProxyEvent) => unknown;
type Properties = Record<string, unknown>;

const POOL_ARN = 'arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_pool';

let server: Server;
let gateway: ApiGateway;
let apiId: string;
let rootId: string;
let base: string;
let functions: Record<string, Handler>;
let logged: string[];

beforeEach(async () => {
  functions = { echo: (event) => ({ statusCode: 200, body: JSON.stringify(event) }) };
  logged = [];
  server = createServer(async (request, response) => {
    const handled = await gateway.handle(request, response, new URL(request.url ?? '/', 'http://local'));
    if (!handled) response.writeHead(404).end('not an API');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  gateway = new ApiGateway({
    baseUrl,
    invoke: async (arn, event) => {
      const handler = functions[arn.replace(/^.*:function:/, '')];
      if (handler === undefined) throw new AwsError('ResourceNotFoundException', 'Function not found', 404);
      return handler(JSON.parse(JSON.stringify(event)));
    },
    verifyIdToken: (poolId, token) =>
      poolId === 'us-east-1_pool' && token === 'good'
        ? { sub: 'someone', 'cognito:groups': ['owners', 'staff'], exp: 1_893_456_000, email_verified: true }
        : undefined,
    log: (_, message) => logged.push(message),
    bodyTimeoutMs: 3_000,
  });
  await createApi();
  base = `${baseUrl}/apis/${apiId}/v1`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function provision(type: string, properties: Properties, physicalName = `${type}-${count++}`) {
  const provisioner = gateway.provisioners[`AWS::ApiGateway::${type}`];
  if (provisioner === undefined) throw new Error(`no provisioner for ${type}`);
  return provisioner({
    type: `AWS::ApiGateway::${type}`,
    stackName: 'test',
    logicalId: type,
    physicalName,
    properties,
  });
}
let count = 0;

async function createApi(properties: Properties = {}) {
  const { ref, attributes } = await provision('RestApi', { Name: 'shop', ...properties }, 'shop-api');
  apiId = ref;
  rootId = String(attributes?.RootResourceId);
  const deployment = await provision('Deployment', { RestApiId: apiId, Description: 'any' });
  await provision('Stage', {
    RestApiId: apiId,
    DeploymentId: deployment.ref,
    StageName: 'v1',
    TracingEnabled: true,
    MethodSettings: [{ HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 50 }],
  });
}

async function resource(pathPart: string, parentId = rootId): Promise<string> {
  return (await provision('Resource', { RestApiId: apiId, ParentId: parentId, PathPart: pathPart })).ref;
}

function method(resourceId: string, httpMethod: string, functionName: string, properties: Properties = {}) {
  const arn = `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`;
  return provision('Method', {
    RestApiId: apiId,
    ResourceId: resourceId,
    HttpMethod: httpMethod,
    AuthorizationType: 'NONE',
    Integration: {
      Type: 'AWS_PROXY',
      IntegrationHttpMethod: 'POST',
      Uri: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${arn}/invocations`,
      ...(properties.TimeoutInMillis === undefined ? {} : { TimeoutInMillis: properties.TimeoutInMillis }),
    },
    ...Object.fromEntries(Object.entries(properties).filter(([name]) => name !== 'TimeoutInMillis')),
  });
}

/** A resource `/{name}` whose GET and POST are served by this function. */
async function serve(name: string, handler: Handler, properties: Properties = {}): Promise<string> {
  functions[name] = handler;
  const id = await resource(name);
  await method(id, 'GET', name, properties);
  await method(id, 'POST', name, properties);
  return id;
}

async function get(path: string, init?: RequestInit) {
  const response = await fetch(`${base}${path}`, init);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: /^[{[]/.test(text) ? JSON.parse(text) : undefined,
  };
}

/** Sends exactly these bytes and answers what came back until the connection was quiet or closed. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
      if (answer.includes('\r\n\r\n')) socket.end();
    });
    socket.on('close', () => resolve(answer)).on('error', reject);
  });
}

describe('an API', () => {
  test('has the same id, and so the same URL, after a restart', async () => {
    const [before] = gateway.apis();
    await createApi();
    expect(gateway.apis()).toEqual([before]);
    expect(before).toMatchObject({ name: 'shop', stage: 'v1', url: `${base}/` });
  });

  test('leaves paths that are not its own to others', async () => {
    const origin = new URL(base).origin;
    for (const path of ['/', '/apis', '/apis/unknown/v1/orders', '/console']) {
      expect((await fetch(`${origin}${path}`)).status).toBe(404);
    }
  });

  test('answers 403 where there is no stage, no resource or no method', async () => {
    await serve('orders', () => ({ statusCode: 200 }));
    const token = { message: 'Missing Authentication Token' };
    expect(await get('/nothing')).toMatchObject({ status: 403, json: token });
    expect(await get('')).toMatchObject({ status: 403, json: token });
    expect(await get('/orders', { method: 'DELETE' })).toMatchObject({ status: 403, json: token });
    expect((await get('/orders', { method: 'HEAD' })).status).toBe(403);
    expect((await get('/orders/1')).status).toBe(403);
    const other = await fetch(base.replace('/v1', '/v2/orders'));
    expect([other.status, await other.json()]).toEqual([403, { message: 'Forbidden' }]);
  });

  test('routes to a fixed name before a parameter, and to that before the rest of a path', async () => {
    const say =
      (text: string): Handler =>
      (event) => ({ statusCode: 200, body: `${text} ${event.resource}` });
    const rest = await resource('{rest+}');
    const orders = await resource('orders');
    const order = await resource('{id}', orders);
    const search = await resource('search', orders);
    const lines = await resource('lines', order);
    functions = { rest: say('rest'), order: say('order'), search: say('search'), lines: say('lines') };
    await method(rest, 'ANY', 'rest');
    await method(order, 'GET', 'order');
    await method(search, 'GET', 'search');
    await method(lines, 'GET', 'lines');

    expect((await get('/orders/search')).text).toBe('search /orders/search');
    expect((await get('/orders/7')).text).toBe('order /orders/{id}');
    expect((await get('/orders/7/')).text).toBe('order /orders/{id}');
    expect((await get('/orders/7/lines')).text).toBe('lines /orders/{id}/lines');
    expect((await get('/orders/search/lines')).text).toBe('lines /orders/{id}/lines');
    expect((await get('/orders/7/other')).text).toBe('rest /{rest+}');
    expect((await get('/x', { method: 'PATCH' })).text).toBe('rest /{rest+}');
  });
});

describe('a function', () => {
  test('gets the event of a proxy integration as AWS sends it', async () => {
    const orders = await resource('orders');
    await method(await resource('{id}', orders), 'POST', 'echo');
    const before = Date.now();
    const { json, headers } = await get('/orders/a%2Fb%2520c?tag=x&tag=y%20z&empty', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'tester', 'x-forwarded-for': '6.6.6.6' },
      body: '{"é":1}',
    });
    expect(json).toMatchObject({
      resource: '/orders/{id}',
      path: '/orders/a%2Fb%2520c',
      httpMethod: 'POST',
      queryStringParameters: { tag: 'y z', empty: '' },
      multiValueQueryStringParameters: { tag: ['x', 'y z'], empty: [''] },
      pathParameters: { id: 'a/b%20c' },
      stageVariables: null,
      body: '{"é":1}',
      isBase64Encoded: false,
      requestContext: {
        accountId: '000000000000',
        apiId,
        domainName: '127.0.0.1',
        httpMethod: 'POST',
        identity: { sourceIp: '127.0.0.1', userAgent: 'tester', user: null },
        path: '/v1/orders/a%2Fb%2520c',
        protocol: 'HTTP/1.1',
        requestId: headers.get('x-amzn-requestid'),
        resourcePath: '/orders/{id}',
        stage: 'v1',
      },
    });
    const { requestTime, requestTimeEpoch } = json.requestContext;
    expect(requestTimeEpoch).toBeGreaterThanOrEqual(before);
    expect(requestTime).toMatch(/^\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} \+0000$/);
    expect(json.requestContext).not.toHaveProperty('authorizer');
    expect(json.headers['X-Forwarded-For']).toBe('6.6.6.6, 127.0.0.1');
  });

  test('gets null for what a request does not have', async () => {
    await serve('bare', functions.echo ?? fail);
    expect((await get('/bare')).json).toMatchObject({
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: null,
      body: null,
      isBase64Encoded: false,
    });
  });

  test('gets every value of a header that occurs several times, and the last one as the header', async () => {
    await serve('bare', functions.echo ?? fail);
    const path = new URL(`${base}/bare`).pathname;
    const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: shop.test:80\r\nX-Tag: a\r\nx-tag: b\r\n\r\n`);
    const event = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
    expect(event.headers).toMatchObject({ Host: 'shop.test:80', 'X-Tag': 'b' });
    expect(event.multiValueHeaders).toMatchObject({ 'X-Tag': ['a', 'b'] });
  });

  test('gets a body of a binary media type in base64, and may answer with one', async () => {
    await createApi({ BinaryMediaTypes: ['image/*'] });
    const picture = Buffer.from([0, 255, 128, 10]);
    await serve('picture', ({ body, isBase64Encoded }) => ({
      statusCode: 200,
      headers: { 'Content-Type': 'image/png', encoded: isBase64Encoded },
      body,
      isBase64Encoded: true,
    }));
    const send = (accept: string) =>
      fetch(`${base}/picture`, {
        method: 'POST',
        headers: { 'content-type': 'image/png', accept },
        body: picture,
      });
    const accepted = await send('image/png');
    expect(accepted.headers.get('encoded')).toBe('true');
    expect(Buffer.from(await accepted.arrayBuffer())).toEqual(picture);
    expect(Buffer.from(await (await send('*/*')).arrayBuffer())).toEqual(picture);
    expect(await (await send('text/html, image/png')).text()).toBe(picture.toString('base64'));
  });

  test('answers headers with one value and with several', async () => {
    await serve('cookies', () => ({
      statusCode: 201,
      headers: { 'X-One': 1, 'Set-Cookie': 'c=3', Date: 'never' },
      multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
      body: 'made',
    }));
    const { status, headers, text } = await get('/cookies');
    expect([status, text]).toEqual([201, 'made']);
    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2', 'c=3']);
    expect(headers.get('x-one')).toBe('1');
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('x-amzn-remapped-date')).toBe('never');
    expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('that needs longer than the integration may is answered for with 504', async () => {
    await serve('slow', () => new Promise(() => {}), { TimeoutInMillis: 50 });
    expect(await get('/slow')).toMatchObject({
      status: 504,
      json: { message: 'Endpoint request timed out' },
    });
  });

  test.each<[string, Handler]>([
    ['throws', () => Promise.reject(new FunctionError('TypeError', 'secret detail'))],
    ['answers nothing', () => null],
    ['answers text', () => 'hello'],
    ['answers an object that is no response', () => ({ ok: true })],
    ['answers a body that is no text', () => ({ statusCode: 200, body: { ok: true } })],
    ['answers a status that is none', () => ({ statusCode: 'fine', body: '' })],
    [
      'answers a header with a line break',
      () => ({ statusCode: 200, headers: { a: 'b\r\nc: d' }, body: '' }),
    ],
  ])('that %s is a 502 which tells nothing but is logged', async (_, handler) => {
    await serve('broken', handler);
    const { status, json } = await get('/broken');
    expect([status, json]).toEqual([502, { message: 'Internal server error' }]);
    expect(logged).toHaveLength(1);
  });

  test('that Lambda finds the event too large for is answered for with 413', async () => {
    await serve('large', () => Promise.reject(new AwsError('RequestTooLargeException', 'too large', 413)));
    expect((await get('/large')).status).toBe(413);
  });
});

describe('an authorizer', () => {
  beforeEach(async () => {
    const authorizer = await provision('Authorizer', {
      RestApiId: apiId,
      Name: 'people',
      Type: 'COGNITO_USER_POOLS',
      IdentitySource: 'method.request.header.Authorization',
      ProviderARNs: [POOL_ARN],
    });
    await serve('private', functions.echo ?? fail, {
      AuthorizationType: 'COGNITO_USER_POOLS',
      AuthorizerId: authorizer.ref,
    });
  });

  test.each(['good', 'Bearer good', 'bearer good'])(
    'lets "%s" in with the claims as text',
    async (authorization) => {
      const { status, json } = await get('/private', { headers: { authorization } });
      expect(status).toBe(200);
      expect(json.requestContext.authorizer).toEqual({
        claims: {
          sub: 'someone',
          'cognito:groups': 'owners,staff',
          exp: 'Tue Jan 01 00:00:00 UTC 2030',
          email_verified: 'true',
        },
      });
    },
  );

  test.each([undefined, '', 'Bearer ', 'bad', 'Basic good'])(
    'keeps "%s" out with 401',
    async (authorization) => {
      const headers = new Headers(authorization === undefined ? {} : { authorization });
      expect(await get('/private', { headers })).toMatchObject({
        status: 401,
        json: { message: 'Unauthorized' },
      });
    },
  );
});

describe('a gateway response', () => {
  const cors = { 'gatewayresponse.header.Access-Control-Allow-Origin': "'*'" };

  test('of a class puts CORS headers on all errors of that class', async () => {
    for (const ResponseType of ['DEFAULT_4XX', 'DEFAULT_5XX']) {
      await provision('GatewayResponse', { RestApiId: apiId, ResponseType, ResponseParameters: cors });
    }
    await serve('broken', () => null);
    for (const [path, status] of [['/nothing', 403] as const, ['/broken', 502] as const]) {
      const answer = await get(path);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    }
  });

  test('of one type sets its status, its headers and its body', async () => {
    await provision('GatewayResponse', {
      RestApiId: apiId,
      ResponseType: 'MISSING_AUTHENTICATION_TOKEN',
      StatusCode: '404',
      ResponseParameters: { 'gatewayresponse.header.X-Origin': 'method.request.header.Origin' },
      ResponseTemplates: {
        'application/json':
          '{"error":$context.error.messageString,"type":"$context.error.responseType","id":"$context.requestId"}',
      },
    });
    const { status, json, headers } = await get('/nothing', { headers: { origin: 'https://shop.example' } });
    expect(status).toBe(404);
    expect(headers.get('x-origin')).toBe('https://shop.example');
    expect(json).toEqual({
      error: 'Missing Authentication Token',
      type: 'MISSING_AUTHENTICATION_TOKEN',
      id: headers.get('x-amzn-requestid'),
    });
  });
});

describe('a preflight request', () => {
  const integration = (extra: Properties = {}) => ({
    Type: 'MOCK',
    RequestTemplates: { 'application/json': '{ statusCode: 200 }' },
    IntegrationResponses: [
      {
        StatusCode: '204',
        ResponseParameters: {
          'method.response.header.Access-Control-Allow-Headers': "'authorization'",
          'method.response.header.Access-Control-Allow-Origin': "'https://a.example'",
          'method.response.header.Vary': "'Origin'",
        },
        ...extra,
      },
    ],
  });
  const preflight = async (Integration: Properties, origin: string) => {
    await provision('Method', {
      RestApiId: apiId,
      ResourceId: rootId,
      HttpMethod: 'OPTIONS',
      AuthorizationType: 'NONE',
      ApiKeyRequired: false,
      Integration,
      MethodResponses: [{ StatusCode: '204' }],
    });
    return get('/', { method: 'OPTIONS', headers: { origin } });
  };

  test('is answered by the gateway alone', async () => {
    const { status, headers } = await preflight(integration(), 'https://evil.example');
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe('https://a.example');
    expect(headers.get('access-control-allow-headers')).toBe('authorization');
    expect(headers.get('vary')).toBe('Origin');
  });

  /** As the CDK synthesizes it for three allowed origins. */
  const template = [
    '#set($origin = $input.params().header.get("Origin"))',
    '#if($origin == "")',
    '  #set($origin = $input.params().header.get("origin"))',
    '#end',
    '#if($origin == "https://b.example" || $origin == "https://c.example")',
    '  #set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)',
    '#end',
  ].join('\n');

  test.each([
    ['https://a.example', 'https://a.example'],
    ['https://c.example', 'https://c.example'],
    ['https://evil.example', 'https://a.example'],
  ])('from %s is told that %s may call', async (origin, allowed) => {
    const several = integration({ ResponseTemplates: { 'application/json': template } });
    const { headers } = await preflight(several, origin);
    expect(headers.get('access-control-allow-origin')).toBe(allowed);
  });

  test('is not set up with a template that nobody understands', async () => {
    const other = integration({ ResponseTemplates: { 'application/json': `${template}\n#stop` } });
    await expect(preflight(other, 'https://a.example')).rejects.toThrow(/response template/);
  });

  test('gets 500 from a MOCK integration that has no response', async () => {
    expect((await preflight({ Type: 'MOCK' }, 'https://a.example')).status).toBe(500);
  });
});

test('a request without its required parameters gets 400 and the function is not called', async () => {
  const validator = await provision('RequestValidator', {
    RestApiId: apiId,
    ValidateRequestParameters: true,
  });
  let calls = 0;
  const counted: Handler = () => ({ statusCode: 200, body: String(++calls) });
  await serve('orders', counted, {
    RequestValidatorId: validator.ref,
    RequestParameters: {
      'method.request.header.Idempotency-Key': true,
      'method.request.querystring.shop': true,
      'method.request.querystring.page': false,
    },
  });
  expect(await get('/orders?shop=')).toMatchObject({
    status: 400,
    json: { message: 'Missing required request parameters: [Idempotency-Key, shop]' },
  });
  const answer = await get('/orders?shop=1', { headers: { 'idempotency-key': 'k' } });
  expect([answer.status, answer.text]).toEqual([200, '1']);
});

describe('a request that is too much', () => {
  test('for the body limit gets 413 before it was sent, and the connection still serves', async () => {
    await serve('bodies', ({ body }) => ({ statusCode: 200, body: String(body?.length) }));
    const eleven = Buffer.alloc(11 * 1024 * 1024, 'x');
    expect((await get('/bodies', { method: 'POST', body: eleven })).status).toBe(413);
    expect((await get('/bodies', { method: 'POST', body: eleven.subarray(0, 10_485_760) })).text).toBe(
      '10485760',
    );

    const early = await raw(
      `POST ${new URL(base).pathname}/bodies HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n`,
    );
    expect(early).toMatch(/^HTTP\/1.1 413 /);
  });

  test('for the body limit without telling its length gets 413 as well', async () => {
    await serve('bodies', () => ({ statusCode: 200 }));
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = httpRequest(`${base}/bodies`, { method: 'POST' }, resolve).on('error', reject);
      for (let megabyte = 0; megabyte < 11; megabyte++) request.write(Buffer.alloc(1024 * 1024));
      request.end();
    });
    answer.resume();
    expect(answer.statusCode).toBe(413);
  });

  test('for our patience, because its body never comes, gets 408', async () => {
    await serve('bodies', () => ({ statusCode: 200 }));
    const answer = await raw(
      `POST ${new URL(base).pathname}/bodies HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
  });

  test('for the header limits gets 431', async () => {
    await serve('bodies', () => ({ statusCode: 200 }));
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`x-${n}`, '1']));
    expect((await get('/bodies', { headers: many })).status).toBe(431);
    expect((await get('/bodies', { headers: { long: 'x'.repeat(10_240) } })).status).toBe(431);
    expect((await get('/bodies', { headers: { long: 'x'.repeat(9_000) } })).status).toBe(200);
  });

  test('for decoding a path gets 400', async () => {
    await method(await resource('{id}'), 'GET', 'echo');
    expect((await get('/%zz')).status).toBe(400);
  });
});

test.each<[string, string, Properties]>([
  ['RequestModels', 'Method', { RequestModels: { 'application/json': 'model' } }],
  ['AuthorizationScopes', 'Method', { AuthorizationScopes: ['a/b'] }],
  ['ApiKeyRequired', 'Method', { ApiKeyRequired: true }],
  ['AuthorizationType', 'Method', { AuthorizationType: 'AWS_IAM' }],
  ['Integration', 'Method', { Integration: { Type: 'HTTP_PROXY', Uri: 'http://x' } }],
  ['Policy', 'RestApi', { Name: 'x', Policy: {} }],
  ['CacheClusterEnabled', 'Stage', { StageName: 'v1', DeploymentId: 'x', CacheClusterEnabled: true }],
  ['TOKEN', 'Authorizer', { Name: 'x', Type: 'TOKEN' }],
  ['#if', 'GatewayResponse', { ResponseType: 'THROTTLED', ResponseTemplates: { 'application/json': '#if' } }],
])('%s of a %s is refused by name', async (name, type, properties) => {
  const own = type === 'RestApi' ? {} : { RestApiId: apiId };
  const required = {
    ResourceId: rootId,
    HttpMethod: 'GET',
    AuthorizationType: 'NONE',
    Integration: { Type: 'MOCK' },
  };
  const all = { ...own, ...(type === 'Method' ? required : {}), ...properties };
  await expect(async () => provision(type, all)).rejects.toThrow(name === 'TOKEN' ? /Type/ : name);
});

const fail: Handler = () => {
  throw new Error('no such handler in this test');
};
