import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { Tracer } from '@aws-lambda-powertools/tracer';

/** One of each per execution environment. Names of service and namespace come from the environment. */
export const logger = new Logger();
export const metrics = new Metrics();
/** Responses are never captured: an answer may hold a card key. */
export const tracer = new Tracer();

/**
 * What may be logged of an unexpected error. An SDK error carries more (the item that failed a condition, for one),
 * which does not belong into a log.
 */
export const loggable = (error: unknown): Record<string, unknown> =>
  error instanceof Error
    ? { name: error.name, message: error.message, stack: error.stack }
    : { name: 'NonError', message: typeof error };
