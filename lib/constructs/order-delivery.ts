import { Duration, Validations } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  Choice,
  Condition,
  DefinitionBody,
  JsonPath,
  LogLevel,
  type RetryProps,
  StateMachine,
  StateMachineType,
  Succeed,
  TaskInput,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke, SqsSendMessage } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import type { Stage } from '../stage';
import type { ServiceFunction } from './service-function';
import { throughServices } from './through-services';
import type { WorkQueue } from './work-queue';

export interface OrderDeliveryProps {
  readonly stage: Stage;
  readonly confirmKeys: ServiceFunction;
  readonly completeDelivery: ServiceFunction;
  /** Takes the orders whose delivery has failed all its retries. */
  readonly failedDeliveries: WorkQueue;
}

/** Waits 1, 2 and 4 s: 7 s in all, enough for a throttled table and short enough for a buyer who watches. */
const RETRY_PASSING_FAULTS: RetryProps = {
  errors: ['States.ALL'],
  interval: Duration.seconds(1),
  backoffRate: 2,
  maxAttempts: 3,
};

/** A failing step of at most 10 s, four times, and the waits between: 47 s for each of two steps. */
const WHOLE_DELIVERY = Duration.minutes(2);

/** What AWS asks of a state machine that writes a log. */
const DELIVERY_OF_LOGS = [
  'logs:CreateLogDelivery',
  'logs:GetLogDelivery',
  'logs:UpdateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:DescribeResourcePolicies',
  'logs:DescribeLogGroups',
];
const TRACING = [
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
];

/**
 * From paid to delivered. Express: cheap, at-least-once, without a history to ask for, so each step is conditional
 * and the order's own time line is the record. Only the order's id passes through it.
 */
export class OrderDelivery extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, props: OrderDeliveryProps) {
    super(scope, id);

    const delivered = new Succeed(this, 'The keys are delivered');
    const refundDue = new Succeed(this, 'A refund is due');

    const confirm = new LambdaInvoke(this, 'Confirm the keys', {
      lambdaFunction: props.confirmKeys.function,
      payloadResponseOnly: true,
      retryOnServiceExceptions: false,
    });
    const complete = new LambdaInvoke(this, 'Complete the delivery', {
      lambdaFunction: props.completeDelivery.function,
      payloadResponseOnly: true,
      retryOnServiceExceptions: false,
    });
    const putAside = new SqsSendMessage(this, 'Put the delivery aside', {
      queue: props.failedDeliveries.queue,
      messageBody: TaskInput.fromObject({ orderId: JsonPath.stringAt('$.orderId') }),
    });
    for (const task of [confirm, complete]) {
      task.addRetry(RETRY_PASSING_FAULTS);
      task.addCatch(putAside, { errors: ['States.ALL'], resultPath: '$.failure' });
    }

    const chain = confirm.next(
      new Choice(this, 'Are the keys confirmed?')
        .when(Condition.stringEquals('$.confirmation', 'confirmed'), complete.next(delivered))
        .otherwise(refundDue),
    );

    this.stateMachine = new StateMachine(this, 'StateMachine', {
      // The tasks would allow themselves more: all versions of a function, and the key without a condition.
      role: this.exactRole(props).withoutPolicyUpdates(),
      stateMachineType: StateMachineType.EXPRESS,
      definitionBody: DefinitionBody.fromChainable(chain),
      timeout: WHOLE_DELIVERY,
      tracingEnabled: true,
      logs: {
        destination: new LogGroup(this, 'Log', {
          retention: props.stage.logRetention,
          removalPolicy: props.stage.removalPolicy,
        }),
        level: LogLevel.ERROR,
        includeExecutionData: false,
      },
    });
    Validations.of(this.stateMachine).acknowledge({
      id: 'AwsSolutions-SF1',
      reason: 'Errors are logged; every transition of an order stands in its own time line.',
    });
  }

  /** Invokes the two functions, sends to the queue, writes log and trace. */
  private exactRole({ confirmKeys, completeDelivery, failedDeliveries }: OrderDeliveryProps): Role {
    const { queue, encryptionKey } = failedDeliveries;
    const allow = (actions: string[], resources: string[], conditions?: Record<string, unknown>) =>
      new PolicyStatement({ actions, resources, ...(conditions && { conditions }) });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      inlinePolicies: {
        delivery: new PolicyDocument({
          statements: [
            allow(
              ['lambda:InvokeFunction'],
              [confirmKeys.function.functionArn, completeDelivery.function.functionArn],
            ),
            allow(['sqs:SendMessage'], [queue.queueArn]),
            allow(
              ['kms:Decrypt', 'kms:GenerateDataKey'],
              [encryptionKey.keyArn],
              throughServices(this, ['sqs']),
            ),
            allow([...DELIVERY_OF_LOGS, ...TRACING], ['*']),
          ],
        }),
      },
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'X-Ray and the delivery of logs know no resources.',
    });
    return role;
  }

  /** Tells a function the workflow and lets it start executions. */
  grantStart(fn: ServiceFunction, variable: string): void {
    fn.function.addEnvironment(variable, this.stateMachine.stateMachineArn);
    fn.allow([this.stateMachine.stateMachineArn], ['states:StartExecution']);
  }
}
