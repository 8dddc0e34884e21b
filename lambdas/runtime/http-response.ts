import type { APIGatewayProxyResult } from 'aws-lambda';
import { type Problem, type ProblemCode, problems } from '../contract/problems';
import type { Route } from '../contract/route';
import { DomainError, type ErrorKind } from '../kernel/errors';
import { loggable, logger } from './observability';

export const statusOfKind: Record<ErrorKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  unprocessable: 422,
  too_many: 429,
  unavailable: 503,
};

/** Nothing here may be kept by a cache: answers are about one caller, some hold card keys. */
const NO_STORE = { 'cache-control': 'no-store' };

/** A result as the route promises it: fields that the schema does not name never leave. */
export function success(route: Route, result: unknown): APIGatewayProxyResult {
  const body = route.response.parse(result);
  return route.responseFormat === 'text'
    ? { statusCode: route.status, headers: { ...NO_STORE, 'content-type': 'text/plain' }, body: String(body) }
    : {
        statusCode: route.status,
        headers: { ...NO_STORE, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      };
}

/** An error as RFC 9457. The unexpected becomes a bare 500 and is logged, here alone. */
export function failure(error: unknown, requestId: string): APIGatewayProxyResult {
  if (!(error instanceof DomainError)) {
    logger.error('unexpected error', { error: loggable(error) });
    return problemResponse(500, { code: 'request.unexpected', requestId });
  }
  const { detail, fields, retryAfterSeconds } = error.details;
  logger.info('refused', { code: error.code });
  return problemResponse(
    statusOfKind[error.kind],
    { code: error.code, requestId, ...(detail && { detail }), ...(fields && { errors: [...fields] }) },
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
  );
}

function problemResponse(
  status: number,
  { code, ...rest }: Pick<Problem, 'code' | 'requestId' | 'detail' | 'errors'>,
  headers: Record<string, string> = {},
): APIGatewayProxyResult {
  const title = problems[code as ProblemCode]?.title ?? code;
  const body: Problem = { type: `urn:vouchsafe:problem:${code}`, title, status, code, ...rest };
  return {
    statusCode: status,
    headers: { ...NO_STORE, ...headers, 'content-type': 'application/problem+json' },
    body: JSON.stringify(body),
  };
}
