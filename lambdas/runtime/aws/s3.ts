import { S3Client } from '@aws-sdk/client-s3';
import { once } from '../once';

/** The client of this execution environment. */
export const s3 = once(() => new S3Client({}));
