import { setTimeout as delay } from 'node:timers/promises';

/** Time as an execution sees it. `wait` takes milliseconds and throws the signal's reason when that comes first. */
export interface Clock {
  now(): number;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** A longer delay overflows Node's timers and would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  async wait(milliseconds, signal) {
    const end = Date.now() + milliseconds;
    signal.throwIfAborted();
    for (let left = milliseconds; left > 0; left = end - Date.now()) {
      await delay(Math.min(left, LONGEST_TIMER_MS), undefined, { signal }).catch(() => {
        throw signal.reason;
      });
    }
  },
};
