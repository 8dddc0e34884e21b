import type { APIGatewayProxyEvent } from 'aws-lambda';
import { ACCOUNT_ID } from '../../aws';
import { GatewayError } from './gateway-response-types';
import { type GatewayRequest, headerOf, peerAddress } from './http-message';
import type { Route } from './rest-api';

/** The event of a Lambda proxy integration, version 1.0, as AWS sends it. */
export function proxyEvent(
  request: GatewayRequest,
  route: Route,
  claims: Record<string, string> | undefined,
  body: { readonly bytes: Buffer; readonly binary: boolean },
): APIGatewayProxyEvent {
  const headers = forwardedHeaders(request);
  const query = [...new Set(request.query.keys())].map((name) => [name, request.query.getAll(name)] as const);
  const lastOf = (entries: Iterable<readonly [string, readonly string[]]>) =>
    Object.fromEntries([...entries].map(([name, values]) => [name, values.at(-1) ?? '']));
  const allOf = (entries: Iterable<readonly [string, readonly string[]]>) =>
    Object.fromEntries([...entries].map(([name, values]) => [name, [...values]]));
  return {
    resource: route.resourcePath,
    path: request.path,
    httpMethod: request.method,
    headers: lastOf(headers),
    multiValueHeaders: allOf(headers),
    queryStringParameters: query.length === 0 ? null : lastOf(query),
    multiValueQueryStringParameters: query.length === 0 ? null : allOf(query),
    pathParameters: decodedParameters(route.pathParameters),
    stageVariables: request.stageVariables ?? null,
    requestContext: requestContext(request, route, claims),
    body: body.bytes.length === 0 ? null : body.bytes.toString(body.binary ? 'base64' : 'utf8'),
    isBase64Encoded: body.binary && body.bytes.length > 0,
  };
}

function requestContext(
  request: GatewayRequest,
  { resourceId, resourcePath }: Route,
  claims: Record<string, string> | undefined,
): APIGatewayProxyEvent['requestContext'] {
  const domainName = (headerOf(request, 'host') ?? 'localhost').replace(/:\d+$/, '');
  const { stage, apiId, requestId, extendedRequestId, receivedAt } = request;
  return {
    accountId: ACCOUNT_ID,
    apiId,
    // Without an authorizer AWS leaves it out; the published type does not know that.
    authorizer: claims === undefined ? undefined : { claims },
    domainName,
    domainPrefix: domainName.split('.')[0],
    extendedRequestId,
    httpMethod: request.method,
    identity: {
      accessKey: null,
      accountId: null,
      apiKey: null,
      apiKeyId: null,
      caller: null,
      clientCert: null,
      cognitoAuthenticationProvider: null,
      cognitoAuthenticationType: null,
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      principalOrgId: null,
      sourceIp: peerAddress(request.incoming),
      user: null,
      userAgent: headerOf(request, 'user-agent') ?? null,
      userArn: null,
    },
    path: `/${stage}${request.path}`,
    protocol: `HTTP/${request.incoming.httpVersion}`,
    requestId,
    requestTime: commonLogTime(receivedAt),
    requestTimeEpoch: receivedAt,
    resourceId,
    resourcePath,
    stage,
  };
}

/** AWS adds the peer to the end of what the client claims it was forwarded for. */
function forwardedHeaders(request: GatewayRequest): Map<string, readonly string[]> {
  const headers = new Map(
    [...request.headers].filter(([name]) => !/^x-forwarded-(for|port|proto)$/i.test(name)),
  );
  const claimed = headerOf(request, 'x-forwarded-for');
  const peer = peerAddress(request.incoming);
  if (headerOf(request, 'x-amzn-trace-id') === undefined) headers.set('X-Amzn-Trace-Id', [traceId(request)]);
  headers.set('X-Forwarded-For', [claimed === undefined ? peer : `${claimed}, ${peer}`]);
  headers.set('X-Forwarded-Port', [String(request.incoming.socket.localPort ?? '')]);
  headers.set('X-Forwarded-Proto', ['http']);
  return headers;
}

function traceId({ receivedAt, requestId }: GatewayRequest): string {
  const seconds = Math.floor(receivedAt / 1000).toString(16);
  return `Root=1-${seconds}-${requestId.replaceAll('-', '').slice(0, 24)}`;
}

function decodedParameters(parameters: Readonly<Record<string, string>>): Record<string, string> | null {
  const entries = Object.entries(parameters);
  if (entries.length === 0) return null;
  try {
    return Object.fromEntries(entries.map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    throw new GatewayError('DEFAULT_4XX', 400, 'Bad Request');
  }
}

/** Such as `09/Apr/2026:12:34:56 +0000`. */
function commonLogTime(epochMs: number): string {
  const [, day, month, year, time] = new Date(epochMs).toUTCString().split(/,? /);
  return `${day}/${month}/${year}:${time} +0000`;
}
