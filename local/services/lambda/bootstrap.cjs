/**
 * Runs inside a worker thread: loads the handler that `_HANDLER` names and answers invocations, one at a time.
 * Plain JavaScript, because a worker thread gets neither tsx nor jest. Messages: see execution-environment.ts.
 */
const path = require('node:path');
const { parentPort } = require('node:worker_threads');

const { env } = process;

/** @param {unknown} error */
function describe(error) {
  return error instanceof Error
    ? {
        errorType: error.name,
        errorMessage: error.message,
        trace: String(error.stack ?? '').split('\n'),
      }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };
}

/** Ends this worker; whatever it was doing fails with the error.
 * @param {unknown} error
 * @param {string} [errorType] */
function crash(error, errorType) {
  const described = describe(error);
  parentPort.postMessage({
    type: 'crash',
    error: { ...described, errorType: errorType ?? described.errorType },
  });
  process.exit(1);
}

/** @returns {(event: unknown, context: object) => unknown} */
function loadHandler() {
  const [, file, name] = /^(.*?[^/.]+)\.([^/]+)$/.exec(env._HANDLER) ?? [];
  if (file === undefined) return crash(`Bad handler ${env._HANDLER}`, 'Runtime.MalformedHandlerName');
  let loaded;
  try {
    loaded = require(path.resolve(env.LAMBDA_TASK_ROOT, file));
  } catch (error) {
    const types = { MODULE_NOT_FOUND: 'Runtime.ImportModuleError' };
    return crash(error, error instanceof SyntaxError ? 'Runtime.UserCodeSyntaxError' : types[error?.code]);
  }
  const handler = name.split('.').reduce((value, key) => value?.[key], loaded);
  if (typeof handler !== 'function') {
    return crash(`${env._HANDLER} is undefined or not exported`, 'Runtime.HandlerNotFound');
  }
  if (handler.length > 2) {
    return crash(`${env._HANDLER} takes a callback; return a promise`, 'Runtime.CallbackHandlerDeprecated');
  }
  return handler;
}

/** @param {{ requestId: string, functionArn: string, deadline: number }} invocation `deadline`: epoch milliseconds */
function contextOf({ requestId, functionArn, deadline }) {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: functionArn,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: requestId,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

process.on('uncaughtException', (error) => crash(error));
process.on('unhandledRejection', (reason) => crash(reason, 'Runtime.UnhandledPromiseRejection'));

const handler = loadHandler();

parentPort.on('message', async ({ payload, traceId, ...invocation }) => {
  const { requestId } = invocation;
  env._X_AMZN_TRACE_ID = traceId;
  try {
    const answer = await handler(JSON.parse(payload), contextOf(invocation));
    parentPort.postMessage({ type: 'result', requestId, payload: JSON.stringify(answer) ?? 'null' });
  } catch (error) {
    parentPort.postMessage({ type: 'error', requestId, error: describe(error) });
  }
});
parentPort.postMessage({ type: 'ready' });
