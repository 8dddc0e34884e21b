import * as z from 'zod';
import { flag, integer, text, withoutEffect } from '../resource-properties';
import { GATEWAY_RESPONSE_TYPES } from './gateway-response-types';

/** Strict schemas: a property that changes how an API behaves and that is not listed is refused by its name. */

const off = flag.pipe(z.literal(false, 'not supported locally')).optional();

export const restApiProperties = z.strictObject({
  Name: z.string(),
  BinaryMediaTypes: z.array(z.string()).default([]),
  ApiKeySourceType: z.literal('HEADER').optional(),
  DisableExecuteApiEndpoint: off,
  Description: withoutEffect,
  EndpointConfiguration: withoutEffect,
  FailOnWarnings: withoutEffect,
  Tags: withoutEffect,
});

export const resourceProperties = z.strictObject({
  RestApiId: z.string(),
  ParentId: z.string(),
  PathPart: z.string(),
});

const lambdaIntegration = z.strictObject({
  Type: z.literal('AWS_PROXY'),
  Uri: z
    .string()
    .regex(/:lambda:path\/2015-03-31\/functions\/[^/]+\/invocations$/, 'only Lambda functions')
    .transform((uri) => uri.replace(/^.*\/functions\/([^/]+)\/invocations$/, '$1')),
  IntegrationHttpMethod: z.literal('POST'),
  TimeoutInMillis: integer.min(50).max(29_000).default(29_000),
  ConnectionType: z.literal('INTERNET').optional(),
  ResponseTransferMode: z.literal('BUFFERED').optional(),
  Credentials: withoutEffect,
  PassthroughBehavior: withoutEffect,
});

const mockIntegration = z.strictObject({
  Type: z.literal('MOCK'),
  RequestTemplates: z.record(z.literal('application/json'), z.string()).optional(),
  IntegrationResponses: z
    .array(
      z.strictObject({
        StatusCode: text,
        ResponseParameters: z.record(z.string(), z.string()).default({}),
        ResponseTemplates: z.record(z.literal('application/json'), z.string()).optional(),
      }),
    )
    .max(1, 'several integration responses are not supported locally')
    .default([]),
  PassthroughBehavior: withoutEffect,
});

export type MockIntegrationProperties = z.output<typeof mockIntegration>;

export const methodProperties = z.strictObject({
  RestApiId: z.string(),
  ResourceId: z.string(),
  HttpMethod: z.string(),
  AuthorizationType: z.enum(['NONE', 'COGNITO_USER_POOLS']),
  AuthorizerId: z.string().optional(),
  ApiKeyRequired: off,
  RequestParameters: z
    .record(z.string().regex(/^method\.request\.(header|querystring|path)\.[^.]+$/), flag)
    .default({}),
  RequestValidatorId: z.string().optional(),
  Integration: z.discriminatedUnion('Type', [lambdaIntegration, mockIntegration]),
  MethodResponses: withoutEffect,
  OperationName: withoutEffect,
});

export const authorizerProperties = z.strictObject({
  RestApiId: z.string(),
  Name: z.string(),
  Type: z.literal('COGNITO_USER_POOLS'),
  ProviderARNs: z.array(z.string()).min(1),
  IdentitySource: z
    .string()
    .regex(/^method\.request\.header\.[\w-]+$/)
    .default('method.request.header.Authorization'),
  AuthorizerResultTtlInSeconds: withoutEffect,
  AuthType: withoutEffect,
});

export const requestValidatorProperties = z.strictObject({
  RestApiId: z.string(),
  Name: withoutEffect,
  ValidateRequestParameters: flag.default(false),
  // Without RequestModels, which a method may not have, there is nothing to validate a body against.
  ValidateRequestBody: withoutEffect,
});

export const gatewayResponseProperties = z.strictObject({
  RestApiId: z.string(),
  ResponseType: z.enum(GATEWAY_RESPONSE_TYPES),
  StatusCode: integer.min(200).max(599).optional(),
  ResponseParameters: z.record(z.string(), z.string()).default({}),
  ResponseTemplates: z.partialRecord(z.literal('application/json'), z.string()).default({}),
});

/** A deployment of resources is what a stage serves; here a stage serves the resources as they are. */
export const deploymentProperties = z.strictObject({ RestApiId: z.string(), Description: withoutEffect });

export const stageProperties = z.strictObject({
  RestApiId: z.string(),
  StageName: z.string(),
  DeploymentId: z.string(),
  Variables: z.record(z.string(), text).optional(),
  CacheClusterEnabled: off,
  // Throttles are accepted and not applied: one machine serves one person.
  MethodSettings: z
    .array(
      z.strictObject({
        HttpMethod: withoutEffect,
        ResourcePath: withoutEffect,
        ThrottlingBurstLimit: withoutEffect,
        ThrottlingRateLimit: withoutEffect,
        LoggingLevel: withoutEffect,
        MetricsEnabled: withoutEffect,
        DataTraceEnabled: withoutEffect,
        CachingEnabled: off,
      }),
    )
    .optional(),
  AccessLogSetting: withoutEffect,
  Description: withoutEffect,
  Tags: withoutEffect,
  TracingEnabled: withoutEffect,
});

export const accountProperties = z.strictObject({ CloudWatchRoleArn: withoutEffect });
