import { randomUUID } from 'node:crypto';
import { DurableMap } from '../../state/durable-map';
import { type Invocation, shuttingDown } from './execution-environment';

/** An event that was accepted and not yet handled; `attempts` counts those that failed. */
export interface PendingInvocation extends Invocation {
  readonly functionName: string;
  readonly attempts: number;
}

export interface AsyncInvocationOptions {
  /** File of the accepted events; without it they are lost at the end of the process. */
  readonly stateFile: string | undefined;
  /** Milliseconds before each retry; there are as many retries as delays. */
  readonly retryDelays: readonly number[];
  readonly invoke: (pending: PendingInvocation) => Promise<unknown>;
  /** Takes an event that failed every time. */
  readonly onExhausted: (pending: PendingInvocation, error: unknown) => Promise<void>;
}

/** Lambda's queue of asynchronous events: once accepted, an event is tried until it is handled or exhausted. */
export class AsyncInvocations {
  readonly #options: AsyncInvocationOptions;
  readonly #pending: DurableMap<PendingInvocation>;
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;

  constructor(options: AsyncInvocationOptions) {
    this.#options = options;
    this.#pending = new DurableMap(options.stateFile);
  }

  /** Keeps the event and starts its first attempt. Answers its request id, which stays the same for every attempt. */
  accept(functionName: string, payload: string): string {
    if (this.#closed) throw shuttingDown();
    const pending = { requestId: randomUUID(), functionName, payload, attempts: 0 };
    this.#pending.set(pending.requestId, pending);
    void this.#attempt(pending);
    return pending.requestId;
  }

  /** Tries again what an earlier process had accepted; to be called once, when functions can reach their services. */
  resume(): void {
    for (const pending of this.#pending.values()) void this.#attempt(pending);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#pending.close();
  }

  async #attempt(pending: PendingInvocation): Promise<void> {
    try {
      await this.#options.invoke(pending);
    } catch (error) {
      return this.#retryOrGiveUp(pending, error);
    }
    this.#done(pending);
  }

  async #retryOrGiveUp(pending: PendingInvocation, error: unknown): Promise<void> {
    // An attempt that the end of this process cut short does not count.
    if (this.#closed) return;
    const delay = this.#options.retryDelays[pending.attempts];
    if (delay === undefined) {
      await this.#options.onExhausted(pending, error);
      return this.#done(pending);
    }
    const next = { ...pending, attempts: pending.attempts + 1 };
    this.#pending.set(next.requestId, next);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#attempt(next);
    }, delay);
    this.#timers.add(timer);
  }

  #done({ requestId }: PendingInvocation): void {
    if (!this.#closed) this.#pending.delete(requestId);
  }
}
