/** How many of the latest invocations the percentiles look at. */
const WINDOW = 500;

export interface InvocationSummary {
  readonly invocations: number;
  readonly errors: number;
  readonly coldStarts: number;
  /** Percentiles in milliseconds over the latest 500 invocations, loading included; undefined before the first. */
  readonly p50: number | undefined;
  readonly p95: number | undefined;
}

/** Counts of one function since the start, and the durations of its latest invocations. */
export class InvocationStatistics {
  readonly #durations: number[] = [];
  #invocations = 0;
  #errors = 0;
  #coldStarts = 0;

  record(invocation: { durationMs: number; failed: boolean; cold: boolean }): void {
    this.#durations[this.#invocations % WINDOW] = invocation.durationMs;
    this.#invocations += 1;
    if (invocation.failed) this.#errors += 1;
    if (invocation.cold) this.#coldStarts += 1;
  }

  summary(): InvocationSummary {
    const sorted = this.#durations.toSorted((a, b) => a - b);
    const percentile = (share: number) => sorted[Math.ceil(sorted.length * share) - 1];
    return {
      invocations: this.#invocations,
      errors: this.#errors,
      coldStarts: this.#coldStarts,
      p50: percentile(0.5),
      p95: percentile(0.95),
    };
  }
}
