import * as z from 'zod';
import { type ProblemCode, problem, problems } from './problems';
import type { Api, Route } from './route';

type Json = Readonly<Record<string, unknown>>;

/** An OpenAPI 3.1 document: what of it is read by name; the rest is plain JSON. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: Json;
  readonly servers?: readonly Json[];
  readonly tags: readonly Json[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: Readonly<Record<string, Json>>;
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly Json[];
  readonly parameters?: readonly Json[];
  readonly requestBody?: Json;
  /** By status. */
  readonly responses: Readonly<Record<string, Json>>;
}

export interface OpenApiOptions {
  /** Base URL of the API; absent: the document's own origin. */
  readonly serverUrl?: string;
}

/** Header that is a credential: a security scheme of the document and no parameter. */
const ORDER_TOKEN = 'order-token';

const securitySchemes = {
  staffToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'ID token of the staff pool (Amazon Cognito).',
  },
  orderToken: {
    type: 'apiKey',
    in: 'header',
    name: ORDER_TOKEN,
    description: 'The orderToken of the placed order: proves to be its buyer.',
  },
} as const;

const successes = { 200: 'Done', 201: 'Created', 202: 'Accepted: the work goes on' } as const;

/** Every refusal that a call of the route can meet: its own and those of the edge. */
export function problemCodesOf(route: Route): readonly ProblemCode[] {
  const { params, query, headers, body, bodyFormat, roles } = route;
  const isChecked = params || query || headers || (body && bodyFormat !== 'raw');
  return [
    ...(isChecked ? (['request.invalid'] as const) : []),
    ...(roles ? (['request.unauthenticated', 'request.forbidden'] as const) : []),
    ...route.problems,
    ...(body ? (['request.too_large'] as const) : []),
    'request.throttled',
    'request.unexpected',
  ];
}

/** The API as an OpenAPI 3.1 document, in the contract's order, so that equal contracts give equal text. */
export function openApiDocument(api: Api, { serverUrl }: OpenApiOptions = {}): OpenApiDocument {
  const schemas = new ComponentSchemas();
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  const codes = new Set<ProblemCode>();
  const schemes = new Set<keyof typeof securitySchemes>();
  for (const [tag, group] of Object.entries(api.groups)) {
    for (const [operationId, route] of Object.entries(group)) {
      paths[route.path] = {
        ...paths[route.path],
        [route.method.toLowerCase()]: operation(operationId, tag, route, schemas),
      };
      for (const code of problemCodesOf(route)) codes.add(code);
      for (const scheme of schemesOf(route)) schemes.add(scheme);
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: api.title, description: api.description, version: 'v1' },
    ...(serverUrl !== undefined && { servers: [{ url: serverUrl }] }),
    tags: Object.keys(api.groups).map((name) => ({ name })),
    paths,
    components: {
      schemas: schemas.byName(),
      examples: byKey([...codes].map((code) => [code, { value: exampleOf(code) }])),
      securitySchemes: byKey([...schemes].map((scheme) => [scheme, securitySchemes[scheme]])),
    },
  };
}

function operation(
  operationId: string,
  tag: string,
  route: Route,
  schemas: ComponentSchemas,
): OpenApiOperation {
  const { summary, description, roles, body, bodyFormat } = route;
  const parameters = [
    ...parametersIn('path', route.params, schemas),
    ...parametersIn('query', route.query, schemas),
    ...parametersIn('header', route.headers, schemas).filter(({ name }) => name !== ORDER_TOKEN),
  ];
  const text = [description, roles && `For staff with the role ${orList(roles)}.`].filter(Boolean).join(' ');
  const bodyType = bodyFormat === 'raw' ? 'application/x-www-form-urlencoded' : 'application/json';
  return {
    operationId,
    tags: [tag],
    summary,
    ...(text && { description: text }),
    security: schemesOf(route).map((scheme) => ({ [scheme]: [] })),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: true, content: { [bodyType]: { schema: schemas.of(body, 'input') } } },
    }),
    responses: { [route.status]: success(route, schemas), ...refusals(route, schemas) },
  };
}

function schemesOf(route: Route): readonly (keyof typeof securitySchemes)[] {
  if (route.roles) return ['staffToken'];
  return route.headers && ORDER_TOKEN in route.headers.shape ? ['orderToken'] : [];
}

