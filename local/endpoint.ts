import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { AwsError, type Log } from './aws';
import { readBody } from './request-body';

const HOST = '127.0.0.1';

/** Answers a request and true, or false without touching it. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<boolean>;

/** An AwsJsonService that may also be told that its caller went away. */
export interface JsonService {
  call(operation: string, input: Record<string, unknown>, signal?: AbortSignal): unknown;
}

export interface EndpointServices {
  /** By the part of `x-amz-target` before the dot. */
  readonly json: Readonly<Record<string, JsonService>>;
  /** Services that answer the request themselves, by the same part. */
  readonly proxied: Readonly<
    Record<string, (request: IncomingMessage, response: ServerResponse) => Promise<void>>
  >;
  /** Asked in this order for everything without a target. */
  readonly handlers: readonly HttpHandler[];
}

/** The service that pages call directly. From any other origin the rest is out of reach, also without being read. */
const BROWSER_SERVICE = 'AWSCognitoIdentityProviderService';
const BROWSER_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': '*',
  'access-control-expose-headers': 'x-amzn-errortype, x-amzn-requestid',
  'access-control-max-age': '3600',
};

/** Another program listens on the port. The message is one line for a person. */
export class PortBusy extends Error {
  constructor(port: number) {
    super(`Port ${port} is in use: stop what listens there, or choose another one with --port`);
    this.name = 'PortBusy';
  }
}

/** One loopback port that speaks all services: the `AWS_ENDPOINT_URL` of functions, tools and pages. */
export class Endpoint {
  readonly url: string;
  readonly #server: Server;
  readonly #log: Log;
  #services: EndpointServices | undefined;

  private constructor(server: Server, port: number, log: Log) {
    this.url = `http://${HOST}:${port}`;
    this.#server = server;
    this.#log = log;
    server.on('request', (request, response) => void this.#serve(request, response));
  }

  /** @param port 0 takes any free one. @throws PortBusy */
  static async listen(port: number, log: Log): Promise<Endpoint> {
    // Event source mappings and imports may keep a connection quiet for longer than Node's default allows.
    const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) =>
        reject(error.code === 'EADDRINUSE' ? new PortBusy(port) : error),
      );
      server.listen(port, HOST, resolve);
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The endpoint has no port');
    return new Endpoint(server, address.port, log);
  }

  /** From now on requests are answered; before, and again with `undefined`, with 503. */
  serve(services: EndpointServices | undefined): void {
    this.#services = services;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // The client may go away at any time; that is no fault of this process.
    response.on('error', () => {});
    const [prefix = '', operation = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
    try {
      if (this.#services === undefined) throw new AwsError('ServiceUnavailable', 'Starting', 503);
      if (prefix === '') await this.#dispatchByPath(this.#services, request, response);
      else await this.#dispatchByTarget(this.#services, prefix, operation, request, response);
    } catch (error) {
      this.#refuse(error, prefix, request, response);
    }
  }

  async #dispatchByTarget(
    { json, proxied }: EndpointServices,
    prefix: string,
    operation: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (request.headers.origin !== undefined && prefix !== BROWSER_SERVICE) {
      throw new AwsError('AccessDeniedException', `${prefix} does not answer pages`, 403);
    }
    const proxy = Object.hasOwn(proxied, prefix) ? proxied[prefix] : undefined;
    if (proxy !== undefined) return proxy(request, response);
    const service = Object.hasOwn(json, prefix) ? json[prefix] : undefined;
    if (service === undefined) {
      throw new AwsError('UnknownOperationException', `There is no local service ${prefix}`);
    }
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const answer = await service.call(operation, parseInput(await readBody(request)), gone.signal);
    response.writeHead(200, {
      'content-type': contentTypeOf(request),
      ...(prefix === BROWSER_SERVICE ? BROWSER_HEADERS : {}),
    });
    response.end(JSON.stringify(answer ?? {}));
  }

  async #dispatchByPath(
    { handlers }: EndpointServices,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    if (request.method === 'OPTIONS' && url.pathname === '/') {
      response.writeHead(204, BROWSER_HEADERS).end();
      return;
    }
    for (const handle of handlers) if (await handle(request, response, url)) return;
    throw new AwsError('NotFound', `There is nothing at ${url.pathname}`, 404);
  }

  #refuse(error: unknown, prefix: string, request: IncomingMessage, response: ServerResponse): void {
    const known =
      error instanceof AwsError ? error : new AwsError('InternalFailure', 'The local service failed', 500);
    if (known !== error) {
      const details = error instanceof Error ? error.stack : String(error);
      this.#log(
        'endpoint',
        `${request.method} ${request.headers['x-amz-target'] ?? request.url} failed: ${details}`,
      );
    }
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const headers: Record<string, string> = {
      'content-type': contentTypeOf(request),
      'x-amzn-errortype': known.code,
      ...(prefix === 'AmazonSQS' ? { 'x-amzn-query-error': `${known.code};Sender` } : {}),
      ...(prefix === BROWSER_SERVICE ? BROWSER_HEADERS : {}),
    };
    response.writeHead(known.status, headers);
    response.end(JSON.stringify({ __type: known.code, message: known.message }));
    // Whatever was not read of a refused body; a client that never stops sending is cut off.
    request.resume();
    setTimeout(() => request.destroy(), 5_000).unref();
  }
}

function parseInput(body: Buffer): Record<string, unknown> {
  try {
    const input: unknown = JSON.parse(body.toString() || '{}');
    if (isRecord(input)) return input;
  } catch {
    // Told below, as for a body that is JSON but no object.
  }
  throw new AwsError('SerializationException', 'The body is not a JSON object');
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** AWS JSON 1.0 or 1.1, as the client speaks it. */
const contentTypeOf = (request: IncomingMessage): string =>
  request.headers['content-type']?.startsWith('application/x-amz-json')
    ? request.headers['content-type']
    : 'application/json';
