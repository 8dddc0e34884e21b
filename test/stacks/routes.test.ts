import { consoleApi, storefrontApi } from '../../lambdas/contract/apis';
import { type ProblemCode, problem, problems } from '../../lambdas/contract/problems';
import type { Api } from '../../lambdas/contract/route';
import { stageNamed } from '../../lib/stage';
import { type StackName, type SynthesizedStage, synthesizeStage } from '../support/synthesized-stage';

let dev: SynthesizedStage;
let prod: SynthesizedStage;
beforeAll(() => {
  dev = synthesizeStage(stageNamed('dev'));
  prod = synthesizeStage(stageNamed('prod'));
}, 120_000);

test('the APIs have exactly the contract’s routes, each served by the function of its group', () => {
  expect(methodsOf(dev, 'storefront-api').map(routeOf).sort()).toEqual(routesOf(storefrontApi(['sandbox'])));
  expect(methodsOf(prod, 'storefront-api').map(routeOf).sort()).toEqual(routesOf(storefrontApi([])));
  expect(methodsOf(prod, 'console-api').map(routeOf).sort()).toEqual(routesOf(consoleApi));
});

test('every console route wants a token of the staff pool', () => {
  const { stack, id, resource } = dev.only('AWS::ApiGateway::Authorizer');
  expect(stack).toBe('console-api');
  expect(resource.Properties).toMatchObject({
    Type: 'COGNITO_USER_POOLS',
    IdentitySource: 'method.request.header.Authorization',
  });
  const [pool] = resource.Properties.ProviderARNs as unknown[];
  expect(dev.resolve(stack, pool)).toBe('Staff/UserPool');
  for (const { properties } of methodsOf(dev, 'console-api')) {
    expect(properties).toMatchObject({
      AuthorizationType: 'COGNITO_USER_POOLS',
      AuthorizerId: { Ref: id },
    });
  }
});

test('a shop is open to anybody', () => {
  for (const { properties } of methodsOf(dev, 'storefront-api')) {
    expect(properties.AuthorizationType).toBe('NONE');
  }
});

test('the gateway knows the parameters of each path, and leaves headers, whose names it would compare by case, to the function', () => {
  for (const stack of ['storefront-api', 'console-api'] as const) {
    for (const { name, path, properties } of methodsOf(dev, stack)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => `path.${parameter}`);
      const required = inPath.map((one) => [`method.request.${one}`, true]);
      expect([name, properties.RequestParameters]).toEqual([name, Object.fromEntries(required)]);
      const { Ref } = properties.RequestValidatorId as { Ref: string };
      expect(dev.templates[stack].Resources[Ref]?.Properties.ValidateRequestParameters).toBe(true);
    }
  }
});

test('what the gateway refuses by itself is a problem like every other', () => {
  for (const stack of ['storefront-api', 'console-api'] as const) {
    const responses = dev
      .all('AWS::ApiGateway::GatewayResponse')
      .filter((one) => one.stack === stack)
      .map(({ resource: { Properties } }) => {
        const { 'application/json': template } = Properties.ResponseTemplates as Record<string, string>;
        const body = problem.parse(JSON.parse(template ?? ''));
        expect(body).toMatchObject(problems[body.code as ProblemCode]);
        expect(Properties.StatusCode).toBe(String(body.status));
        expect(Properties.ResponseParameters).toMatchObject({
          'gatewayresponse.header.content-type': "'application/problem+json'",
        });
        return [Properties.ResponseType, body.code];
      });
    expect(Object.fromEntries(responses)).toEqual({
      BAD_REQUEST_PARAMETERS: 'request.invalid',
      BAD_REQUEST_BODY: 'request.invalid',
      UNAUTHORIZED: 'request.unauthenticated',
      ACCESS_DENIED: 'request.forbidden',
      MISSING_AUTHENTICATION_TOKEN: 'request.not_found',
      REQUEST_TOO_LARGE: 'request.too_large',
      THROTTLED: 'request.throttled',
      DEFAULT_5XX: 'request.unexpected',
    });
  }
});

test('each access is logged, and neither its body nor its parameters', () => {
  const apis = dev.all('AWS::ApiGateway::Stage');
  expect(apis).toHaveLength(2);
  for (const { stack, resource } of apis) {
    const { AccessLogSetting, MethodSettings, TracingEnabled } = resource.Properties as {
      AccessLogSetting: { DestinationArn: unknown; Format: string };
      MethodSettings: unknown[];
      TracingEnabled: boolean;
    };
    expect(dev.resolve(stack, AccessLogSetting.DestinationArn)).toBe('Api/AccessLog');
    expect(AccessLogSetting.Format).toContain('$context.requestId');
    expect(AccessLogSetting.Format).not.toMatch(/\$context\.(path|error|authorizer)/);
    expect(TracingEnabled).toBe(true);
    expect(MethodSettings).toEqual([
      {
        HttpMethod: '*',
        ResourcePath: '/*',
        DataTraceEnabled: false,
        LoggingLevel: 'ERROR',
        MetricsEnabled: true,
        ThrottlingRateLimit: expect.any(Number),
        ThrottlingBurstLimit: expect.any(Number),
      },
    ]);
  }
});

test('a function may be invoked by its own routes and by nobody else outside its account', () => {
  const permissions = dev.all('AWS::Lambda::Permission');
  expect(permissions.length).toBe(
    methodsOf(dev, 'storefront-api').length + methodsOf(dev, 'console-api').length,
  );
  for (const { stack, resource } of permissions) {
    expect(resource.Properties.Principal).toBe('apigateway.amazonaws.com');
    expect(dev.resolve(stack, resource.Properties.SourceArn)).toMatch(
      /^arn:<Partition>:execute-api:<Region>:<AccountId>:Api\/RestApi\/Api\/RestApi\/DeploymentStage.v1\/[A-Z]+\//,
    );
  }
});

interface Method {
  readonly name: string;
  readonly path: string;
  readonly fn: string;
  readonly properties: Record<string, unknown>;
}

function methodsOf(stage: SynthesizedStage, stack: StackName): Method[] {
  return stage
    .all('AWS::ApiGateway::Method')
    .filter((one) => one.stack === stack)
    .map(({ resource: { Properties: properties } }) => {
      const { Uri } = properties.Integration as { Uri: unknown };
      const fn = /\/functions\/(.*)\/invocations$/.exec(stage.resolve(stack, Uri))?.[1] ?? '';
      return {
        name: String(properties.OperationName),
        path: pathOf(stage, stack, properties.ResourceId),
        fn,
        properties,
      };
    });
}

function pathOf(stage: SynthesizedStage, stack: StackName, resource: unknown): string {
  const id = (resource as { Ref?: string }).Ref;
  if (id === undefined) return '';
  const { ParentId, PathPart } = stage.templates[stack].Resources[id]?.Properties ?? {};
  return `${pathOf(stage, stack, ParentId)}/${PathPart}`;
}

const routeOf = ({ name, path, fn, properties }: Method) =>
  `${name}: ${properties.HttpMethod} ${path} by ${fn}`;

const routesOf = ({ groups }: Api): string[] =>
  Object.entries(groups)
    .flatMap(([group, routes]) =>
      Object.entries(routes).map(([name, { method, path }]) => `${name}: ${method} ${path} by ${group}`),
    )
    .sort();
