import type { IncomingMessage } from 'node:http';
import { GatewayError } from './gateway-response-types';

const MOST_HEADERS = 100;
const MOST_HEADER_BYTES = 10_240;
const MOST_BODY_BYTES = 10_485_760;
/** How long and how much the rest of a refused body is read, so that its sender sees the answer. */
const DISCARD_MS = 5_000;
const MOST_DISCARDED_BYTES = 4 * MOST_BODY_BYTES;

/** Throws when there are more than 100 headers or 10,240 bytes of them with the request line. */
export function checkHeaders({ method = '', url = '', rawHeaders }: IncomingMessage): void {
  const bytes = rawHeaders.reduce((sum, text) => sum + text.length, method.length + url.length);
  if (rawHeaders.length / 2 > MOST_HEADERS || bytes > MOST_HEADER_BYTES) {
    throw new GatewayError('DEFAULT_4XX', 431, 'Request Header Fields Too Large');
  }
}

/** Reads a body of at most 10 MB within the time. Rejects as soon as it is certain to be too large. */
export function readBody(request: IncomingMessage, timeoutMs: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > MOST_BODY_BYTES) return Promise.reject(tooLarge());
  if (request.destroyed) return Promise.reject(incomplete());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > MOST_BODY_BYTES) fail(tooLarge());
      else chunks.push(chunk);
    };
    const onEnd = () => {
      stop();
      resolve(Buffer.concat(chunks));
    };
    const onClose = () => fail(incomplete());
    const timer = setTimeout(
      () => fail(new GatewayError('DEFAULT_4XX', 408, 'Request Timeout', 'RequestTimeoutException')),
      timeoutMs,
    );
    const stop = () => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('error', onClose).off('close', onClose);
    };
    const fail = (error: GatewayError) => {
      stop();
      reject(error);
    };
    request.on('data', onData).on('end', onEnd).on('error', onClose).on('close', onClose);
  });
}

/** Lets the sender of an unread body finish, within bounds: closing at once would cost it the answer. */
export function discardRest(request: IncomingMessage): void {
  if (request.readableEnded || request.destroyed) return;
  let discarded = 0;
  const timer = setTimeout(() => request.destroy(), DISCARD_MS).unref();
  request.on('data', (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > MOST_DISCARDED_BYTES) request.destroy();
  });
  request.once('end', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
  request.resume();
}

/** Its sender is gone: nobody reads the answer. */
const incomplete = () => new GatewayError('DEFAULT_4XX', 400, 'Bad Request');

const tooLarge = () =>
  new GatewayError(
    'REQUEST_TOO_LARGE',
    413,
    `HTTP content length exceeded ${MOST_BODY_BYTES} bytes.`,
    'RequestTooLargeException',
  );
