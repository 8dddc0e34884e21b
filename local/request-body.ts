import type { IncomingMessage } from 'node:http';
import { AwsError } from './aws';

/** The largest body that an AWS API takes at once: 6 MiB of an event, and what escaping adds. */
const MOST_BYTES = 8 * 1024 * 1024;

/** A request's whole body. Throws an AwsError, 413, before it holds more than any AWS API takes. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const body: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new AwsError('RequestEntityTooLargeException', 'The body is too large', 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
