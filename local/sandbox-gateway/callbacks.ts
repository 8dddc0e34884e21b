import { randomUUID } from 'node:crypto';
import type { Log } from '../aws';
import { DurableMap } from '../state/durable-map';
import { type Fields, signatureOf } from './signature';

/** A callback that is not answered `success` is repeated after these pauses; a real gateway's are minutes. */
const REPEAT_AFTER_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000];
/** A shop that does not answer within this time has not answered. */
const ANSWER_WITHIN_MS = 10_000;

interface Callback {
  readonly fields: Fields;
  readonly attempts: number;
  /** Epoch milliseconds. */
  readonly dueAt: number;
}

export interface CallbackOptions {
  readonly url: () => string;
  readonly secret: () => Promise<string>;
  readonly stateFile: string | undefined;
  readonly log: Log;
}

/** Reports payments to the shop until it answers `success`. What is still to be reported survives a restart. */
export class Callbacks {
  readonly #pending: DurableMap<Callback>;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();

  constructor(private readonly options: CallbackOptions) {
    this.#pending = new DurableMap(options.stateFile);
  }

  /** Takes up what an earlier process has left. */
  resume(): void {
    for (const [id, { dueAt }] of this.#pending.entries()) this.#wait(id, dueAt - Date.now());
  }

  /** Reports now, once, and answers whether the shop has taken it; if not, repeats follow by themselves. */
  async report(fields: Fields): Promise<boolean> {
    const id = this.#add(fields, Date.now());
    await this.#attempt(id);
    return !this.#pending.has(id);
  }

  /** Reports after a while. */
  reportAfter(fields: Fields, delayMs: number): void {
    this.#wait(this.#add(fields, Date.now() + delayMs), delayMs);
  }

  async close(): Promise<void> {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all(this.#running);
    this.#pending.close();
  }

  #add(fields: Fields, dueAt: number): string {
    const id = randomUUID();
    this.#pending.set(id, { fields, attempts: 0, dueAt });
    return id;
  }

  #wait(id: string, delayMs: number): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(id);
        const running = this.#attempt(id).finally(() => this.#running.delete(running));
        this.#running.add(running);
      },
      Math.max(0, delayMs),
    );
    this.#timers.set(id, timer.unref());
  }

  async #attempt(id: string): Promise<void> {
    const callback = this.#pending.get(id);
    if (callback === undefined) return;
    const answer = await this.#post(callback.fields);
    this.options.log('sandbox-gateway', `reported ${callback.fields.transactionId}: ${answer}`);
    const pause = REPEAT_AFTER_MS[callback.attempts];
    if (answer === 'success' || pause === undefined) {
      this.#pending.delete(id);
      return;
    }
    this.#pending.set(id, { ...callback, attempts: callback.attempts + 1, dueAt: Date.now() + pause });
    this.#wait(id, pause);
  }

  async #post(fields: Fields): Promise<string> {
    const sign = signatureOf(fields, await this.options.secret());
    try {
      const response = await fetch(this.options.url(), {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ ...fields, sign }),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      return (await response.text()).slice(0, 200);
    } catch (error) {
      return `no answer: ${String(error)}`;
    }
  }
}
