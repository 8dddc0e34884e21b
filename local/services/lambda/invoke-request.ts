import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { AwsError } from '../../aws';
import { FunctionError } from '../function-error';
import type { Lambda } from './lambda';

export interface HttpRequest {
  readonly method: string;
  /** With the query string, if any. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Lambda's Invoke as the SDK calls it. Undefined when the request is not for it. */
export async function handleInvokeRequest(
  lambda: Lambda,
  request: HttpRequest,
): Promise<HttpAnswer | undefined> {
  const url = new URL(request.path, 'http://local');
  const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(url.pathname)?.[1];
  if (name === undefined || request.method !== 'POST') return undefined;
  try {
    const qualifier = url.searchParams.get('Qualifier') ?? '$LATEST';
    if (request.headers['x-amz-log-type'] === 'Tail') throw invalid('LogType Tail is not supported locally');
    return await invoke(lambda, qualified(decodeURIComponent(name), qualifier), request);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return answer(error.status, JSON.stringify({ Type: 'User', message: error.message }), {
      'x-amzn-errortype': error.code,
    });
  }
}

async function invoke(lambda: Lambda, name: string, request: HttpRequest): Promise<HttpAnswer> {
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  const payload = jsonPayload(request.body);
  if (type === 'DryRun') {
    lambda.requireFunction(name);
    return answer(204, '');
  }
  if (type === 'Event') {
    return answer(202, '', { 'x-amzn-requestid': lambda.invokeAsyncJson(name, payload) });
  }
  if (type !== 'RequestResponse') throw invalid(`Unknown invocation type ${type}`);

  const executed = { 'x-amz-executed-version': '$LATEST', 'x-amzn-requestid': randomUUID() };
  try {
    const result = await lambda.invokeJson(name, payload, executed['x-amzn-requestid']);
    return answer(200, result.payload, executed);
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    const { errorType, errorMessage, trace } = error;
    const failure = JSON.stringify({ errorType, errorMessage, trace });
    return answer(200, failure, { ...executed, 'x-amz-function-error': 'Unhandled' });
  }
}

/** A version or alias is part of the name that is then not found: there is only $LATEST. */
const qualified = (name: string, qualifier: string) =>
  qualifier === '$LATEST' ? name : `${name}:${qualifier}`;

const invalid = (message: string) => new AwsError('InvalidParameterValueException', message, 400);

function jsonPayload(body: Buffer): string {
  const payload = body.length === 0 ? '{}' : body.toString();
  try {
    JSON.parse(payload);
    return payload;
  } catch (error) {
    throw new AwsError(
      'InvalidRequestContentException',
      `Could not parse request body into json: ${error}`,
      400,
    );
  }
}

function answer(status: number, body: string, headers: Record<string, string> = {}): HttpAnswer {
  return {
    status,
    body,
    headers: { 'x-amzn-requestid': randomUUID(), 'content-type': 'application/json', ...headers },
  };
}
