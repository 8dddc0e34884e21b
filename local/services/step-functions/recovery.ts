import type { Catcher, Retrier } from './definition';
import type { Json } from './json';
import { assignPath } from './json-path';
import { asStatesError, type StatesError } from './states-error';

/** What a state hands on: its output and the state to go to; none ends the branch. */
export interface Step {
  readonly output: Json;
  readonly next: string | undefined;
}

/** What recovering from an error needs of the execution. */
export interface RecoveryContext {
  /** Waits before the next attempt; throws when the execution ends meanwhile. */
  readonly pause: (milliseconds: number) => Promise<void>;
  /** From 0 to 1, for jitter. */
  readonly random: () => number;
  /** Hears of every error that a Retry or a Catch takes care of. */
  readonly recovered: (error: StatesError, by: 'Retry' | 'Catch') => void;
  readonly signal: AbortSignal;
}

interface Recoverable {
  readonly Retry?: Retrier[] | undefined;
  readonly Catch?: Catcher[] | undefined;
}

/**
 * Runs a state as often as its Retry allows and goes where its Catch says when that is not enough. `attempt` is told
 * how often the state was retried before.
 */
export async function withRecovery(
  { Retry: retriers = [], Catch: catchers = [] }: Recoverable,
  input: Json,
  attempt: (retries: number) => Promise<Step>,
  { pause, random, recovered, signal }: RecoveryContext,
): Promise<Step> {
  const attempts = new Map<Retrier, number>();
  for (let retries = 0; ; retries += 1) {
    try {
      return await attempt(retries);
    } catch (thrown) {
      // An execution that ended, or a branch whose sibling failed, has nothing to recover.
      signal.throwIfAborted();
      const error = asStatesError(thrown);
      const retrier = retriers.find(({ ErrorEquals }) => matches(ErrorEquals, error.name));
      const used = retrier === undefined ? 0 : (attempts.get(retrier) ?? 0);
      if (retrier === undefined || used >= retrier.MaxAttempts) {
        const catcher = catchers.find(({ ErrorEquals }) => matches(ErrorEquals, error.name));
        if (catcher === undefined) throw error;
        recovered(error, 'Catch');
        return { output: caughtOutput(catcher, input, error), next: catcher.Next };
      }
      attempts.set(retrier, used + 1);
      recovered(error, 'Retry');
      await pause(delayOf(retrier, used, random));
    }
  }
}

function matches(names: readonly string[], error: string): boolean {
  if (error === 'States.Runtime') return false;
  return names.some(
    (name) =>
      name === error ||
      (name === 'States.ALL' && error !== 'States.DataLimitExceeded') ||
      (name === 'States.TaskFailed' && error !== 'States.Timeout' && error !== 'States.DataLimitExceeded'),
  );
}

function caughtOutput({ ResultPath = '$' }: Catcher, input: Json, { output }: StatesError): Json {
  return ResultPath === null ? input : assignPath(ResultPath, input, output);
}

/** Milliseconds before the attempt that follows `used` earlier retries. */
function delayOf(retrier: Retrier, used: number, random: () => number): number {
  const seconds = Math.min(
    retrier.IntervalSeconds * retrier.BackoffRate ** used,
    retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY,
  );
  return seconds * 1000 * (retrier.JitterStrategy === 'FULL' ? random() : 1);
}
