import type { IncomingHttpHeaders } from 'node:http';
import { AwsError } from '../../aws';

const LONGEST_PRESIGNED_S = 604_800;

/**
 * Refuses what no bucket policy would let through: a request without any signature, and a presigned URL after its
 * time. Signatures themselves are not verified.
 */
export function requireSigned(headers: IncomingHttpHeaders, query: URLSearchParams, now: number): void {
  if (headers.authorization?.startsWith('AWS4-')) return;
  const signedAt = query.get('X-Amz-Date');
  const lifetime = Number(query.get('X-Amz-Expires') ?? Number.NaN);
  if (signedAt === null || !query.has('X-Amz-Signature')) throw denied('Access Denied');
  if (!(lifetime >= 1 && lifetime <= LONGEST_PRESIGNED_S)) {
    throw new AwsError(
      'AuthorizationQueryParametersError',
      `X-Amz-Expires must be between 1 and ${LONGEST_PRESIGNED_S} seconds`,
    );
  }
  const expiresAt = parseAmzDate(signedAt) + lifetime * 1000;
  if (!(now < expiresAt)) throw denied('Request has expired');
}

/** `20260131T235959Z`, without the punctuation that Date wants. */
function parseAmzDate(text: string): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

const denied = (message: string) => new AwsError('AccessDenied', message, 403);
