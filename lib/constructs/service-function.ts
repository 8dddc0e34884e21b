import { Duration, Validations } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionBundles } from '../bundle-functions';
import type { Stage } from '../stage';
import { throughServices } from './through-services';

export interface ServiceFunctionProps {
  readonly stage: Stage;
  readonly bundles: FunctionBundles;
  /** Name of the handler file, `lambdas/<context>/handlers/<entry>.ts`. */
  readonly entry: string;
  readonly description: string;
  /** A tenth of a minute unless the work is longer. */
  readonly timeout?: Duration;
  /** In MiB; processor time grows with it. */
  readonly memorySize?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * The one way in which the product makes a function: its own role, which may write its own log and trace and
 * nothing else until it is allowed to.
 */
export class ServiceFunction extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    const { stage, bundles, entry } = props;
    const logGroup = new LogGroup(this, 'Log', {
      retention: stage.logRetention,
      removalPolicy: stage.removalPolicy,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        log: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              resources: [logGroup.logGroupArn],
            }),
          ],
        }),
      },
    });
    this.function = new LambdaFunction(this, 'Function', {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(bundles.folderOf(entry)),
      memorySize: props.memorySize ?? 512,
      timeout: props.timeout ?? Duration.seconds(10),
      tracing: Tracing.ACTIVE,
      logGroup,
      role,
      environment: {
        POWERTOOLS_SERVICE_NAME: entry,
        POWERTOOLS_METRICS_NAMESPACE: `vouchsafe/${stage.name}`,
        POWERTOOLS_LOG_LEVEL: 'INFO',
        NODE_OPTIONS: '--enable-source-maps',
        ...props.environment,
      },
    });
    Validations.of(this).acknowledge(
      {
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: 'X-Ray knows no resources: a trace segment is written to * or not at all.',
      },
      {
        id: 'AwsSolutions-L1',
        reason: 'The newest runtime that the product’s bundles were tried on.',
      },
    );
  }

  /** Exact actions on exact resources. */
  allow(
    resources: readonly string[],
    actions: readonly string[],
    conditions?: Record<string, unknown>,
  ): void {
    this.function.addToRolePolicy(
      new PolicyStatement({
        actions: [...actions],
        resources: [...resources],
        ...(conditions && { conditions }),
      }),
    );
  }

  /** Uses a key, but only as the named services do on the function's behalf. */
  allowKeyThrough(keyArn: string, services: readonly string[], actions: readonly string[]): void {
    this.allow([keyArn], actions, throughServices(this, services));
  }
}
