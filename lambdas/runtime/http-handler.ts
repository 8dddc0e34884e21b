import { MetricUnit } from '@aws-lambda-powertools/metrics';
import httpSecurityHeaders from '@middy/http-security-headers';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Route, RouteRequest, RouteResponse, Routes } from '../contract/route';
import { DomainError } from '../kernel/errors';
import { edge, publishMetrics } from './edge';
import { type Client, clientOf, parseRequest } from './http-request';
import { failure, success } from './http-response';
import { metrics } from './observability';
import { once } from './once';
import { type Staff, type StaffDirectory, staffOf } from './staff';

type Operations<G extends Routes, Ports, Caller> = {
  readonly [Name in keyof G]: (
    request: RouteRequest<G[Name]> & Caller,
    ports: Ports,
  ) => Promise<RouteResponse<G[Name]>>;
};

/**
 * The whole edge of a function that serves one group of the contract's routes: routing, validation, the caller,
 * the answer and its headers, errors as problem bodies, logs, metrics, traces.
 * `wire` builds the ports once per execution environment.
 */
export const httpHandler = <G extends Routes, Ports>(
  group: G,
  wire: () => Ports,
  operations: Operations<G, Ports, { readonly client: Client }>,
) => serve(group, wire, operations, async (event) => ({ client: clientOf(event) }));

/** The same for the console: the caller is a member of a merchant's staff with a role that the route admits. */
export const staffHttpHandler = <G extends Routes, Ports extends { readonly staff: StaffDirectory }>(
  group: G,
  wire: () => Ports,
  operations: Operations<G, Ports, { readonly staff: Staff }>,
) =>
  serve(group, wire, operations, async (event, ports, route) => ({
    staff: await staffOf(event, ports.staff, route.roles ?? []),
  }));

function serve<G extends Routes, Ports, Caller extends object>(
  group: G,
  wire: () => Ports,
  operations: Operations<G, Ports, Caller>,
  identify: (event: APIGatewayProxyEvent, ports: Ports, route: Route) => Promise<Caller>,
) {
  const wired = once(wire);
  const names = new Map<string, keyof G & string>(
    Object.entries(group).map(([name, route]) => [`${route.method} ${route.path}`, name]),
  );

  const respond = async (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
    const name = names.get(`${event.httpMethod} ${event.resource}`);
    const route = name && group[name];
    if (!name || !route) throw new DomainError('request.not_found', 'not_found');
    metrics.addDimension('route', name);
    const ports = wired();
    const caller = await identify(event, ports, route);
    const request = { ...parseRequest(route, event), ...caller };
    return success(route, await operations[name](request as never, ports));
  };

  return edge<APIGatewayProxyEvent, APIGatewayProxyResult>()
    .use(publishMetrics())
    .use(httpSecurityHeaders())
    .handler(async (event) => {
      const startedAt = performance.now();
      const response = await respond(event).catch((error: unknown) =>
        failure(error, event.requestContext.requestId),
      );
      metrics.addMetric('Latency', MetricUnit.Milliseconds, performance.now() - startedAt);
      metrics.addMetric('Fault', MetricUnit.Count, response.statusCode >= 500 ? 1 : 0);
      return response;
    });
}
