import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { AwsError } from '../../aws';
import { element, textsOf, xmlDocument } from '../xml';
import { requireSigned } from './authorization';
import { decodeAwsChunked } from './aws-chunked';
import type { CorsRule } from './bucket';
import { expectedChecksums } from './checksums';
import { readUploadForm } from './form-data';
import { listObjects, S3_NAMESPACE } from './list-objects';
import type { ObjectStore } from './object-store';
import { checkPostPolicy } from './post-policy';
import {
  noSuchKey,
  notImplemented,
  objectHeadersOf,
  parseRange,
  requireImplemented,
  requirePreconditions,
  responseHeadersOf,
} from './requests';

const MOST_XML_BYTES = 2 * 1024 * 1024;
const LONGEST_KEY_BYTES = 1024;

export interface Bucket {
  readonly name: string;
  readonly store: ObjectStore;
  readonly corsRules: readonly CorsRule[];
}

/** One request after its bucket was found. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly bucket: Bucket;
  /** Empty when the request is about the bucket itself. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly body: AsyncIterable<Buffer>;
  readonly now: number;
  /** Where `CopyObject` finds the bucket it copies from. */
  bucketNamed(name: string): Bucket | undefined;
}

type Operation = (exchange: Exchange) => Promise<void>;

/** Carries out the operation that method and address name. Throws AwsError for what S3 would refuse. */
export async function answer(exchange: Exchange): Promise<void> {
  const { request, key, query, now } = exchange;
  if (Buffer.byteLength(key) > LONGEST_KEY_BYTES) {
    throw new AwsError('KeyTooLongError', 'Your key is too long');
  }
  requireImplemented(request.headers, query);
  const operation = operationOf(exchange);
  // A form carries its signature among its fields.
  if (operation !== postObject) requireSigned(request.headers, query, now);
  await operation(exchange);
}

function operationOf({ request, key, query }: Exchange): Operation {
  const { method = '', headers } = request;
  if (key !== '') {
    if (method === 'PUT') return 'x-amz-copy-source' in headers ? copyObject : putObject;
    if (method === 'GET' || method === 'HEAD') return getObject;
    if (method === 'DELETE') return deleteObject;
  } else {
    if (method === 'GET' && query.get('list-type') === '2') return listObjectsV2;
    if (method === 'HEAD') return headBucket;
    if (method === 'POST' && query.has('delete')) return deleteObjects;
    if (method === 'POST' && headers['content-type']?.startsWith('multipart/form-data')) return postObject;
  }
  throw notImplemented(`S3 ${method} ${key === '' ? 'of a bucket' : 'of an object'} like this`);
}

const putObject: Operation = async ({ request, response, bucket, key, body }) => {
  const headers = request.headers;
  const trailers = new Map<string, string>();
  const isChunked = String(headers['x-amz-content-sha256']).startsWith('STREAMING-');
  const object = await bucket.store.put(
    key,
    isChunked ? decodeAwsChunked(body, trailers) : body,
    objectHeadersOf(Object.entries(headers)),
    {
      checksums: () => expectedChecksums([...Object.entries(headers), ...trailers]),
      mayReplace: (current) => requirePreconditions(headers, current),
    },
  );
  response.writeHead(200, { etag: object.etag }).end();
};

const getObject: Operation = async ({ request, response, bucket, key, query }) => {
  const object = bucket.store.get(key);
  if (object === undefined) throw noSuchKey();
  const headers = responseHeadersOf(object, query);
  const { 'if-none-match': known, ...conditions } = request.headers;
  if (known === object.etag) {
    response.writeHead(304, headers).end();
    return;
  }
  requirePreconditions(conditions, object);
  const range = parseRange(request.headers.range, object.size);
  headers['content-length'] = String(range ? range.end - range.start + 1 : object.size);
  if (range) headers['content-range'] = `bytes ${range.start}-${range.end}/${object.size}`;
  response.writeHead(range ? 206 : 200, headers);
  if (request.method === 'HEAD') response.end();
  else await pipeline(bucket.store.read(object, range), response);
};

const deleteObject: Operation = async ({ response, bucket, key }) => {
  await bucket.store.delete(key);
  response.writeHead(204).end();
};

const copyObject: Operation = async ({ request, response, bucket, key, bucketNamed }) => {
  const source = decodeURIComponent(String(request.headers['x-amz-copy-source'])).replace(/^\//, '');
  const slash = source.indexOf('/');
  const store = bucketNamed(source.slice(0, slash))?.store;
  const original = store?.get(source.slice(slash + 1));
  if (store === undefined || original === undefined) throw noSuchKey();
  const replaces = request.headers['x-amz-metadata-directive'] === 'REPLACE';
  const { contentType, others } = replaces ? objectHeadersOf(Object.entries(request.headers)) : original;
  const { etag, lastModified } = await bucket.store.put(key, store.read(original), { contentType, others });
  sendXml(
    response,
    xmlDocument(
      'CopyObjectResult',
      S3_NAMESPACE,
      element('ETag', etag),
      element('LastModified', new Date(lastModified).toISOString()),
    ),
  );
};

const headBucket: Operation = async ({ response }) => {
  response.writeHead(200).end();
};

const listObjectsV2: Operation = async ({ response, bucket, query }) =>
  sendXml(response, listObjects(bucket.name, bucket.store.list(), query));

const deleteObjects: Operation = async ({ response, bucket, body }) => {
  const document = await textOf(body);
  const keys = textsOf(document, 'Key');
  for (const key of keys) await bucket.store.delete(key);
  const quiet = textsOf(document, 'Quiet')[0] === 'true';
  const deleted = quiet ? [] : keys.map((key) => element('Deleted', element('Key', key)));
  sendXml(response, xmlDocument('DeleteResult', S3_NAMESPACE, deleted));
};

/** An upload by a browser's form with a presigned policy. */
const postObject: Operation = async ({ request, response, bucket, body, now }) => {
  const form = await readUploadForm(String(request.headers['content-type']), body);
  const limits = checkPostPolicy(form.fields, bucket.name, now);
  const key = form.fields.get('key')?.replace(/\$\{filename\}/g, () => form.filename);
  if (!key) throw new AwsError('InvalidArgument', "Bucket POST must contain a field named 'key'.");
  const { etag } = await bucket.store.put(key, form.content, objectHeadersOf(form.fields), {
    limits,
    checksums: () => expectedChecksums(form.fields),
  });

  const redirect = form.fields.get('success_action_redirect');
  const status = form.fields.get('success_action_status');
  const headers = { etag, location: `${bucket.name}/${encodeURIComponent(key)}` };
  if (redirect !== undefined) response.writeHead(303, { etag, location: redirect }).end();
  else if (status === '201') {
    const described = [element('Bucket', bucket.name), element('Key', key), element('ETag', etag)];
    sendXml(response, xmlDocument('PostResponse', S3_NAMESPACE, described), 201, headers);
  } else response.writeHead(status === '200' ? 200 : 204, headers).end();
};

function sendXml(
  response: ServerResponse,
  document: string,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(document);
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MOST_XML_BYTES) throw new AwsError('MalformedXML', 'The XML you provided is too long');
  }
  return Buffer.concat(chunks).toString();
}
