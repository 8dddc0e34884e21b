import { devNull } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { AwsError, REGION } from '../../aws';
import { FunctionError } from '../function-error';
import type { FunctionDefinition } from './function-definition';

/** Time that AWS gives a function to load on top of its `Timeout`. */
const LOADING_LIMIT_MS = 10_000;
const RESPONSE_LIMIT_BYTES = 6_291_556;

export interface Invocation {
  readonly requestId: string;
  /** The event as JSON. */
  readonly payload: string;
}

interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: string[];
}

/** What bootstrap.cjs says; it is told `{ requestId, functionArn, deadline, traceId, payload }`. */
type WorkerMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'result'; readonly requestId: string; readonly payload: string }
  | { readonly type: 'error'; readonly requestId: string; readonly error: Failure }
  | { readonly type: 'crash'; readonly error: Failure };

interface Running extends Invocation {
  readonly resolve: (payload: string) => void;
  readonly reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

/** Answers callers when the platform stops: their events are neither done nor failed. */
export const shuttingDown = () => new AwsError('ServiceException', 'Lambda is shutting down', 503);

/** One worker thread with one function loaded, as Lambda's execution environments: it serves one event at a time. */
export class ExecutionEnvironment {
  readonly #function: FunctionDefinition;
  readonly #worker: Worker;
  #ready = false;
  #stopped = false;
  #crash: Failure | undefined;
  #running: Running | undefined;

  /** `onExit` is called once when the thread is gone, for whatever reason; `onOutput` for each line that it prints. */
  constructor(
    definition: FunctionDefinition,
    endpoints: Endpoints,
    onOutput: (line: string) => void,
    onExit: () => void,
  ) {
    this.#function = definition;
    this.#worker = new Worker(join(__dirname, 'bootstrap.cjs'), {
      env: environmentOf(definition, endpoints),
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: definition.memoryMegabytes },
    });
    for (const stream of [this.#worker.stdout, this.#worker.stderr]) {
      createInterface({ input: stream }).on('line', onOutput);
    }
    this.#worker.on('message', (message: WorkerMessage) => this.#hear(message));
    this.#worker.on('error', (error) => {
      this.#crash ??= { errorType: 'Runtime.ExitError', errorMessage: error.message, trace: [] };
    });
    this.#worker.on('exit', (code) => {
      this.#stopped = true;
      this.#fail(this.#crash ?? exitFailure(this.#running?.requestId, code));
      onExit();
    });
  }

  /** False when it was stopped, by whom or what ever: it serves no further event. */
  get alive(): boolean {
    return !this.#stopped;
  }

  /** Whether the function's code is loaded; its first event waits for that. */
  get loaded(): boolean {
    return this.#ready;
  }

  /** Answers the function's result as JSON; rejects with a FunctionError when it throws, times out or exits. */
  run(invocation: Invocation): Promise<string> {
    return new Promise((resolve, reject) => {
      const limit = LOADING_LIMIT_MS + this.#function.timeoutSeconds * 1000;
      this.#running = { ...invocation, resolve, reject, timer: this.#expireAfter(limit) };
      if (this.#ready) this.#deliver(this.#running);
    });
  }

  /** Ends the thread. An event that it is serving is neither done nor failed: it rejects with a service error. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const running = this.#takeRunning();
    running?.reject(shuttingDown());
    await this.#worker.terminate();
  }

  #hear(message: WorkerMessage): void {
    if (message.type === 'ready') {
      this.#ready = true;
      if (this.#running !== undefined) this.#deliver(this.#running);
    } else if (message.type === 'crash') {
      this.#crash = message.error;
    } else if (message.requestId === this.#running?.requestId) {
      if (message.type === 'error') this.#fail(message.error);
      else this.#answer(message.payload);
    }
  }

  #deliver(running: Running): void {
    const { requestId, payload } = running;
    const timeout = this.#function.timeoutSeconds * 1000;
    clearTimeout(running.timer);
    running.timer = this.#expireAfter(timeout);
    this.#worker.postMessage({
      requestId,
      payload,
      functionArn: this.#function.arn,
      deadline: Date.now() + timeout,
      traceId: traceId(requestId),
    });
  }

  #expireAfter(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => {
      const seconds = this.#function.timeoutSeconds.toFixed(2);
      this.#stopped = true;
      this.#fail({
        errorType: 'Sandbox.Timedout',
        errorMessage: `RequestId: ${this.#running?.requestId} Error: Task timed out after ${seconds} seconds`,
        trace: [],
      });
      void this.#worker.terminate();
    }, milliseconds);
  }

  #answer(payload: string): void {
    const size = Buffer.byteLength(payload);
    if (size <= RESPONSE_LIMIT_BYTES) {
      this.#takeRunning()?.resolve(payload);
      return;
    }
    this.#fail({
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: `Response payload size (${size} bytes) exceeded maximum allowed payload size (${RESPONSE_LIMIT_BYTES} bytes).`,
      trace: [],
    });
  }

  #fail({ errorType, errorMessage, trace }: Failure): void {
    this.#takeRunning()?.reject(new FunctionError(errorType, errorMessage, trace));
  }

  #takeRunning(): Running | undefined {
    const running = this.#running;
    this.#running = undefined;
    clearTimeout(running?.timer);
    return running;
  }
}

/** Where a function finds AWS, as the SDK reads it: one address for all services, others for some of them. */
export interface Endpoints extends Record<string, string> {
  readonly AWS_ENDPOINT_URL: string;
}

/** All that a function sees of the environment: nothing of the machine's own reaches it, AWS profiles included. */
function environmentOf(definition: FunctionDefinition, endpoints: Endpoints): Record<string, string> {
  return {
    TZ: 'UTC',
    ...definition.variables,
    _HANDLER: definition.handler,
    LAMBDA_TASK_ROOT: definition.folder,
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMegabytes),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: definition.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    ...endpoints,
    AWS_XRAY_CONTEXT_MISSING: 'IGNORE_ERROR',
    POWERTOOLS_TRACE_ENABLED: 'false',
  };
}

function exitFailure(requestId: string | undefined, code: number): Failure {
  const reason =
    code === 0
      ? 'Runtime exited without providing a reason'
      : `Runtime exited with error: exit status ${code}`;
  return {
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: ${reason}`,
    trace: [],
  };
}

function traceId(requestId: string): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${requestId.replaceAll('-', '').slice(0, 24)};Sampled=0`;
}
