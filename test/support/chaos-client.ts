import { AsyncLocalStorage } from 'node:async_hooks';
import {
  ProvisionedThroughputExceededException,
  ThrottlingException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { SeededRandom } from './seeded-random';
import type { Simulation } from './simulation';
import { localDynamoDb } from './tables';

/** Probabilities, `crash` and `pause` at each boundary of a step, the others at each step. */
export interface Faults {
  readonly crash: number;
  readonly lostAnswer: number;
  readonly throttle: number;
  /** Of writes alone: a single write collides with somebody's transaction. */
  readonly transactionConflict: number;
  readonly pause: number;
  /** Range of a pause, in seconds. */
  readonly pauseSeconds: readonly [number, number];
}

/** Kills the worker it is thrown in: whatever else the worker has begun ends at its next step. */
export class CrashError extends Error {
  override readonly name = 'CrashError';
}

/** Such as the SDK throws when no answer comes in time; the SDK repeats the request. */
class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

export type Injected = Record<Exclude<keyof Faults, 'pauseSeconds'>, number>;

/** The longest that an undisturbed request takes, in milliseconds. */
const LATENCY_MS = 20;
/** As the SDK does by default. */
const ATTEMPTS = 3;

/**
 * Injects the faults that real machines have and DynamoDB Local never shows. A step is a request, in every attempt
 * that the SDK makes, or a call of another service.
 */
export class Chaos {
  readonly injected: Injected = { crash: 0, lostAnswer: 0, throttle: 0, transactionConflict: 0, pause: 0 };
  #calm = true;
  readonly #workers = new AsyncLocalStorage<{ dead: boolean }>();

  constructor(
    private readonly simulation: Simulation,
    private readonly random: SeededRandom,
    private readonly faults: Faults,
  ) {}

  /** From now on things fail. */
  storm(): void {
    this.#calm = false;
  }

  /** From now on nothing fails. */
  calm(): void {
    this.#calm = true;
  }

  /** Runs `work` as one worker; rejects with a CrashError when the worker dies. */
  worker<T>(work: () => Promise<T>): Promise<T> {
    return this.#workers.run({ dead: false }, work);
  }

  /** A client of the test run's DynamoDB Local whose every request is a step. */
  client(): DynamoDBDocumentClient {
    const client = DynamoDBDocumentClient.from(localDynamoDb(), {
      marshallOptions: { removeUndefinedValues: true },
    });
    client.config.retryStrategy = async () => retryAtOnce;
    this.simulation.attach(client);
    client.middlewareStack.add(
      (next, context) => (args) => {
        const isWrite = /^(Put|Update|Delete|BatchWrite)/.test(context.commandName ?? '');
        return this.#disturbed(
          () => next(args),
          isWrite,
          (ms) => this.simulation.nap(ms),
        );
      },
      // Outside the deserializer: a response that nobody reads would keep its socket.
      { step: 'deserialize', name: 'chaos', priority: 'high' },
    );
    return client;
  }

  /** A pause before a step that is known to be delicate. */
  async delay(probability: number): Promise<void> {
    if (this.#calm || !this.random.chance(probability)) return;
    this.injected.pause += 1;
    await this.simulation.sleep(this.#pauseMs());
  }

  /** A call of another service, such as a queue. */
  step<T>(work: () => Promise<T>): Promise<T> {
    return this.#disturbed(work, false, (ms) => this.simulation.sleep(ms));
  }

  async #disturbed<T>(
    work: () => Promise<T>,
    isWrite: boolean,
    sleep: (ms: number) => Promise<void>,
  ): Promise<T> {
    await this.#boundary(sleep);
    if (this.#strikes('throttle')) throw throttled(this.random.chance(0.5));
    if (isWrite && this.#strikes('transactionConflict')) {
      throw new TransactionConflictException({ $metadata: {}, message: 'injected' });
    }
    let result: T;
    try {
      result = await work();
    } finally {
      await this.#boundary(sleep);
    }
    if (this.#strikes('lostAnswer')) throw new TimeoutError('injected');
    return result;
  }

  async #boundary(sleep: (ms: number) => Promise<void>): Promise<void> {
    if (this.#calm) return this.#dieIfDead();
    await sleep(this.#strikes('pause') ? this.#pauseMs() : this.random.between(1, LATENCY_MS));
    this.#dieIfDead();
    if (!this.#strikes('crash')) return;
    const worker = this.#workers.getStore();
    if (worker) worker.dead = true;
    this.#dieIfDead();
  }

  #pauseMs(): number {
    const [shortest, longest] = this.faults.pauseSeconds;
    return this.random.between(shortest * 1000, longest * 1000);
  }

  #dieIfDead(): void {
    if (this.#workers.getStore()?.dead) throw new CrashError();
  }

  #strikes(fault: keyof Injected): boolean {
    const strikes = !this.#calm && this.random.chance(this.faults[fault]);
    if (strikes) this.injected[fault] += 1;
    return strikes;
  }
}

const throttled = (byTable: boolean) =>
  byTable
    ? new ProvisionedThroughputExceededException({ $metadata: {}, message: 'injected' })
    : new ThrottlingException({ $metadata: {}, message: 'injected' });

/** The SDK's own repeats without its waits, which would be real ones. */
const retryAtOnce = {
  acquireInitialRetryToken: async () => retryToken(0),
  refreshRetryTokenForRetry: async (
    token: ReturnType<typeof retryToken>,
    { errorType }: { errorType: string },
  ) => {
    const attempts = token.getRetryCount() + 1;
    if (errorType === 'CLIENT_ERROR' || attempts >= ATTEMPTS) throw new Error('no more attempts');
    return retryToken(attempts);
  },
  recordSuccess: () => {},
};

const retryToken = (count: number) => ({
  getRetryCount: () => count,
  getRetryDelay: () => 0,
  getRetryCost: () => 0,
});
