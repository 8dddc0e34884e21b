import { Bucket } from 'aws-cdk-lib/aws-s3';
import { checkedStage, stageNamed } from '../../lib/stage';
import { environmentOf, type SynthesizedStage, synthesizeStage } from '../support/synthesized-stage';

let stages: SynthesizedStage[];
let dev: SynthesizedStage;
let prod: SynthesizedStage;
// What the rule pack refuses makes the synthesis throw.
beforeAll(() => {
  // Everything that production has is here too: one check by AWS's schemas is enough.
  dev = synthesizeStage(stageNamed('dev'), { validated: true });
  prod = synthesizeStage(stageNamed('prod'));
  stages = [dev, prod];
}, 120_000);

test('neither the rule pack nor AWS’s own schemas find anything', () => {
  expect(stages.flatMap((stage) => [...stage.warnings, ...stage.findings])).toEqual([]);
});

test('the rule pack is in force: a bucket that anybody could read is refused', () => {
  const alter = ({ data }: { data: ConstructorParameters<typeof Bucket>[0] }) => {
    new Bucket(data, 'Open');
  };
  expect(() => synthesizeStage(stageNamed('dev'), { alter })).toThrow(/AwsSolutions-S10/);
}, 120_000);

test('nothing needs a custom resource', () => {
  const custom = stages
    .flatMap((stage) => stage.all())
    .filter(({ resource: { Type } }) => /^(Custom::|AWS::CloudFormation::CustomResource)/.test(Type));
  expect(custom).toEqual([]);
});

test('nothing has a fixed name, so that a stage can stand beside another and be replaced', () => {
  const named = stages
    .flatMap((stage) => stage.all())
    .flatMap(({ resource: { Type, Properties } }) =>
      Object.keys(Properties)
        .filter((property) => PHYSICAL_NAMES.has(property) || `${Type}Name`.endsWith(`::${property}`))
        .map((property) => `${Type} ${property}`),
    );
  expect(new Set(named)).toEqual(new Set(NAMES_WITHIN_THEIR_PARENT));
});

test('no template names an account, a region or a partition', () => {
  for (const { templates } of stages) {
    const text = JSON.stringify(templates);
    expect(text).not.toMatch(/\b\d{12}\b/);
    expect(text).not.toMatch(/\b(us|eu|ap|ca|sa|me|af|il|cn)-(gov-)?(north|south|east|west|central)\w*-\d/);
    expect(text).not.toMatch(/arn:aws/);
  }
});

test('every stack keeps far from CloudFormation’s 500 resources', () => {
  for (const { templates } of stages) {
    for (const { Resources } of Object.values(templates)) {
      expect(Object.keys(Resources).length).toBeLessThan(400);
    }
  }
});

test('messages that fail are put aside, kept for two weeks and alarmed about', () => {
  for (const stage of stages) {
    const queues = stage.all('AWS::SQS::Queue');
    const alarmed = stage.all('AWS::CloudWatch::Alarm').map(({ stack, resource: { Properties } }) => {
      const [{ Value }] = Properties.Dimensions as [{ Value: unknown }];
      expect(Properties).toMatchObject({
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Threshold: 0,
        ComparisonOperator: 'GreaterThanThreshold',
        AlarmDescription: expect.stringMatching(/docs\/runbook\.md#[a-z-]+$/),
      });
      return stage.resolve(stack, Value);
    });
    const working = queues.filter(({ resource }) => resource.Properties.RedrivePolicy !== undefined);
    const putAside = working.map(({ stack, resource }) => {
      const { deadLetterTargetArn } = resource.Properties.RedrivePolicy as { deadLetterTargetArn: unknown };
      return stage.resolve(stack, deadLetterTargetArn);
    });
    const others = queues.filter(({ resource }) => resource.Properties.RedrivePolicy === undefined);
    expect(others.map(({ stack, id }) => stage.resolve(stack, { Ref: id })).sort()).toEqual(putAside.sort());
    expect(alarmed.sort()).toEqual(putAside);
    for (const { resource } of queues) {
      expect(resource.Properties.MessageRetentionPeriod).toBe(14 * 24 * 3600);
    }
  }
});

test('logs are kept for as long as the stage says, by groups of the stack itself', () => {
  for (const stage of stages) {
    for (const { resource } of stage.all('AWS::Logs::LogGroup')) {
      expect(resource.Properties.RetentionInDays).toBe(stage.stage.logRetention);
    }
    for (const { resource } of stage.all('AWS::Lambda::Function')) {
      expect(resource.Properties.LoggingConfig).toEqual({ LogGroup: { Ref: expect.any(String) } });
    }
  }
});

test('production knows nothing of the sandbox gateway', () => {
  expect(JSON.stringify(dev.templates)).toMatch(/sandbox/i);
  expect(JSON.stringify(prod.templates)).not.toMatch(/sandbox/i);
  expect(Object.keys(prod.templates['storefront-api'].Parameters ?? {})).toEqual(['BootstrapVersion']);
  expect(prod.all('AWS::SecretsManager::Secret')).toEqual([]);
});

test('without a gateway the ordering function is told so', () => {
  const gatewayOf = (stage: SynthesizedStage) => {
    const ordering = stage.functions().get('storefront-orders');
    return ordering && environmentOf(ordering).PAYMENT_GATEWAY;
  };
  expect(gatewayOf(prod)).toBe('none');
  expect(gatewayOf(dev)).toBe('sandbox');
});

test('a production stage with the sandbox gateway is refused', () => {
  expect(() => checkedStage({ ...stageNamed('prod'), gateways: ['sandbox'] })).toThrow(/sandbox/);
});

test.each(['production', '', undefined])('there is no stage %p', (name) => {
  expect(() => stageNamed(name)).toThrow(/no stage/);
});

/** Properties that fix the name of a resource for its whole account or region. */
const PHYSICAL_NAMES = new Set([
  'AlarmName',
  'AliasName',
  'BucketName',
  'FunctionName',
  'LogGroupName',
  'Name',
  'PolicyName',
  'QueueName',
  'RoleName',
  'RuleName',
  'StateMachineName',
  'TableName',
  'UserPoolName',
]);

/** Names that need to be unique in their API, pool, role or mapping alone. */
const NAMES_WITHIN_THEIR_PARENT = [
  'AWS::ApiGateway::Authorizer Name',
  'AWS::ApiGateway::RestApi Name',
  'AWS::ApiGateway::Stage StageName',
  'AWS::IAM::Policy PolicyName',
  // The function that they are about.
  'AWS::Lambda::EventSourceMapping FunctionName',
  'AWS::Lambda::Permission FunctionName',
];
