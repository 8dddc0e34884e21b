import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { consoleApi, storefrontApi } from '../../lambdas/contract/apis';
import { type OpenApiOperation, openApiDocument, problemCodesOf } from '../../lambdas/contract/open-api';
import { gateways } from '../../lambdas/contract/payments';
import { problems } from '../../lambdas/contract/problems';
import { type Api, type Route, routes } from '../../lambdas/contract/route';

const root = resolve(__dirname, '../..');
const apis: readonly Api[] = [storefrontApi(gateways), consoleApi];

const routesOf = (api: Api): readonly (readonly [string, Route])[] =>
  Object.values(api.groups).flatMap(Object.entries);

/** Every object within a JSON value. */
function objectsIn(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  const within = Object.values(value).flatMap(objectsIn);
  return Array.isArray(value) ? within : [value as Record<string, unknown>, ...within];
}

function resolveRef(document: unknown, ref: string): unknown {
  const steps = ref.replace(/^#\//, '').split('/');
  return steps.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], document);
}

/** Schemas that say nothing of a value's shape, by where they stand. */
function shapelessSchemas(schema: unknown, at: string): string[] {
  const {
    properties,
    items,
    $ref,
    type,
    enum: values,
    anyOf,
    oneOf,
    allOf,
  } = schema as Record<string, unknown>;
  const says = [$ref, type, values, anyOf, oneOf, allOf].some((part) => part !== undefined);
  return [
    ...(says ? [] : [at]),
    ...Object.entries(properties ?? {}).flatMap(([name, one]) => shapelessSchemas(one, `${at}.${name}`)),
    ...(items === undefined ? [] : shapelessSchemas(items, `${at}[]`)),
    ...[anyOf, oneOf, allOf].flatMap((many) =>
      ((many ?? []) as unknown[]).flatMap((one, i) => shapelessSchemas(one, `${at}#${i}`)),
    ),
  ];
}

const runOpenApi = (cwd: string, ...args: string[]) =>
  spawnSync(
    process.execPath,
    [join(root, 'node_modules/tsx/dist/cli.mjs'), join(root, 'bin/openapi.ts'), ...args],
    {
      cwd,
      encoding: 'utf8',
    },
  );

