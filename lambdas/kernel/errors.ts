/** What kind of refusal an error is; the edge maps each kind to one HTTP status. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'unprocessable'
  | 'too_many'
  | 'unavailable';

/** One wrong field of a request: where it is (`body.sku.0.priceCents`) and what would be right. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

export interface ErrorDetails {
  /** A sentence for the caller; must hold nothing the caller may not know. */
  readonly detail?: string;
  readonly fields?: readonly FieldProblem[];
  /** Seconds after which the same request may succeed. */
  readonly retryAfterSeconds?: number;
}

/**
 * A refusal that the caller is told of. `code` is `<context>.<reason>` and is listed in the contract's problems.
 * Anything else that is thrown is unexpected and answers a bare 500.
 */
export class DomainError extends Error {
  constructor(
    readonly code: string,
    readonly kind: ErrorKind,
    readonly details: ErrorDetails = {},
  ) {
    super(details.detail ?? code);
    this.name = 'DomainError';
  }
}

export const notFound = (code: string): DomainError => new DomainError(code, 'not_found');
export const conflict = (code: string, detail?: string): DomainError =>
  new DomainError(code, 'conflict', detail === undefined ? {} : { detail });
