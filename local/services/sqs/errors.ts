import { AwsError } from '../../aws';

/** SQS still answers the codes of its former Query protocol; the SDKs map them to their error classes. */
const queryCode = (name: string) => `AWS.SimpleQueueService.${name}`;

export const queueDoesNotExist = () =>
  new AwsError(queryCode('NonExistentQueue'), 'The specified queue does not exist.');

export const queueNameExists = (attribute: string) =>
  new AwsError(
    'QueueAlreadyExists',
    `A queue already exists with the same name and a different value for attribute ${attribute}`,
  );

export const missingParameter = (name: string) =>
  new AwsError('MissingParameter', `The request must contain the parameter ${name}.`);

export const invalidParameter = (reason: string) => new AwsError('InvalidParameterValue', reason);

export const invalidValue = (value: unknown, parameter: string, reason: string) =>
  invalidParameter(`Value ${String(value)} for parameter ${parameter} is invalid. Reason: ${reason}`);

export const invalidAttributeName = (name: string) =>
  new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);

export const invalidAttributeValue = (name: string, reason?: string) =>
  new AwsError(
    'InvalidAttributeValue',
    `Invalid value for the parameter ${name}.${reason === undefined ? '' : ` Reason: ${reason}`}`,
  );

export const invalidMessageContents = () =>
  new AwsError('InvalidMessageContents', 'The message contains characters outside the allowed set.');

export const receiptHandleIsInvalid = (handle: string) =>
  new AwsError('ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not valid.`, 404);

export const messageNotInFlight = () =>
  new AwsError(queryCode('MessageNotInflight'), 'The message referred to is not in flight.');

export const purgeInProgress = (queue: string) =>
  new AwsError(
    queryCode('PurgeQueueInProgress'),
    `Only one PurgeQueue operation on ${queue} is allowed every 60 seconds.`,
    403,
  );

export const emptyBatch = () =>
  new AwsError(queryCode('EmptyBatchRequest'), 'There should be at least one entry in the request.');

export const tooManyEntries = (count: number) =>
  new AwsError(
    queryCode('TooManyEntriesInBatchRequest'),
    `Maximum number of entries per request are 10. You have sent ${count}.`,
  );

export const batchIdsNotDistinct = (id: string) =>
  new AwsError(queryCode('BatchEntryIdsNotDistinct'), `Id ${id} repeated.`);

export const invalidBatchId = () =>
  new AwsError(
    queryCode('InvalidBatchEntryId'),
    'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
  );

export const batchTooLong = (limit: number, sent: number) =>
  new AwsError(
    queryCode('BatchRequestTooLong'),
    `Batch requests cannot be longer than ${limit} bytes. You have sent ${sent} bytes.`,
  );

export const resourceNotFound = (parameter: string) =>
  new AwsError(
    'ResourceNotFoundException',
    `The resource that you specified for the ${parameter} parameter doesn't exist.`,
    404,
  );

export const notImplemented = (what: string) =>
  new AwsError(queryCode('UnsupportedOperation'), `${what} is not implemented by the local SQS.`);

export const closed = () => new AwsError('ServiceUnavailable', 'The local SQS is shutting down.', 503);
