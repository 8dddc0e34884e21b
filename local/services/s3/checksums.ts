import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { AwsError } from '../../aws';

/** Base64 checksums by header name, as the client sends them. */
export type ExpectedChecksums = ReadonlyMap<string, string>;

/** The checksums that are computed here; the SDK clients send CRC32 unless told otherwise. */
const SUPPORTED = new Set(['content-md5', 'x-amz-checksum-crc32', 'x-amz-checksum-sha256']);

/** Not checksums themselves but words about them. */
const ABOUT = new Set(['x-amz-checksum-algorithm', 'x-amz-checksum-mode', 'x-amz-checksum-type']);

/** Picks the checksums out of headers or trailers; refuses one that is not computed here rather than trust it. */
export function expectedChecksums(headers: Iterable<[string, unknown]>): Map<string, string> {
  const expected = new Map<string, string>();
  for (const [name, value] of headers) {
    if (!(name === 'content-md5' || name.startsWith('x-amz-checksum-')) || ABOUT.has(name)) continue;
    if (!SUPPORTED.has(name)) throw new AwsError('NotImplemented', `${name} is not supported locally`, 501);
    expected.set(name, String(value));
  }
  return expected;
}

/** Computes every supported checksum of a stream. */
export class ChecksumSum {
  #crc32 = 0;
  readonly #md5 = createHash('md5');
  readonly #sha256 = createHash('sha256');

  update(chunk: Buffer): void {
    this.#crc32 = crc32(chunk, this.#crc32);
    this.#md5.update(chunk);
    this.#sha256.update(chunk);
  }

  /**
   * To be called once, at the end. Throws BadDigest when a checksum does not match.
   * @returns the MD5 in hexadecimal digits, which S3 uses as ETag
   */
  finish(expected: ExpectedChecksums): string {
    const crc = Buffer.alloc(4);
    crc.writeUInt32BE(this.#crc32);
    const md5 = this.#md5.digest();
    const actual = new Map([
      ['x-amz-checksum-crc32', crc.toString('base64')],
      ['x-amz-checksum-sha256', this.#sha256.digest('base64')],
      ['content-md5', md5.toString('base64')],
    ]);
    for (const [name, value] of expected) {
      if (actual.get(name) === value) continue;
      throw new AwsError('BadDigest', `The ${name} you specified did not match the calculated checksum.`);
    }
    return md5.toString('hex');
  }
}
