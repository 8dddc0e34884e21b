import { AwsError } from '../../aws';
import { ByteReader } from './byte-reader';

/**
 * The content of a body in the `aws-chunked` encoding: chunks of `<hex length>[;extension]`, then trailers. The
 * trailers, such as a checksum that the client knew only at the end, are put into `trailers` in lower case.
 */
export async function* decodeAwsChunked(
  body: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const reader = new ByteReader(body);
  for (;;) {
    const [length = ''] = (await reader.line()).split(';');
    if (!/^[\da-f]{1,8}$/i.test(length)) throw new AwsError('InvalidRequest', 'A chunk has no length');
    const bytes = Number.parseInt(length, 16);
    if (bytes === 0) break;
    yield* reader.exactly(bytes);
    await reader.line();
  }
  for (let line = await reader.line(); line !== ''; line = await reader.line()) {
    const colon = line.indexOf(':');
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
}
