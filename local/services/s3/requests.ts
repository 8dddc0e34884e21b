import type { IncomingHttpHeaders } from 'node:http';
import { AwsError } from '../../aws';
import type { ObjectHeaders, StoredObject } from './object-store';

/** Headers that an object keeps and gives back, besides `content-type` and `x-amz-meta-…`. */
const KEPT = ['cache-control', 'content-disposition', 'content-encoding', 'content-language', 'expires'];

/** Headers that ask for something which is not done here. */
const REFUSED = [
  /^x-amz-object-lock-/,
  /^x-amz-server-side-encryption-customer-/,
  /^x-amz-tagging$/,
  /^x-amz-website-redirect-location$/,
  /^x-amz-copy-source-(if|range|server)/,
];

/** Query parameters that say how to answer, not what is asked for. */
const UNDERSTOOD = [
  /^x-id$/,
  /^x-amz-/i,
  /^response-/,
  /^(list-type|prefix|delimiter|max-keys|continuation-token|start-after|encoding-type|fetch-owner)$/,
  /^delete$/,
];

/** Fails loudly for sub-resources and headers that change what a request means and are not implemented. */
export function requireImplemented(headers: IncomingHttpHeaders, query: URLSearchParams): void {
  const parameter = [...query.keys()].find((name) => !UNDERSTOOD.some((known) => known.test(name)));
  if (parameter !== undefined) throw notImplemented(`S3 requests with ?${parameter}`);
  const header = Object.keys(headers).find((name) => REFUSED.some((refused) => refused.test(name)));
  if (header !== undefined) throw notImplemented(`The S3 header ${header}`);
  const acl = headers['x-amz-acl'];
  if (acl !== undefined && acl !== 'private') throw notImplemented(`The S3 ACL ${acl}`);
}

export const notImplemented = (what: string): AwsError =>
  new AwsError('NotImplemented', `${what} is not implemented locally`, 501);

export const noSuchKey = (): AwsError => new AwsError('NoSuchKey', 'The specified key does not exist.', 404);

/** What an object keeps of the headers, or of the form fields, that came with it. */
export function objectHeadersOf(given: Iterable<readonly [string, unknown]>): ObjectHeaders {
  let contentType = 'binary/octet-stream';
  const others: Record<string, string> = {};
  for (const [name, value] of given) {
    if (name === 'content-type') contentType = String(value);
    else if (name === 'content-encoding') {
      // `aws-chunked` is how the bytes travel; the object itself is not encoded so.
      const encodings = String(value)
        .split(/\s*,\s*/)
        .filter((encoding) => encoding !== 'aws-chunked');
      if (encodings.some((encoding) => encoding !== '')) others[name] = encodings.join(', ');
    } else if (KEPT.includes(name) || name.startsWith('x-amz-meta-')) others[name] = String(value);
  }
  return { contentType, others };
}

/** The headers of GetObject and HeadObject; `response-…` parameters of the request win over what the object says. */
export function responseHeadersOf(object: StoredObject, query: URLSearchParams): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': object.contentType,
    ...object.others,
    'accept-ranges': 'bytes',
    etag: object.etag,
    'last-modified': new Date(object.lastModified).toUTCString(),
  };
  for (const [name, value] of query) {
    if (name.startsWith('response-')) headers[name.slice('response-'.length)] = value;
  }
  return headers;
}

/** `If-Match` and `If-None-Match`; an object that does not exist matches nothing, not even `*`. */
export function requirePreconditions(headers: IncomingHttpHeaders, current: StoredObject | undefined): void {
  const { 'if-match': wanted, 'if-none-match': unwanted } = headers;
  const matches = (condition: string) =>
    current !== undefined && (condition === '*' || condition.split(/\s*,\s*/).includes(current.etag));
  if ((wanted !== undefined && !matches(wanted)) || (unwanted !== undefined && matches(unwanted))) {
    throw new AwsError(
      'PreconditionFailed',
      'At least one of the pre-conditions you specified did not hold',
      412,
    );
  }
}

/** The first and last byte that a `Range` header asks for; undefined without one, or for several ranges at once. */
export function parseRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || first + last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start > end) throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416);
  return { start, end };
}
