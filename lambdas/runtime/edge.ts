import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { logger, metrics, tracer } from './observability';

/** What every function has around it, whatever invokes it: log context and trace. */
export const edge = <Event, Result>() =>
  middy<Event, Result, Error, Context>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(captureLambdaHandler(tracer, { captureResponse: false }));

/** For functions that count something at each invocation; of any other the library would warn each time. */
export const publishMetrics = () => logMetrics(metrics, { captureColdStartMetric: true });
