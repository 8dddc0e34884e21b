/**
 * An error as Amazon States Language knows it: `name` is what Retry and Catch match (`States.Timeout`, or the name a
 * function threw), the message is the `Cause`.
 */
export class StatesError extends Error {
  constructor(name: string, cause = '') {
    super(cause);
    this.name = name;
  }

  /** What a Catch hands to the next state. */
  get output(): { Error: string; Cause: string } {
    return { Error: this.name, Cause: this.message };
  }
}

/** `States.Runtime`: the definition does not fit the data. It ends the execution and cannot be caught. */
export const runtimeError = (cause: string): StatesError => new StatesError('States.Runtime', cause);

/** Whatever else was thrown while a state ran is a failure of the run itself. */
export const asStatesError = (error: unknown): StatesError =>
  error instanceof StatesError ? error : runtimeError(error instanceof Error ? error.message : String(error));
