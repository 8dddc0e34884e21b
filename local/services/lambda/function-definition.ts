import * as z from 'zod';
import { arnOf, type ResourceDefinition } from '../../aws';
import { flag, integer, parseProperties, text, withoutEffect } from '../resource-properties';

/** One Lambda function as the template describes it. */
export interface FunctionDefinition {
  readonly name: string;
  readonly arn: string;
  /** Folder of the bundled asset. */
  readonly folder: string;
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly reservedConcurrency: number | undefined;
  readonly deadLetterArn: string | undefined;
  readonly logGroup: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Strict: a property that changes how a function behaves and that is not listed (Layers, VpcConfig, …) is refused. */
const functionProperties = z.strictObject({
  FunctionName: z.string().optional(),
  Code: z.strictObject({ S3Bucket: withoutEffect, S3Key: z.string() }),
  PackageType: z.literal('Zip').optional(),
  Handler: z.string(),
  Runtime: z.string().regex(/^nodejs\d+\.x$/, 'only Node.js runtimes'),
  Timeout: integer.min(1).max(900).default(3),
  MemorySize: integer.min(128).max(10_240).default(128),
  Environment: z.strictObject({ Variables: z.record(z.string(), text).default({}) }).optional(),
  ReservedConcurrentExecutions: integer.min(0).optional(),
  DeadLetterConfig: z.strictObject({ TargetArn: z.string() }).optional(),
  LoggingConfig: z
    .strictObject({
      LogFormat: z.string().optional(),
      ApplicationLogLevel: z.string().optional(),
      SystemLogLevel: withoutEffect,
      LogGroup: z.string().optional(),
    })
    .optional(),
  Architectures: withoutEffect,
  Description: withoutEffect,
  EphemeralStorage: withoutEffect,
  KmsKeyArn: withoutEffect,
  Role: withoutEffect,
  Tags: withoutEffect,
  TracingConfig: withoutEffect,
});

/** Reads an AWS::Lambda::Function; `assetFolder` finds the folder of an asset's S3 key. Throws on what is not supported. */
export function functionDefinition(
  resource: ResourceDefinition,
  assetFolder: (s3Key: string) => string,
): FunctionDefinition {
  const properties = parseProperties(resource, functionProperties);
  const name = properties.FunctionName ?? resource.physicalName;
  const { LogFormat, ApplicationLogLevel, LogGroup } = properties.LoggingConfig ?? {};
  return {
    name,
    arn: arnOf('lambda', `function:${name}`),
    folder: assetFolder(properties.Code.S3Key),
    handler: properties.Handler,
    timeoutSeconds: properties.Timeout,
    memoryMegabytes: properties.MemorySize,
    reservedConcurrency: properties.ReservedConcurrentExecutions,
    deadLetterArn: properties.DeadLetterConfig?.TargetArn,
    logGroup: LogGroup ?? `/aws/lambda/${name}`,
    variables: {
      ...properties.Environment?.Variables,
      ...(LogFormat === undefined ? {} : { AWS_LAMBDA_LOG_FORMAT: LogFormat }),
      ...(ApplicationLogLevel === undefined ? {} : { AWS_LAMBDA_LOG_LEVEL: ApplicationLogLevel }),
    },
  };
}

const permissionProperties = z.strictObject({
  Action: z.enum(['lambda:InvokeFunction']),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceAccount: withoutEffect,
  SourceArn: withoutEffect,
  InvokedViaFunctionUrl: flag.pipe(z.literal(false)).optional(),
});

/** Permissions are not enforced locally, but one that grants more than being invoked is not what it seems: refused. */
export function checkPermission(resource: ResourceDefinition): void {
  parseProperties(resource, permissionProperties);
}
