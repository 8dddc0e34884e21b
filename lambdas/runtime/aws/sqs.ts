import { SQSClient } from '@aws-sdk/client-sqs';
import { once } from '../once';

/** The client of this execution environment. */
export const sqs = once(() => new SQSClient({}));