describe.each(apis)('the OpenAPI document of the $name API', (api) => {
  const document = openApiDocument(api);
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const operationOf = (name: string): OpenApiOperation => {
    const found = operations.find(({ operation }) => operation.operationId === name);
    if (found === undefined) throw new Error(`no operation ${name}`);
    return found.operation;
  };

  test('is the one in docs', () => {
    const written = readFileSync(join(root, `docs/openapi/${api.name}.json`), 'utf8');
    expect(written).toBe(`${JSON.stringify(document, null, 2)}\n`);
  });

  test('has every route, and no other, by its name, method and path', () => {
    const told = operations.map(
      ({ path, method, operation }) => `${operation.operationId} ${method} ${path}`,
    );
    const meant = routesOf(api).map(([name, { method, path }]) => `${name} ${method.toLowerCase()} ${path}`);
    expect(told.toSorted()).toEqual(meant.toSorted());
  });

  test('refers only to components that it has, and has none that nothing refers to', () => {
    const refs = new Set(objectsIn(document).flatMap(({ $ref }) => (typeof $ref === 'string' ? [$ref] : [])));
    for (const ref of refs) expect([ref, resolveRef(document, ref)]).not.toEqual([ref, undefined]);
    const { schemas, examples } = document.components;
    const components = [
      ...Object.keys(schemas ?? {}).map((name) => `#/components/schemas/${name}`),
      ...Object.keys(examples ?? {}).map((name) => `#/components/examples/${name}`),
    ];
    expect([...refs].toSorted()).toEqual(components.toSorted());
  });

  test('says of every value what shape it has', () => {
    const shapeless = [
      ...objectsIn(document.paths).flatMap(({ schema }, i) =>
        schema ? shapelessSchemas(schema, `${i}`) : [],
      ),
      ...Object.entries(document.components.schemas ?? {}).flatMap(([name, one]) =>
        shapelessSchemas(one, name),
      ),
    ];
    expect(shapeless).toEqual([]);
    expect(objectsIn(document).filter((one) => '$schema' in one || '$defs' in one)).toEqual([]);
  });

  test('names every parameter of a path as a required one', () => {
    for (const { path, operation } of operations) {
      const named = (operation.parameters ?? []).filter((one) => one.in === 'path');
      expect(named.every((one) => one.required === true)).toBe(true);
      expect(named.map((one) => `{${one.name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
    }
  });

  test('asks for exactly the query parameters and headers that the gateway asks for', () => {
    for (const [name, { query, headers }] of routesOf(api)) {
      const required = Object.entries({ ...query?.shape, ...headers?.shape })
        .filter(([header, schema]) => header !== 'order-token' && !z.safeParse(schema, undefined).success)
        .map(([parameter]) => parameter);
      const parameters = (operationOf(name).parameters ?? []).filter((one) => one.in !== 'path');
      expect(parameters.filter((one) => one.required).map((one) => one.name)).toEqual(required);
    }
  });

  test('tells the success of a route by its status and every refusal by the status of its code', () => {
    for (const [name, route] of routesOf(api)) {
      const { responses } = operationOf(name);
      expect(Object.keys(responses).filter((status) => status < '300')).toEqual([String(route.status)]);
      const told = Object.entries(responses).flatMap(([status, { content }]) =>
        Object.keys(
          (content as Record<string, { examples?: object }>)['application/problem+json']?.examples ?? {},
        ).map((code) => [code, Number(status)]),
      );
      const meant = problemCodesOf(route).map((code) => [code, problems[code].status]);
      expect(told.toSorted()).toEqual(meant.toSorted());
    }
  });

  test('asks for the credential that the route needs, by a scheme that it defines', () => {
    for (const [name, { roles, headers }] of routesOf(api)) {
      const needed = roles
        ? 'staffToken'
        : headers && 'order-token' in headers.shape
          ? 'orderToken'
          : undefined;
      const asked = operationOf(name).security.flatMap(Object.keys);
      expect(asked).toEqual(needed === undefined ? [] : [needed]);
      for (const scheme of asked) expect(document.components.securitySchemes).toHaveProperty(scheme);
    }
  });
});

describe('an OpenAPI document', () => {
  const size = z.strictObject({ width: z.int().default(1) }).meta({ id: 'Size' });
  const colour = z.enum(['red', 'blue']).meta({ id: 'Colour' });
  const shape = z.object({
    size,
    colour,
    at: z.iso.datetime().transform((text) => text.slice(0, 10)),
  });
  const shapes: Api = {
    name: 'console',
    title: 'Shapes',
    description: 'For this test.',
    groups: {
      shapes: routes({
        draw: {
          method: 'POST',
          path: '/shapes',
          summary: 'Draw',
          body: shape,
          status: 201,
          response: shape,
          problems: [],
        },
      }),
    },
  };
  const document = openApiDocument(shapes, { serverUrl: 'https://api.example.com/v1' });

  test('tells a component twice where what is sent differs from what is answered, else once', () => {
    expect(document.components.schemas).toMatchObject({
      Colour: { enum: ['red', 'blue'] },
      Size: { required: ['width'] },
      SizeInput: { additionalProperties: false },
    });
    expect(document.components.schemas).not.toHaveProperty('ColourInput');
    expect(document.components.schemas).not.toHaveProperty(['SizeInput', 'required']);
  });

  test('tells a transformed value of an answer by what the transform takes', () => {
    const answer = document.paths['/shapes']?.post?.responses[201]?.content;
    expect(answer).toMatchObject({
      'application/json': { schema: { properties: { at: { type: 'string', format: 'date-time' } } } },
    });
  });

  test('names the server that it is told', () => {
    expect(document.servers).toEqual([{ url: 'https://api.example.com/v1' }]);
  });
});

describe('npm run openapi', () => {
  const folder = mkdtempSync(join(tmpdir(), 'openapi-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('--check fails on what has drifted, and names the file and the way to mend it', () => {
    const { status, stderr } = runOpenApi(folder, '--check');
    expect(status).toBe(1);
    expect(stderr).toContain('docs/openapi/storefront.json');
    expect(stderr).toContain('docs/openapi/console.json');
    expect(stderr).toContain('npm run openapi');
  });

  test('writes documents that --check accepts', () => {
    expect(runOpenApi(folder)).toMatchObject({ status: 0 });
    expect(runOpenApi(folder, '--check')).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(join(folder, 'docs/openapi/console.json'), 'utf8')).toMatch(
      /^\{\n {2}"openapi": "3\.1\.0"/,
    );
  });
});
