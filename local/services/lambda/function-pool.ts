import { AwsError } from '../../aws';
import { FunctionError } from '../function-error';
import { type Endpoints, ExecutionEnvironment, type Invocation, shuttingDown } from './execution-environment';
import type { FunctionDefinition } from './function-definition';
import { InvocationStatistics, type InvocationSummary } from './invocation-statistics';

/** Worker threads of one function: enough to overlap its events, few enough for one machine's memory. */
const MOST_ENVIRONMENTS = 4;

interface Waiting {
  readonly invocation: Invocation;
  readonly resolve: (payload: string) => void;
  readonly reject: (error: unknown) => void;
}

export interface FunctionSummary extends InvocationSummary {
  readonly name: string;
  readonly arn: string;
  readonly environments: number;
  readonly running: number;
  readonly waiting: number;
}

export interface PoolOptions {
  readonly endpoints: Endpoints;
  readonly idleMs: number;
  readonly onOutput: (line: string) => void;
}

/** The execution environments of one function. What they cannot serve at once waits, first come first served. */
export class FunctionPool {
  readonly definition: FunctionDefinition;
  readonly #options: PoolOptions;
  readonly #statistics = new InvocationStatistics();
  readonly #environments = new Set<ExecutionEnvironment>();
  /** The latest used is last and is used next, so that the others grow old and are stopped. */
  readonly #idle = new Map<ExecutionEnvironment, NodeJS.Timeout>();
  readonly #waiting: Waiting[] = [];
  readonly #bound: number;
  #closed = false;

  constructor(definition: FunctionDefinition, options: PoolOptions) {
    this.definition = definition;
    this.#bound = Math.min(MOST_ENVIRONMENTS, definition.reservedConcurrency ?? MOST_ENVIRONMENTS);
    this.#options = options;
  }

  /** Answers the function's result as JSON. Rejects with a FunctionError, or an AwsError when it may not run at all. */
  invoke(invocation: Invocation): Promise<string> {
    if (this.#closed) return Promise.reject(shuttingDown());
    if (this.definition.reservedConcurrency === 0) {
      return Promise.reject(new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ invocation, resolve, reject });
      this.#serveWaiting();
    });
  }

  summary(): FunctionSummary {
    return {
      name: this.definition.name,
      arn: this.definition.arn,
      environments: this.#environments.size,
      running: this.#environments.size - this.#idle.size,
      waiting: this.#waiting.length,
      ...this.#statistics.summary(),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(shuttingDown());
    for (const timer of this.#idle.values()) clearTimeout(timer);
    await Promise.all([...this.#environments].map((environment) => environment.stop()));
  }

  #serveWaiting(): void {
    while (!this.#closed && (this.#idle.size > 0 || this.#environments.size < this.#bound)) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      try {
        void this.#serve(this.#takeIdle() ?? this.#startEnvironment(), next);
      } catch (error) {
        next.reject(error);
      }
    }
  }

  async #serve(environment: ExecutionEnvironment, { invocation, resolve, reject }: Waiting): Promise<void> {
    const cold = !environment.loaded;
    const startedAt = performance.now();
    const record = (failed: boolean) =>
      this.#statistics.record({ durationMs: performance.now() - startedAt, failed, cold });
    try {
      const payload = await environment.run(invocation);
      record(false);
      resolve(payload);
    } catch (error) {
      if (error instanceof FunctionError) {
        record(true);
        for (const line of errorReport(error)) this.#options.onOutput(line);
      }
      reject(error);
    }
    this.#release(environment);
    this.#serveWaiting();
  }

  #startEnvironment(): ExecutionEnvironment {
    const { endpoints, onOutput } = this.#options;
    const environment = new ExecutionEnvironment(this.definition, endpoints, onOutput, () => {
      this.#forget(environment);
      this.#serveWaiting();
    });
    this.#environments.add(environment);
    return environment;
  }

  #takeIdle(): ExecutionEnvironment | undefined {
    const latest = [...this.#idle.keys()].at(-1);
    if (latest === undefined) return undefined;
    clearTimeout(this.#idle.get(latest));
    this.#idle.delete(latest);
    return latest;
  }

  #release(environment: ExecutionEnvironment): void {
    if (!environment.alive) {
      this.#forget(environment);
      return;
    }
    const timer = setTimeout(() => {
      this.#forget(environment);
      void environment.stop();
    }, this.#options.idleMs);
    this.#idle.set(environment, timer);
  }

  #forget(environment: ExecutionEnvironment): void {
    clearTimeout(this.#idle.get(environment));
    this.#idle.delete(environment);
    this.#environments.delete(environment);
  }
}

/** The trace's first line repeats the message. */
const errorReport = ({ errorType, errorMessage, trace }: FunctionError): string[] => [
  `ERROR ${errorType}: ${errorMessage}`,
  ...trace.slice(1),
];
