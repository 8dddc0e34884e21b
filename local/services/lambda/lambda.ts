import { randomUUID } from 'node:crypto';
import { AwsError, type Provisioners } from '../../aws';
import { FunctionError } from '../function-error';
import { AsyncInvocations, type PendingInvocation } from './async-invocations';
import type { Endpoints } from './execution-environment';
import { checkPermission, functionDefinition } from './function-definition';
import { FunctionPool, type FunctionSummary } from './function-pool';

const REQUEST_LIMIT_BYTES = 6_291_456;
const ASYNC_REQUEST_LIMIT_BYTES = 1_048_576;

/** An asynchronous event that failed every time, for the dead-letter queue of its function. */
export interface DeadLetter {
  readonly targetArn: string;
  /** The event as JSON. */
  readonly body: string;
  readonly attributes: {
    readonly RequestID: string;
    readonly ErrorCode: string;
    readonly ErrorMessage: string;
  };
}

export interface LambdaOptions {
  /** The `AWS_ENDPOINT_URL` of the functions. */
  readonly endpoints: Endpoints;
  /** Finds the folder of a bundled asset by its `Code.S3Key`. */
  readonly assetFolder: (s3Key: string) => string;
  /** Takes each line that a function prints, and what Lambda itself would log about a failure. */
  readonly onOutput: (functionName: string, line: string) => void;
  /** Delivers to the target of a function's DeadLetterConfig; without it a function that has one is refused. */
  readonly deadLetter?: (letter: DeadLetter) => void | Promise<void>;
  /** File of the accepted asynchronous events. */
  readonly stateFile?: string;
  /** Milliseconds after which an unused worker is stopped; 5 minutes unless told. */
  readonly idleMs?: number;
  /** Milliseconds before each retry of an asynchronous event; AWS waits 1 and 2 minutes, 1 and 2 seconds here. */
  readonly asyncRetryDelays?: readonly number[];
}

/** Runs the bundled functions of a template in worker threads. */
export class Lambda {
  readonly #options: LambdaOptions;
  readonly #pools = new Map<string, FunctionPool>();
  readonly #async: AsyncInvocations;

  readonly provisioners: Provisioners = {
    'AWS::Lambda::Function': async (resource) => {
      const definition = functionDefinition(resource, this.#options.assetFolder);
      const { name, arn, deadLetterArn } = definition;
      if (deadLetterArn !== undefined && this.#options.deadLetter === undefined) {
        throw new Error(`${resource.type} ${resource.logicalId}: DeadLetterConfig has nowhere to deliver to`);
      }
      await this.#pools.get(name)?.close();
      const pool = new FunctionPool(definition, {
        endpoints: this.#options.endpoints,
        idleMs: this.#options.idleMs ?? 5 * 60_000,
        onOutput: (line) => this.#options.onOutput(name, line),
      });
      this.#pools.set(name, pool);
      return { ref: name, attributes: { Arn: arn } };
    },
    'AWS::Lambda::Permission': (resource) => {
      checkPermission(resource);
      return { ref: resource.physicalName };
    },
  };

  constructor(options: LambdaOptions) {
    this.#options = options;
    this.#async = new AsyncInvocations({
      stateFile: options.stateFile,
      retryDelays: options.asyncRetryDelays ?? [1000, 2000],
      invoke: async (pending) => this.#pool(pending.functionName).invoke(pending),
      onExhausted: (pending, error) => this.#giveUp(pending, error),
    });
  }

  /**
   * Invokes a function by name or ARN and answers its result.
   * Rejects with a FunctionError when the function fails, with an AwsError when it is unknown or may not run.
   */
  async invoke(arnOrName: string, event: unknown): Promise<unknown> {
    const { payload } = await this.invokeJson(arnOrName, JSON.stringify(event ?? {}));
    return JSON.parse(payload);
  }

  /** As `invoke`, with the event and the result as JSON text. */
  async invokeJson(
    arnOrName: string,
    payload: string,
    requestId: string = randomUUID(),
  ): Promise<{ payload: string; requestId: string }> {
    checkSize(payload, REQUEST_LIMIT_BYTES);
    return { requestId, payload: await this.#pool(arnOrName).invoke({ requestId, payload }) };
  }

  /**
   * Accepts an event that is handled later, with two retries and then the function's dead-letter queue; it survives
   * a restart. Answers the request id. Throws an AwsError when the function is unknown.
   */
  invokeAsync(arnOrName: string, event: unknown): string {
    return this.invokeAsyncJson(arnOrName, JSON.stringify(event ?? {}));
  }

  /** As `invokeAsync`, with the event as JSON text. */
  invokeAsyncJson(arnOrName: string, payload: string): string {
    checkSize(payload, ASYNC_REQUEST_LIMIT_BYTES);
    return this.#async.accept(this.#pool(arnOrName).definition.name, payload);
  }

  /** Throws an AwsError when there is no such function. */
  requireFunction(arnOrName: string): void {
    this.#pool(arnOrName);
  }

  /** Takes up the asynchronous events of an earlier process; to be called once, when all services answer. */
  resume(): void {
    this.#async.resume();
  }

  /** What each function did since the start. */
  functions(): FunctionSummary[] {
    return [...this.#pools.values()].map((pool) => pool.summary());
  }

  async close(): Promise<void> {
    this.#async.close();
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
  }

  #pool(arnOrName: string): FunctionPool {
    const name = arnOrName.replace(/^.*:function:/, '').replace(/:\$LATEST$/, '');
    const pool = this.#pools.get(name);
    if (pool !== undefined) return pool;
    throw new AwsError('ResourceNotFoundException', `Function not found: ${arnOrName}`, 404);
  }

  async #giveUp({ functionName, requestId, payload, attempts }: PendingInvocation, error: unknown) {
    const message = error instanceof FunctionError ? error.errorMessage : String(error);
    this.#options.onOutput(functionName, `ERROR event ${requestId} failed ${attempts + 1} times: ${message}`);
    const targetArn = this.#pools.get(functionName)?.definition.deadLetterArn;
    if (targetArn === undefined) return;
    const ErrorCode = error instanceof FunctionError ? '200' : '500';
    try {
      const attributes = { RequestID: requestId, ErrorCode, ErrorMessage: message.slice(0, 1024) };
      await this.#options.deadLetter?.({ targetArn, body: payload, attributes });
    } catch (failure) {
      this.#options.onOutput(
        functionName,
        `ERROR event ${requestId} is lost: ${targetArn} refused it: ${failure}`,
      );
    }
  }
}

function checkSize(payload: string, limit: number): void {
  const size = Buffer.byteLength(payload);
  if (size <= limit) return;
  const message = `${size} byte payload is too large for the Invoke operation (limit ${limit} bytes)`;
  throw new AwsError('RequestTooLargeException', message, 413);
}
