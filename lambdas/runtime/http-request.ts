import type { APIGatewayProxyEvent } from 'aws-lambda';
import type * as z from 'zod';
import type { Route, RouteRequest } from '../contract/route';
import { DomainError, type FieldProblem } from '../kernel/errors';

/** Who is on the other end of the connection, as the gateway saw it. */
export interface Client {
  readonly address: string;
  readonly userAgent: string;
}

export const clientOf = (event: APIGatewayProxyEvent): Client => ({
  address: event.requestContext.identity.sourceIp,
  userAgent: (event.requestContext.identity.userAgent ?? '').slice(0, 300),
});

/**
 * The parts of a request by the route's schemas. All wrong fields are named in one `request.invalid`, each as
 * `part.path.to.field`.
 */
export function parseRequest<R extends Route>(route: R, event: APIGatewayProxyEvent): RouteRequest<R> {
  const problems: FieldProblem[] = [];
  const parse = (part: string, schema: z.ZodType | undefined, value: unknown): unknown => {
    if (schema === undefined) return undefined;
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    problems.push(...result.error.issues.flatMap((issue) => fieldProblems(part, issue)));
    return undefined;
  };

  const parseBody = (): unknown => {
    if (route.body === undefined) return undefined;
    const json = bodyJson(event);
    if (json !== undefined) return parse('body', route.body, json);
    problems.push({ field: 'body', message: 'is a JSON document' });
    return undefined;
  };

  const request = {
    params: parse('path', route.params, event.pathParameters ?? {}),
    query: parse('query', route.query, event.queryStringParameters ?? {}),
    headers: parse('headers', route.headers, lowerCaseNames(event.headers)),
    body: route.bodyFormat === 'raw' ? bodyText(event) : parseBody(),
  };
  if (problems.length > 0) throw new DomainError('request.invalid', 'invalid', { fields: problems });
  return request as RouteRequest<R>;
}

function fieldProblems(part: string, issue: z.core.$ZodIssue): FieldProblem[] {
  const field = [part, ...issue.path.map(String)].join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: `${field}.${key.slice(0, 100)}`,
      message: 'is not a field here',
    }));
  }
  return [{ field, message: issue.message }];
}

const lowerCaseNames = (headers: APIGatewayProxyEvent['headers']): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));

const bodyText = (event: APIGatewayProxyEvent): string =>
  event.isBase64Encoded ? Buffer.from(event.body ?? '', 'base64').toString() : (event.body ?? '');

/** Undefined when the body is no JSON. */
function bodyJson(event: APIGatewayProxyEvent): unknown {
  try {
    return JSON.parse(bodyText(event));
  } catch {
    return undefined;
  }
}
