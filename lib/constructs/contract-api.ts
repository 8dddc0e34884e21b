import { Duration, Validations } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  type CognitoUserPoolsAuthorizer,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  ResponseType,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type * as z from 'zod';
import { type ProblemCode, problems } from '../../lambdas/contract/problems';
import type { Api, Route } from '../../lambdas/contract/route';
import type { Stage } from '../stage';
import type { ServiceFunction } from './service-function';

export interface ContractApiProps {
  readonly stage: Stage;
  readonly api: Api;
  /** The function of each group of routes, by the group's name. */
  readonly functions: Readonly<Record<string, ServiceFunction>>;
  /** Absent on an API that anybody may call. */
  readonly authorizer?: CognitoUserPoolsAuthorizer;
  readonly throttle: { readonly ratePerSecond: number; readonly burst: number };
}

/** A REST API that has exactly the routes of the contract, each served by its group's function. */
export class ContractApi extends Construct {
  readonly restApi: RestApi;

  constructor(scope: Construct, id: string, props: ContractApiProps) {
    super(scope, id);
    const { api, stage, throttle } = props;
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: stage.logRetention,
      removalPolicy: stage.removalPolicy,
    });
    this.restApi = new RestApi(this, 'RestApi', {
      description: api.title,
      cloudWatchRole: true,
      deployOptions: {
        stageName: 'v1',
        throttlingRateLimit: throttle.ratePerSecond,
        throttlingBurstLimit: throttle.burst,
        metricsEnabled: true,
        tracingEnabled: true,
        // Never the requests or answers themselves: they hold tokens and card keys.
        loggingLevel: MethodLoggingLevel.ERROR,
        dataTraceEnabled: false,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: AccessLogFormat.jsonWithStandardFields(),
      },
    });
    const validator = this.restApi.addRequestValidator('Presence', { validateRequestParameters: true });

    for (const [group, routes] of Object.entries(api.groups)) {
      const fn = props.functions[group];
      if (fn === undefined) throw new Error(`no function for the routes of ${group}`);
      const integration = new LambdaIntegration(fn.function, {
        allowTestInvoke: false,
        timeout: Duration.seconds(29),
      });
      for (const [name, route] of Object.entries(routes)) {
        this.restApi.root.resourceForPath(route.path).addMethod(route.method, integration, {
          operationName: name,
          requestValidator: validator,
          requestParameters: requiredParameters(route),
          ...(props.authorizer && { authorizer: props.authorizer }),
        });
      }
    }
    this.answerProblems();
    this.acknowledgeFindings(props);
  }

  /** What the gateway refuses by itself looks like every other problem. */
  private answerProblems(): void {
    const refusals: readonly [string, ResponseType, ProblemCode, string?][] = [
      ['BadRequest', ResponseType.BAD_REQUEST_PARAMETERS, 'request.invalid', '$context.error.message'],
      ['BadBody', ResponseType.BAD_REQUEST_BODY, 'request.invalid', '$context.error.message'],
      ['Unauthorized', ResponseType.UNAUTHORIZED, 'request.unauthenticated'],
      ['AccessDenied', ResponseType.ACCESS_DENIED, 'request.forbidden'],
      ['NoRoute', ResponseType.MISSING_AUTHENTICATION_TOKEN, 'request.not_found'],
      ['TooLarge', ResponseType.REQUEST_TOO_LARGE, 'request.too_large'],
      ['Throttled', ResponseType.THROTTLED, 'request.throttled'],
      ['Fault', ResponseType.DEFAULT_5XX, 'request.unexpected'],
    ];
    for (const [id, type, code, detail] of refusals) {
      const { status, title } = problems[code];
      const body = {
        type: `urn:vouchsafe:problem:${code}`,
        title,
        status,
        code,
        requestId: '$context.requestId',
      };
      this.restApi.addGatewayResponse(id, {
        type,
        statusCode: String(status),
        responseHeaders: { 'content-type': "'application/problem+json'", 'cache-control': "'no-store'" },
        templates: { 'application/json': JSON.stringify(detail === undefined ? body : { ...body, detail }) },
      });
    }
  }

  private acknowledgeFindings({ authorizer }: ContractApiProps): void {
    Validations.of(this.restApi).acknowledge(
      {
        id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
        reason: 'The policy that AWS made for this one purpose: the gateway’s account-wide role for logs.',
      },
      {
        id: 'AwsSolutions-APIG2',
        reason:
          'The gateway checks that parameters are there; values and bodies are checked by the contract’s schemas in the function.',
      },
      {
        id: 'AwsSolutions-APIG3',
        reason:
          'The web ACL stands in a stack of its own, so that this one deploys where WAF does not exist.',
      },
      ...(authorizer
        ? []
        : [
            {
              id: 'AwsSolutions-APIG4',
              reason:
                'A shop is open to anybody; an order is read with its token, which the function checks.',
            },
          ]),
      {
        id: 'AwsSolutions-COG4',
        reason: 'Staff routes have the Cognito authorizer; a shop’s routes have no users.',
      },
    );
  }
}

/** Not the headers: the gateway compares their names by case, which HTTP does not. The function checks them. */
function requiredParameters(route: Route): Record<string, boolean> {
  const required = (location: string, schema: z.ZodObject | undefined) =>
    Object.entries(schema?.shape ?? {})
      .filter(([, value]) => !value.safeParse(undefined).success)
      .map(([name]) => [`method.request.${location}.${name}`, true] as const);
  return Object.fromEntries([...required('path', route.params), ...required('querystring', route.query)]);
}
