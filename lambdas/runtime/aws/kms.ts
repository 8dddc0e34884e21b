import { KMSClient } from '@aws-sdk/client-kms';
import { once } from '../once';

/** The client of this execution environment. */
export const kms = once(() => new KMSClient({}));
