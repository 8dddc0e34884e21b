import { randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, type ReadStream, readdirSync, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AwsError } from '../../aws';
import { DurableMap } from '../../state/durable-map';
import { ChecksumSum, type ExpectedChecksums } from './checksums';
import type { SizeLimits } from './post-policy';

/** What a client says of an object when it writes it, and gets back when it reads it. */
export interface ObjectHeaders {
  readonly contentType: string;
  /** `cache-control`, `content-disposition`, `x-amz-meta-…`: response headers by name. */
  readonly others: Readonly<Record<string, string>>;
}

export interface StoredObject extends ObjectHeaders {
  /** The name of the file that holds the bytes: never derived from the key, so that no key can leave the folder. */
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  /** With the quotes, as in the header. */
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly lastModified: number;
}

export interface Expiration {
  readonly prefix: string;
  readonly afterMs: number;
}

/**
 * The objects of one bucket. A new object is written beside the old one and becomes visible by one entry in the
 * index, so that neither a reader nor a killed process ever sees half of it.
 */
export class ObjectStore {
  readonly #folder: string;
  readonly #index: DurableMap<StoredObject>;
  readonly #now: () => number;
  /** What the bucket's lifecycle deletes; given anew at each start. */
  expirations: readonly Expiration[] = [];

  /** @param indexFile undefined keeps the index in memory; the bytes are in `folder` all the same. */
  constructor(folder: string, indexFile: string | undefined, now: () => number) {
    this.#folder = folder;
    this.#now = now;
    mkdirSync(folder, { recursive: true });
    this.#index = new DurableMap(indexFile);
    this.#removeUnfinished();
  }

  get(key: string): StoredObject | undefined {
    const object = this.#index.get(key);
    if (object === undefined || !this.#isExpired(key, object)) return object;
    void this.delete(key);
    return undefined;
  }

  /** Keys and objects in the order of S3, which compares the bytes of the keys. */
  list(): [string, StoredObject][] {
    return [...this.#index.keys()]
      .flatMap((key): [string, StoredObject][] => {
        const object = this.get(key);
        return object === undefined ? [] : [[key, object]];
      })
      .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  /**
   * Writes an object as its bytes arrive.
   * @param mayReplace asked once the bytes are there, just before the object becomes visible; throws to refuse
   */
  async put(
    key: string,
    content: AsyncIterable<Buffer>,
    headers: ObjectHeaders,
    options: {
      limits?: SizeLimits;
      checksums?: () => ExpectedChecksums;
      mayReplace?: (current: StoredObject | undefined) => void;
    } = {},
  ): Promise<StoredObject> {
    const file = randomUUID();
    try {
      const { size, etag } = await this.#write(file, content, options);
      const current = this.get(key);
      options.mayReplace?.(current);
      const object = { file, size, etag, lastModified: this.#now(), ...headers };
      this.#index.set(key, object);
      if (current !== undefined) await this.#remove(current.file);
      return object;
    } catch (error) {
      await this.#remove(file);
      throw error;
    }
  }

  /** @param range first and last byte, both included */
  read(object: StoredObject, range?: { start: number; end: number }): ReadStream {
    return createReadStream(join(this.#folder, object.file), range);
  }

  async delete(key: string): Promise<void> {
    const object = this.#index.get(key);
    if (object === undefined) return;
    this.#index.delete(key);
    await this.#remove(object.file);
  }

  close(): void {
    this.#index.close();
  }

  async #write(
    file: string,
    content: AsyncIterable<Buffer>,
    { limits, checksums }: { limits?: SizeLimits; checksums?: () => ExpectedChecksums },
  ): Promise<{ size: number; etag: string }> {
    const handle = await open(join(this.#folder, file), 'wx', 0o600);
    const sum = new ChecksumSum();
    let size = 0;
    try {
      for await (const chunk of content) {
        size += chunk.length;
        if (limits !== undefined && size > limits.max) {
          throw new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
        }
        sum.update(chunk);
        await handle.writeFile(chunk);
      }
    } finally {
      await handle.close();
    }
    if (limits !== undefined && size < limits.min) {
      throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
    }
    return { size, etag: `"${sum.finish(checksums?.() ?? new Map())}"` };
  }

  #isExpired(key: string, { lastModified }: StoredObject): boolean {
    return this.expirations.some(
      ({ prefix, afterMs }) => key.startsWith(prefix) && lastModified + afterMs <= this.#now(),
    );
  }

  async #remove(file: string): Promise<void> {
    await rm(join(this.#folder, file), { force: true });
  }

  /** Files that a killed process wrote without entering them in the index, or took out without deleting them. */
  #removeUnfinished(): void {
    const known = new Set([...this.#index.values()].map(({ file }) => file));
    for (const file of readdirSync(this.#folder)) {
      if (!known.has(file)) rmSync(join(this.#folder, file), { force: true });
    }
  }
}
