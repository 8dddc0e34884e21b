import type * as z from 'zod';
import type { GatewayError, GatewayResponseType } from './gateway-response-types';
import { type GatewayRequest, type HttpAnswer, headerOf } from './http-message';
import type { gatewayResponseProperties } from './template-properties';

/** How a template changes the gateway's own answers of one type. */
export interface GatewayResponse {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, (request: GatewayRequest) => string | undefined>>;
  readonly template: string;
}

const DEFAULT_RESPONSE: GatewayResponse = {
  status: undefined,
  headers: {},
  template: '{"message":$context.error.messageString}',
};

/** Reads an AWS::ApiGateway::GatewayResponse; throws on mapping expressions that are not supported. */
export function gatewayResponse(properties: z.output<typeof gatewayResponseProperties>): GatewayResponse {
  const template = properties.ResponseTemplates['application/json'] ?? DEFAULT_RESPONSE.template;
  const leftover = template.replaceAll(VARIABLE, (name) => (name in VARIABLES ? '' : name));
  if (/[$#]/.test(leftover)) throw new Error(`not supported in a gateway response template: ${template}`);
  const headers = Object.entries(properties.ResponseParameters).map(([name, expression]) => [
    /^gatewayresponse\.header\.(.+)$/.exec(name)?.[1]?.toLowerCase() ?? unsupported(name),
    headerValue(expression),
  ]);
  return { status: properties.StatusCode, headers: Object.fromEntries(headers), template };
}

/** The gateway's own answer, by the template's response for the error's type or else for its class. */
export function answerOf(
  error: GatewayError,
  request: GatewayRequest,
  responses: ReadonlyMap<GatewayResponseType, GatewayResponse>,
): HttpAnswer {
  const fallback = error.status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX';
  const response = responses.get(error.type) ?? responses.get(fallback) ?? DEFAULT_RESPONSE;
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'x-amzn-errortype': error.errorType,
  };
  for (const [name, value] of Object.entries(response.headers)) {
    const text = value(request);
    if (text !== undefined) headers[name] = text;
  }
  return {
    status: response.status ?? error.status,
    headers,
    body: response.template.replaceAll(VARIABLE, (name) => VARIABLES[name]?.(error, request) ?? name),
  };
}

const VARIABLE = /\$context(?:\.\w+)+/g;

const VARIABLES: Readonly<Record<string, (error: GatewayError, request: GatewayRequest) => string>> = {
  '$context.error.message': ({ message }) => message,
  '$context.error.messageString': ({ message }) => JSON.stringify(message),
  '$context.error.responseType': ({ type }) => type,
  '$context.error.validationErrorString': ({ message }) => message,
  '$context.extendedRequestId': (_, { extendedRequestId }) => extendedRequestId,
  '$context.requestId': (_, { requestId }) => requestId,
};

function headerValue(expression: string): (request: GatewayRequest) => string | undefined {
  const literal = /^'(.*)'$/.exec(expression)?.[1];
  if (literal !== undefined) return () => literal;
  const [, place, name] = /^method\.request\.(header|querystring)\.(.+)$/.exec(expression) ?? [];
  if (name === undefined) return unsupported(expression);
  if (place === 'header') return (request) => headerOf(request, name);
  return ({ query }) => query.getAll(name).at(-1);
}

function unsupported(expression: string): never {
  throw new Error(`not supported in a gateway response: ${expression}`);
}
