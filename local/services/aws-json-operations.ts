import type * as z from 'zod';
import { AwsError } from '../aws';

/** One operation of an AWS JSON service: takes the parsed body, answers the body of the response. */
export type Operation = (input: Record<string, unknown>) => unknown;

export type Operations = Readonly<Record<string, Operation>>;

/**
 * Makes an operation of a service whose input errors carry the given code. Members that the schema does not name
 * are refused, so that nothing a caller asks for is silently ignored.
 */
export const operationsWith =
  (inputErrorCode: string) =>
  <S extends z.ZodType>(input: S, run: (input: z.output<S>) => unknown): Operation =>
  (raw) => {
    const parsed = input.safeParse(raw);
    if (!parsed.success) throw new AwsError(inputErrorCode, describeIssues(parsed.error));
    return run(parsed.data);
  };

/** Answers one call, or refuses an operation that the service does not have here. */
export function callOperation(
  service: string,
  operations: Operations,
  name: string,
  input: Record<string, unknown>,
): unknown {
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (operation === undefined) {
    throw new AwsError('UnknownOperationException', `${service} ${name} is not implemented locally`);
  }
  return operation(input);
}

/** One line that names every member that is wrong. Never repeats a value: inputs hold secrets. */
export const describeIssues = (error: z.ZodError): string =>
  error.issues
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
    .join('; ');
