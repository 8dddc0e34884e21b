import { compileRule, timestampOf } from './choice-rule';
import type { Clock } from './clock';
import type {
  Branch,
  ChoiceState,
  FailState,
  MapState,
  ParallelState,
  State,
  TaskState,
  WaitState,
} from './definition';
import { evaluate } from './intrinsic-functions';
import { parseExpression } from './intrinsic-parser';
import type { Json, JsonObject } from './json';
import { assignPath, readPath, type Scope } from './json-path';
import { fillTemplate } from './payload-template';
import { type Step, withRecovery } from './recovery';
import { asStatesError, runtimeError, StatesError } from './states-error';

/** As in AWS: 256 KiB of input or output for each state. */
const LARGEST_PAYLOAD_BYTES = 256 * 1024;
/** AWS runs at most this many iterations of an inline Map at once, also where MaxConcurrency says 0. */
const MOST_CONCURRENT_ITERATIONS = 40;

/** One visit to a state, filled while it lasts. Times are milliseconds since 1970. */
export interface StateVisit {
  readonly name: string;
  readonly type: State['Type'];
  /** The branch or iteration that the state belongs to, such as `EachKey[2]`; empty at the top. */
  readonly within: string;
  readonly enteredAt: number;
  exitedAt?: number;
  retries: number;
  /** The name of the latest error, whether it was retried, caught or ended the branch. */
  error?: string;
}

/** What the interpreter reaches outside of itself. */
export interface InterpreterOptions {
  readonly runTask: (resource: string, argument: Json) => Promise<Json>;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random?: () => number;
  readonly visited?: (visit: StateVisit) => void;
}

/** Where in an execution a branch runs. Aborting the signal with a StatesError ends it with that error. */
export interface Frame {
  /** The context object without its `State`. */
  readonly context: JsonObject;
  readonly signal: AbortSignal;
  readonly within: string;
}

/** Interprets state machines that `parseDefinition` accepted. Holds no state of an execution. */
export class Interpreter {
  readonly #options: Required<InterpreterOptions>;

  constructor(options: InterpreterOptions) {
    this.#options = { random: Math.random, visited: () => undefined, ...options };
  }

  /** Runs a branch from its start to its output. Rejects with the StatesError that nothing caught. */
  async run(branch: Branch, input: Json, frame: Frame): Promise<Json> {
    let output = input;
    let next: string | undefined = branch.StartAt;
    while (next !== undefined) {
      frame.signal.throwIfAborted();
      const state = branch.States[next];
      if (state === undefined) throw runtimeError(`No state '${next}'`);
      ({ output, next } = await this.#visit(next, state, output, frame));
    }
    return output;
  }

  async #visit(name: string, state: State, input: Json, frame: Frame): Promise<Step> {
    const { clock, random, visited } = this.#options;
    const visit: StateVisit = {
      name,
      type: state.Type,
      within: frame.within,
      enteredAt: clock.now(),
      retries: 0,
    };
    visited(visit);
    const EnteredTime = new Date(visit.enteredAt).toISOString();
    const attempt = (RetryCount: number) => {
      const context = { ...frame.context, State: { Name: name, EnteredTime, RetryCount } };
      return this.#perform(name, state, { input, context }, frame);
    };
    try {
      const step = await withRecovery('Retry' in state || 'Catch' in state ? state : {}, input, attempt, {
        pause: (milliseconds) => clock.wait(milliseconds, frame.signal),
        random,
        signal: frame.signal,
        recovered: (error, by) => {
          visit.error = error.name;
          if (by === 'Retry') visit.retries += 1;
        },
      });
      limitSize(name, step.output);
      return step;
    } catch (thrown) {
      const error = asStatesError(thrown);
      visit.error = error.name;
      throw error;
    } finally {
      visit.exitedAt = clock.now();
    }
  }

