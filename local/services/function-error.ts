/**
 * What a function answered instead of a result: it threw, ran out of time or ended its process.
 * `errorType` is the name callers match on: the thrown error's name (`OutOfStock`), a failure of the runtime
 * (`Sandbox.Timedout`, `Runtime.ExitError`) or one of the Lambda service (`Lambda.ServiceException`).
 */
export class FunctionError extends Error {
  constructor(
    readonly errorType: string,
    readonly errorMessage: string,
    readonly trace: string[] = [],
  ) {
    super(`${errorType}: ${errorMessage}`);
    this.name = 'FunctionError';
  }
}
