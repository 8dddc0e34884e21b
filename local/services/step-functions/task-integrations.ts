import * as z from 'zod';
import { AwsError, arnOf } from '../../aws';
import { describeIssues } from '../aws-json-operations';
import { FunctionError } from '../function-error';
import { isObject, type Json, toJson } from './json';
import { runtimeError, StatesError } from './states-error';

/** How a task sends its message, as the members of SQS SendMessage beside the queue and the body. */
export interface SendMessageOptions {
  readonly DelaySeconds?: number | undefined;
  readonly MessageAttributes?: Record<string, unknown> | undefined;
  readonly MessageDeduplicationId?: string | undefined;
  readonly MessageGroupId?: string | undefined;
}

/** What tasks may call. */
export interface TaskIntegrations {
  /** Answers the function's result. Rejects with a FunctionError, or with an AwsError of the Lambda service. */
  invokeFunction(arn: string, payload: unknown): Promise<unknown>;
  /** Answers what SQS SendMessage does. */
  sendMessage(
    queueUrl: string,
    body: string,
    options: SendMessageOptions,
  ): Promise<{ readonly MessageId: string }>;
}

const FUNCTION_ARN = /^arn:aws:lambda:[^:]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/;
const INVOKE = 'arn:aws:states:::lambda:invoke';
const SEND_MESSAGE = 'arn:aws:states:::sqs:sendMessage';

const invokeParameters = z.strictObject({
  FunctionName: z.string(),
  Payload: z.json().default({}),
  InvocationType: z.literal('RequestResponse').optional(),
});

const sendMessageParameters = z.strictObject({
  QueueUrl: z.string(),
  MessageBody: z.json(),
  DelaySeconds: z.number().optional(),
  MessageAttributes: z.record(z.string(), z.json()).optional(),
  MessageDeduplicationId: z.string().optional(),
  MessageGroupId: z.string().optional(),
});

const PARAMETERS: Readonly<Record<string, z.ZodObject>> = {
  [INVOKE]: invokeParameters,
  [SEND_MESSAGE]: sendMessageParameters,
};

/** Throws an Error that names the resource or the parameter which is not emulated. */
export function checkTask(resource: string, parameters: Json | undefined): void {
  if (FUNCTION_ARN.test(resource)) return;
  const schema = Object.hasOwn(PARAMETERS, resource) ? PARAMETERS[resource] : undefined;
  if (schema === undefined) throw new Error(`the task resource "${resource}" is not emulated locally`);
  if (!isObject(parameters)) throw new Error(`"${resource}" needs Parameters`);
  for (const field of Object.keys(parameters)) {
    if (!Object.hasOwn(schema.shape, field.replace(/\.\$$/, ''))) {
      throw new Error(`the parameter "${field}" of "${resource}" is not emulated locally`);
    }
  }
}

/** Runs one attempt of a task: its result, or a StatesError with the name that Retry and Catch match. */
export async function runTask(
  integrations: TaskIntegrations,
  resource: string,
  argument: Json,
): Promise<Json> {
  if (resource === SEND_MESSAGE) return sendMessage(integrations, argument);
  if (resource !== INVOKE) return invoke(integrations, resource, argument);
  const { FunctionName: name, Payload: payload } = parameters(invokeParameters, resource, argument);
  const arn = name.startsWith('arn:') ? name : arnOf('lambda', `function:${name}`);
  return { ExecutedVersion: '$LATEST', Payload: await invoke(integrations, arn, payload), StatusCode: 200 };
}

async function invoke(integrations: TaskIntegrations, arn: string, payload: Json): Promise<Json> {
  try {
    return toJson(await integrations.invokeFunction(arn, payload));
  } catch (error) {
    if (error instanceof FunctionError) {
      const { errorType, errorMessage, trace } = error;
      throw new StatesError(
        errorType || 'Lambda.Unknown',
        JSON.stringify({ errorType, errorMessage, trace }),
      );
    }
    throw serviceError(error, (code) => `Lambda.${code}`);
  }
}

async function sendMessage(integrations: TaskIntegrations, argument: Json): Promise<Json> {
  const { QueueUrl, MessageBody, ...options } = parameters(sendMessageParameters, SEND_MESSAGE, argument);
  const body = typeof MessageBody === 'string' ? MessageBody : JSON.stringify(MessageBody);
  try {
    return toJson(await integrations.sendMessage(QueueUrl, body, options));
  } catch (error) {
    throw serviceError(error, () => 'SQS.AmazonSQSException');
  }
}

function parameters<S extends z.ZodType>(schema: S, resource: string, argument: Json): z.output<S> {
  const parsed = schema.safeParse(argument);
  if (parsed.success) return parsed.data;
  throw runtimeError(`The Parameters of '${resource}' are not valid: ${describeIssues(parsed.error)}`);
}

/** Anything but an answer of the service is a fault of the local stack: it must not look like one a Retry expects. */
function serviceError(error: unknown, nameOf: (code: string) => string): unknown {
  return error instanceof AwsError ? new StatesError(nameOf(error.code), error.message) : error;
}
