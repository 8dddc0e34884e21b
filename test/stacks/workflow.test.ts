import { stageNamed } from '../../lib/stage';
import { type Placed, type SynthesizedStage, synthesizeStage } from '../support/synthesized-stage';

let stage: SynthesizedStage;
beforeAll(() => {
  stage = synthesizeStage(stageNamed('prod'));
}, 120_000);

const deliveryWorkflow = () => stage.only('AWS::StepFunctions::StateMachine');

test('a paid order is delivered in two steps, each tried four times and put aside if that fails', () => {
  const { stack, resource } = deliveryWorkflow();
  const retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 2 }];
  const putAside = [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'Put the delivery aside' }];
  expect(JSON.parse(stage.resolve(stack, resource.Properties.DefinitionString))).toEqual({
    StartAt: 'Confirm the keys',
    States: {
      'Confirm the keys': {
        Type: 'Task',
        Resource: 'confirm-keys',
        Retry: retry,
        Catch: putAside,
        Next: 'Are the keys confirmed?',
      },
      'Are the keys confirmed?': {
        Type: 'Choice',
        Choices: [{ Variable: '$.confirmation', StringEquals: 'confirmed', Next: 'Complete the delivery' }],
        Default: 'A refund is due',
      },
      'A refund is due': { Type: 'Succeed' },
      'Complete the delivery': {
        Type: 'Task',
        Resource: 'complete-delivery',
        Retry: retry,
        Catch: putAside,
        Next: 'The keys are delivered',
      },
      'The keys are delivered': { Type: 'Succeed' },
      'Put the delivery aside': {
        Type: 'Task',
        Resource: 'arn:<Partition>:states:::sqs:sendMessage',
        Parameters: {
          QueueUrl: 'FailedDeliveries/Queue',
          MessageBody: { 'orderId.$': '$.orderId' },
        },
        End: true,
      },
    },
    TimeoutSeconds: 120,
  });
});

test('all retries of both steps fit into the time that a delivery has', () => {
  const stepSeconds = ['confirm-keys', 'complete-delivery'].map((name) => timeoutOf(functionNamed(name)));
  const waits = 1 + 2 + 4;
  const longest = stepSeconds.reduce((sum, seconds) => sum + 4 * seconds + waits, 0);
  expect(longest).toBeLessThan(120);
});

test('the workflow is Express, is traced, and logs errors without the data they are about', () => {
  expect(deliveryWorkflow().resource.Properties).toMatchObject({
    StateMachineType: 'EXPRESS',
    TracingConfiguration: { Enabled: true },
    LoggingConfiguration: { Level: 'ERROR', IncludeExecutionData: false },
  });
});

test('every minute the sweepers run, once', () => {
  const schedules = stage.all('AWS::Scheduler::Schedule').map(({ stack, resource: { Properties } }) => {
    const { Arn, RetryPolicy } = Properties.Target as { Arn: unknown; RetryPolicy: unknown };
    expect(Properties).toMatchObject({ State: 'ENABLED', FlexibleTimeWindow: { Mode: 'OFF' } });
    expect(RetryPolicy).toMatchObject({ MaximumRetryAttempts: 0 });
    return [stage.resolve(stack, Arn), Properties.ScheduleExpression];
  });
  expect(schedules).toEqual([
    ['sweep-orders', 'rate(1 minute)'],
    ['sweep-holds', 'rate(1 minute)'],
  ]);
});

test('each queue has its function, and a message that fails does not take its batch with it', () => {
  const mappings = stage
    .all('AWS::Lambda::EventSourceMapping')
    .map(({ stack, resource: { Properties } }) => ({
      queue: stage.resolve(stack, Properties.EventSourceArn),
      fn: stage.resolve(stack, Properties.FunctionName),
      batchSize: Properties.BatchSize,
      scaling: Properties.ScalingConfig,
      responses: Properties.FunctionResponseTypes,
    }));
  const responses = ['ReportBatchItemFailures'];
  expect(mappings).toEqual([
    { queue: 'FailedDeliveries/Queue', fn: 'failed-deliveries', batchSize: 1, responses },
    { queue: 'PaymentDeadlines/Queue', fn: 'payment-deadlines', batchSize: 10, responses },
    {
      queue: 'Imports/Queue',
      fn: 'import-worker',
      batchSize: 1,
      scaling: { MaximumConcurrency: 10 },
      responses,
    },
  ]);
});

test('a message stays hidden six times as long as its function may take, and is tried five times', () => {
  for (const { stack, resource } of stage.all('AWS::Lambda::EventSourceMapping')) {
    const queueName = stage.resolve(stack, resource.Properties.EventSourceArn);
    const queue = stage
      .all('AWS::SQS::Queue')
      .find((one) => stage.resolve(one.stack, { Ref: one.id }) === queueName);
    const fn = functionNamed(stage.resolve(stack, resource.Properties.FunctionName));
    expect(queue?.resource.Properties).toMatchObject({
      VisibilityTimeout: 6 * timeoutOf(fn),
      RedrivePolicy: { maxReceiveCount: 5 },
    });
  }
});

function functionNamed(name: string): Placed {
  const fn = stage.functions().get(name);
  if (fn === undefined) throw new Error(`no function ${name}`);
  return fn;
}

const timeoutOf = ({ resource }: Placed): number => Number(resource.Properties.Timeout);
