import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import type { Problem } from '../../lambdas/contract/problems';
import type { Route } from '../../lambdas/contract/route';

/** What a client sends, and the claims of the ID token that the gateway has verified. */
export interface ApiCall {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  /** An object is sent as JSON, text as it is. */
  readonly body?: unknown;
  readonly claims?: Record<string, string>;
  /** Where the client is, as the gateway saw it. */
  readonly address?: string;
}

/** The proxy event that API Gateway makes of a call of the route. */
export function apiEvent({ method, path }: Pick<Route, 'method' | 'path'>, call: ApiCall = {}) {
  const { params = {}, query = {}, headers = {}, body, claims, address = '203.0.113.7' } = call;
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const event: Partial<APIGatewayProxyEvent> = {
    httpMethod: method,
    resource: path,
    path: filled,
    pathParameters: Object.keys(params).length > 0 ? params : null,
    queryStringParameters: Object.keys(query).length > 0 ? query : null,
    headers,
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: {
      requestId: 'a-request',
      authorizer: claims === undefined ? undefined : { claims },
      identity: { sourceIp: address, userAgent: 'a browser' },
    } as APIGatewayProxyEvent['requestContext'],
  };
  return event as APIGatewayProxyEvent;
}

export const lambdaContext = {
  functionName: 'a-function',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:a-function',
  memoryLimitInMB: '256',
  awsRequestId: 'a-request',
  callbackWaitsForEmptyEventLoop: false,
  getRemainingTimeInMillis: () => 10_000,
} as Context;

type Handler = (event: APIGatewayProxyEvent, context: Context) => Promise<APIGatewayProxyResult>;

/** Calls the function as the gateway does, and reads the JSON that it answers. */
export async function callApi(handler: Handler, route: Pick<Route, 'method' | 'path'>, call?: ApiCall) {
  const { statusCode, body } = await handler(apiEvent(route, call), lambdaContext);
  return { status: statusCode, body: JSON.parse(body) };
}

/** The same for a call that is expected to be refused: what the problem body says, request id aside. */
export async function problemOf(handler: Handler, route: Pick<Route, 'method' | 'path'>, call?: ApiCall) {
  const { status, body } = await callApi(handler, route, call);
  const { requestId: _, ...problem } = body as Problem;
  return { status, problem };
}
