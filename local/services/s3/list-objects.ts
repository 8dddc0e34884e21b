import { AwsError } from '../../aws';
import { element, xmlDocument } from '../xml';
import type { StoredObject } from './object-store';

export const S3_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

const LARGEST_PAGE = 1000;

/** The answer to ListObjectsV2: one page of keys, or of common prefixes when the request has a delimiter. */
export function listObjects(
  bucket: string,
  objects: readonly [string, StoredObject][],
  query: URLSearchParams,
): string {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const limit = Math.min(Number(query.get('max-keys') ?? LARGEST_PAGE), LARGEST_PAGE);
  if (!Number.isInteger(limit) || limit < 0)
    throw new AwsError('InvalidArgument', 'max-keys is not a number');
  const encode = query.get('encoding-type') === 'url' ? encodeURIComponent : (text: string) => text;
  const token = query.get('continuation-token');
  const after =
    token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64url').toString();

  const contents: [string, StoredObject][] = [];
  const prefixes = new Set<string>();
  let last = after;
  let truncated = false;
  for (const [key, object] of objects) {
    if (!key.startsWith(prefix) || Buffer.compare(Buffer.from(key), Buffer.from(after)) <= 0) continue;
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const common = cut < 0 ? undefined : key.slice(0, cut + delimiter.length);
    // All keys of a common prefix are one entry; they stand beside each other, so a page never ends among them.
    if (common !== undefined && prefixes.has(common)) {
      last = key;
      continue;
    }
    if (contents.length + prefixes.size >= limit) {
      truncated = limit > 0;
      break;
    }
    if (common === undefined) contents.push([key, object]);
    else prefixes.add(common);
    last = key;
  }

  return xmlDocument(
    'ListBucketResult',
    S3_NAMESPACE,
    element('Name', bucket),
    element('Prefix', encode(prefix)),
    delimiter === '' ? undefined : element('Delimiter', encode(delimiter)),
    element('MaxKeys', limit),
    element('KeyCount', contents.length + prefixes.size),
    element('IsTruncated', truncated),
    query.has('encoding-type') ? element('EncodingType', 'url') : undefined,
    truncated ? element('NextContinuationToken', Buffer.from(last).toString('base64url')) : undefined,
    contents.map(([key, { lastModified, etag, size }]) =>
      element(
        'Contents',
        element('Key', encode(key)),
        element('LastModified', new Date(lastModified).toISOString()),
        element('ETag', etag),
        element('Size', size),
        element('StorageClass', 'STANDARD'),
      ),
    ),
    [...prefixes].map((common) => element('CommonPrefixes', element('Prefix', encode(common)))),
  );
}
