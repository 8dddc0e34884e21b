import { GatewayError } from './gateway-response-types';
import { type GatewayRequest, type HttpAnswer, headerOf } from './http-message';
import type { MockIntegrationProperties } from './template-properties';

export type MockIntegration = (request: GatewayRequest) => HttpAnswer;

const ALLOW_ORIGIN = 'access-control-allow-origin';

/**
 * A MOCK integration as the CDK writes it for CORS preflight requests: one response with literal headers, whose
 * template may do one thing, to answer the caller's origin when it is among several allowed ones.
 * Throws on any other template. Without a response it answers 500, as in AWS.
 */
export function mockIntegration(properties: MockIntegrationProperties): MockIntegration {
  const [response] = properties.IntegrationResponses;
  if (response === undefined) {
    return () => {
      throw new GatewayError('API_CONFIGURATION_ERROR', 500, 'Internal server error');
    };
  }
  const requestTemplate = properties.RequestTemplates?.['application/json'] ?? '';
  if (!/^\s*\{\s*"?statusCode"?\s*:\s*\d+\s*\}\s*$/.test(requestTemplate)) {
    throw new Error(`not supported as the request template of a MOCK integration: ${requestTemplate}`);
  }
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  for (const [parameter, expression] of Object.entries(response.ResponseParameters)) {
    const name = /^method\.response\.header\.(.+)$/.exec(parameter)?.[1];
    const value = /^'(.*)'$/.exec(expression)?.[1];
    if (name === undefined || value === undefined) {
      throw new Error(`not supported in a MOCK integration: ${parameter} = ${expression}`);
    }
    headers[name.toLowerCase()] = value;
  }
  const origins = furtherOrigins(response.ResponseTemplates?.['application/json']);
  const status = Number(response.StatusCode);
  return (request) => {
    const origin = headerOf(request, 'origin');
    if (origin === undefined || !origins.has(origin)) return { status, headers, body: '' };
    return { status, headers: { ...headers, [ALLOW_ORIGIN]: origin }, body: '' };
  };
}

/** The origins after the first, from the Velocity template that the CDK writes for them. */
function furtherOrigins(template = ''): Set<string> {
  if (template.trim() === '') return new Set();
  const lines = template.split('\n').map((line) => line.trim());
  const condition = /^#if\((\$origin == "[^"]*"(?: \|\| \$origin == "[^"]*")*)\)$/.exec(lines[4] ?? '')?.[1];
  const others = lines.toSpliced(4, 1).join('\n');
  if (condition === undefined || others !== CORS_TEMPLATE_WITHOUT_CONDITION) {
    throw new Error(`not supported as the response template of a MOCK integration: ${template}`);
  }
  return new Set([...condition.matchAll(/"([^"]*)"/g)].map(([, origin = '']) => origin));
}

const CORS_TEMPLATE_WITHOUT_CONDITION = [
  '#set($origin = $input.params().header.get("Origin"))',
  '#if($origin == "")',
  '#set($origin = $input.params().header.get("origin"))',
  '#end',
  '#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)',
  '#end',
].join('\n');
