import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError, type Log } from '../../aws';
import { authorizedClaims, type VerifyIdToken } from './cognito-authorizer';
import { answerOf } from './gateway-response';
import { GatewayError } from './gateway-response-types';
import { type GatewayRequest, type HttpAnswer, headerOf, headersOf } from './http-message';
import { apiProvisioners } from './provisioners';
import { proxyEvent } from './proxy-event';
import { proxyAnswer } from './proxy-response';
import { checkHeaders, discardRest, readBody } from './request-limits';
import type { LambdaIntegration, RestApi, Route } from './rest-api';

export interface ApiGatewayOptions {
  /** Where `handle` is reached, without a slash at the end. */
  readonly baseUrl: string;
  /** Invokes a function by its ARN and answers its result; rejects with a FunctionError or an AwsError. */
  readonly invoke: (functionArn: string, event: unknown) => Promise<unknown>;
  readonly verifyIdToken: VerifyIdToken;
  readonly log: Log;
  /** Milliseconds within which a request's body has to arrive; 30 s unless told. */
  readonly bodyTimeoutMs?: number;
}

/** Serves the REST APIs of a template under `/apis/{restApiId}/{stage}/…`. */
export class ApiGateway {
  readonly #options: ApiGatewayOptions;
  readonly #apis = new Map<string, RestApi>();
  readonly provisioners = apiProvisioners(this.#apis);

  constructor(options: ApiGatewayOptions) {
    this.#options = options;
  }

  /** The base URL of every stage, with a slash at the end. */
  apis(): { id: string; name: string; stage: string; url: string }[] {
    return [...this.#apis.values()].flatMap(({ id, name, stages }) =>
      [...stages.keys()].map((stage) => ({
        id,
        name,
        stage,
        url: `${this.#options.baseUrl}/apis/${id}/${stage}/`,
      })),
    );
  }

  /** Answers the request and true, or false without touching it when the path is not that of an API. */
  async handle(incoming: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> {
    const [, apiId = '', stage = '', path = '/'] =
      /^\/apis\/([^/]+)(?:\/([^/]*)(\/.*)?)?$/.exec(url.pathname) ?? [];
    const api = this.#apis.get(apiId);
    if (api === undefined) return false;
    const request: GatewayRequest = {
      incoming,
      requestId: randomUUID(),
      extendedRequestId: randomBytes(11).toString('base64url'),
      receivedAt: Date.now(),
      method: incoming.method ?? '',
      apiId,
      stage,
      stageVariables: api.stages.get(stage)?.variables,
      path,
      query: url.searchParams,
      headers: headersOf(incoming),
    };
    send(request, response, await this.#answer(api, request));
    return true;
  }

  async #answer(api: RestApi, request: GatewayRequest): Promise<HttpAnswer> {
    try {
      return await this.#serve(api, request);
    } catch (error) {
      if (!(error instanceof GatewayError)) this.#logFailure(request, error);
      const shown =
        error instanceof GatewayError
          ? error
          : new GatewayError('API_CONFIGURATION_ERROR', 500, 'Internal server error');
      return answerOf(shown, request, api.gatewayResponses);
    }
  }

  async #serve(api: RestApi, request: GatewayRequest): Promise<HttpAnswer> {
    checkHeaders(request.incoming);
    if (!api.stages.has(request.stage)) {
      throw new GatewayError('DEFAULT_4XX', 403, 'Forbidden', 'ForbiddenException');
    }
    const route = api.route(request.method, request.path);
    if (route === undefined) {
      throw new GatewayError(
        'MISSING_AUTHENTICATION_TOKEN',
        403,
        'Missing Authentication Token',
        'MissingAuthenticationTokenException',
      );
    }
    const claims = await this.#authorize(api, request, route);
    if (route.method.validatorId !== undefined && api.validators.get(route.method.validatorId)) {
      checkParameters(request, route);
    }
    const { integration } = route.method;
    return typeof integration === 'function'
      ? integration(request)
      : this.#invoke(api, request, route, integration, claims);
  }

  async #authorize(api: RestApi, request: GatewayRequest, { method }: Route) {
    if (method.authorizerId === undefined) return undefined;
    const authorizer = api.authorizers.get(method.authorizerId);
    const claims = authorizer && (await authorizedClaims(authorizer, request, this.#options.verifyIdToken));
    if (claims === undefined)
      throw new GatewayError('UNAUTHORIZED', 401, 'Unauthorized', 'UnauthorizedException');
    return claims;
  }

  async #invoke(
    api: RestApi,
    request: GatewayRequest,
    route: Route,
    { functionArn, timeoutMs }: LambdaIntegration,
    claims: Record<string, string> | undefined,
  ): Promise<HttpAnswer> {
    const bytes = await readBody(request.incoming, this.#options.bodyTimeoutMs ?? 30_000);
    const binary = api.isBinary(headerOf(request, 'content-type') ?? 'application/json');
    const event = proxyEvent(request, route, claims, { bytes, binary });
    let timer: NodeJS.Timeout | undefined;
    const tooSlow = new Promise<never>((_, reject) => {
      const error = new GatewayError('INTEGRATION_TIMEOUT', 504, 'Endpoint request timed out');
      timer = setTimeout(() => reject(error), timeoutMs);
    });
    try {
      const result = await Promise.race([this.#options.invoke(functionArn, event), tooSlow]);
      return proxyAnswer(result, (contentType) => sendsBinary(api, request, contentType));
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      this.#logFailure(request, error);
      throw integrationError(error);
    } finally {
      clearTimeout(timer);
    }
  }

  #logFailure({ method, path, requestId }: GatewayRequest, error: unknown): void {
    this.#options.log('api-gateway', `${method} ${path} failed: ${error}`, { requestId });
  }
}

function checkParameters(request: GatewayRequest, { method, pathParameters }: Route): void {
  const missing = method.requiredParameters.filter(({ place, name }) => {
    if (place === 'header') return !headerOf(request, name);
    return place === 'path' ? !pathParameters[name] : !request.query.get(name);
  });
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(', ');
  throw new GatewayError('BAD_REQUEST_PARAMETERS', 400, `Missing required request parameters: [${names}]`);
}

/** The first media type that the caller accepts decides, or the content type when it accepts any. */
function sendsBinary(api: RestApi, request: GatewayRequest, contentType: string): boolean {
  const accepted = headerOf(request, 'accept')?.split(',')[0]?.trim() ?? '*/*';
  return api.isBinary(accepted.startsWith('*/*') ? contentType : accepted);
}

/** A function that fails, or that answers what is no HTTP answer, is a bad gateway; that Lambda refuses is another matter. */
function integrationError(error: unknown): GatewayError {
  if (error instanceof AwsError && error.status === 413) {
    return new GatewayError('REQUEST_TOO_LARGE', 413, 'Request Entity Too Large', 'RequestTooLargeException');
  }
  if (error instanceof AwsError) {
    return new GatewayError('INTEGRATION_FAILURE', 500, 'Internal server error');
  }
  return new GatewayError('DEFAULT_5XX', 502, 'Internal server error');
}

function send(request: GatewayRequest, response: ServerResponse, answer: HttpAnswer): void {
  discardRest(request.incoming);
  if (response.destroyed) return;
  const bodyless = answer.status === 204 || answer.status === 304;
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  response.setHeader('x-amzn-requestid', request.requestId);
  response.setHeader('x-amz-apigw-id', request.extendedRequestId);
  if (!bodyless) response.setHeader('content-length', Buffer.byteLength(answer.body));
  response.writeHead(answer.status);
  response.end(bodyless ? undefined : answer.body);
}
