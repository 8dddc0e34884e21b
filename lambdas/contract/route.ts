import type * as z from 'zod';
import type { ProblemCode } from './problems';
import type { Role } from './staff';

/**
 * One operation of an API: the single source for the gateway's resources, validation, handler types, the OpenAPI
 * document and the typed client.
 */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `{parameter}` segments, as API Gateway writes them. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  /** Staff roles that may call it; only on the console API, where every route has them. */
  readonly roles?: readonly Role[];
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Names in lower case. */
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Form and JSON bodies are parsed; a `raw` one reaches the handler as the text it was signed as. */
  readonly bodyFormat?: 'json' | 'raw';
  readonly status: 200 | 201 | 202;
  readonly response: z.ZodType;
  /** JSON unless a protocol of others wants plain text. */
  readonly responseFormat?: 'json' | 'text';
  /** The refusals that belong to this operation, beside the ones every operation has. */
  readonly problems: readonly ProblemCode[];
}

export type Routes = Readonly<Record<string, Route>>;

/** Keeps the literal types of a group of routes: one group is one function with one set of grants. */
export const routes = <const R extends Routes>(group: R): R => group;

/** An API: its groups by the name of the function that serves them. */
export interface Api {
  readonly name: 'storefront' | 'console';
  readonly title: string;
  readonly description: string;
  readonly groups: Readonly<Record<string, Routes>>;
}

type Output<S> = S extends z.ZodType ? z.output<S> : undefined;
type Input<S> = S extends z.ZodType ? z.input<S> : undefined;

/** What a handler receives, validated. */
export interface RouteRequest<R extends Route> {
  readonly params: Output<R['params']>;
  readonly query: Output<R['query']>;
  readonly headers: Output<R['headers']>;
  readonly body: R['bodyFormat'] extends 'raw' ? string : Output<R['body']>;
}

type Part = 'params' | 'query' | 'headers' | 'body';
type PartOf<R extends Route, Each extends Part = Part> = Each extends Part
  ? R[Each] extends z.ZodType
    ? Each
    : never
  : never;
/** Parameters none of which is required; a body is always sent. */
type OptionalPartOf<R extends Route, Each extends Part = PartOf<R>> = Each extends 'body'
  ? never
  : Record<never, never> extends Input<R[Each]>
    ? Each
    : never;

/** What a client sends: only the parts that the route has. */
export type RouteCall<R extends Route> = {
  readonly [Each in Exclude<PartOf<R>, OptionalPartOf<R>>]: Input<R[Each]>;
} & {
  readonly [Each in OptionalPartOf<R>]?: Input<R[Each]>;
};

export type RouteResponse<R extends Route> = z.output<R['response']>;
