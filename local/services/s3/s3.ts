import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AwsError,
  type Log,
  type ProvisionedResource,
  type Provisioners,
  REGION,
  type ResourceDefinition,
} from '../../aws';
import { parseProperties } from '../resource-properties';
import { element, xmlDocument } from '../xml';
import { bucketNameOf, bucketProperties, corsHeaders, expirationsOf } from './bucket';
import { bodyOf, readAway } from './byte-reader';
import { S3_NAMESPACE } from './list-objects';
import { ObjectStore } from './object-store';
import { answer, type Bucket } from './operations';

/** S3 with path-style addresses (`/bucket/key`), which SDK clients use with an IP endpoint. */
export class S3 {
  readonly #buckets = new Map<string, Bucket>();
  readonly #folder: string;
  readonly #isKept: boolean;
  readonly #now: () => number;
  readonly #log: Log;

  /** @param options.folder keeps the objects across restarts; without it they are gone after `close` */
  constructor({
    folder,
    log,
    now = Date.now,
  }: { folder?: string | undefined; log: Log; now?: () => number }) {
    this.#isKept = folder !== undefined;
    this.#folder = folder ?? mkdtempSync(join(tmpdir(), 'vouchsafe-s3-'));
    this.#log = log;
    this.#now = now;
  }

  readonly provisioners: Provisioners = {
    'AWS::S3::Bucket': (resource) => this.#provisionBucket(resource),
    'AWS::S3::BucketPolicy': ({ physicalName }) => ({ ref: physicalName }),
  };

  /** Answers a request whose path begins with the name of a bucket; says whether it did. */
  async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> {
    // Not the URL's path, which has lost the dots of a key such as `a/../b`.
    const [, name = '', ...rest] = (request.url ?? '').replace(/\?.*/s, '').split('/');
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) return false;
    this.#allowOrigin(bucket, request, response);
    if (request.method === 'OPTIONS') {
      response.writeHead(response.hasHeader('access-control-allow-origin') ? 200 : 403).end();
      return true;
    }
    const body = bodyOf(request);
    try {
      await answer({
        request,
        response,
        bucket,
        key: decodeURIComponent(rest.join('/')),
        query: url.searchParams,
        body,
        now: this.#now(),
        bucketNamed: (other) => this.#buckets.get(other),
      });
    } catch (error) {
      this.#refuse(request, response, error);
      // A client that is still sending would see a broken connection instead of the answer.
      if (!request.complete) await readAway(body);
    }
    return true;
  }

  close(): void {
    for (const { store } of this.#buckets.values()) store.close();
    if (!this.#isKept) rmSync(this.#folder, { recursive: true, force: true });
  }

  #provisionBucket(resource: ResourceDefinition): ProvisionedResource {
    const properties = parseProperties(resource, bucketProperties);
    const name = properties.BucketName ?? bucketNameOf(resource.physicalName);
    const folder = join(this.#folder, name);
    const store =
      this.#buckets.get(name)?.store ??
      new ObjectStore(folder, this.#isKept ? `${folder}.jsonl` : undefined, this.#now);
    store.expirations = expirationsOf(properties);
    this.#buckets.set(name, { name, store, corsRules: properties.CorsConfiguration?.CorsRules ?? [] });
    return {
      ref: name,
      attributes: {
        Arn: `arn:aws:s3:::${name}`,
        DomainName: `${name}.s3.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${REGION}.amazonaws.com`,
      },
    };
  }

  #allowOrigin({ corsRules }: Bucket, { method = '', headers }: IncomingMessage, response: ServerResponse) {
    const asked = method === 'OPTIONS' ? headers['access-control-request-method'] : method;
    for (const [name, value] of Object.entries(corsHeaders(corsRules, asked ?? '', headers))) {
      response.setHeader(name, value);
    }
  }

  #refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const known = error instanceof AwsError ? error : new AwsError('InternalError', 'Internal error', 500);
    if (known !== error) this.#log('s3', `${request.method} ${request.url} failed: ${String(error)}`);
    response
      .writeHead(known.status, { 'content-type': 'application/xml' })
      .end(
        xmlDocument('Error', S3_NAMESPACE, element('Code', known.code), element('Message', known.message)),
      );
  }
}
