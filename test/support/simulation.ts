import { setImmediate as turn } from 'node:timers/promises';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/**
 * Many workers on a clock of their own: only one is awake at a time, and the clock jumps to the next one's time
 * when it has fallen asleep. Minutes of pause cost nothing, and a seed repeats the order of events.
 */
export class Simulation {
  #now: number;
  #busy = 0;
  #whenIdle: (() => void) | undefined;
  #sleepers: Sleeper[] = [];

  constructor(start: string) {
    this.#now = Date.parse(start);
  }

  readonly now = (): number => this.#now;
  readonly clock = (): Date => new Date(this.#now);

  sleep(milliseconds: number): Promise<void> {
    return new Promise((wake) => this.#sleepers.push({ at: this.#now + milliseconds, wake }));
  }

  /** Something real is at work, such as a request: time stands still until it is done. */
  async busy<T>(work: () => Promise<T>): Promise<T> {
    this.#busy += 1;
    try {
      return await work();
    } finally {
      this.#unbusy();
    }
  }

  /** A sleep within busy work: meanwhile others may go on. */
  async nap(milliseconds: number): Promise<void> {
    this.#unbusy();
    await this.sleep(milliseconds);
    this.#busy += 1;
  }

  /** Lets the client's requests count as busy. */
  attach(client: DynamoDBDocumentClient): void {
    client.middlewareStack.add((next) => (args) => this.busy(() => next(args)), {
      step: 'initialize',
      name: 'simulation',
    });
  }

  /** Lets everybody go on until they are done, and answers what this one has come to. */
  async finish<T>(work: Promise<T>): Promise<T> {
    await this.run();
    return work;
  }

  /** Until everybody is done. */
  async run(): Promise<void> {
    for (;;) {
      await this.#settled();
      const next = this.#earliest();
      if (next === undefined) return;
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
  }

  async #settled(): Promise<void> {
    do {
      if (this.#busy > 0) {
        await new Promise<void>((idle) => {
          this.#whenIdle = idle;
        });
      }
      await turn();
    } while (this.#busy > 0);
  }

  #unbusy(): void {
    this.#busy -= 1;
    if (this.#busy === 0) this.#whenIdle?.();
  }

  #earliest(): Sleeper | undefined {
    let earliest: Sleeper | undefined;
    for (const sleeper of this.#sleepers) {
      if (earliest === undefined || sleeper.at < earliest.at) earliest = sleeper;
    }
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== earliest);
    return earliest;
  }
}
