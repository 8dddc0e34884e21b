import type { StateVisit } from './interpreter';

const KEPT_EXECUTIONS = 200;
const LONGEST_TEXT_BYTES = 2048;
/** A Map over many items visits many states; a page shows the first of them. */
const KEPT_VISITS = 500;

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** One execution as the operations page shows it. Times are milliseconds since 1970; long texts end in an ellipsis. */
export interface ExecutionSummary {
  readonly executionArn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly status: ExecutionStatus;
  readonly startedAt: number;
  readonly stoppedAt?: number;
  /** JSON, cut at 2 KB. */
  readonly input: string;
  /** JSON, cut at 2 KB. */
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  /** In the order they were entered, at most 500; a visit without `exitedAt` is going on. */
  readonly states: readonly Readonly<StateVisit>[];
}

/** How an execution ended. */
export type Outcome =
  | { readonly status: 'SUCCEEDED'; readonly output: string }
  | { readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED'; readonly error: string; readonly cause: string };

type Entry = { -readonly [K in keyof ExecutionSummary]: ExecutionSummary[K] } & {
  readonly states: StateVisit[];
};

/** Writes down one execution while it runs. */
export interface ExecutionRecord {
  visited(visit: StateVisit): void;
  ended(outcome: Outcome, at: number): void;
}

/**
 * The last 200 executions, in memory alone. Executions that run when the process dies are lost, as an Express
 * execution may be lost in AWS: whoever starts one must notice what was not finished and start it again.
 */
export class ExecutionLog {
  readonly #entries: Entry[] = [];

  begin(
    execution: Pick<ExecutionSummary, 'executionArn' | 'name' | 'stateMachineArn' | 'startedAt' | 'input'>,
  ) {
    const entry: Entry = { ...execution, input: shortened(execution.input), status: 'RUNNING', states: [] };
    this.#entries.push(entry);
    if (this.#entries.length > KEPT_EXECUTIONS) this.#entries.shift();
    return {
      visited: (visit) => {
        if (entry.states.length < KEPT_VISITS) entry.states.push(visit);
      },
      ended: (outcome, at) => {
        entry.status = outcome.status;
        entry.stoppedAt = at;
        if (outcome.status === 'SUCCEEDED') {
          entry.output = shortened(outcome.output);
        } else {
          entry.error = outcome.error;
          entry.cause = shortened(outcome.cause);
        }
      },
    } satisfies ExecutionRecord;
  }

  /** The latest first, as copies that do not change any more. */
  executions(): ExecutionSummary[] {
    return structuredClone(this.#entries).reverse();
  }
}

function shortened(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= LONGEST_TEXT_BYTES) return text;
  return `${new TextDecoder().decode(bytes.subarray(0, LONGEST_TEXT_BYTES), { stream: true })}…`;
}