function parametersIn(
  place: 'path' | 'query' | 'header',
  schema: z.ZodObject | undefined,
  schemas: ComponentSchemas,
): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemas.of(schema, 'input');
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = property as Json;
    return {
      name,
      in: place,
      required: required.includes(name),
      ...(description !== undefined && { description }),
      schema: rest,
    };
  });
}

const success = (route: Route, schemas: ComponentSchemas): Json => ({
  description: successes[route.status],
  content: {
    [route.responseFormat === 'text' ? 'text/plain' : 'application/json']: {
      schema: schemas.of(route.response, 'output'),
    },
  },
});

/** One response for each status, with an example for each code that it may carry. */
function refusals(route: Route, schemas: ComponentSchemas): Record<string, Json> {
  const schema = schemas.of(problem, 'output');
  const all = problemCodesOf(route);
  const response = (status: number): Json => {
    const codes = all.filter((code) => problems[code].status === status);
    return {
      description: codes.map((code) => `\`${code}\`: ${problems[code].title}`).join('; '),
      content: {
        'application/problem+json': {
          schema,
          examples: Object.fromEntries(
            codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
          ),
        },
      },
    };
  };
  return Object.fromEntries(all.map((code) => [problems[code].status, response(problems[code].status)]));
}

const exampleOf = (code: ProblemCode): z.input<typeof problem> => ({
  type: `urn:vouchsafe:problem:${code}`,
  ...problems[code],
  code,
  requestId: '7c1f2f0e-52a6-4b6a-9d2c-0a4f5f0f4b7e',
});

/** JSON Schemas of the contract's zod schemas; those with an `id` are written once and referred to. */
class ComponentSchemas {
  private readonly components = new Map<string, z.core.JSONSchema.BaseSchema>();

  /** As `io` says: what a client sends, or what it gets. */
  of(schema: z.ZodType, io: 'input' | 'output'): z.core.JSONSchema.BaseSchema {
    const identified = new Map<string, z.core.$ZodType>();
    const { $defs = {}, ...root } = jsonSchema(schema, io, identified);
    const nameOf = (id: string) => {
      const definition = identified.get(id);
      return io === 'output' || (definition && isSentAsAnswered(definition)) ? id : `${id}Input`;
    };
    const withRefs = (part: z.core.JSONSchema.BaseSchema): z.core.JSONSchema.BaseSchema =>
      JSON.parse(JSON.stringify(part), (key, value) =>
        key === '$ref' ? `#/components/schemas/${nameOf(value.replace('#/$defs/', ''))}` : value,
      );
    for (const [id, definition] of Object.entries($defs))
      this.components.set(nameOf(id), withRefs(definition));
    return withRefs(root);
  }

  byName(): Json {
    return byKey([...this.components]);
  }
}

/** Defaults and strictness make the two differ. */
const isSentAsAnswered = (schema: z.core.$ZodType): boolean =>
  JSON.stringify(jsonSchema(schema, 'input')) === JSON.stringify(jsonSchema(schema, 'output'));

function jsonSchema(
  schema: z.core.$ZodType,
  io: 'input' | 'output',
  identified = new Map<string, z.core.$ZodType>(),
): z.core.JSONSchema.BaseSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: written }) => {
      const { id } = z.globalRegistry.get(zodSchema) ?? {};
      if (id !== undefined) identified.set(id, zodSchema);
      // A transform has no schema; those of the contract put a value into its normal form, of the same type.
      const { def } = zodSchema._zod as z.core.$ZodTypes['_zod'];
      if (io === 'output' && def.type === 'pipe' && isTransform(def.out)) {
        Object.assign(written, jsonSchema(def.in, io));
      }
      // What every whole number has in JSON says nothing.
      if (written.minimum === Number.MIN_SAFE_INTEGER) delete written.minimum;
      if (written.maximum === Number.MAX_SAFE_INTEGER) delete written.maximum;
      // An answer may gain fields.
      if (io === 'output' && written.additionalProperties === false) delete written.additionalProperties;
    },
  });
  return rest;
}

const isTransform = (schema: z.core.$ZodType): boolean => schema._zod.def.type === 'transform';

const orList = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;

const byKey = (entries: readonly (readonly [string, unknown])[]): Json =>
  Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
