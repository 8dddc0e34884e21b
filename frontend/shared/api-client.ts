import { type Problem, type ProblemCode, problem, problems } from '../../lambdas/contract/problems';
import type { Api, Route, RouteCall, RouteResponse } from '../../lambdas/contract/route';

export interface Connection {
  /** Where the API stands, such as `https://api.example.com/v1`; a path alone is of the page's own origin. */
  readonly baseUrl: string;
  readonly fetch?: typeof fetch;
  /** Answers the ID token to send, or undefined while nobody is signed in. Asked before each request. */
  readonly authorization?: () => Promise<string | undefined>;
}

type GroupOf<A extends Api> = NonNullable<A['groups'][keyof A['groups']]>;
type NameIn<Group> = Group extends unknown ? keyof Group & string : never;
type RouteIn<Group, Name extends string> = Group extends { readonly [N in Name]: infer R extends Route }
  ? R
  : never;

type Call<R extends Route> = RouteCall<R> & { readonly signal?: AbortSignal };
type Method<R extends Route> =
  Record<never, never> extends RouteCall<R>
    ? (call?: Call<R>) => Promise<RouteResponse<R>>
    : (call: Call<R>) => Promise<RouteResponse<R>>;

/** One method for each route of the API, by its name. */
export type Client<A extends Api> = {
  readonly [Name in NameIn<GroupOf<A>>]: Method<RouteIn<GroupOf<A>, Name>>;
};

/** A refusal of the API. Decide by its `code`; codes that a newer API has gained are possible. */
export class ApiProblem extends Error {
  readonly code: ProblemCode | (string & Record<never, never>);
  readonly status: number;
  readonly title: string;
  readonly detail: string | undefined;
  /** The wrong fields, by where they stand: `body.quantity`. */
  readonly errors: readonly { readonly field: string; readonly message: string }[];
  readonly requestId: string;
  /** Seconds after which the same request may succeed. */
  readonly retryAfterSeconds: number | undefined;

  constructor(told: Problem, retryAfterSeconds?: number) {
    super(`${told.code}: ${told.detail ?? told.title}`);
    this.name = 'ApiProblem';
    this.code = told.code;
    this.status = told.status;
    this.title = told.title;
    this.detail = told.detail;
    this.errors = told.errors ?? [];
    this.requestId = told.requestId;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * A client with exactly the contract's operations. Each method answers what the route's response schema makes of the
 * answer; a refusal throws `ApiProblem`, a network failure or an abort what `fetch` throws.
 */
export function createClient<A extends Api>(api: A, connection: Connection): Client<A> {
  const methods = Object.values(api.groups)
    .flatMap((group) => Object.entries(group))
    .map(([name, route]) => [name, (call: AnyCall = {}) => send(route, call, connection)]);
  return Object.fromEntries(methods) as Client<A>;
}

type Values = Readonly<Record<string, unknown>>;
interface AnyCall {
  readonly params?: Values;
  readonly query?: Values;
  readonly headers?: Values;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

async function send(route: Route, call: AnyCall, connection: Connection): Promise<unknown> {
  const { baseUrl, fetch = globalThis.fetch, authorization } = connection;
  const token = await authorization?.();
  const response = await fetch(baseUrl.replace(/\/+$/, '') + pathOf(route, call), {
    method: route.method,
    headers: {
      ...textsOf(call.headers),
      ...(route.body && route.bodyFormat !== 'raw' && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(route.body && { body: bodyOf(route, call.body) }),
    ...(call.signal && { signal: call.signal }),
  });
  if (!response.ok) throw await problemOf(response);
  return route.response.parse(
    route.responseFormat === 'text' ? await response.text() : await response.json(),
  );
}

function pathOf(route: Route, { params = {}, query }: AnyCall): string {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(params[name])),
  );
  const search = new URLSearchParams(textsOf(query)).toString();
  return search === '' ? path : `${path}?${search}`;
}

/** A form states its own content type. */
const bodyOf = (route: Route, body: unknown) =>
  route.bodyFormat === 'raw' ? new URLSearchParams(textsOf(body as Values)) : JSON.stringify(body);

const textsOf = (values: Values = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );

/** What stands between page and API answers in its own way: then the status alone is known. */
async function problemOf(response: Response): Promise<ApiProblem> {
  const told = problem.safeParse(await response.json().catch(() => undefined));
  const retryAfter = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
  const unknown: Problem = {
    type: 'about:blank',
    title: problems['request.unexpected'].title,
    status: response.status,
    code: 'request.unexpected',
    requestId: response.headers.get('x-amzn-requestid') ?? '',
  };
  return new ApiProblem(
    told.success ? told.data : unknown,
    Number.isNaN(retryAfter) ? undefined : retryAfter,
  );
}
