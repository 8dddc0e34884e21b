import type { IncomingMessage } from 'node:http';
import { AwsError } from '../../aws';

const LONGEST_LINE = 16 * 1024;
const LINE_END = Buffer.from('\r\n');

/** Reads a stream by lines, counts and delimiters without ever holding more of it than one chunk and a line. */
export class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The text up to the next line end, without it. */
  async line(): Promise<string> {
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of this.until(LINE_END)) {
      parts.push(part);
      length += part.length;
      if (length > LONGEST_LINE) throw new AwsError('MalformedPOSTRequest', 'A line of the body is too long');
    }
    return Buffer.concat(parts).toString();
  }

  async *exactly(count: number): AsyncGenerator<Buffer> {
    for (let missing = count; missing > 0; ) {
      if (this.#buffer.length === 0) await this.#more();
      const part = this.#buffer.subarray(0, missing);
      this.#buffer = this.#buffer.subarray(part.length);
      missing -= part.length;
      yield part;
    }
  }

  /** Everything before the next delimiter; the delimiter itself is read and left out. */
  async *until(delimiter: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.#buffer.indexOf(delimiter);
      // The last bytes may be the beginning of a delimiter whose rest is still to come.
      const end = at >= 0 ? at : Math.max(0, this.#buffer.length - delimiter.length + 1);
      const part = this.#buffer.subarray(0, end);
      this.#buffer = this.#buffer.subarray(at >= 0 ? at + delimiter.length : end);
      if (part.length > 0) yield part;
      if (at >= 0) return;
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done) throw new AwsError('IncompleteBody', 'The body ends before what it announces');
    this.#buffer = this.#buffer.length === 0 ? value : Buffer.concat([this.#buffer, value]);
  }
}

/**
 * The body of a request that several readers share one after another. Unlike the request itself it is not destroyed
 * when a reader stops early: the rest is read away and the client gets its answer instead of a broken connection.
 */
export function bodyOf(request: IncomingMessage): AsyncIterable<Buffer> {
  const chunks: AsyncIterator<Buffer> = request[Symbol.asyncIterator]();
  return { [Symbol.asyncIterator]: () => ({ next: () => chunks.next() }) };
}

export async function readAway(body: AsyncIterable<Buffer>): Promise<void> {
  try {
    for await (const _ of body);
  } catch {
    // The client is gone: there is nothing left to read.
  }
}