  async #perform(name: string, state: State, scope: Scope, frame: Frame): Promise<Step> {
    if (state.Type === 'Fail') throw failureOf(state, scope);
    const input = select(state.InputPath, scope, 'InputPath');
    const effective = { ...scope, input };
    switch (state.Type) {
      case 'Succeed':
        return { output: select(state.OutputPath, effective, 'OutputPath'), next: undefined };
      case 'Choice':
        return { output: select(state.OutputPath, effective, 'OutputPath'), next: choose(state, effective) };
      case 'Wait':
        await this.#options.clock.wait(this.#millisecondsOf(state, effective), frame.signal);
        return { output: select(state.OutputPath, effective, 'OutputPath'), next: state.Next };
      case 'Pass':
        return finish(state, state.Result ?? argumentOf(state.Parameters, effective), scope);
      case 'Task':
        return finish(state, await this.#task(name, state, effective, frame), scope);
      case 'Parallel':
        return finish(state, await this.#parallel(name, state, effective, frame), scope);
      case 'Map':
        return finish(state, await this.#map(name, state, effective, frame), scope);
    }
  }

  /** A task's work cannot be called back: when time is up or the execution ends, its result is ignored. */
  async #task(name: string, state: TaskState, scope: Scope, frame: Frame): Promise<Json> {
    const seconds =
      state.TimeoutSecondsPath === undefined
        ? state.TimeoutSeconds
        : numberAt(state.TimeoutSecondsPath, scope, 'TimeoutSecondsPath');
    const argument = argumentOf(state.Parameters, scope);
    limitSize(name, argument);
    const settled = new AbortController();
    const limit = this.#options.clock
      .wait(
        seconds === undefined ? Number.POSITIVE_INFINITY : seconds * 1000,
        AbortSignal.any([frame.signal, settled.signal]),
      )
      .then(() => {
        throw new StatesError(
          'States.Timeout',
          `The task '${name}' did not answer within ${seconds} seconds`,
        );
      });
    try {
      return await Promise.race([this.#options.runTask(state.Resource, argument), limit]);
    } finally {
      settled.abort();
    }
  }

  #parallel(name: string, state: ParallelState, scope: Scope, frame: Frame): Promise<Json> {
    const argument = argumentOf(state.Parameters, scope);
    return together(frame.signal, (signal) =>
      Promise.all(
        state.Branches.map((branch, index) =>
          this.run(branch, argument, { ...frame, signal, within: labelOf(frame, name, index) }),
        ),
      ),
    );
  }

  #map(name: string, state: MapState, scope: Scope, frame: Frame): Promise<Json> {
    const processor = state.ItemProcessor ?? state.Iterator;
    const items = select(state.ItemsPath, scope, 'ItemsPath');
    if (processor === undefined || !Array.isArray(items)) {
      throw runtimeError(`The ItemsPath of the Map state '${name}' must reference an array`);
    }
    const limit =
      state.MaxConcurrencyPath === undefined
        ? state.MaxConcurrency
        : numberAt(state.MaxConcurrencyPath, scope, 'MaxConcurrencyPath');
    const selector = state.ItemSelector ?? state.Parameters;
    return together(frame.signal, (signal) =>
      inLanes(
        items,
        Math.min(limit || MOST_CONCURRENT_ITERATIONS, MOST_CONCURRENT_ITERATIONS),
        (Value, Index) => {
          const Item = { Index, Value };
          const input =
            selector === undefined
              ? Value
              : fillTemplate(selector, { ...scope, context: { ...scope.context, Map: { Item } } });
          const context = { ...frame.context, Map: { Item } };
          return this.run(processor, input, { context, signal, within: labelOf(frame, name, Index) });
        },
      ),
    );
  }

  #millisecondsOf(state: WaitState, scope: Scope): number {
    if (state.Seconds !== undefined) return state.Seconds * 1000;
    if (state.SecondsPath !== undefined) return numberAt(state.SecondsPath, scope, 'SecondsPath') * 1000;
    const timestamp = state.Timestamp ?? readPath(state.TimestampPath ?? '$', scope, 'TimestampPath');
    const time = timestampOf(timestamp);
    if (time === undefined)
      throw runtimeError(`'${JSON.stringify(timestamp)}' is not a timestamp to wait for`);
    return Math.max(0, time - this.#options.clock.now());
  }
}

function choose(state: ChoiceState, scope: Scope): string {
  const chosen = state.Choices.find((rule) => compileRule(rule)(scope))?.Next ?? state.Default;
  if (chosen === undefined)
    throw new StatesError('States.NoChoiceMatched', 'No choice rule matched the input');
  return chosen;
}

function failureOf(state: FailState, scope: Scope): StatesError {
  const text = (fixed: string | undefined, source: string | undefined, field: string): string => {
    if (source === undefined) return fixed ?? '';
    const value = evaluate(parseExpression(source), scope, field);
    if (typeof value !== 'string') throw runtimeError(`The ${field} '${source}' must be a string`);
    return value;
  };
  return new StatesError(
    text(state.Error, state.ErrorPath, 'ErrorPath'),
    text(state.Cause, state.CausePath, 'CausePath'),
  );
}

/** InputPath, ItemsPath and OutputPath: absent is everything, null is nothing. */
const select = (path: string | null | undefined, scope: Scope, field: string): Json =>
  path === undefined ? scope.input : path === null ? {} : readPath(path, scope, field);

const argumentOf = (parameters: Json | undefined, scope: Scope): Json =>
  parameters === undefined ? scope.input : fillTemplate(parameters, scope);

interface ResultHandling {
  readonly ResultSelector?: Json | undefined;
  readonly ResultPath?: string | null | undefined;
  readonly OutputPath?: string | null | undefined;
  readonly Next?: string | undefined;
}

/** Puts a result into the state's raw input and selects what the next state receives. */
function finish(state: ResultHandling, result: Json, { input, context }: Scope): Step {
  const selected =
    state.ResultSelector === undefined
      ? result
      : fillTemplate(state.ResultSelector, { input: result, context });
  const { ResultPath: place = '$' } = state;
  const combined = place === null ? input : assignPath(place, input, selected);
  return { output: select(state.OutputPath, { input: combined, context }, 'OutputPath'), next: state.Next };
}

function numberAt(path: string, scope: Scope, field: string): number {
  const value = readPath(path, scope, field);
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw runtimeError(`The ${field} '${path}' must reference a whole number that is not negative`);
}

function limitSize(name: string, payload: Json): void {
  if (Buffer.byteLength(JSON.stringify(payload)) <= LARGEST_PAYLOAD_BYTES) return;
  throw new StatesError(
    'States.DataLimitExceeded',
    `The state '${name}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}

const labelOf = (frame: Frame, name: string, index: number): string =>
  `${frame.within === '' ? '' : `${frame.within} / `}${name}[${index}]`;

/** The first branch that fails ends its siblings. */
async function together<T>(outer: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const siblings = new AbortController();
  try {
    return await work(AbortSignal.any([outer, siblings.signal]));
  } catch (error) {
    siblings.abort(new StatesError('States.BranchFailed', 'Another branch failed'));
    throw error;
  }
}

/** Results in the order of the items, with at most `lanes` of them in work at any time. */
async function inLanes<T, R>(
  items: readonly T[],
  lanes: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const waiting = items.entries();
  const lane = async () => {
    for (const [index, item] of waiting) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
  return results;
}
