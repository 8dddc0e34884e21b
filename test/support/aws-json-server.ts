import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsError, type AwsJsonService } from '../../local/aws';

/** Serves AWS JSON services by their `x-amz-target` prefix on a free loopback port, for tests with the real SDK clients. */
export async function serveAwsJson(
  services: Record<string, AwsJsonService>,
): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const [prefix = '', operation = ''] = String(request.headers['x-amz-target']).split('.');
    const answer = (status: number, body: unknown, headers: Record<string, string> = {}) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', ...headers });
      response.end(JSON.stringify(body ?? {}));
    };
    try {
      const service = services[prefix];
      if (service === undefined) throw new Error(`no service ${prefix} in this test`);
      answer(200, await service.call(operation, JSON.parse(Buffer.concat(chunks).toString() || '{}')));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      answer(
        error.status,
        { __type: error.code, message: error.message },
        { 'x-amzn-errortype': error.code, 'x-amzn-query-error': `${error.code};Sender` },
      );
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
