import type { IncomingMessage } from 'node:http';

/** What is sent to the client. Header names are in lower case. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Buffer;
}

/** One request to one stage of an API, as all parts of the gateway see it. */
export interface GatewayRequest {
  readonly incoming: IncomingMessage;
  readonly requestId: string;
  /** `x-amz-apigw-id` in the answer. */
  readonly extendedRequestId: string;
  readonly receivedAt: number;
  readonly method: string;
  readonly apiId: string;
  readonly stage: string;
  readonly stageVariables: Readonly<Record<string, string>> | undefined;
  /** Without the stage, percent-encoded as it came. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** By the spelling of the first occurrence; without those that only concern the connection. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
}

const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** All values of all headers, which Node's own `headers` would join or drop. */
export function headersOf(incoming: IncomingMessage): Map<string, string[]> {
  const spelling = new Map<string, string>();
  const headers = new Map<string, string[]>();
  const raw = incoming.rawHeaders;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower)) continue;
    const spelled = spelling.get(lower) ?? name;
    spelling.set(lower, spelled);
    headers.set(spelled, [...(headers.get(spelled) ?? []), raw[index + 1] ?? '']);
  }
  return headers;
}

/** The last value of a header, whatever its spelling. */
export function headerOf(request: GatewayRequest, name: string): string | undefined {
  for (const [spelled, values] of request.headers) {
    if (spelled.toLowerCase() === name.toLowerCase()) return values.at(-1);
  }
  return undefined;
}

/** The TCP peer; what a client claims in X-Forwarded-For is not trusted. */
export const peerAddress = (incoming: IncomingMessage): string =>
  (incoming.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
